"""The public Python API, re-exported by ``wslint``. See docs/api.md."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, AnyStr, Generic

from wslint.config.loader import load_settings, override, with_selection
from wslint.config.settings import ConfigError, Selection, Settings
from wslint.findings.finding import Edit, Finding, Fix, Label, Unresolved
from wslint.findings.report import Problem, Report
from wslint.findings.span import Place, Span
from wslint.run.check import check

__all__ = [
    "ConfigError",
    "Edit",
    "Finding",
    "Fix",
    "FixedSource",
    "Label",
    "Place",
    "Problem",
    "Report",
    "Span",
    "Unresolved",
    "check_paths",
    "check_source",
    "fix_source",
]

# A name that test runners collect: under any other one, nothing would be judged.
UNNAMED = "test_source.py"


@dataclass(frozen=True)
class FixedSource(Generic[AnyStr]):
    """The outcome of fixing a source.

    ``applied``: the codes of the applied fixes, one for each finding. ``refused``: findings whose
    fix could not be made, each with the reason. ``report``: the findings in the fixed ``source``.
    """

    source: AnyStr
    applied: tuple[str, ...]
    refused: tuple[tuple[Finding, str], ...]
    report: Report


def check_paths(
    paths: Iterable[str | os.PathLike[str]] = (".",),
    *,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    extend_select: Iterable[str] = (),
    preview: bool | None = None,
    config: str | os.PathLike[str] | None = None,
    isolated: bool = False,
    cache: bool = False,
    jobs: int = 1,
) -> Report:
    """Check the files that ``paths`` name or contain, like ``wslint check``.

    The settings are those of the nearest configuration file at or above the paths, of ``config``,
    or with ``isolated`` the defaults. Raises ConfigError for invalid settings; problems with a file
    are in the report, as a finding (WS900) or in ``errors``. With ``jobs`` above 1, processes are
    started: call it under ``if __name__ == "__main__"``.
    """
    names = [os.fspath(path) for path in paths]
    settings = _settings(names, select, ignore, extend_select, preview, config, isolated, cache)
    return check(names, replace(settings, jobs=jobs))


def check_source(
    source: str | bytes,
    filename: str | os.PathLike[str] = UNNAMED,
    *,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    extend_select: Iterable[str] = (),
    preview: bool | None = None,
    config: str | os.PathLike[str] | None = None,
    isolated: bool = False,
) -> Report:
    """Check a source as the content of ``filename``; imported files are read from disk."""
    name = os.fspath(filename)
    settings = _settings([name], select, ignore, extend_select, preview, config, isolated)
    return check([], settings, stdin=(name, _bytes(source)))


def fix_source(
    source: AnyStr,
    filename: str | os.PathLike[str] = UNNAMED,
    *,
    unsafe: bool | None = None,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] = (),
    extend_select: Iterable[str] = (),
    preview: bool | None = None,
    config: str | os.PathLike[str] | None = None,
    isolated: bool = False,
) -> FixedSource[AnyStr]:
    """Fix a source, like ``wslint fix``; no file is changed.

    With ``unsafe``, fixes that may change behaviour are applied too. A fix that also has to change
    another file is refused.
    """
    from wslint.discovery.walk import absolute_path
    from wslint.run.fix import find_fixes

    name = os.fspath(filename)
    settings = _settings([name], select, ignore, extend_select, preview, config, isolated)
    settings = override(settings, unsafe_fixes=unsafe)
    data = _bytes(source)
    fixes = find_fixes([], settings, stdin=(name, data))
    after = {change.path: change.after for change in fixes.changes}.get(absolute_path(name), data)
    report = check([], settings, stdin=(name, after)) if after != data else fixes.report
    applied = tuple(fix.code for fix in fixes.applied for _ in range(fix.count))
    fixed: Any = after if isinstance(source, bytes) else after.decode("utf-8", "surrogatepass")
    return FixedSource(fixed, applied, fixes.refused, report)


def _settings(
    paths: Sequence[str],
    select: Iterable[str] | None,
    ignore: Iterable[str],
    extend_select: Iterable[str],
    preview: bool | None,
    config: str | os.PathLike[str] | None,
    isolated: bool,
    cache: bool = False,
) -> Settings:
    for name, given in (("select", select), ("ignore", ignore), ("extend_select", extend_select)):
        if isinstance(given, str):
            raise TypeError(f"{name} must be a list of rules, not a string")
    path = None if config is None else os.fspath(config)
    settings = load_settings(paths, config=path, isolated=isolated)
    settings = override(settings, preview=preview, cache=cache)
    chosen = None if select is None else tuple(select)
    return with_selection(settings, Selection(chosen, tuple(ignore), tuple(extend_select)))


def _bytes(source: str | bytes) -> bytes:
    return source if isinstance(source, bytes) else source.encode("utf-8", "surrogatepass")
