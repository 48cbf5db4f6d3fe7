"""The results of the proofs as JSON lines, and docs/proofs.md generated from them.

With PROOF_REPORT set to a folder, a run of the proofs writes ``<column>.jsonl`` there, the column
named by PROOF_COLUMN. ``python -m proofs.report FOLDER DOCUMENT`` makes the document; what it says
of rules that were not run stays.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from cases import Case

from proofs.bench import Run
from proofs.database import database

Entry = dict[str, Any]
LIBRARIES = (
    *("channels", "django", "django-waffle", "asgiref"),
    *("starlette", "fastapi", "httpx", "anyio"),
    *("pytest", "pytest-django", "pytest-asyncio"),
)
DATABASES = ("sqlite", "psycopg", "psycopg2")
DRIVERS = ("psycopg", "psycopg2-binary", "psycopg2")
REFUSED = ("fails", "hangs", "not-collected")
INTRODUCTION = """\
# Proofs

What the cases of `tests/fixtures/` did when they were run with the real libraries: each as it is,
and as `wslint fix --unsafe-fixes` makes it. This page is written by the runs; only what was run is
in its tables.

```console
$ python -m pytest -m proof              # the installed versions
$ python -m pytest -m proof --postgres tests/proofs    # on a PostgreSQL that is started for it
$ nox -s "proofs(channels-4.2.2)"        # one column
$ nox -s matrix                          # every column, then this page
$ nox -s matrix -- -k WS301              # the same for one rule; what the page says of others stays
$ nox -s postgres                        # a PostgreSQL (Debian: postgresql), both drivers
$ nox -s keepalive                       # a connection is kept open 100 times, on each of them
$ nox -s report                          # this page, from what was run so far
```

The columns are in `tests/proofs/columns.toml`. The results are kept in `.nox/proofs`, or in the
folder that `PROOF_REPORT` names. For a PostgreSQL of your own, set `PROOF_POSTGRES` to its host, or
to the folder of its socket: it needs a database `wslint` and the right to create others.
"""
FAILING = "Fixed and silent forms that do not pass (why is in their case.toml):\n"
ODD = "Not as the case declares:\n"
RACES = "Races, run several times:\n"
REPEATED = "## Connections that are kept open, many times\n"
COLUMNS = "## Columns\n"
TABLE = """\
## Rules

