"""Messages are short: one line that names the hazard here."""

from __future__ import annotations

import re
from statistics import median

from paths import ROOT

MEDIAN = 90


def test_messages_are_short() -> None:
    """The longest one is measured in each case, the median over the pages of the rules."""
    shown = [path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "rules").glob("WS*.md")]
    messages = [
        message
        for page in shown
        for message in re.findall(r"^\S+:\d+:\d+: WS\d+ (.*?)(?: \[[\w -]+\])?$", page, re.M)
    ]
    assert len(messages) >= len(shown) - 3
    assert median(map(len, messages)) <= MEDIAN
