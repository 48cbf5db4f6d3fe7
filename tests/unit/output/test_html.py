"""The HTML report: escaped, self-contained, and readable without the script."""

from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from wslint.config.settings import Settings
from wslint.findings.finding import Finding, Unresolved
from wslint.findings.report import Problem, Report
from wslint.findings.span import Place, Span
from wslint.output import html
from wslint.output.pictures import with_pictures
from wslint.run.check import check

HAZARD = """\
from starlette.testclient import TestClient
from shop import app


def test_told():
    client = TestClient(app)
    with client.websocket_connect("/<a>") as socket:
        client.post("/a")
        socket.receive_text()


def test_heard():
    client = TestClient(app)
    with client.websocket_connect("/a") as one, client.websocket_connect("/b") as other:
        one.receive_text()
        other.receive_text()
"""
VOID = {"meta", "input", "link", "br"}


class Page(HTMLParser):
    """The tags of a page; each must be closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self) -> str:
        return "".join(self.words)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def report() -> Report:
    Path("test_a.py").write_text(HAZARD)
    settings = Settings()
    return with_pictures(check(["."], settings), settings)


def test_each_finding_has_its_code_its_timeline_and_its_fix() -> None:
    text = html.render(report())
    page = Page(text)
    articles = page.all("article")
    assert [(a["data-code"], a["data-path"], a["data-fix"]) for a in articles] == [
        ("WS301", "test_a.py", "unsafe"),
        ("WS302", "test_a.py", "unsafe"),
    ]
    assert [svg["role"] for svg in page.all("svg")] == ["img", "img"]
    assert "Timeline of test_told (sync function)" in page.text
    assert '7 |     with client.websocket_connect("/<a>") as socket:' in page.text
    assert "TestClient(app) as client, client.websocket_connect" in page.text
    assert "the client is created here and never entered" in page.text
    assert "Found 2 problems (2 fixable with wslint fix --unsafe-fixes)." in page.text
    assert text.count('<span class="w-gone">-    client = TestClient(app)</span>') == 2


def test_names_for_screen_readers() -> None:
    page = Page(html.render(report()))
    ids = Counter(attrs["id"] for _, attrs in page.tags if "id" in attrs)
    assert set(ids.values()) == {1}
    for _, attrs in page.tags:
        for name in attrs.get("aria-labelledby", "").split():
            assert name in ids
        if attrs.get("href", "").startswith("#"):
            assert attrs["href"][1:] in ids
    for attrs in [*page.all("main"), *page.all("form"), *page.all("pre")]:
        assert attrs["aria-label"]
    assert all(attrs["aria-labelledby"] for attrs in page.all("article"))
    # scrollable parts can be focused with the keyboard
    assert all(attrs["tabindex"] == "0" for attrs in page.all("pre"))
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(b - a <= 1 for a, b in zip([0, *levels], levels, strict=False))


def test_nothing_from_outside_and_a_policy_that_says_so() -> None:
    text = html.render(report())
    page = Page(text)
    assert not {"src", "srcset", "action"} & {name for _, attrs in page.tags for name in attrs}
    assert not page.all("link")
    assert re.findall(r"url\(|@import|https?://(?!www\.w3\.org/2000/svg)", text) == []
    policy = next(a["content"] for a in page.all("meta") if "http-equiv" in a)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    for kind, body in (("style", style), ("script", script)):
        digest = b64encode(sha256(body.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert not any("style" in attrs for _, attrs in page.tags)


def test_everything_is_escaped() -> None:
    evil = "</pre></script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    evil += "&\x1b[31m\u202e\x01"
    path = f"{evil.replace('/', '|')}.py"
    text = f"x = {evil!r}  # {evil}\n"
    place = Place(str(Path.cwd() / path), Span(1, 0, 1, 1))
    there = Finding("WS301", evil, place, evil, evil, no_fix=evil, test=evil, concerns=evil)
    open_ = Unresolved(place, evil, evil)
    errors = (Problem(path, evil),)
    page = html.render(
        Report((there,), errors, (open_,), texts={place.path: text}), show_unresolved=True
    )
    parsed = Page(page)
    assert len(parsed.all("script")) == 1
    assert parsed.all("img") == []
    assert not any(name.startswith("on") for _, attrs in parsed.tags for name in attrs)
    assert not {"\x1b", "\u202e", "\x01"} & set(page)
    assert "alert(1)" in parsed.text


def test_of_nothing() -> None:
    page = Page(html.render(Report(files_checked=1)))
    assert "All checks passed!" in page.text
    assert "1 file checked, 0 tests judged." in page.text
    assert page.all("form") == page.all("script") == []


def test_without_a_fix_the_reason_stands_there() -> None:
    found = report()
    first = replace(found.findings[0], fix=None, no_fix="there is none")
    page = Page(html.render(replace(found, findings=(first,))))
    assert "No fix here: there is none." in page.text
    assert page.all("article")[0]["data-fix"] == "none"


def test_standard_input_has_a_picture_and_a_fix_too() -> None:
    settings = Settings()
    found = check([], settings, stdin=("test_x.py", HAZARD.encode()))
    detailed = with_pictures(found, settings)
    page = Page(html.render(detailed))
    assert len(page.all("svg")) == 2
    assert "+++ b/test_x.py" in page.text
