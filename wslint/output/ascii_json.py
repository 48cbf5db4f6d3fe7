"""JSON in ASCII, which strict readers take whatever the names of the files are."""

from __future__ import annotations

import json
import re
from typing import Any

# An escaped backslash and a pair of surrogates, which stay; a surrogate by itself, which does not.
_SURROGATES = re.compile(
    r"(\\\\|\\ud[89ab][0-9a-f]{2}\\ud[c-f][0-9a-f]{2})|\\(ud[89a-f][0-9a-f]{2})"
)


def json_text(document: Any, indent: int | None = None) -> str:
    """Return JSON in ASCII; bytes of names that no encoding can say are escaped once more."""
    text = json.dumps(document, indent=indent)
    if "\\ud" not in text:
        return text
    return _SURROGATES.sub(lambda match: match[1] or rf"\\{match[2]}", text)
