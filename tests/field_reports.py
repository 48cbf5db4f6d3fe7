"""Public reports about websocket tests, and the cases that recreate them.

``python -m tests.field_reports`` prints how many of them a rule finds at the cause, or a run names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wslint.filesystem.toml import load_toml

FILE = Path(__file__).resolve().parent / "fixtures" / "field-reports.toml"


@dataclass(frozen=True)
class Report:
    """One report.

    ``cases`` are ids of cases; ``beside``: the rule does not find the cause. ``run`` is what a run
    says of the cause. ``gone``: it can't be recreated.
    """

    id: str
    source: str
    url: str
    symptom: str
    cases: tuple[str, ...] = ()
    beside: bool = False
    reason: str = ""
    run: str = ""
    gone: bool = False

    @property
    def is_caught(self) -> bool:
        return bool(self.cases) and not self.beside

    @property
    def project(self) -> Path:
        """The folder of the tests that recreate it for a run."""
        return FILE.parent / "reports" / self.id


def field_reports() -> list[Report]:
    """Read the reports, in the order of the file."""
    return [
        Report(**{**entry, "cases": tuple(entry.get("cases", ()))})
        for entry in load_toml(str(FILE))["report"]
    ]


def count() -> str:
    """Return the number of reports whose cause a rule finds."""
    reports = field_reports()
    return f"caught at the cause: {sum(r.is_caught for r in reports)} of {len(reports)}"


def count_with_runs() -> str:
    """Return the number of reports whose cause a rule finds, or a run names."""
    reports = [report for report in field_reports() if not report.gone]
    found = sum(report.is_caught or bool(report.run) for report in reports)
    return f"named by a rule or a run: {found} of the {len(reports)} that can be recreated"


if __name__ == "__main__":
    print(count(), count_with_runs(), sep="\n")  # noqa: T201 - that is what it is for
