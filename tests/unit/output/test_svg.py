"""The picture of a timeline: well-formed, described in words, without overlapping text."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from paths import ROOT

from wslint.cli import main
from wslint.config.settings import Settings
from wslint.findings.finding import Finding
from wslint.findings.span import Span
from wslint.output.rows import marked, rows_of
from wslint.output.svg import CHARACTER, draw_svg
from wslint.output.text import columns
from wslint.rules import all_rules
from wslint.run.judge import judge_timeline, traced_timelines
from wslint.syntax.source import Source
from wslint.timeline.model import Timeline, Unfollowed

NS = "{http://www.w3.org/2000/svg}"
HEAD = """\
from starlette.testclient import TestClient
from channels.testing import WebsocketCommunicator
client = TestClient(app)
"""
TWO = """
def test_two():
    with client.websocket_connect("/a") as a, client.websocket_connect("/b") as b:
        client.post("/c")
        b.receive_json()
"""


def traced(text: str, name: str = "test_a.py") -> tuple[Timeline, list[Finding]]:
    path = f"/nowhere/{name}"
    source = Source.from_bytes(path, (HEAD + text).encode(), max_size=1_000_000)
    assert isinstance(source, Source)
    Path(name).write_text(HEAD + text, encoding="utf-8")
    source = replace(source, path=str(Path(name).resolve()))
    timeline = next(traced_timelines(source, Settings()))
    return timeline, judge_timeline(timeline, all_rules())


def drawn(text: str, name: str = "test_a.py") -> str:
    timeline, findings = traced(text, name)
    return draw_svg(timeline, findings, root=str(Path.cwd()))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Box(NamedTuple):
    text: str
    left: float
    top: float
    right: float
    bottom: float


def boxes(root: ElementTree.Element) -> list[Box]:
    found = []
    for element in root.iter(f"{NS}text"):
        x, y, text = float(element.get("x", "")), float(element.get("y", "")), element.text or ""
        found.append(Box(text, x, y - 11, x + columns(text) * CHARACTER, y + 3))
    return found


def overlapping(svg: str) -> list[tuple[str, str]]:
    """Texts that overlap or leave the picture."""
    root = ElementTree.fromstring(svg)
    width, height = float(root.get("width", "")), float(root.get("height", ""))
    every = boxes(root)
    assert every
    out = [(box.text, "") for box in every if box.right > width or box.bottom > height]
    return out + [
        (a.text, b.text)
        for a, b in combinations(every, 2)
        if a.left < b.right and b.left < a.right and a.top < b.bottom and b.top < a.bottom
    ]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "rules").glob("*.svg")), ids=lambda p: p.stem
)
def test_pictures_of_the_pages(path: Path) -> None:
    svg = path.read_text(encoding="utf-8")
    assert overlapping(svg) == []
    root = ElementTree.fromstring(svg)
    title, about = root.find(f"{NS}title"), root.find(f"{NS}desc")
    assert title is not None
    assert about is not None
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {about.get('id')}"
    assert (title.text or "").startswith("Timeline of ")
    assert f"{path.stem} at " in (about.text or "")
    assert "@media (prefers-color-scheme: dark)" in svg
    assert root.find(f"{NS}script") is None
    assert svg.count("://") == 1  # the namespace: nothing is loaded
    signs = [box.text for box in boxes(root) if box.text.startswith("▲")]
    assert any(path.stem in sign for sign in signs)


def test_bars_and_dots() -> None:
    root = ElementTree.fromstring(drawn(TWO))
    texts = [box.text for box in boxes(root)]
    assert texts[:3] == ["test_two (sync function)", "TestClient", "test_a.py:3  never entered"]
    bars = [e for e in root.iter(f"{NS}rect") if "bar" in e.get("class", "").split()]
    assert [bar.get("class") for bar in bars] == ["bar socket", "bar found"]
    a, b = ((float(e.get("x", "")), float(e.get("width", ""))) for e in bars)
    assert a[0] < b[0]
    assert b[0] + b[1] < a[0] + a[1]
    (client, post, receive) = root.iter(f"{NS}circle")
    assert client.get("class") == "circle client"
    assert b[0] < float(post.get("cx", "")) < float(receive.get("cx", "")) < b[0] + b[1]
    about = root.findtext(f"{NS}desc", "")
    assert "websocket_connect #2 is open from test_a.py:6; meanwhile: post" in about
    assert "post happens at test_a.py:7." in about


def test_bars_without_an_end_and_uncertain_ones() -> None:
    svg = drawn(
        """
