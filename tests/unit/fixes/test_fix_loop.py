"""Fixing repeats until nothing is left, and undoes fixes that did not help."""

from __future__ import annotations

import re
from dataclasses import replace

from fix_tools import PATH, at

from wslint.findings.actions import Code, ReplaceExpression
from wslint.findings.finding import Finding, Fix
from wslint.findings.span import Place, Span
from wslint.fixes.fileset import overlap, overlapping_fixes
from wslint.fixes.loop import FilesOutcome, FixOutcome, fix_files, fix_source

OTHER = "/p/conftest.py"


def finding(code: str, path: str, source: str, word: str, number: int, *actions) -> Finding:
    """Report a word, with a fix of these actions."""
    fix = Fix("safe", f"replace {word}", actions) if actions else None
    return Finding(code, code.lower(), Place(path, at(source, word, number)), "", "", fix=fix)


class Words:
    """A judge that wants words replaced: {word: (code, replacement)}."""

    def __init__(self, **words: tuple[str, str]) -> None:
        self.words = words
        self.calls = 0

    def __call__(self, files):
        self.calls += 1
        return [each for path, source in files.items() for each in self._one(path, source.decode())]

    def _one(self, path, source):
        for word, (code, new) in self.words.items():
            for number, _ in enumerate(re.findall(rf"\b{word}\b", source)):
                action = ReplaceExpression(path, at(source, word, number), Code(new))
                yield finding(code, path, source, word, number, action)


def run(source: str, judge) -> FixOutcome:
    return fix_source(PATH, source.encode(), lambda after: judge({PATH: after}), lambda f: f.fix)


def test_all_fixes_of_a_rule_are_made_at_once():
    judge = Words(bad=("WS1", "good"))
    outcome = run("bad\nbad\n\nbad(1)\n", judge)
    assert outcome.after == b"good\ngood\n\ngood(1)\n"
    assert [(a.path, a.code, a.title, a.count) for a in outcome.applied] == [
        (PATH, "WS1", "replace bad", 3)
    ]
    assert outcome.settled
    assert not outcome.refused
    assert judge.calls == 2


def test_one_fix_leads_to_the_next():
    outcome = run("a\n", Words(a=("WS2", "{{'x': 1}}"), b=("WS1", "c")))
    assert outcome.after == b"{'x': 1}\n"
    assert outcome.before == b"a\n"


def test_overlapping_fixes_wait_for_the_next_round():
    def judge(files):
        source = files[PATH].decode()
        if "good" not in source:
            for word in ("bad", "bad + 1"):
                action = ReplaceExpression(PATH, at(source, word), Code("good + {0}"))
                yield finding("WS1", PATH, source, word, 0, action)

    outcome = run("x = bad + 1\n", lambda files: list(judge(files)))
    assert outcome.after.count(b"good") == 1
    assert outcome.settled


def test_the_same_fix_of_several_tests_does_not_overlap_itself():
    actions = tuple(ReplaceExpression(PATH, Span(1, 0, 1, 3), Code(text)) for text in ("a", "b"))
    one, other = (Fix("unsafe", "rewrite", actions) for _ in range(2))
    part = Fix("unsafe", "rewrite", actions[:1])
    assert not overlap(one, other)
    assert overlapping_fixes({1: one, 2: other}) == set()
    assert overlap(one, part)
    assert overlapping_fixes({1: one, 2: other, 3: part}) == {1, 2, 3}


def test_a_fix_that_does_not_help_is_undone():
    outcome = run("bad\nworse\n", Words(bad=("WS1", "bad"), worse=("WS2", "fine")))
    assert outcome.after == b"bad\nfine\n"
    assert [(f.code, reason) for f, reason in outcome.refused] == [
        ("WS1", "the fixed file would still have this WS1")
    ]
    assert outcome.settled


def test_a_fix_that_brings_another_finding_is_undone():
    outcome = run("bad\n", Words(bad=("WS1", "worse"), worse=("WS2", "bad")))
    assert outcome.after == b"bad\n"
    assert [reason for _, reason in outcome.refused] == ["the fixed file would have a new WS2"]


