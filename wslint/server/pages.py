"""The page of a rule as a file, which a diagnostic can link to."""

from __future__ import annotations

import os
from functools import cache

from pygls.uris import from_fs_path

from wslint.output.page import page
from wslint.rules import find_rule
from wslint.run.cache import cache_folder


@cache
def page_uri(code: str) -> str | None:
    """Return the URI of a rule's page, which is written to the user's cache folder."""
    rule = find_rule(code)
    if rule is None:
        return None
    folder = os.path.join(cache_folder(), "rules")
    path = os.path.join(folder, f"{code}.md")
    try:
        os.makedirs(folder, exist_ok=True)
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(page(rule))
    except OSError:
        return None
    uri: str | None = from_fs_path(path)
    return uri