*Confirmed* hazards fail, hang, are not collected (*unread*), or are *blind*: they also pass with an
application that was broken on purpose, which their fixed form notices. The other hazards of a rule
pass as they are: with these versions, or because the case shows where the finding is and not what
follows from it. *Fixed* counts the forms made by wslint that pass, *silent* the look-alikes that
pass.
"""


def write_header() -> None:
    """Start the file of this column."""
    if path := _path():
        path.parent.mkdir(parents=True, exist_ok=True)
        header = {
            "column": path.name.removesuffix(".jsonl.part"),
            "database": database(),
            "versions": {"Python": platform.python_version(), **_versions()},
        }
        path.write_text(json.dumps(header) + "\n", encoding="utf-8")


def write_down(case: Case, form: str, declared: str, exception: str, ended: Sequence[Run]) -> None:
    """Add the outcome of one form of a case."""
    if path := _path():
        entry = {
            "rule": case.code,
            "case": case.folder.name,
            "kind": case.data["kind"],
            "form": form,
            "declared": declared,
            "exception": exception,
            "seen": Counter(seen(run) for run in ended),
            "left_patched": sum(bool(run.left_patched) for run in ended),
        }
        with path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")


def write_end() -> None:
    """Rename the finished file; incomplete files are not used."""
    if (path := _path()) and path.exists():
        path.replace(path.with_suffix(""))


def seen(run: Run) -> str:
    """Return the outcome of a run in the terms of case.toml."""
    if not run.ended:
        return "hangs" if run.hung else "never started"
    if run.collection_errors:
        return "not-collected"
    if run.failures:
        return "fails"
    return "passes" if run.passed else "runs nothing"


def _path() -> Path | None:
    folder = os.environ.get("PROOF_REPORT")
    name = os.environ.get("PROOF_COLUMN", "installed")
    return Path(folder, f"{name}.jsonl.part") if folder else None


def _versions() -> dict[str, str]:
    installed = {found.name.lower(): found.version for found in distributions()}
    return {name: installed[name] for name in LIBRARIES + DRIVERS if name in installed}


@dataclass(frozen=True)
class Column:
    """The results of one run of the proofs."""

    name: str
    database: str
    versions: dict[str, str]
    entries: list[Entry]

    @property
    def is_repeated(self) -> bool:
        return self.name.startswith("keepalive-")

    def of_rule(self, code: str) -> list[Entry]:
        return [entry for entry in self.entries if entry["rule"] == code]


def read(folder: Path, order: Sequence[str]) -> list[Column]:
    """Read the files of a folder, in the order of the columns; those that have none come last."""
    columns = []
    for path in folder.glob("*.jsonl"):
        header, *entries = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        columns.append(Column(header["column"], header["database"], header["versions"], entries))
    places = {name: place for place, name in enumerate(order)}
    return sorted(columns, key=lambda column: (places.get(column.name, len(order)), column.name))


def document(columns: Sequence[Column], names: Sequence[str], earlier: str = "") -> str:
    """Write the page; ``earlier`` is the page as it was."""
    once = [column for column in columns if not column.is_repeated]
    repeated = [column for column in columns if column.is_repeated]
    run = {entry["rule"] for column in once for entry in column.entries}

    def kept(title: str) -> list[str]:
        """Return the lines below a title of the earlier page about rules that were not run."""
        block = earlier.partition(title)[2].strip().partition("\n\n")[0]
        codes = ((line, re.search(r"\bWS\d{3}\b", line)) for line in block.splitlines())
        return [line for line, code in codes if code and code[0] not in run]

    def below(title: str, lines: Iterable[str]) -> list[str]:
        lines = [*kept(title), *lines]
        return [title, "\n".join(lines) + "\n"] if lines else []

    parts = [INTRODUCTION, TABLE, rules_table(once, kept(TABLE))]
    parts += below(FAILING, (line for column in once for line in failing_lines(column)))
    parts += below(ODD, (line for column in columns for line in unexpected(column)))
    parts += below(RACES, (line for column in once for line in race_lines(column)))
    before = earlier.partition(REPEATED)[2].strip().partition("\n\n")[0].splitlines()[2:]
    if repeated or before:
        parts += [REPEATED, repeated_table(repeated, before)]
    lines = {name: line for line, name in re.findall(r"^(- \*\*(.+?)\*\*: .*)$", earlier, re.M)}
    lines.update((column.name, column_line(column)) for column in columns)
    parts += [COLUMNS, "\n".join(lines.values()) + "\n"]
    missing = [name for name in names if name not in lines]
    if missing:
        parts.append(f"Not run: {', '.join(missing)}.\n")
    return "\n".join(parts)


def rules_table(columns: Iterable[Column], kept: Iterable[str]) -> str:
    rows = [
        row(column, code)
        for column in columns
        for code in {entry["rule"]: None for entry in column.entries}
    ]
    names = ["rule", "column", "cases", "hazards confirmed", "fail", "hang", "unread", "blind"]
    names += ["fixed", "silent"]
    lines = [
        f"| {' | '.join(names)} |",
        "|" + "---|" * len(names),
        *sorted([*kept, *rows], key=lambda line: line.split()[1]),
    ]
    return "\n".join(lines) + "\n"


def row(column: Column, code: str) -> str:
    entries = column.of_rule(code)
    before = [e for e in entries if e["form"] == "before"]
    hazards = [e for e in before if e["kind"] == "hazard"]
    silent = [e for e in before if e["kind"] == "silent"]
    fixed = [e for e in entries if e["form"] == "fixed"]
    by_outcome = [sum(bool(e["seen"].get(outcome)) for e in hazards) for outcome in REFUSED]
    blind = {e["case"] for e in hazards if is_blind(entries, e["case"])}
    confirmed = sum(
        e["case"] in blind or any(e["seen"].get(outcome) for outcome in REFUSED) for e in hazards
    )
    cells = [
        *(code, column.name, len(before), f"{confirmed} of {len(hazards)}"),
        *by_outcome,
        len(blind),
        f"{passing(fixed)} of {len(fixed)}",
        f"{passing(silent)} of {len(silent)}",
    ]
    return f"| {' | '.join(map(str, cells))} |"


def is_blind(entries: Iterable[Entry], case: str) -> bool:
    """Return whether a test passes with a broken application that its fixed form notices."""
    seen_of = {entry["form"]: list(entry["seen"]) for entry in entries if entry["case"] == case}
    noticed = seen_of.get("fixed-broken", ["passes"])
    return seen_of.get("before-broken") == ["passes"] and "passes" not in noticed


def passing(entries: Iterable[Entry]) -> int:
    """Count the forms that passed in each of their runs."""
    return sum(list(entry["seen"]) == ["passes"] for entry in entries)


def failing_lines(column: Column) -> list[str]:
    return [
        f"- {column.name}: {entry['rule']} {entry['case']}, {entry['form']}: "
        f"{', '.join(entry['seen'])}{reason(entry)}"
        for entry in column.entries
        if (entry["form"] == "fixed" or (entry["kind"], entry["form"]) == ("silent", "before"))
        and list(entry["seen"]) != ["passes"]
    ]


def reason(entry: Entry) -> str:
    """Return the expected start of the failure, if the case declares one."""
    return f" (`{entry['exception'].rstrip(': ')}`)" if entry.get("exception") else ""


def unexpected(column: Column) -> list[str]:
    lines = []
    for entry in column.entries:
        declared = entry["declared"]
        if declared == "sometimes-hangs":
            expected = "hangs" in entry["seen"]
        else:
            expected = list(entry["seen"]) == [declared]
        if not expected:
            name = f"{entry['rule']} {entry['case']}, {entry['form']}"
            lines.append(f"- {column.name}: {name}: {', '.join(entry['seen'])}, not {declared}")
    return lines


def race_lines(column: Column) -> list[str]:
    lines = []
    for entry in column.entries:
        count = sum(entry["seen"].values())
        if count > 1:
            name = f"{entry['rule']} {entry['case']}, {entry['form']}"
            hung = entry["seen"].get("hangs", 0)
            lines.append(f"- {column.name}: {name}: hangs in {hung} of {count} runs")
    return lines


def repeated_table(columns: Iterable[Column], earlier: Iterable[str]) -> str:
    """Return the table of many runs, with the earlier rows of columns that were not run now."""
    rows = {tuple(line.split(" | ")[:3]): line for line in earlier}
    for column in columns:
        name = column.name.removeprefix("keepalive-").rpartition("-")[0]
        for entry in column.entries:
            count, passed = sum(entry["seen"].values()), entry["seen"].get("passes", 0)
            case = f"{entry['rule']} {entry['case']}, {entry['form']}"
            cells = (f"| {column.database}", name, case)
            rest = f"{count} | {passed} | {entry['left_patched']} |"
            rows[cells] = f"{' | '.join(cells)} | {rest}"
    lines = ["| database | column | case | runs | pass | leave a patched name |",
             "|---|---|---|---|---|---|", *(rows[key] for key in sorted(rows))]  # fmt: skip
    return "\n".join(lines) + "\n"


def column_line(column: Column) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in column.versions.items())
    return f"- **{column.name}**: {versions}; {column.database}"


def main() -> int:
    """Write the page of a folder's results."""
    from wslint.filesystem.toml import load_toml

    folder, target = map(Path, sys.argv[1:])
    defined = load_toml(str(Path(__file__).with_name("columns.toml")))["column"]
    names = [column["name"] for column in defined]
    extra = ["postgresql-psycopg", "postgresql-psycopg2"]
    repeated = [f"keepalive-{name}-{kind}" for kind in DATABASES for name in names]
    columns = read(folder, [*names, *extra, *repeated])
    earlier = target.read_text(encoding="utf-8") if target.exists() else ""
    target.write_text(document(columns, [*names, *extra], earlier), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
