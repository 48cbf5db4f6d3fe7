"""The keys of ``case.toml``, which ``cases`` describes, as a JSON schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

OUTCOMES = ["passes", "fails", "hangs", "not-collected", "sometimes-hangs"]
_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT, "minItems": 1}
_RUN = {
    "outcome": {"enum": OUTCOMES},
    "exception": _TEXT,
    "runs": {"type": "integer", "minimum": 2},
}


def _table(required: list[str], keys: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "properties": keys,
        "additionalProperties": False,
    }


_FORM = _table(["outcome"], _RUN)
_WHERE = {"type": "array", "minItems": 1, "items": _table(["if"], {"if": _TEXTS, **_RUN})}
_PLACE = _table(
    ["path", "line", "code"],
    {"path": _TEXT, "line": {"type": "integer", "minimum": 1}, "code": {"pattern": r"^WS\d{3}$"}},
)
_FORMS = ("before", "after", "before_broken", "after_broken")
SCHEMA = _table(
    ["title", "kind", "before"],
    {
        "title": _TEXT,
        "kind": {"enum": ["hazard", "silent"]},
        "findings": {"type": "array", "minItems": 1, "items": _PLACE},
        "fix": {"enum": ["safe", "unsafe", "display-only", "none"]},
        # empty where the findings have different reasons
        "reason": {"type": "string"},
        "needs": _TEXTS,
        "page": {"const": True},
        "slow": {"const": True},
        "leaves_patched": {"const": True},
        **dict.fromkeys(_FORMS, _FORM),
        **dict.fromkeys((f"{form}_where" for form in _FORMS), _WHERE),
    },
)
_HAZARD = {
    "if": {"properties": {"kind": {"const": "hazard"}}},
    "then": {"required": ["findings", "fix"]},
    "else": {"properties": dict.fromkeys(("findings", "fix", "reason", "after"), False)},
}
_UNFIXED = {
    "if": {"properties": {"fix": {"const": "none"}}, "required": ["fix"]},
    "then": {"required": ["reason"], "properties": {"after": False}},
    "else": {"properties": {"reason": False}},
}
_VALIDATOR = jsonschema.Draft202012Validator({**SCHEMA, "allOf": [_HAZARD, _UNFIXED]})


def problems(path: Path, data: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the keys of a case, each with the file and the key."""
    for error in sorted(_VALIDATOR.iter_errors(data), key=lambda error: list(map(str, error.path))):
        key = ".".join(map(str, error.path))
        yield f"{path}: {f'{key}: ' if key else ''}{error.message}"
