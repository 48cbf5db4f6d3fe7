"""The navigation of the site, and its links."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from paths import ROOT
from script_module import load_script

HOOKS = load_script("site_hooks")
SITE = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))


def pages_of(entry: Any) -> Iterator[str]:
    if isinstance(entry, str):
        yield entry
    else:
        for part in entry.values() if isinstance(entry, dict) else entry:
            yield from pages_of(part)


def test_the_navigation_lists_each_page_once() -> None:
    docs = ROOT / "docs"
    pages = [path.relative_to(docs).as_posix() for path in docs.rglob("*.md")]
    assert sorted(pages_of(HOOKS.with_rules(SITE["nav"]))) == sorted([*pages, *HOOKS.ADDED])
    assert all((ROOT / source).is_file() for source in HOOKS.ADDED.values())


def test_nothing_comes_from_other_hosts() -> None:
    assert SITE["theme"]["font"] is False
    assert not {"site_url", "repo_url", "extra_css", "extra_javascript"} & SITE.keys()
    assert "analytics" not in SITE["extra"]


@pytest.mark.parametrize(
    ("page", "text", "expected"),
    [
        ("index.md", "[a](docs/ci.md#x)", "[a](ci.md#x)"),
        ("index.md", "[a](docs/rules/README.md)", "[a](rules/README.md)"),
        ("index.md", "[a](CONTRIBUTING.md)", "[a](contributing.md)"),
        ("ci.md", "[a](../README.md)", "[a](index.md)"),
        ("rules/WS301.md", "![a](WS301.svg)", "![a](WS301.svg)"),
        ("rules/WS301.md", "[a](../proofs.md)", "[a](../proofs.md)"),
        ("rules/WS301.md", "[tests/cases.py](../../tests/cases.py)", "`tests/cases.py`"),
        ("ci.md", "[a](../missing)", "[a](../missing)"),
        ("ci.md", "[a](/missing.md)", "[a](/missing.md)"),
        ("index.md", "[a](https://x.org/y)", "[a](https://x.org/y)"),
        ("index.md", "[a](#here)", "[a](#here)"),
        ("index.md", "```text\n  [a](docs/ci.md)\n```", "```text\n  [a](docs/ci.md)\n```"),
        ("ci.md", "- a\n  - b\n", "- a\n    - b\n"),
    ],
)
def test_a_page_is_adapted_to_the_site(page: str, text: str, expected: str) -> None:
    assert HOOKS.adapted(text, page) == expected
