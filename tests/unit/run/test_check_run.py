from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from wslint import rules as registry
from wslint.config.settings import Selection, Settings
from wslint.findings.finding import Finding, Unresolved
from wslint.findings.span import Place, Span
from wslint.rules.rule import Rule, Status
from wslint.run import judge
from wslint.run.check import check, check_files
from wslint.run.judge import Judgement
from wslint.suppressions import unused
from wslint.syntax.source import Source

Judge = Callable[[Source], Judgement]


def fake(code: str, name: str, status: Status = "stable") -> Rule:
    return Rule(code, name, "summary", status, "none", "page", None)


def finding(path: str, line: int, code: str = "WS101", test: str = "") -> Finding:
    return Finding(code, "a-one", Place(path, Span(line, 0, line, 1)), "m", "h", test=test)


def at_marks(source: Source) -> Judgement:
    """Find ``WS101`` where a line says so."""
    lines = enumerate(source.lines, start=1)
    found = [
        finding(source.path, line, code)
        for line, text in lines
        for code in ("WS301", "WS104", "WS101")
        if f"here {code}" in text
    ]
    return Judgement(found, [], tests=2)


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    known = (
        fake("WS101", "a-one"),
        fake("WS104", "a-trial", "preview"),
        fake("WS301", "c-one"),
        *(rule for rule in registry.all_rules() if rule.code == "WS900"),
    )
    monkeypatch.setattr(registry, "all_rules", lambda: known)
    monkeypatch.setattr(unused, "all_rules", lambda: known)
    monkeypatch.chdir(tmp_path)
    use(monkeypatch, at_marks)


def use(monkeypatch: pytest.MonkeyPatch, judged: Judge) -> None:
    monkeypatch.setattr(judge, "judge_file", lambda source, *_: judged(source))


