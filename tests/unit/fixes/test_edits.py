"""The edits of a finding's fix cost no more than the change."""

from __future__ import annotations

import cProfile
from dataclasses import replace
from pathlib import Path

import pytest
from cases import all_cases, settings_of
from small_project import HEAD, TEST

from wslint.run.check import check


@pytest.mark.any_python
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
    assert calls(40) < 4.5 * calls(10)  # 4 times if it were exactly linear, 16 if quadratic
