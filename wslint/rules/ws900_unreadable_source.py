"""A file could not be read as Python, so nothing in it was checked.

## What it does

Reports a file that wslint was asked to check and could not: it has a syntax error, cannot be
opened or decoded, is not a regular file, is larger than `max-file-size`, is nested too deeply, is
a notebook, or is a template rather than Python. Files found in a directory count only if they
mention websockets at all; a file named on the command line always counts.

A single statement that is nested too deeply is reported on its own. If the tests of a file take
more than eight seconds of processor time, the first one that was not judged is reported; single
tests can still be checked as `FILE::TEST`.

## Why is this bad?

A file that was skipped looks exactly like a file without problems.

## Example

```python
async def test_chat(:
    communicator = WebsocketCommunicator(application, "/ws/chat/")
```

## Use instead

```python
async def test_chat():
    communicator = WebsocketCommunicator(application, "/ws/chat/")
```

If the file is not meant to be Python, exclude it:

```toml
[tool.wslint]
extend-exclude = ["templates/"]
```

## Fix safety

There is no fix: wslint does not rewrite what it cannot read. A comment cannot suppress this rule
either; use `per-file-ignores` or `ignore = ["WS900"]`. It stays on under `--select`.

## Evidence

A syntax error is reported at the line and column that Python itself reports. Syntax newer than the
Python that runs wslint is reported with the version it needs: install wslint with the Python of
the project.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.findings.finding import Finding
from wslint.findings.span import Place, Span
from wslint.rules.rule import Rule

if TYPE_CHECKING:
    from wslint.syntax.source import Unreadable

RULE = Rule.of(__name__, __doc__, status="stable", fixable="none")


def finding(unreadable: Unreadable) -> Finding:
    """Return the finding for a file that could not be checked."""
    line, column = unreadable.line, unreadable.column
    return RULE.finding(
        Place(unreadable.path, Span(line, column, line, column + 1)),
        "; ".join(filter(None, (unreadable.reason, unreadable.left_out))),
        f"{unreadable.remedy}, or exclude it with extend-exclude or per-file-ignores",
        fix="wslint does not rewrite what it cannot read",
    )