def test_one_refusal_does_not_stop_the_others():
    outcome = run("bad\nf'{bad}'\nbad\n", Words(bad=("WS1", "good")))
    assert outcome.after == b"good\nf'{bad}'\ngood\n"
    [(refused, reason)] = outcome.refused
    assert reason == "the place of the fix is inside an f-string"
    assert refused.span == at("good\nf'{bad}'\ngood\n", "bad")
    assert outcome.applied[0].count == 2


def test_what_is_not_selected_is_left_alone():
    outcome = fix_source(
        PATH, b"bad\n", lambda b: Words(bad=("WS1", "good"))({PATH: b}), lambda f: None
    )
    assert outcome.after == b"bad\n"
    assert outcome.settled
    assert not outcome.refused


def test_a_file_that_does_not_settle_stays_as_it_was():
    def judge(files):
        source = files[PATH].decode()
        left = 50 - source.count("f(")
        span = at(source, "x")
        # different ones, as what is the same is done at once
        codes = [Code("f({0})" + " " * number) for number in range(left)]
        fixes = [Fix("safe", "wrap", (ReplaceExpression(PATH, span, code),)) for code in codes]
        return [Finding("WS1", "n", Place(PATH, span), "", "", fix=fix) for fix in fixes]

    outcome = run("x\n", judge)
    assert not outcome.settled
    assert outcome.after == b"x\n"
    assert not outcome.applied
    assert {reason for _, reason in outcome.refused} == {
        "the fixes did not settle within 10 rounds"
    }


def both(files: dict[str, bytes]):
    """Report a test whose fix also changes its conftest."""
    test, conftest = files[PATH].decode(), files.get(OTHER, b"old\n").decode()
    if "bad" in test:
        yield finding(
            "WS1",
            PATH,
            test,
            "bad",
            0,
            ReplaceExpression(PATH, at(test, "bad"), Code("good")),
            ReplaceExpression(OTHER, at(conftest, "old"), Code("new")),
        )


def run_both(files: dict[str, bytes], may_change) -> FilesOutcome:
    return fix_files(files, lambda now: list(both(dict(now))), lambda f: f.fix, may_change)


def test_a_fix_of_two_files():
    outcome = run_both({PATH: b"bad\n", OTHER: b"old\n", "/p/x.py": b""}, lambda path: True)
    assert outcome.after == {PATH: b"good\n", OTHER: b"new\n", "/p/x.py": b""}
    assert set(outcome.changed) == {PATH, OTHER}


def test_a_fix_of_two_files_is_made_in_both_or_none():
    files = {PATH: b"bad\n", OTHER: b"f'{old}'\n"}
    outcome = run_both(files, lambda path: True)
    assert outcome.after == files
    assert [reason for _, reason in outcome.refused] == [
        "the place of the fix is inside an f-string"
    ]


def test_a_file_that_may_not_be_changed_is_named():
    files = {PATH: b"bad\n", OTHER: b"old\n"}
    outcome = run_both(files, lambda path: path == PATH)
    assert outcome.after == files
    assert [reason for _, reason in outcome.refused] == [
        f"the fix also changes {OTHER}, which is not among the files to change"
    ]


def test_a_file_that_is_not_at_hand_is_named():
    outcome = run_both({PATH: b"bad\n"}, lambda path: True)
    assert [reason for _, reason in outcome.refused] == [
        f"the fix also changes {OTHER}, which was not read"
    ]


def test_what_a_test_shows_once_it_runs_is_not_new():
    judge = Words(idle=("WS2", "running"), running=("WS5", "clean"))

    def reveal(each: Finding) -> Fix | None:
        return replace(each.fix, reveals=("",)) if each.fix and each.code == "WS2" else None

    def undo(each: Finding) -> Fix | None:
        return each.fix if each.code == "WS2" else None

    def made(select) -> FixOutcome:
        return fix_source(PATH, b"idle\n", lambda after: judge({PATH: after}), select)

    assert made(reveal).after == b"running\n"
    assert made(undo).after == b"idle\n"
    assert [reason for _, reason in made(undo).refused] == ["the fixed file would have a new WS5"]
