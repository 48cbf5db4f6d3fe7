"""Golden files: the scripts and timelines of eight test files with different layouts.

Each folder of ``tests/golden`` holds a test file with what it needs, ``script.json`` (the file as a
``Script``) and ``timelines.txt`` (what ``wslint trace`` draws). ``python -m tests.golden`` writes
them anew; read the difference before you commit it.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from wslint.cli import main
from wslint.findings.span import Span
from wslint.syntax.lowering import lower
from wslint.syntax.source import Source, read_source

GOLDEN = Path(__file__).resolve().parent / "golden"
NAMES = ("script.json", "timelines.txt")
WIDTH = 100


def folders() -> list[Path]:
    """Return the folders with a test file and its golden files."""
    return sorted(path for path in GOLDEN.iterdir() if any(path.rglob("test_*.py")))


def goldens(folder: Path) -> dict[str, str]:
    """Return the golden files of a folder by name."""
    (test,) = folder.rglob("test_*.py")
    source = read_source(str(test))
    assert isinstance(source, Source)
    script = pretty(encode(lower(source)))
    return {"script.json": f"{script}\n", "timelines.txt": trace(folder, test)}


def trace(folder: Path, test: Path) -> str:
    """Draw the timelines of a test file, in a copy without other settings."""
    here = os.getcwd()
    environment = {"COLUMNS": str(WIDTH), "NO_COLOR": "1", "FORCE_COLOR": None}
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        os.chdir(copy)
        try:
            command = ["trace", "--isolated", str(test.relative_to(folder))]
            result = CliRunner().invoke(main, command, env=environment)
        finally:
            os.chdir(here)
    assert result.exit_code == 0, result.output
    return result.stdout


def encode(value: Any) -> Any:
    """Write a node as ``{"Class": [fields]}``, a tuple as a list, a span as ``{"@": [...]}``."""
    if isinstance(value, Span):
        return {"@": list(value)}
    if isinstance(value, tuple):
        return [encode(item) for item in value]
    if is_dataclass(value):
        return {type(value).__name__: [encode(getattr(value, one.name)) for one in fields(value)]}
    return value


def pretty(value: Any, indent: int = 0) -> str:
    """Return JSON in which whatever fits on a line is on one, for small diffs."""
    line = json.dumps(value, ensure_ascii=False)
    if indent + len(line) <= WIDTH or not isinstance(value, (list, dict)):
        return line
    inner = " " * (indent + 1)
    if isinstance(value, list):
        parts = [f"{inner}{pretty(item, indent + 1)}" for item in value]
        return "[\n" + ",\n".join(parts) + "\n" + " " * indent + "]"
    ((key, item),) = value.items()
    return f"{{{json.dumps(key)}: {pretty(item, indent)}}}"


def rewrite() -> None:
    """Write all golden files."""
    for folder in folders():
        for name, text in goldens(folder).items():
            (folder / name).write_text(text, encoding="utf-8")
