"""A self-contained page: each finding with its code, its timeline and its fix as a diff.

The page needs no network: style, script and pictures are inline, and its CSP allows nothing else.
All text from files goes through ``_escaped``. Everything is readable without the script.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from wslint import __version__
from wslint.output import full, summary
from wslint.output.colour import Paint
from wslint.output.fix_diff import fix_diff
from wslint.output.lines import FileLines
from wslint.output.svg import style
from wslint.output.text import cut, path_from_here, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from wslint.findings.finding import Finding
    from wslint.findings.report import Report
    from wslint.output.fix_diff import Hunk

_MARK = re.compile("\x01(\\w+)\x02(.*?)\x03", re.DOTALL)
TIERS = {
    "safe": "safe fix",
    "unsafe": "unsafe fix",
    "display-only": "display-only fix",
    "none": "no fix",
}
_TIER_TEXTS = {
    "safe": "<code>wslint fix</code> applies it; it keeps the meaning of the test",
    "unsafe": "<code>wslint fix --unsafe-fixes</code> applies it; it may change behaviour",
    "display-only": "It is display-only, as it may fail a test of a correct application",
}


class _Marks(Paint):
    """Wraps text in control characters, which ``printable`` escapes in text from files."""

    def __call__(self, colour: str, text: str) -> str:
        return f"\x01{colour}\x02{text}\x03" if text else text


def render(report: Report, *, colour: bool = False, show_unresolved: bool = False) -> str:  # noqa: ARG001
    """Return the page."""
    styles = f"{_asset('report.css')}\n{style()}"
    script = _asset("report.js")
    policy = f"default-src 'none'; style-src '{_hash(styles)}'; script-src '{_hash(script)}'"
    conclusion = (
        summary.summary(report, show_unresolved=show_unresolved) or "Not everything was judged."
    )
    tests = plural(report.tests_judged, "test")
    scope = f"{plural(report.files_checked, 'file')} checked, {tests} judged."
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_escaped(policy)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>wslint: {_escaped(plural(len(report.findings), 'problem'))}</title>",
        f"<style>{styles}</style>",
        "</head>",
        "<body>",
        '<a class="w-skip" href="#findings">Skip to the findings</a>',
        "<header>",
        "<h1>wslint</h1>",
        f"<p>{_escaped(conclusion)}</p>",
        f'<p class="w-soft">{_escaped(scope)}</p>',
        "</header>",
        *_errors(report),
        *(_overview(report) if report.findings else ()),
        *(_filter(report.findings) if report.findings else ()),
        '<main id="findings" tabindex="-1" aria-label="Findings">',
        *_findings(report),
        "</main>",
        *(_unresolved(report) if show_unresolved else ()),
        f"<footer>Made by wslint {_escaped(__version__)}.</footer>",
        f"<script>{script}</script>" if report.findings else "",
        "</body>",
        "</html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _overview(report: Report) -> Iterator[str]:
    names = {finding.code: finding.name for finding in report.findings}
    codes = Counter(finding.code for finding in report.findings)
    paths = Counter(path_from_here(finding.path) for finding in report.findings)
    yield '<div class="w-tables">'
    rules = [(code, f"{code} {names[code]}", count) for code, count in sorted(codes.items())]
    yield from _table("By rule", "rule", "code", rules)
    files = [(path, path, count) for path, count in sorted(paths.items())]
    yield from _table("By file", "file", "path", files)
    yield "</div>"


def _table(
    caption: str, what: str, field: str, rows: Iterable[tuple[str, str, int]]
) -> Iterator[str]:
    yield f"<table><caption>{caption}</caption>"
    yield f'<thead><tr><th scope="col">{what}</th>'
    yield '<th scope="col" class="w-count">problems</th></tr></thead><tbody>'
    for value, text, count in rows:
        link = f'href="#findings" data-only="{field}" data-value="{_escaped(value)}"'
        yield f'<tr><td><a {link}>{_escaped(text)}</a></td><td class="w-count">{count}</td></tr>'
    yield "</tbody></table>"


def _filter(findings: Sequence[Finding]) -> Iterator[str]:
    yield '<form id="filter" role="search" aria-label="Filter the findings" hidden>'
    codes = {finding.code: f"{finding.code} {finding.name}" for finding in findings}
    paths = {path_from_here(finding.path): path_from_here(finding.path) for finding in findings}
    yield from _choice("Rule", "code", "every rule", codes)
    yield from _choice("File", "path", "every file", paths)
    yield from _choice("Fix", "fix", "with and without", TIERS)
    yield '<label>Text <input type="search" name="text" autocomplete="off"></label>'
    yield '<button type="reset">Show all</button>'
    yield '<label class="w-check"><input type="checkbox" name="keys" checked>'
    yield "Keys: j next, k previous, / text</label>"
    yield '<output id="shown" role="status" aria-live="polite"></output>'
    yield "</form>"


def _choice(label: str, name: str, every: str, options: dict[str, str]) -> Iterator[str]:
    yield f'<label>{label} <select name="{name}"><option value="">{every}</option>'
    for value, text in options.items():
        yield f'<option value="{_escaped(value)}">{_escaped(text)}</option>'
    yield "</select></label>"


def _findings(report: Report) -> Iterator[str]:
    files = FileLines(report.texts)
    for number, finding in enumerate(report.findings, start=1):
        yield from _article(finding, report.picture(finding), f"f{number}", files)


def _article(finding: Finding, picture: str, id_: str, files: FileLines) -> Iterator[str]:
    tier = finding.fix.applicability if finding.fix else "none"
    path = path_from_here(finding.path)
    data = {"code": finding.code, "path": path, "fix": tier}
    marked = " ".join(f'data-{name}="{_escaped(value)}"' for name, value in data.items())
    yield f'<article id="{id_}" tabindex="-1" aria-labelledby="{id_}-h" {marked}>'
    yield (
        f'<h2 id="{id_}-h"><a class="w-code" href="#{id_}">{_escaped(finding.code)}</a> '
        f'{_escaped(finding.name)} <span class="w-tier w-tier-{tier}">{TIERS[tier]}</span></h2>'
    )
    where = f"{path}:{finding.span.line}:{finding.span.column + 1}"
    test = f" in <code>{_escaped(finding.test)}</code>" if finding.test else ""
    yield f'<p class="w-place"><code>{_escaped(where)}</code>{test}</p>'
    yield f"<p>{_sentence(finding.message)}</p>"
    rows = list(full.frames(finding, files, _Marks()))
    if rows:
        yield "<h3>Code</h3>"
        yield f'<pre tabindex="0" role="group" aria-label="Code">{_lines(rows)}</pre>'
    if folded := full.folded_labels(finding):
        yield f"<details><summary>… and {plural(len(folded), 'more test')}</summary><ul>"
        for place in (label.place for label in folded):
            where = f"{path_from_here(place.path)}:{place.span.line}:{place.span.column + 1}"
            yield f"<li><code>{_escaped(where)}</code></li>"
        yield "</ul></details>"
    if picture:
        yield "<h3>Timeline: what is open while what happens</h3>"
        yield '<div class="w-timeline" tabindex="0" role="group" aria-label="Timeline">'
        yield f"{picture.strip()}</div>"
    yield "<h3>What to do</h3>"
    yield f"<p>{_sentence(finding.help)}</p>"
    if finding.concerns:
        yield f'<p class="w-soft">Concerns {_escaped(finding.concerns)}</p>'
    yield from _fix(finding, files)
    yield "</article>"


def _fix(finding: Finding, files: FileLines) -> Iterator[str]:
    if finding.fix is None:
        if finding.no_fix:
            yield f"<p>No fix here: {_escaped(finding.no_fix)}.</p>"
        return
    yield f"<h3>Fix: {_escaped(finding.fix.title)}</h3>"
    yield f"<p>{_TIER_TEXTS[finding.fix.applicability]}.</p>"
    if finding.fix.edits:
        yield '<pre tabindex="0" role="group" aria-label="The fix as a diff">'
        parts = (_diff(path, hunks) for path, hunks in fix_diff(finding.fix, files, around=3))
        yield "".join(parts) + "</pre>"


def _diff(path: str, hunks: Iterable[Hunk]) -> str:
    name = _escaped(path_from_here(path))
    rows = [_diff_line("hunk", f"--- a/{name}"), _diff_line("hunk", f"+++ b/{name}")]
    for hunk in hunks:
        rows.append(_diff_line("hunk", hunk.header))
        for sign, _, text in hunk.rows:
            kind = {"-": "gone", "+": "new"}.get(sign, "")
            rows.append(_diff_line(kind, sign + _escaped(cut(text)[0], one_line=False)))
    return "".join(rows)


def _diff_line(kind: str, text: str) -> str:
    return f'<span class="w-{kind}">{text}</span>\n' if kind else f"{text}\n"


def _lines(rows: Iterable[str]) -> str:
    return "\n".join(_MARK.sub(r'<span class="w-\1">\2</span>', escape(row)) for row in rows)


def _errors(report: Report) -> Iterator[str]:
    if report.errors:
        yield '<section aria-label="Errors"><h2>Errors</h2><ul>'
        for error in report.errors:
            where = f"<code>{_escaped(path_from_here(error.path))}</code>: " if error.path else ""
            yield f"<li>{where}{_escaped(error.message)}</li>"
        yield "</ul></section>"


def _unresolved(report: Report) -> Iterator[str]:
    yield f"<details><summary>Left unjudged:  {len(report.unresolved)}</summary><ul>"
    for item in report.unresolved:
        place = f"{path_from_here(item.place.path)}:{item.place.span.line}"
        test = f" {_escaped(item.test)}:" if item.test else ""
        yield f"<li><code>{_escaped(place)}</code>{test} {_escaped(item.reason)}</li>"
    yield "</ul></details>"


def _sentence(text: str) -> str:
    """Return a message as a sentence with a capital and a full stop; backticks become code."""
    if text.partition(" ")[0].isalpha():
        text = f"{text[:1].upper()}{text[1:]}"
    text = _escaped(f"{text}.")
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", text)


def _escaped(text: str, *, one_line: bool = True) -> str:
    return escape(printable(text) if one_line else "\t".join(map(printable, text.split("\t"))))


def _asset(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8").strip()


def _hash(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
