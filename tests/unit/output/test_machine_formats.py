"""The formats for programs: each can be parsed and has place and message."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from wslint.findings.finding import Finding, Label
from wslint.findings.report import Problem, Report
from wslint.findings.span import Place, Span
from wslint.output import github, gitlab, grouped, json_format, json_lines, junit, rdjson, sarif
from wslint.output.formats import FORMATS


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def finding(tmp_path: Path) -> Finding:
    place = Place(str(tmp_path / "a, b" / "test_x.py"), Span(3, 4, 3, 10))
    there = Label(Place(str(tmp_path / "conftest.py"), Span(1, 0, 2, 5)), "born here")
    message = '100% <wrong> & "bad"'
    return Finding(
        "WS301", "a-name", place, message, "mend it", labels=(there,), test="test_it",
        within="test_it",
    )  # fmt: skip


def test_github(finding: Finding) -> None:
    errors = (Problem("a:b.py", "no such file\nor directory"),)
    first, second = github.render(Report((finding,), errors)).splitlines()
    assert first == (
        "::error title=wslint (WS301),file=a%2C b/test_x.py,line=3,col=5,endLine=3,endColumn=11"
        '::WS301 100%25 <wrong> & "bad"; mend it'
    )
    assert second == "::error title=wslint,file=a%3Ab.py::no such file%0Aor directory"


def test_sarif(finding: Finding) -> None:
    document = json.loads(sarif.render(Report((finding,), (Problem("x.py", "gone"),))))
    (run,) = document["runs"]
    assert document["version"] == "2.1.0"
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["WS301"]
    (result,) = run["results"]
    where = result["locations"][0]["physicalLocation"]
    assert (result["ruleId"], result["ruleIndex"]) == ("WS301", 0)
    assert where["artifactLocation"]["uri"] == "a%2C%20b/test_x.py"
    assert where["region"] == {"startLine": 3, "startColumn": 5, "endLine": 3, "endColumn": 11}
    assert result["relatedLocations"][0]["message"]["text"] == "born here"
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert "gone" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_gitlab(finding: Finding) -> None:
    (entry,) = json.loads(gitlab.render(Report((finding,))))
    assert entry["check_name"] == "WS301"
    assert entry["location"] == {"path": "a, b/test_x.py", "lines": {"begin": 3, "end": 3}}


def test_junit(finding: Finding) -> None:
    root = ET.fromstring(junit.render(Report((finding,))))
    assert root.attrib["failures"] == "1"
    (failure,) = root.iter("failure")
    assert failure.attrib["message"] == 'WS301 100% <wrong> & "bad"'
    assert failure.text is not None
    assert failure.text.startswith("line 3, column 5: ")


def test_junit_of_nothing() -> None:
    root = ET.fromstring(junit.render(Report()))
    assert (root.attrib["tests"], root.attrib["failures"]) == ("1", "0")


def test_rdjson(finding: Finding) -> None:
    (diagnostic,) = json.loads(rdjson.render(Report((finding,))))["diagnostics"]
    assert diagnostic["code"]["value"] == "WS301"
    assert diagnostic["location"]["range"]["start"] == {"line": 3, "column": 5}
    assert diagnostic["related_locations"][0]["location"]["path"] == "conftest.py"


def test_json_lines(finding: Finding) -> None:
    other = replace(finding, code="WS302")
    lines = json_lines.render(Report((finding, other))).splitlines()
    assert [json.loads(line)["code"] for line in lines] == ["WS301", "WS302"]


def test_grouped(finding: Finding) -> None:
    assert grouped.render(Report((finding,))).splitlines() == [
        "a, b/test_x.py:",
        '       3:5 WS301 100% <wrong> & "bad"',
        "",
        "Found 1 problem.",
    ]


def test_fingerprints_survive_moved_lines(finding: Finding) -> None:
    moved = replace(finding, place=Place(finding.path, Span(30, 4, 30, 10)))
    second = replace(moved, place=Place(finding.path, Span(31, 4, 31, 10)))

    def known(*findings: Finding) -> list[str]:
        return [entry["fingerprint"] for entry in json.loads(gitlab.render(Report(findings)))]

    assert known(finding) == known(moved)
    assert known(moved, second)[0] == known(finding)[0]
    assert len(set(known(moved, second))) == 2
    assert known(replace(finding, within="test_other")) != known(finding)
    # what several tests share is the same whichever of them comes first
    shared = replace(finding, within="")
    assert known(replace(shared, test="test_other")) == known(shared)


@pytest.mark.parametrize("name", ["sarif", "github", "gitlab", "junit", "rdjson", "json-lines"])
def test_names_that_are_no_text_do_no_harm(finding: Finding, name: str) -> None:
    from importlib import import_module

    odd = replace(finding, place=Place("a/\udcff\x1b[31m.py", Span(1, 0, 1, 1)))
    text = import_module(f"wslint.output.{FORMATS[name].module}").render(Report((odd,)))
    assert text.encode("utf-8", "backslashreplace")
    assert "\x1b" not in text
    if name == "junit":
        ET.fromstring(text.encode("utf-8"))


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("/elsewhere/a b/test_a.py", "file:///elsewhere/a%20b/test_a.py"),
        ("C:/elsewhere/test_a.py", "file:///C:/elsewhere/test_a.py"),
    ],
)
def test_sarif_of_a_file_elsewhere(finding: Finding, path: str, uri: str) -> None:
    place = Place(path, finding.span)
    document = json.loads(sarif.render(Report(findings=(replace(finding, place=place),))))
    (result,) = document["runs"][0]["results"]
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == uri


def test_json_holds_no_lone_surrogate(finding: Finding) -> None:
    names = {"\udcff": "\\udcff", "\\udcff": "\\udcff", "\U0001f600": "\U0001f600"}
    for name, read in names.items():
        report = Report((replace(finding, place=Place(f"/x/{name}.py", finding.span)),))
        for output_format in (json_format, json_lines, gitlab, rdjson):
            text = output_format.render(report)
            text.encode("ascii")
            json.dumps(json.loads(text), ensure_ascii=False).encode("utf-8")
            assert json.dumps(f"{read}.py")[1:-1] in text


@pytest.mark.parametrize("char", ["\ufffe", "\uffff", "\x07", "\udcff"])
def test_junit_is_xml_whatever_the_name(finding: Finding, char: str) -> None:
    odd = replace(finding, place=Place(f"/x/{char}.py", finding.span), help=f"a{char}b")
    ET.fromstring(junit.render(Report((odd,))))
