"""Runs wslint over a folder of checkouts and compares with the labels.

``PYTHONPATH=tests python -m ecosystem FOLDER [--preview]``. A checkout is a folder called
``owner+name``, ``owner/name`` or ``name``; those that are not there are left out and named.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ecosystem.labels import Label, read_labels
from ecosystem.score import Result, judge, table
from wslint.config.settings import Settings
from wslint.run.check import check


def main() -> int:
    """Print the table; return 1 if a labelled look-alike is reported or a hazard is missed."""
    parser = argparse.ArgumentParser(prog="ecosystem", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--preview", action="store_true", help="rules on trial as well")
    options = parser.parse_args()
    labels = read_labels()
    result = Result()
    known: set[str] = set()
    for checkout in checkouts(options.folder):
        own = [label for label in labels if is_of(checkout, options.folder, label)]
        known.update(label.repo for label in own)
        settings = Settings(preview=options.preview, cache=False, root=str(checkout))
        report = check([str(checkout)], settings)
        result.notes += [f"error {checkout.name}: {problem.message}" for problem in report.errors]
        judge(result, checkout, report, own)
    sys.stdout.write(table(result))
    for repo in sorted({label.repo for label in labels} - known):
        sys.stdout.write(f"not there: {repo}\n")
    return int(any(note.startswith(("false", "missed", "error")) for note in result.notes))


def checkouts(folder: Path) -> list[Path]:
    """Return the folders that are checkouts, by their .git."""
    found = [*folder.glob("*/.git"), *folder.glob("*/*/.git")]
    return sorted(path.parent.resolve() for path in found)


def is_of(checkout: Path, folder: Path, label: Label) -> bool:
    """Return whether a label concerns a checkout."""
    owner, name = label.repo.split("/")
    own = checkout.relative_to(folder.resolve()).as_posix()
    return own in (name, f"{owner}+{name}", f"{owner}/{name}")


if __name__ == "__main__":
    sys.exit(main())
