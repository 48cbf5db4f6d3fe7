"""Makes docs/rules and the README's table of rules from the rules and their cases.

python -m scripts.rule_pages            writes them
python -m scripts.rule_pages --check    says which are out of date, and exits with 1

A page is what `wslint rule CODE` prints, then one hazard case of the rule: the test, what wslint
says, the picture of its timeline, the fix as wslint makes it, what happened when both were run.
The case is the one with ``page = true`` in its case.toml; else the shortest that can be fixed.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from cases import Case, all_cases, fixing_settings, settings_of  # noqa: E402 - it lies beside the tests
from field_reports import Report as FieldReport  # noqa: E402
from field_reports import field_reports  # noqa: E402

from wslint.findings.finding import Finding  # noqa: E402
from wslint.fixes.diff import unified_diff  # noqa: E402
from wslint.output import full  # noqa: E402
from wslint.output.page import page  # noqa: E402
from wslint.output.svg import draw_svg  # noqa: E402
from wslint.rules import PAGES, all_rules, rule_url, selected_rules  # noqa: E402
from wslint.rules.rule import Rule  # noqa: E402
from wslint.run import check as engine  # noqa: E402
from wslint.run.fix import find_fixes  # noqa: E402
from wslint.run.judge import judge_timeline, traced_timelines  # noqa: E402
from wslint.syntax.source import Source, read_source  # noqa: E402

FAMILIES = {
    "WS1": "Channels and the database connection",
    "WS2": "Decorators that don't do what they say",
    "WS3": "One client and several event loops",
    "WS4": "Websocket sessions of a test client",
    "WS5": "Channels communicators",
    "WS9": "About the run",
}
BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"
MADE = "<!-- Made by `python -m scripts.rule_pages` from the rule's file and its cases. -->"
INTRODUCTION = """\
From what a test does to the rule: [symptoms](../symptoms.md). Rules in preview need `--preview`, or
to be selected by their full code or name.
"""
FIXED = {
    "safe": "`wslint fix` makes of it:",
    "unsafe": "`wslint fix --unsafe-fixes` makes of it:",
    "display-only": "It is only shown:",
}
TIERS = ("safe", "unsafe", "display-only", "none")


class Shown(NamedTuple):
    """A case as its page shows it."""

    case: Case
    source: str
    path: str
    said: str
    picture: str
    diff: str
    findings: list[Finding]


def main(arguments: Sequence[str]) -> int:
    """Write or check the pages; exit code 2 for wrong arguments."""
    if list(arguments) not in ([], ["--check"]):
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    made = made_files()
    stale = sorted(path for path, text in made.items() if _read(ROOT / path) != text)
    left = sorted({_relative(p) for p in (ROOT / PAGES).glob("*") if p.is_file()} - set(made))
    if arguments:
        for path in stale + left:
            print(f"{path} is out of date: python -m scripts.rule_pages")
        return 1 if stale or left else 0
    (ROOT / PAGES).mkdir(parents=True, exist_ok=True)
    for path in stale:
        (ROOT / path).write_bytes(made[path].encode())
    for path in left:
        (ROOT / path).unlink()
    print(f"{len(stale)} written, {len(left)} removed, {len(made)} in all")
    return 0


def made_files() -> dict[str, str]:
    """Give the text of every file that is made, by its path in the checkout."""
    cases: dict[str, list[Case]] = {}
    for case in all_cases():
        if case.is_hazard:
            cases.setdefault(case.code, []).append(case)
    reports: dict[str, list[FieldReport]] = {}
    for report in field_reports():
        for code in {case.partition("-")[0] for case in report.cases}:
            reports.setdefault(code, []).append(report)
    proofs = _read(ROOT / "docs" / "proofs.md")
    made = {
        f"{PAGES}/README.md": index(cases),
        "README.md": with_table(_read(ROOT / "README.md"), cases),
    }
    for rule in all_rules():
        chosen = chosen_case(cases.get(rule.code, ()))
        shown = show(chosen) if chosen else None
        parts = [
            page(rule),
            *(_case_part(rule, shown) if shown else ()),
            _proof_part(rule, proofs),
            *_reports_part(reports.get(rule.code, ())),
            MADE + "\n",
        ]
        made[rule_url(rule.code)] = "\n".join(parts)
        if shown and shown.picture:
            made[f"{PAGES}/{rule.code}.svg"] = shown.picture
    return made


def chosen_case(cases: Sequence[Case]) -> Case | None:
    """Give the hazard case that shows a rule best."""

    def order(case: Case) -> tuple[Any, ...]:
        tests = list((case.folder / "before").rglob("*.py"))
        length = sum(len(path.read_bytes()) for path in tests)
        hard = case.fix == "none" or "runs" in case.data["before"] or "slow" in case.data
        passes = case.data["before"]["outcome"] == "passes" and not case.breaks
        return not case.data.get("page", False), hard, passes, len(tests), length, case.folder.name

    return min(cases, key=order, default=None)


@cache
def show(case: Case) -> Shown:
    """Judge, draw and fix a case."""
    with _laid_out(case) as folder:
        settings = replace(settings_of(case, folder), cache=False, unsafe_fixes=True)
        report = engine.check([str(folder)], settings)
        finding = report.findings[0]
        test = finding.test_place.path if finding.test_place else finding.path
        source = read_source(test, max_size=settings.max_file_size)
        picture = ""
        if isinstance(source, Source) and finding.test:
            rules = selected_rules(settings)
            drawn = (
                (one, judge_timeline(one, rules)) for one in traced_timelines(source, settings)
            )
            picture = next(
                draw_svg(timeline, found, root=folder.as_posix())
                for timeline, found in drawn
                if timeline.test.qualname == finding.test
                and any((one.code, one.place) == (finding.code, finding.place) for one in found)
            )
        made = replace(fixing_settings(case, folder), cache=False)
        changes = find_fixes([str(folder)], made).changes
        diffs = [
            unified_diff(
                Path(change.path).relative_to(folder).as_posix(), change.before, change.after
            )
            for change in changes
        ]
        return Shown(
            case,
            Path(test).read_bytes().decode("utf-8", "backslashreplace"),
            Path(test).relative_to(folder).as_posix(),
            full.render(replace(report, findings=report.findings[:1])).rpartition("\nFound ")[0],
            picture,
            b"".join(diffs).decode("utf-8", "backslashreplace"),
            list(report.findings),
        )


@contextmanager
def _laid_out(case: Case) -> Iterator[Path]:
    """Copy a case and its applications into a folder that is the working directory meanwhile."""
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made).resolve() / "project"
        case.copy_to(folder)
        os.chdir(folder)
        try:
            yield folder
        finally:
            os.chdir(here)


def _case_part(rule: Rule, shown: Shown) -> Iterator[str]:
    case = shown.case
    folder = f"tests/fixtures/{case.code}/{case.folder.name}"
    yield f"## A case\n\n{_sentence(str(case.data['title']))} ([{folder}](../../{folder}))\n"
    yield _fenced("python", shown.source, f"`{shown.path}`:")
    yield _fenced("text", shown.said, "`wslint check` says:")
    if shown.picture:
        alt = re.search(r'<title id="title">(.*?)</title>', shown.picture, re.DOTALL)
        codes = ", ".join(sorted({finding.code for finding in shown.findings}))
        yield f"## Timeline\n\n![{alt[1] if alt else ''}: {codes}]({rule.code}.svg)\n"
        yield "As text: `wslint trace`; the picture's own description says it in sentences.\n"
    yield "## Fix\n"
    if shown.diff:
        yield _fenced("diff", shown.diff, FIXED[case.fix])
    else:
        yield f"There is none here: {shown.findings[0].no_fix}.\n"
    yield "## What the proof showed\n"
    yield _outcomes(case)


def _outcomes(case: Case) -> str:
    forms = {
        "before": "as it is",
        "after": "as fixed",
        "before_broken": "as it is, with a broken application",
        "after_broken": "as fixed, with a broken application",
    }
    lines = ["Run with the real libraries, the case above:\n"]
    for form, name in forms.items():
        if form in case.data:
            lines.append(f"- {name}: {_outcome(case.data[form])}")
            for entry in case.data.get(f"{form}_where", []):
                # as Case.declared has it
                seen = _outcome(entry if "outcome" in entry else {**case.data[form], **entry})
                lines.append(f"  - with {', '.join(f'`{c}`' for c in entry['if'])}: {seen}")
    return "\n".join(lines) + "\n"


def _outcome(declared: Mapping[str, Any]) -> str:
    outcome = str(declared["outcome"]).replace("not-collected", "is not collected")
    exception = declared.get("exception", "") if outcome != "passes" else ""
    return outcome.replace("-", " ") + (f" (`{exception}`)" if exception else "")


def _proof_part(rule: Rule, proofs: str) -> str:
    lines = proofs.splitlines()
    head = [line for line in lines if line.startswith("| rule | ")][:1]
    rows = [line for line in lines if line.startswith(f"| {rule.code} | ")]
    if not rows:
        return "[docs/proofs.md](../proofs.md) has no run of this rule's cases yet.\n"
    said = "All cases of the rule, by column of versions ([docs/proofs.md](../proofs.md)):\n"
    cut = [line.split(" | ", 1)[1] for line in head + rows]
    table = [f"| {line}" for line in cut]
    table.insert(1, "|" + "---|" * (table[0].count(" | ") + 1))
    return said + "\n" + "\n".join(table) + "\n"


def _reports_part(reports: Sequence[FieldReport]) -> Iterator[str]:
    if not reports:
        return
    lines = [
        f"- [{report.source}]({report.url}): {report.symptom}"
        + (f". This rule finds what was wrong beside the cause: {report.reason}" * report.beside)
        for report in reports
    ]
    yield "## In the field\n\nPublic reports that the rule's cases recreate:\n"
    yield "\n".join(lines) + "\n"


def index(cases: Mapping[str, Sequence[Case]]) -> str:
    """Give the list of the rules by family."""
    parts = [f"# Rules\n\n{INTRODUCTION}"]
    families: dict[str, list[Rule]] = {}
    for rule in all_rules():
        families.setdefault(rule.code[:3], []).append(rule)
    for family, rules in families.items():
        named = FAMILIES.get(family, "")
        parts.append(f"## {family}xx{': ' + named if named else ''}\n")
        parts.append(table(rules, cases, "") + "\n")
    return "\n".join([*parts, MADE.replace("the rule's file and its cases", "the rules")]) + "\n"


def table(rules: Sequence[Rule], cases: Mapping[str, Sequence[Case]], folder: str) -> str:
    """Give the table of some rules; their pages lie in ``folder``."""
    lines = ["| code | name | what is wrong | fix |", "|---|---|---|---|"]
    for rule in rules:
        preview = " (preview)" if rule.status == "preview" else ""
        link = f"[{rule.name}]({folder}{rule.code}.md)"
        fix = tiers(rule, cases.get(rule.code, ()))
        lines.append(f"| {rule.code}{preview} | {link} | {rule.summary} | {fix} |")
    return "\n".join(lines)


def tiers(rule: Rule, cases: Sequence[Case]) -> str:
    """Say of which tiers a rule's fixes are: those that its cases show, else what it declares."""
    shown = [tier for tier in TIERS if tier in {case.fix for case in cases}]
    return " or ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else rule.fixable


def with_table(readme: str, cases: Mapping[str, Sequence[Case]]) -> str:
    """Put the table of the rules between its markers."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"README.md does not have both {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{table(all_rules(), cases, PAGES + '/')}\n{END}{after}"


def _fenced(language: str, text: str, head: str) -> str:
    longest = max(map(len, re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{head}\n\n{fence}{language}\n{text.rstrip()}\n{fence}\n"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _read(path: Path) -> str:
    return path.read_bytes().decode() if path.is_file() else ""


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
