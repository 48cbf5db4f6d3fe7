"""A suppression comment suppresses nothing.

## What it does

Reports a comment `# wslint: ignore[…]`, `# wslint: file-ignore[…]` or `# noqa: WS…` that silences
no finding. Where a comment names several rules, only those that silence nothing are spoken of.

It speaks only of what was judged. A comment counts as unused where it stands in a test that wslint
could follow from beginning to end; elsewhere (a fixture, a helper, `conftest.py`) only where all
tests that may lead there were judged in the same run: the folder of a `conftest.py` or, for other
files, the whole project. Comments of rules that are off, codes of other tools, a bare `# noqa` and
files that mention no websocket are left alone.

## Why is this bad?

The reason for the comment is gone, or never was there, and nobody can tell which. The next hazard
on that line would be silenced with it.

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

The fix is safe: it takes the code out of the comment, or the comment with its reason where no other
code is left. Codes of other tools in a `# noqa` stay, and so does every other comment.

A comment that silences this rule must name it: `# wslint: ignore[WS301, WS901]`.

## Evidence

Found by comparing comments with the findings of the run; nothing is assumed of any library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.findings.actions import ReplaceComment
from wslint.findings.finding import Finding, Fix
from wslint.findings.span import Place
from wslint.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.suppressions.comments import Suppression

RULE = Rule.of(__name__, __doc__, status="preview", fixable="safe")


def finding(
    path: str, comment: Suppression, unused: Sequence[str], unknown: Sequence[str]
) -> Finding:
    """Report the selectors of a comment that silence nothing; ``unknown`` ones name no rule."""
    said = []
    if unused:
        said.append(f"this comment names {', '.join(unused)}, and nothing of it is found here")
    elif not unknown:
        said.append("this comment silences every rule, and nothing is found here")
    if unknown:
        said.append(f"this comment names {', '.join(unknown)}, which is no rule of wslint's")
    text = comment.without([*unused, *unknown]) if comment.selectors else ""
    title = "take the code out of the comment" if text else "remove the comment"
    action = ReplaceComment(path, comment.span, text)
    return RULE.finding(
        Place(path, comment.span),
        "; ".join(said),
        "remove it, so that it can't hide a later hazard",
        fix=Fix("safe", title, (action,)),
    )
