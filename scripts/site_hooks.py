"""Hooks of mkdocs: build the site from the pages as they are in the repository.

``mkdocs.yml`` names this file. It adds the pages outside of docs/, adapts links to the site, and
lists the rules' pages in the navigation.
"""

from __future__ import annotations

import posixpath
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
# pages of the site that are not in docs/, and their sources
ADDED = {
    "index.md": "README.md",
    "contributing.md": "CONTRIBUTING.md",
    "changelog.md": "CHANGELOG.md",
}

_FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]*)\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)")
_FAMILY = re.compile(r"^## (.+)\n((?:(?!## ).*\n?)*)", re.MULTILINE)


def on_config(config: MkDocsConfig) -> None:
    """Add the rules' pages to the navigation."""
    config.nav = with_rules(config.nav or [])


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Add the pages that are not in docs/."""
    from mkdocs.structure.files import File

    for page, source in ADDED.items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Adapt a page to the site."""
    return adapted(markdown, page.file.src_uri)


def with_rules(nav: list[Any]) -> list[Any]:
    """Return the navigation with the page of each rule, grouped as in the list of rules."""
    index = (ROOT / "docs" / "rules" / "README.md").read_text("utf-8")
    families: list[Any] = [
        {name: [f"rules/{file}" for file in re.findall(r"\]\((WS\d{3}\.md)\)", table)]}
        for name, table in _FAMILY.findall(index)
    ]
    return [{"Rules": entry["Rules"] + families} if "Rules" in entry else entry for entry in nav]


def adapted(markdown: str, page: str) -> str:
    """Return a page's text with links for the site, and lists as Python-Markdown reads them."""
    parts = _FENCED.split(markdown)
    for number in range(0, len(parts), 2):
        text = _LINK.sub(partial(_link, page), parts[number])
        # the content of a list item needs four spaces there
        parts[number] = re.sub(r"^ {2,3}(?=\S)", "    ", text, flags=re.MULTILINE)
    return "".join(parts)


def _link(page: str, match: re.Match[str]) -> str:
    """Return a link to a page of the site, or the text as code if the target is not on it."""
    text, link, anchor = match[1], match[2], match[3] or ""
    source = ADDED.get(page, f"docs/{page}")
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link))
    for added, its_source in ADDED.items():
        if target == its_source:
            target = f"docs/{added}"
    if not target.startswith("docs/"):
        # mkdocs reports what does not exist
        return f"`{text}`" if (ROOT / target).exists() else match[0]
    if (ROOT / target).is_dir():
        target += "/README.md"
    there = posixpath.relpath(target, posixpath.dirname(f"docs/{page}"))
    return f"[{text}]({there}{anchor})"
