"""What `check` offers is what was made."""

from __future__ import annotations

from fix_tools import PATH, at

from wslint.findings.actions import Code, ReplaceExpression, ReplaceStatement
from wslint.findings.finding import Finding, Fix
from wslint.findings.span import Place
from wslint.fixes.materialise import materialise_fixes

SOURCE = "a = 1\nb = (\n    # why\n    2\n)\n"


def fix(*actions: ReplaceExpression | ReplaceStatement) -> Fix:
    return Fix("safe", "say it otherwise", actions)


def found(*fixes: Fix) -> Finding:
    place = Place(PATH, at(SOURCE, "1"))
    first, *others = fixes
    return Finding("WS301", "some-rule", place, "m", "h", fix=first, alternatives=tuple(others))


def test_an_alternative_that_cannot_be_made_is_left_out() -> None:
    good = fix(ReplaceExpression(PATH, at(SOURCE, "1"), Code("3")))
    other = fix(ReplaceExpression(PATH, at(SOURCE, "1"), Code("4")))
    loses_a_comment = fix(ReplaceExpression(PATH, at(SOURCE, SOURCE[10:-1]), Code("3")))
    is_elsewhere = fix(ReplaceExpression(PATH, at(SOURCE, "why"), Code("3")))
    crashes = fix(ReplaceExpression(PATH, at(SOURCE, "1"), None))  # type: ignore[arg-type]
    is_no_code = fix(ReplaceExpression(PATH, at(SOURCE, "1"), Code("{z}")))
    others = (is_elsewhere, loses_a_comment, crashes, is_no_code, other)
    (made,) = materialise_fixes([found(good, *others)], {PATH: SOURCE.encode()}, 10_000)
    assert made.fix is not None
    assert [edit.text for edit in made.fix.edits] == ["a = 3\n"]
    assert [[edit.text for edit in one.edits] for one in made.alternatives] == [["a = 4\n"]]
