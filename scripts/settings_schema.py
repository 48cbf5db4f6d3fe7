"""Generate docs/wslint.schema.json, the JSON schema of the settings.

python -m scripts.settings_schema            write it
python -m scripts.settings_schema --check    exit with 1 if it is out of date

The descriptions of the keys come from the table in docs/configuration.md.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wslint.config import schema as config_schema
from wslint.config.settings import Settings
from wslint.vocabulary import USER_ROLES

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = "docs/wslint.schema.json"
PAGE = "docs/configuration.md"

_SELECTOR = "^(([Ww][Ss]|[A-Za-z]{3})[0-9]{0,3}|[Aa][Ll][Ll]|[a-z]+(-[a-z]+)+)$"
_RULES = {"type": "array", "items": {"type": "string", "pattern": _SELECTOR}}
_BY_READER: dict[str, dict[str, Any]] = {
    "_selectors": _RULES,
    "_plugins": {"type": "array", "items": {"type": "string"}},
    "_strings": {"type": "array", "items": {"type": "string"}},
    "_string": {"type": "string"},
    "_rule_url": {"type": "string", "pattern": r"^((https?|file)://.*\{code\}.*)?$"},
    "_boolean": {"type": "boolean"},
    "_size": {"type": "integer", "minimum": 1},
    "_roles": {"type": "object", "additionalProperties": {"enum": list(USER_ROLES)}},
    "_versions": {"type": "object", "additionalProperties": {"type": "string"}},
    "_selector_table": {"type": "object", "additionalProperties": _RULES},
}


def main(arguments: Sequence[str]) -> int:
    """Write or check the schema; exit code 2 for wrong arguments."""
    if list(arguments) not in ([], ["--check"]):
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    path = ROOT / SCHEMA
    text = json.dumps(schema(), indent=2) + "\n"
    current = path.is_file() and path.read_text(encoding="utf-8") == text
    if arguments:
        if not current:
            print(f"{SCHEMA} is out of date: python -m scripts.settings_schema")
        return int(not current)
    path.write_text(text, encoding="utf-8")
    print(f"{SCHEMA} {'is up to date' if current else 'written'}")
    return 0


def schema() -> dict[str, Any]:
    """Return the schema of wslint.toml, which is also that of [tool.wslint]."""
    said = descriptions((ROOT / PAGE).read_text(encoding="utf-8"))
    extend = {"type": "string", "description": said["extend"]}
    keys = {key: {**of_key(key), "description": said[key]} for key in config_schema.KEYS}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of wslint: wslint.toml, or [tool.wslint] in pyproject.toml",
        "type": "object",
        "additionalProperties": False,
        "properties": {"extend": extend, **keys},
    }


def of_key(key: str) -> dict[str, Any]:
    """Return the schema of one key, with its default."""
    reader = config_schema.KEYS[key]
    choices = getattr(reader, "choices", None)
    kind: dict[str, Any] = {"enum": list(choices)} if choices else _BY_READER[reader.__name__]
    default = getattr(Settings(), key.replace("-", "_"), None)
    if default in (None, "", (), {}):
        return dict(kind)
    return {**kind, "default": list(default) if isinstance(default, tuple) else default}


def descriptions(page: str) -> dict[str, str]:
    """Read the description of each key from the table of a page."""
    found: dict[str, str] = {}
    for keys, does in re.findall(r"^\| (`.*?`) \| .*? \| (.*?) \|$", page, re.MULTILINE):
        text = re.sub(r" ?\(\[[^]]*\]\([^)]*\)\)|[`*]", "", does)
        found.update(dict.fromkeys(re.findall(r"`([\w-]+)`", keys), text))
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
