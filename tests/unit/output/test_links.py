"""The addresses of the rules' pages in the formats for programs."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from paths import TESTS
from small_project import TOLD, run, write

from wslint.output import links

WIKI = "https://wiki.acme.test/{code}.html"
FROM_METADATA = "https://example.org/docs/rules/WS301.md"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    write({"test_a.py": TOLD})
    links._default_template.cache_clear()
    yield
    links._default_template.cache_clear()


def describe(monkeypatch: pytest.MonkeyPatch, *urls: str) -> None:
    """Let the metadata of the package have these project URLs."""
    message = Message()
    for url in urls:
        message["Project-URL"] = url
    monkeypatch.setattr(importlib.metadata, "metadata", lambda name: message)


def read(output_format: str) -> Any:
    text = run("check", "--output-format", output_format).stdout
    return json.loads(text)


def found() -> set[Any]:
    """Return the links of every format."""
    (rule,) = read("sarif")["runs"][0]["tool"]["driver"]["rules"]
    (diagnostic,) = read("rdjson")["diagnostics"]
    listed = json.loads(run("rule", "WS301", "--output-format", "json").stdout)
    return {
        rule.get("helpUri"), diagnostic["code"].get("url"), listed["url"],
        read("json")["findings"][0]["url"], read("json-lines")["url"],
    }  # fmt: skip


def test_links_begin_with_the_documentation(monkeypatch: pytest.MonkeyPatch) -> None:
    describe(monkeypatch, "Changelog, https://no.test", "Documentation, https://example.org/docs/")
    assert found() == {FROM_METADATA}
    # a rule of another package has no page there
    assert links.rule_link("ACM001") is None
    assert links.rule_link("ACM001", WIKI) == "https://wiki.acme.test/ACM001.html"


def test_the_setting_changes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    describe(monkeypatch, "Documentation, https://example.org/docs/")
    write({"wslint.toml": f'rule-url = "{WIKI}"\n'})
    assert found() == {"https://wiki.acme.test/WS301.html"}


def test_without_an_address_there_is_no_link(monkeypatch: pytest.MonkeyPatch) -> None:
    describe(monkeypatch)
    assert found() == {None}


def test_sarif_and_rdjson_with_links_are_valid() -> None:
    write({"wslint.toml": f'rule-url = "{WIKI}"\n'})
    for name in ("sarif", "rdjson"):
        schema = json.loads((TESTS / "schemas" / f"{name}.json").read_text("utf-8"))
        jsonschema.validate(read(name), schema)


def test_the_page_needs_no_network() -> None:
    write({"wslint.toml": f'rule-url = "{WIKI}"\n'})
    run("check", "--output-format", "html:a.html")
    assert "wiki.acme.test" not in Path("a.html").read_text("utf-8")