def write(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def places(*paths: str, **options: object) -> list[str]:
    report = check(paths or ["."], Settings(**options))  # type: ignore[arg-type]
    assert not report.errors
    return [f"{Path(f.path).name}:{f.span.line} {f.code}" for f in report.findings]


GATE = "# websocket_connect\n"


def test_sorted_and_counted() -> None:
    write({"b.py": GATE + "here WS101", "a.py": GATE + "#\nhere_ = 0 # here WS301 here WS101"})
    write({"b.py": GATE + "x = 0 # here WS101\n", "no_gate.py": "x = 0 # here WS101"})
    report = check(["."], Settings())
    assert [f"{Path(f.path).name}:{f.span.line} {f.code}" for f in report.findings] == [
        "a.py:3 WS101",
        "a.py:3 WS301",
        "b.py:2 WS101",
    ]
    assert (report.files_checked, report.tests_judged, report.exit_code) == (3, 4, 1)


def test_selection() -> None:
    write({"a.py": GATE + "# here WS101\n# here WS104\n# here WS301\n"})
    assert places() == ["a.py:2 WS101", "a.py:4 WS301"]
    assert places(preview=True) == ["a.py:2 WS101", "a.py:3 WS104", "a.py:4 WS301"]
    assert places(selections=(Selection(("WS3",)),)) == ["a.py:4 WS301"]


def test_suppressions_are_kept_apart() -> None:
    write({"a.py": GATE + "x = 0 # here WS101 # noqa: WS101\nx = 0 # here WS101\n"})
    report = check(["."], Settings())
    assert [f.span.line for f in report.findings] == [3]
    assert [(s.finding.span.line, s.by.line) for s in report.suppressed] == [(2, 2)]


@pytest.mark.parametrize(
    ("pattern", "ignored"),
    [
        ("a.py", True),
        ("t", True),
        ("t/", True),
        ("t/*.py", True),
        ("/t/a.py", True),
        ("*", True),
        ("/a.py", False),
        ("u/*", False),
        ("!t/**", False),
        ("!u/**", True),
    ],
)
def test_per_file_ignores(pattern: str, ignored: bool) -> None:
    write({"t/a.py": GATE + "# here WS101\n# here WS301\n"})
    found = places(per_file_ignores={pattern: ("WS1",)})
    assert found == (["a.py:3 WS301"] if ignored else ["a.py:2 WS101", "a.py:3 WS301"])


def test_unreadable_files_that_pass_the_prefilter() -> None:
    write({"a.py": GATE + "x = (\n", "no_gate.py": "x = (\n", "b.py": GATE + "# here WS101\n"})
    assert places() == ["a.py:2 WS900", "b.py:2 WS101"]


def test_a_named_file_is_parsed_though_it_fails_the_prefilter() -> None:
    write({"a.py": "x = (\n", "b.py": "x = 0 # here WS101\n"})
    assert places("a.py", "b.py") == ["a.py:1 WS900"]
    assert places("a.py", "b.py", force_exclude=True) == []


def test_ignored_files_that_pass_the_prefilter() -> None:
    write({"a.py": GATE + "x = (\n", "b_pb2.py": GATE + "x = (\n"})
    assert places(extend_exclude=("*_pb2.py",)) == ["a.py:2 WS900"]
    assert check(["."], Settings(extend_exclude=("*",))).files_checked == 0


@pytest.mark.parametrize("words", ["", GATE])
def test_too_large(words: str) -> None:
    write({"a.py": "#" * 100 + words})
    assert places(max_file_size=10) == (["a.py:1 WS900"] if words else [])
    assert places("a.py", max_file_size=10) == ["a.py:1 WS900"]


def test_unreadable_can_be_ignored_by_file() -> None:
    write({"a.py": "x = (\n"})
    assert places("a.py", per_file_ignores={"a.py": ("unreadable-source",)}) == []


def test_missing_paths_are_errors_and_the_rest_goes_on() -> None:
    write({"a.py": GATE + "# here WS101\n"})
    report = check(["nope", "a.py"], Settings())
    assert [(e.path, e.message) for e in report.errors] == [("nope", "no such file or directory")]
    assert len(report.findings) == 1
    assert report.exit_code == 2


def test_an_internal_error_ends_one_file_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(source: Source) -> Judgement:
        if source.path.endswith("a.py"):
            raise KeyError("oops")
        return at_marks(source)

    use(monkeypatch, judged)
    write({"a.py": GATE, "b.py": GATE + "# here WS101\n"})
    report = check(["."], Settings())
    (error,) = report.errors
    assert error.path.endswith("/a.py")
    assert "internal error: KeyError: 'oops'" in error.message
    assert "in judged" in error.detail
    assert len(report.findings) == 1


def test_findings_in_other_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several tests lead to one fixture; only files within the paths are spoken of."""
    root = Path.cwd()

    def judged(source: Source) -> Judgement:
        conftest = str(root / "t/conftest.py")
        return Judgement(
            [
                finding(conftest, 1, test=source.path),
                finding(conftest, 2, test=source.path),
                finding(str(root / "outside.py"), 1),
            ],
            [],
        )

    use(monkeypatch, judged)
    write({"t/a.py": GATE, "t/b.py": GATE, "outside.py": ""})
    write({"t/conftest.py": "x = 1  # wslint: ignore\nx = 2\n"})
    report = check(["t"], Settings())
    assert [(Path(f.path).name, f.span.line, Path(f.test).name) for f in report.findings] == [
        ("conftest.py", 2, "a.py")
    ]
    assert len(report.suppressed) == 1


def test_unresolved_is_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    def judged(source: Source) -> Judgement:
        place = Place(source.path, Span(1, 0, 1, 1))
        return Judgement([], [Unresolved(place, test, "why") for test in ("b", "a")])

    use(monkeypatch, judged)
    write({"a.py": GATE})
    assert [item.test for item in check(["."], Settings()).unresolved] == ["a", "b"]


def test_standard_input() -> None:
    data = (GATE + "x = 'é' # here WS101\n").encode()
    report = check([], Settings(), stdin=("t/a.py", data))
    (found,) = report.findings
    assert found.path == f"{Path.cwd()}/t/a.py"
    assert report.texts[found.path].startswith(GATE)
    assert report.files_checked == 1
    (broken,) = check([], Settings(), stdin=("a.py", b"\xff = (")).findings
    assert broken.code == "WS900"
    excluded = Settings(force_exclude=True, extend_exclude=("t",))
    assert not check([], excluded, stdin=("t/a.py", data)).findings


def test_files_as_if_they_held_other_bytes() -> None:
    write({"a.py": GATE + "# here WS101\n"})
    path = f"{Path.cwd()}/a.py"
    assert not check_files({path: b"x = 1\n"}, Settings()).findings
    report = check_files({path: b"# here WS101\n# here WS101 # noqa\n"}, Settings())
    assert [finding.span.line for finding in report.findings] == [1]
    assert [one.by.line for one in report.suppressed] == [2]
    (broken,) = check_files({path: b"x = (\n"}, Settings()).findings
    assert broken.code == "WS900"


def test_where_findings_were_seen_from(monkeypatch: pytest.MonkeyPatch) -> None:
    conftest = f"{Path.cwd()}/conftest.py"
    use(monkeypatch, lambda source: Judgement([finding(conftest, 1, test=source.path)], []))
    write({"a.py": GATE, "b.py": GATE, "conftest.py": "", "c_pb2.py": GATE})
    report = check(["."], Settings(extend_exclude=("*_pb2.py",)))
    (found,) = report.findings
    names = {Path(path).name for path in report.seen_from[found.code, found.place]}
    assert names == {"a.py", "b.py"}
    assert {Path(path).name for path in report.scope} == {"a.py", "b.py", "conftest.py"}
