"""The edits of a finding's fix do what the fix does, and cost no more than the change."""

from __future__ import annotations

import cProfile
from dataclasses import replace
from pathlib import Path

import pytest
from cases import Case, all_cases, laid_out, settings_of
from fix_tools import edited
from small_project import HEAD, TEST

from wslint.findings.finding import Finding
from wslint.fixes.fileset import apply_all
from wslint.run.check import check


def changed_by(finding: Finding) -> None:
    """Compare the edits of a finding with its fix alone."""
    assert finding.fix is not None
    paths = sorted({action.path for action in finding.fix.actions})
    before = {path: Path(path).read_bytes() if Path(path).exists() else b"" for path in paths}
    after = apply_all(before, [finding.fix], before.__contains__)
    assert finding.fix.edits
    for path in paths:
        own = [edit for edit in finding.fix.edits if edit.place.path == path]
        assert edited(before[path], own) == after[path]


@pytest.mark.any_python
@pytest.mark.parametrize("case", [c for c in all_cases() if c.fix != "none"], ids=lambda c: c.id)
def test_the_edits_are_the_fix(case: Case) -> None:
    with laid_out(case) as folder:
        report = check([str(folder)], replace(settings_of(case, folder), cache=False))
        fixable = [finding for finding in report.findings if finding.fix is not None]
        assert fixable
        for finding in fixable:
            changed_by(finding)


@pytest.mark.parametrize("kind", ["functions", "methods"])
def test_linear_in_the_number_of_findings(kind: str, tmp_path: Path) -> None:
    def calls(count: int) -> int:
        test = tmp_path / f"test_{count}.py"
        tests = [TEST.format(f"n{number}") for number in range(count)]
        if kind == "methods":
            tests = [
                "".join(f"    {line}\n" for line in text.replace("():", "(self):").splitlines())
                for text in tests
            ]
            tests.insert(0, "class TestAll:\n    x = 1\n")
        test.write_text(HEAD + "\n".join(tests))
        uncached = replace(settings_of(all_cases()[0], tmp_path), cache=False)
        profile = cProfile.Profile(builtins=False)
        report = profile.runcall(check, [str(test)], uncached)
        assert sum(bool(f.fix and f.fix.edits) for f in report.findings) == count
        # "callcount" includes recursive calls
        return sum(entry.callcount for entry in profile.getstats())

    calls(1)  # imports what is needed
    assert calls(80) < 10 * calls(10)  # 8 times if it were exactly linear, 64 if quadratic
