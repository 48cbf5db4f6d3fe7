"""A file could not be read as Python, so nothing in it was checked.

## What it does

Reports a file that wslint was asked to judge and could not: it has a syntax error, cannot be
opened or decoded, is not a regular file, is larger than `max-file-size`, is nested too deeply, is
a notebook, or a template rather than Python. Files found in a directory count only where they
mention websockets at all; a file that is named on the command line always counts.

A single statement that libcst, with which wslint reads, does not survive or takes too long for is
reported by itself; so is the test from which on there were more than can be judged in half a
minute.

## Why is this bad?

A file that was passed over looks exactly like a file without problems.

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

Where the file is not meant to be Python, leave it out:

```toml
[tool.wslint]
extend-exclude = ["templates/"]
```

## Fix safety

There is no fix: wslint does not rewrite what it cannot read. A comment cannot suppress this rule
either; use `per-file-ignores` or `ignore = ["WS900"]`. It stays on under `--select`.

## Evidence

A syntax error stands at the line and column that Python itself reports. Syntax that is newer than
the Python that runs wslint is an error too; run wslint with the Python of the project.
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
    """Turn the reason for which a file was not judged into a finding."""
    line, column = unreadable.line, unreadable.column
    return Finding(
        code=RULE.code,
        name=RULE.name,
        place=Place(unreadable.path, Span(line, column, line, column + 1)),
        message=f"{unreadable.reason}; {unreadable.left_out}",
        help="correct the file, or leave it out with extend-exclude or per-file-ignores",
        no_fix="wslint does not rewrite what it cannot read",
    )
