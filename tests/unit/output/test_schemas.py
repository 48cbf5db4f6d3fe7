"""The formats for programs conform to their schemas, with real findings across files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import xmlschema
from cases import Case, all_cases, settings_of
from paths import TESTS

from wslint.findings.report import Problem, Report
from wslint.fixes.fileset import apply_all
from wslint.output.formats import FORMATS as ALL_FORMATS
from wslint.output.formats import render
from wslint.run.check import check

SCHEMAS = TESTS / "schemas"
FOLDERS = [SCHEMAS, *(Path(name) for name in os.environ.get("WSLINT_SCHEMAS", "").split() if name)]
CASES = {case.id: case for case in all_cases()}
UNFIXED = next(case.id for case in CASES.values() if case.is_hazard and case.fix == "none")
ACROSS = ["WS301-conftest_fixture", "WS401-conftest_fixture", "WS901-one_code_of_several"]
FORMATS = ["sarif", "rdjson", "gitlab"]


def problems(name: str, text: str) -> Iterator[str]:
    """The errors of a text according to the schema of its format."""
    for folder in FOLDERS:
        if name == "junit":
            schema = xmlschema.XMLSchema(str(folder / "junit.xsd"))
            yield from (str(error) for error in schema.iter_errors(text))
            continue
        document = json.loads(text)
        known = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        of_one = known.get("type") == "object" and name == "gitlab"
        for part in document if of_one else [document]:
            validator = jsonschema.validators.validator_for(known)
            checker = validator(known, format_checker=validator.FORMAT_CHECKER)
            yield from (
                f"{list(error.path)}: {error.message}" for error in checker.iter_errors(part)
            )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = tmp_path / "a project"
    project.mkdir()
    monkeypatch.chdir(project)
    return project


def judged(case: Case, folder: Path) -> Report:
    case.copy_to(folder / "of it")
    report = check([str(folder / "of it")], settings_of(case, folder))
    assert report.findings
    return report


def text_of(name: str, report: Report, case: Case, folder: Path) -> str:
    return render(report, name, settings_of(case, folder))


@pytest.mark.parametrize("id_", [*ACROSS, UNFIXED])
@pytest.mark.parametrize("name", [*FORMATS, "junit"])
def test_valid(id_: str, name: str, folder: Path) -> None:
    case = CASES[id_]
    report = judged(case, folder)
    assert list(problems(name, text_of(name, report, case, folder))) == []


@pytest.mark.parametrize("name", [*FORMATS, "junit"])
def test_valid_without_findings_and_with_errors(name: str) -> None:
    render = import_module(f"wslint.output.{name}").render
    assert list(problems(name, render(Report()))) == []
    assert list(problems(name, render(Report(errors=(Problem("a.py", "gone"),))))) == []


@pytest.mark.parametrize("name", FORMATS)
def test_the_schemas_notice_a_wrong_document(name: str, folder: Path) -> None:
    case = CASES[ACROSS[0]]
    right = json.loads(text_of(name, judged(case, folder), case, folder))
    wrong = _with_line_nought(right)
    assert wrong != right
    assert list(problems(name, json.dumps(wrong)))


def test_the_junit_schema_notices_a_wrong_document() -> None:
    assert list(problems("junit", "<testsuites><testsuite/></testsuites>"))


def _with_line_nought(part: Any) -> Any:
    if isinstance(part, dict):
        lines = {"startLine", "line", "begin"}
        return {k: "nought" if k in lines and v is not None else _with_line_nought(v)
                for k, v in part.items()}  # fmt: skip
    return [_with_line_nought(item) for item in part] if isinstance(part, list) else part


@pytest.mark.parametrize("case", [CASES[id_] for id_ in ACROSS], ids=ACROSS)
def test_sarif_fixes_make_the_fix(case: Case, folder: Path) -> None:
    """Applying the replacements of each result gives the text of its fix."""
    report = judged(case, folder)
    document = json.loads(text_of("sarif", report, case, folder))
    for finding, result in zip(report.findings, document["runs"][0]["results"], strict=True):
        (fix,) = result["fixes"]
        assert finding.fix is not None
        paths = {action.path for action in finding.fix.actions}
        before = {path: Path(path).read_bytes() for path in paths}
        after = apply_all(before, [finding.fix], lambda path: True)
        assert result["partialFingerprints"]
        made = {}
        for change in fix["artifactChanges"]:
            path = Path(change["artifactLocation"]["uri"].replace("%20", " ")).absolute()
            lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
            for piece in reversed(change["replacements"]):
                region = piece["deletedRegion"]
                assert (region["startColumn"], region["endColumn"]) == (1, 1)
                lines[region["startLine"] - 1 : region["endLine"] - 1] = [
                    piece["insertedContent"]["text"]
                ]
            made[path.as_posix()] = "".join(lines).encode()
        assert made == after


def test_what_is_elsewhere_is_related(folder: Path) -> None:
    case = CASES["WS301-conftest_fixture"]
    report = judged(case, folder)
    document = json.loads(text_of("sarif", report, case, folder))
    (result, *_) = document["runs"][0]["results"]
    own = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    others = {
        related["physicalLocation"]["artifactLocation"]["uri"]
        for related in result["relatedLocations"]
    }
    assert own.startswith("of%20it/tests/")
    assert any(other.endswith("conftest.py") for other in others - {own})


def test_rdjson_suggests_only_what_is_in_the_file_itself(folder: Path) -> None:
    case = CASES["WS301-conftest_fixture"]
    report = judged(case, folder)
    document = json.loads(text_of("rdjson", report, case, folder))
    assert "suggestions" not in document["diagnostics"][0]
    case = CASES["WS901-one_code_of_several"]
    report = judged(case, folder / "other")
    document = json.loads(text_of("rdjson", report, case, folder))
    (suggestion,) = document["diagnostics"][0]["suggestions"]
    assert suggestion["range"]["start"] == {"line": 9, "column": 1}
    assert suggestion["text"].endswith("# wslint: ignore[WS301] nothing is shared  # noqa: E501\n")


# What each format says about a finding: the file of the test, its line, and if possible the
# conftest.py with the cause.
TELLS_THE_CAUSE = {"full", "json", "json-lines", "sarif", "rdjson", "html"}


@pytest.mark.parametrize("name", list(ALL_FORMATS))
def test_each_format_tells_where_the_cause_lies(name: str, folder: Path) -> None:
    case = CASES["WS301-conftest_fixture"]
    report = judged(case, folder)
    text = text_of(name, report, case, folder)
    for finding in report.findings:
        path = os.path.relpath(finding.path).replace(os.sep, "/")
        (cause,) = {
            os.path.relpath(label.place.path).replace(os.sep, "/")
            for label in finding.labels
            if label.place.path != finding.path
        }
        assert cause.endswith("conftest.py")
        quoted = {"sarif": "%20", "html": " "}.get(name, " ")
        assert path.replace(" ", quoted) in text
        assert finding.code in text
        assert (cause.replace(" ", quoted) in text) == (name in TELLS_THE_CAUSE)
        assert str(finding.span.line) in text
    read(name, text, len(report.findings))


def read(name: str, text: str, count: int) -> None:
    """Parse a text like the consumers of its format, and count the findings."""
    pattern = {
        "github": "::error ",
        "full": "of it/tests/",
        "concise": "of it/tests/",
        "markdown": "| WS301 ",
    }
    if name in pattern:
        assert sum(line.startswith(pattern[name]) for line in text.splitlines()) == count
    elif name == "grouped":
        assert text.count(" WS301 ") == count
    elif name == "json":
        assert len(json.loads(text)["findings"]) == count
    elif name == "json-lines":
        assert all(json.loads(line)["code"] for line in text.splitlines())
    elif name == "html":
        page = Page()
        page.feed(text)
        page.close()
        assert page.open == []
        assert page.articles == count
    else:
        assert list(problems(name, text)) == []


class Page(HTMLParser):
    """Checks that each element is closed by its own end tag."""

    void = ("meta", "link", "input", "br", "hr", "img")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.articles = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.void:
            self.open.append(tag)
        self.articles += tag == "article"

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
