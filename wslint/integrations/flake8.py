"""A flake8 plugin that reports the findings of wslint under ``WS``.

flake8 checks one file at a time. Hazards in a test are found even if they involve helpers, but a
hazard whose place is in ``conftest.py`` is only found by ``wslint check``.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

from wslint import __version__

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator, Sequence

    from wslint.config.settings import Settings
    from wslint.findings.report import Report

# flake8's names for standard input
_STANDARD_INPUT = ("-", "stdin")


class Plugin:
    """flake8 creates one for each file."""

    name = "wslint"
    version = __version__

    def __init__(self, tree: ast.AST, filename: str, lines: Sequence[str]) -> None:  # noqa: ARG002
        self._filename = filename
        self._lines = lines

    def run(self) -> Iterator[tuple[int, int, str, type[Any]]]:
        """Yield line, column, text and type of each finding."""
        for finding in self._report().findings:
            text = f"{finding.code} {finding.message}"
            yield finding.span.line, finding.span.column, text, type(self)

    def _report(self) -> Report:
        from wslint.run.check import check

        if self._filename not in _STANDARD_INPUT and os.path.isfile(self._filename):
            return check([self._filename], _settings(os.path.dirname(self._filename)))
        from wslint.api import UNNAMED

        data = "".join(self._lines).encode("utf-8", "surrogatepass")
        name = UNNAMED if self._filename in _STANDARD_INPUT else self._filename
        return check([], _settings(os.path.dirname(name)), stdin=(name, data))


@cache
def _settings(folder: str) -> Settings:
    """Read the settings of a folder; excluded files are skipped even if flake8 checks them."""
    from wslint.config.loader import load_settings, override

    return override(load_settings([folder or "."]), force_exclude=True)
