"""A suppression comment suppresses nothing.

## What it does

Reports a comment `# wslint: ignore[…]`, `# wslint: file-ignore[…]` or `# noqa: WS…` that suppresses
no finding. If a comment names several rules, only those that suppress nothing are reported.

Only what was checked counts. A comment inside a test is unused if wslint could follow that test
from beginning to end. Elsewhere (a fixture, a helper, `conftest.py`) it is unused only if all tests
that may lead there were checked in the same run: the folder of a `conftest.py` or, for other files,
the whole project. Comments for rules that are off, codes of other tools, a bare `# noqa` and files
that do not mention websockets are not reported.

## Why is this bad?

The reason for the comment is gone, or never existed, and nobody can tell which. The comment would
hide the next hazard on that line.

## Example

```python
def test_order_is_announced():
    with TestClient(app) as client, client.websocket_connect("/orders") as socket:
        client.post("/orders")  # wslint: ignore[WS301] the client is not entered
        socket.receive_json()
```

## Use instead

```python
def test_order_is_announced():
    with TestClient(app) as client, client.websocket_connect("/orders") as socket:
        client.post("/orders")
        socket.receive_json()
```

## Fix safety

The fix is safe: it removes the code from the comment, or the whole comment with its reason if no
other code is left. Codes of other tools in a `# noqa` stay, and so does every other comment.

A comment that suppresses this rule must name it: `# wslint: ignore[WS301, WS901]`.

## Evidence

Comments are compared with the findings of the run; nothing is assumed about any library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.findings.actions import ReplaceComment
from wslint.findings.finding import Finding, Fix
from wslint.findings.span import Place
from wslint.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.findings.report import Suppression

RULE = Rule.of(__name__, __doc__, status="preview", fixable="safe")


def finding(
    path: str, comment: Suppression, unused: Sequence[str], unknown: Sequence[str], rest: str
) -> Finding:
    """Report the selectors of a comment that suppress nothing; ``unknown`` ones name no rule.

    ``rest`` is the comment without them.
    """
    problems = []
    if unused:
        problems.append(f"unused suppression of {', '.join(unused)}")
    elif not unknown:
        problems.append("unused suppression of all rules")
    if unknown:
        problems.append(f"suppression of an unknown rule: {', '.join(unknown)}")
    title = "remove the code from the comment" if rest else "remove the comment"
    action = ReplaceComment(path, comment.span, rest)
    return RULE.finding(
        Place(path, comment.span),
        "; ".join(problems),
        "remove it, so that it cannot hide a later hazard",
        fix=Fix("safe", title, (action,)),
    )
