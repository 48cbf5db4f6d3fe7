"""What a run saw confirms findings by test, place and rule; a foreign file is an error."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wslint.config.settings import ConfigError
from wslint.findings.finding import Finding, Label
from wslint.findings.report import Report, Suppressed, Suppression
from wslint.findings.seen import Seen
from wslint.findings.span import Place, Span
from wslint.output import concise, json_format
from wslint.output.witness import read_witness, with_witness

TEST = Place("/p/test_a.py", Span(10, 0, 20, 0))
FINDING = Finding(
    "WS301", "a-name", Place("/p/test_a.py", Span(30, 4, 31, 9)), "wrong", "help",
    test="TestChat.test_a", test_place=TEST,
)  # fmt: skip
REPORT = Report((FINDING,), scope=frozenset(("/p/test_a.py",)))
SEEN = Seen("WS301", "a-name", "/p/test_a.py::TestChat::test_a[1]", "/p/app.py", 3, "was seen")
ENTRY: dict[str, Any] = {**SEEN._asdict(), "test": "test_a.py::test_a", "path": "sub/app.py"}
DOCUMENT: dict[str, Any] = {"version": 1, "rootdir": "..", "seen": [ENTRY], "off": []}


def written(folder: Path, document: object) -> str:
    path = folder / "witness.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_paths_are_relative_to_the_rootdir(tmp_path: Path) -> None:
    (seen,) = read_witness(written(tmp_path, DOCUMENT))
    root = os.path.dirname(tmp_path).replace(os.sep, "/")
    assert (seen.path, seen.test) == (f"{root}/sub/app.py", f"{root}/test_a.py::test_a")
    assert seen[5:] == SEEN[5:]


BROKEN: dict[str, Any] = {
    "list": [],
    "number": 1,
    "no version": {"seen": []},
    "other version": {**DOCUMENT, "version": 2},
    "no rootdir": {"version": 1, "seen": []},
    "rootdir": {**DOCUMENT, "rootdir": None},
    "seen": {**DOCUMENT, "seen": 7},
    "entry": {**DOCUMENT, "seen": [None]},
    "line": {**DOCUMENT, "seen": [{**ENTRY, "line": "3"}]},
    "line of no file": {**DOCUMENT, "seen": [{**ENTRY, "line": 0}]},
    "truth for a line": {**DOCUMENT, "seen": [{**ENTRY, "line": True}]},
    "message": {**DOCUMENT, "seen": [{**ENTRY, "message": ["a"]}]},
    "nothing latent": {**DOCUMENT, "seen": [{**ENTRY, "latent": None}]},
    "missing": {**DOCUMENT, "seen": [{"rule": "WS301"}]},
}


@pytest.mark.parametrize("document", BROKEN.values(), ids=BROKEN)
def test_broken_documents(tmp_path: Path, document: object) -> None:
    with pytest.raises(ConfigError, match=r"witness\.json: (is not|must be version 1)"):
        read_witness(written(tmp_path, document))


@pytest.mark.parametrize("data", [b"", b"\xff\x00", b"[" * 100_000, b'{"version": 1' + b"0" * 9999])
def test_no_json(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "w").write_bytes(data)
    with pytest.raises(ConfigError):
        read_witness(str(tmp_path / "w"))


@pytest.mark.parametrize("name", ["missing", "."])
def test_no_file(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_witness(str(tmp_path / name))


ELSEWHERE = SEEN._replace(test="/p/test_a.py::test_b")
CONFIRMED = {
    "test": SEEN,
    "latent": SEEN._replace(latent=True),
    "kin": SEEN._replace(rule="WS302"),
    "near": ELSEWHERE._replace(path="/p/test_a.py", line=37),
    "before": ELSEWHERE._replace(path="/p/test_a.py", line=24),
    "label": ELSEWHERE._replace(path="/p/conftest.py", line=5),
}
NOT = {
    "rule": SEEN._replace(rule="WS501"),
    "no rule": SEEN._replace(rule="", name="application-crashed"),
    "far": ELSEWHERE._replace(path="/p/test_a.py", line=38),
    "another test": ELSEWHERE,
    "test of another class": SEEN._replace(test="/p/test_a.py::test_a"),
}
LABELLED = replace(FINDING, labels=(Label(Place("/p/conftest.py", Span(2, 0, 2, 9)), "here"),))


@pytest.mark.parametrize("seen", CONFIRMED.values(), ids=CONFIRMED)
def test_confirmed(seen: Seen) -> None:
    report = with_witness(replace(REPORT, findings=(LABELLED,)), [seen])
    assert report.findings[0].seen
    assert not report.only_seen
    assert concise.render(report).splitlines()[0].endswith(" [seen at run time]")
    assert json.loads(json_format.render(report))["findings"][0]["seen"] is True


@pytest.mark.parametrize("seen", NOT.values(), ids=NOT)
def test_only_seen(seen: Seen) -> None:
    report = with_witness(REPORT, [seen, seen])
    assert not report.findings[0].seen
    assert report.only_seen == (seen,)
    assert report.exit_code == 1
    assert with_witness(replace(REPORT, findings=()), [seen]).exit_code == 0
    rows = concise.render(report).splitlines()
    assert rows[1:3] == [
        "Only seen at run time:",
        f"{seen.path}:{seen.line}: {seen.what} was seen ({seen.test})",
    ]
    (entry,) = json.loads(json_format.render(report))["only_seen"]
    assert entry == seen._asdict()


def test_what_is_not_listed() -> None:
    comment = Suppression("line", 1, 0, 1, 1, (), "")
    suppressed = Report(suppressed=(Suppressed(FINDING, comment),), scope=REPORT.scope)
    assert not with_witness(suppressed, [SEEN]).only_seen
    empty = replace(REPORT, findings=())
    assert not with_witness(empty, [SEEN._replace(latent=True)]).only_seen
    assert not with_witness(replace(empty, scope=frozenset(("/p/b.py",))), [SEEN]).only_seen
