"""The summary of a report for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.output.text import plural, printable, shown_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wslint.findings.finding import Finding
    from wslint.findings.report import Report
    from wslint.findings.span import Place
    from wslint.output.colour import Paint

_MARKERS = {"safe": " [fix]", "unsafe": " [unsafe fix]", "display-only": ""}


def head(finding: Finding, paint: Paint) -> str:
    """Return ``path:line:column: CODE message [marker]``."""
    return f"{where(finding.place, paint)}: {what(finding, paint)}"


def what(finding: Finding, paint: Paint) -> str:
    """Return ``CODE message [markers]``."""
    seen = paint("yellow", " [seen at run time]") if finding.seen else ""
    marker = _MARKERS[finding.fix.applicability] if finding.fix is not None else ""
    code, message = paint("red", finding.code), printable(finding.message)
    return f"{code} {message}{paint('green', marker)}{seen}"


def where(place: Place, paint: Paint) -> str:
    """Return ``path:line:column``, with the column counted from 1."""
    path = paint("bold", shown_path(place.path))
    return f"{path}:{place.span.line}:{place.span.column + 1}"


def unresolved(report: Report, paint: Paint) -> Iterator[str]:
    """Yield the places that were left unjudged."""
    if not report.unresolved:
        yield "Nothing was left unjudged."
        return
    yield paint("bold", "Left unjudged:")
    for item in report.unresolved:
        test = f"{printable(item.test)}: " if item.test else ""
        yield f"{where(item.place, paint)}: {test}{printable(item.reason)}"


def closing(report: Report, paint: Paint, *, show_unresolved: bool, quiet: bool) -> Iterator[str]:
    """Yield the lines below the findings: what only a run saw, what is unjudged, the summary."""
    if report.only_seen:
        yield paint("bold", "Only seen at run time:")
        for seen in report.only_seen:
            path, test = shown_path(seen.path), shown_path(seen.test)
            yield f"{path}:{seen.line}: {printable(f'{seen.what} {seen.message}')} ({test})"
        yield ""
    if show_unresolved:
        yield from unresolved(report, paint)
        yield ""
    last = "" if quiet else summary(report, show_unresolved=show_unresolved)
    if last:
        yield last


def summary(report: Report, *, show_unresolved: bool = False) -> str:
    """Return the line that counts the findings; empty if only errors were reported."""
    hint = f" {report.baselined} more in the baseline." if report.baselined else ""
    if report.unresolved and not show_unresolved:
        places = plural(len(report.unresolved), "place")
        hint += f" {places} left unjudged (--show-unresolved lists them)."
    if report.elsewhere:
        paths = sorted({shown_path(finding.path) for finding in report.elsewhere})
        more = plural(len(report.elsewhere), "more problem")
        files = "a file that was" if len(paths) == 1 else "files that were"
        hint += f" {more} in {files} not given: {', '.join(paths)}."
    if not report.findings:
        passed = "No new problem." if report.baselined else "All checks passed!"
        return "" if report.errors else passed + hint
    safe, unsafe = report.fixable, report.fixable_unsafe
    if report.unsafe_fixes:
        safe, unsafe = safe + unsafe, 0
    fixes = ""
    if safe and unsafe:
        fixes = f" ({safe} fixable with wslint fix, {unsafe} more with --unsafe-fixes)"
    elif safe:
        fixes = f" ({safe} fixable with wslint fix)"
    elif unsafe:
        fixes = f" ({unsafe} fixable with wslint fix --unsafe-fixes)"
    return f"Found {plural(len(report.findings), 'problem')}{fixes}.{hint}"