def test_maybe(flag):
    if flag:
        client.__enter__()
    with client.websocket_connect("/a") as a:
        a.send_text("x")
"""
    )
    assert "never closed" in svg
    assert 'class="bar client maybe"' in svg or 'class="bar found maybe"' in svg
    assert overlapping(svg) == []


def test_hostile_names() -> None:
    name = "test_<b>&\"'\u202e漢字.py"
    svg = drawn(TWO.replace('"/c"', '"</desc><script>"'), name)
    root = ElementTree.fromstring(svg)
    assert root.find(f".//{NS}script") is None
    assert any("test_<b>&\"'\\u202e漢字.py:6" in box.text for box in boxes(root))
    assert overlapping(svg) == []


def test_many_moments() -> None:
    calls = "".join(f"        client.get('/{n}')\n" for n in range(150))
    svg = drawn(f"\ndef test_many():\n    with client.websocket_connect('/'):\n{calls}")
    assert overlapping(svg) == []
    assert float(ElementTree.fromstring(svg).get("width", "")) < 1500


def test_nothing_and_unknown() -> None:
    timeline, _ = traced("\ndef test_nothing():\n    assert 1\n")
    timeline.resources.clear()
    timeline.unresolved.append(
        Unfollowed(timeline.scopes[0].origin.place, "who knows")
        if timeline.scopes
        else Unfollowed(_place(timeline), "who knows")
    )
    svg = draw_svg(timeline, [])
    assert "No event relevant to any rule occurs in this test." in svg
    assert "who knows" in svg
    assert overlapping(svg) == []


def _place(timeline: Timeline):
    from wslint.findings.span import Place

    return Place(timeline.test.path, timeline.test.function.name_span)


def test_a_finding_without_a_row_marks_the_test() -> None:
    timeline, findings = traced(TWO)
    elsewhere = replace(findings[0], labels=(), place=_place(timeline)._replace(path="/other.py"))
    assert marked(rows_of(timeline, [elsewhere]), elsewhere) == []
    root = ElementTree.fromstring(draw_svg(timeline, [elsewhere]))
    title, sign, *_ = boxes(root)
    assert sign.text.startswith("▲ WS")
    assert (sign.left, sign.top > title.bottom) == (title.left, True)


def test_marks_go_to_the_smallest_row_around_a_place() -> None:
    timeline, findings = traced(TWO)
    rows = rows_of(timeline, findings)
    number = next(n for n, row in enumerate(rows) if row.label == "post")
    line, column, _, end = rows[number].place.span
    inside = rows[number].place._replace(span=Span(line, end - 4, line, end - 1))
    assert marked(rows, replace(findings[0], place=inside, labels=())) == [number]
    around = rows[number].place._replace(span=Span(line, column - 1, line, end + 1))
    assert marked(rows, replace(findings[0], place=around, labels=())) == [number]
    wide = rows[number]._replace(place=rows[number].place._replace(span=Span(1, 0, 99, 0)))
    two = [wide, rows[number], wide]
    assert marked(two, replace(findings[0], place=inside, labels=())) == [1]


def test_a_coroutine_that_never_runs_has_a_row_if_a_finding_concerns_it() -> None:
    text = """
async def test_silence():
    communicator = WebsocketCommunicator(app, "/")
    connected, _ = await communicator.connect()
    assert connected
    assert communicator.receive_nothing()
    await communicator.disconnect()
"""
    timeline, findings = traced(text)
    idle = [row for row in rows_of(timeline, findings) if row.note == "not awaited"]
    assert [(row.label, row.shape) for row in idle] == [("receive_nothing", "circle")]
    assert not [row for row in rows_of(timeline, []) if row.note == "not awaited"]


def run(*args: str) -> Result:
    return CliRunner().invoke(main, ["trace", *args, "--output-format", "svg"])


def test_trace_writes_one_picture() -> None:
    Path("test_a.py").write_text(HEAD + TWO + TWO.replace("two", "three"))
    result = run("test_a.py::test_three")
    assert result.exit_code == 0
    assert result.stdout.isascii()
    assert (
        ElementTree.fromstring(result.stdout)
        .findtext(f"{NS}title", "")
        .endswith("test_three (sync function)")
    )
    assert re.search(r">test_a\.py:11<", result.stdout)
    several = run("test_a.py")
    assert several.exit_code == 2
    assert several.stderr == (
        "error: test_a.py: a picture shows one test; choose one of test_two, test_three\n"
    )
