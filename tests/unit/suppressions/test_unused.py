"""WS901: which comments silence nothing, and what its fix leaves of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from wslint.config.settings import Selection, Settings
from wslint.run.check import check
from wslint.run.fix import find_fixes, write_fixes

HEAD = """\
from starlette.testclient import TestClient
from shop import app


"""
BARE = """\
def test_told():
    client = TestClient(app)
    with client.websocket_connect("/a") as socket:
        client.post("/a"){}
        socket.receive_text()
"""
FINE = BARE.replace("client = TestClient(app)\n    with ", "with TestClient(app) as client, ")
OWN = Selection(extend_select=("WS901",))


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(files: Mapping[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(text.encode())


def unused(*paths: str, selection: Selection = OWN, **changes: object) -> list[str]:
    """The places of WS901."""
    settings = Settings(selections=(selection,), **changes)  # type: ignore[arg-type]
    report = check(paths or ["."], settings)
    assert report.errors == ()
    return [
        f"{Path(found.path).name}:{found.span.line}"
        for found in report.findings
        if found.code == "WS901"
    ]


def fixed(name: str = "test_a.py") -> str:
    fixes = find_fixes(["."], Settings(selections=(OWN,)))
    assert not write_fixes(fixes)
    assert fixes.count
    return Path(name).read_bytes().decode()


@pytest.mark.parametrize(
    ("comment", "left"),
    [
        ("  # wslint: ignore[WS301]", ""),
        ("  # wslint: ignore[WS301] the reason goes too: see #12", ""),
        ("  # wslint: ignore", ""),
        ("  # wslint: ignore[ALL]", ""),
        ("  # wslint: ignore[WS3]", ""),
        ("  # wslint: ignore[http-while-websocket-open-on-bare-client]", ""),
        ("  # type: ignore  # wslint: ignore[WS301]", "  # type: ignore"),
        ("  # wslint: ignore[WS301]  # type: ignore", "  # type: ignore"),
        ("  # noqa: WS301", ""),
        ("  # noqa: E501, WS101", "  # noqa: E501"),
        ("  # noqa: WS101,E501 long", "  # noqa: E501 long"),
        ("  # noqa: E501 WS101 S101", "  # noqa: E501 S101"),
        ("  # NOQA:E501,WS101  # type: ignore", "  # NOQA: E501  # type: ignore"),
        ("  # wslint: ignore[E501]", ""),
    ],
)
def test_unused_and_fixed(comment: str, left: str) -> None:
    write({"test_a.py": HEAD + FINE.format(comment)})
    assert unused() == ["test_a.py:7"]
    assert fixed() == HEAD + FINE.format(left)
    assert unused() == []


@pytest.mark.parametrize(
    "comment",
    [
        "  # noqa",
        "  # noqa: ALL",
        "  # noqa: E501",
        "  # noqa: WS999",
        "  # noqa: some-words",
        "  # wslint: ignore[]",
        "  # wslint: ignore[WS303] on trial",
        "  # wslint: ignore[WS301, WS901] kept for other versions",
        "  # wslint: ignore[WS301, unused-suppression]",
        "  # wslint: ignore[WS901]",
    ],
)
def test_left_alone(comment: str) -> None:
    write({"test_a.py": HEAD + FINE.format(comment)})
    assert unused() == []


def test_of_several_only_those_that_silence_nothing() -> None:
    write({"test_a.py": HEAD + BARE.format("  # wslint: ignore[WS401, WS301,WS5] why")})
    assert unused() == ["test_a.py:8"]
    assert fixed() == HEAD + BARE.format("  # wslint: ignore[WS301] why")


def test_a_blanket_comment_does_not_silence_what_is_said_of_it() -> None:
    text = "# wslint: file-ignore[ALL]\n" + HEAD + FINE.format("  # wslint: ignore")
    write({"test_a.py": text})
    assert unused() == ["test_a.py:1", "test_a.py:8"]


def test_a_comment_alone_goes_with_its_line() -> None:
    text = FINE.format("").replace(
        "        client", "        # wslint: ignore[WS301]\n        client"
    )
    write({"test_a.py": (HEAD + text).replace("\n", "\r\n")})
    assert fixed() == (HEAD + FINE.format("")).replace("\n", "\r\n")


COMMENT = "# wslint: file-ignore[WS401]\n"
BLANK = {
    "more below": (f"a = 1\n\n{COMMENT}\n\n", "a = 1\n\n\n"),
    "more above": (f"a = 1\n\n\n{COMMENT}\n", "a = 1\n\n\n"),
    "none below": (f"a = 1\n\n{COMMENT}", "a = 1\n\n"),
    "none above": (f"a = 1\n{COMMENT}\n", "a = 1\n\n"),
    "first": (f"{COMMENT}\n\n", ""),
}


@pytest.mark.parametrize(("before", "after"), BLANK.values(), ids=list(BLANK))
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_blank_lines_on_both_sides_are_not_added_up(before: str, after: str, newline: str) -> None:
    text = HEAD + FINE.format("")
    write({"test_a.py": (before + text).replace("\n", newline)})
    assert fixed() == (after + text).replace("\n", newline)


def test_the_last_line() -> None:
    text = HEAD + FINE.format("")
    write({"test_a.py": f"{text}\n\n{COMMENT}"})
    assert fixed() == text


def test_together_with_another_fix() -> None:
    idle = FINE.replace("told", "other").format("  # wslint: ignore[WS301]")
    write({"test_a.py": HEAD + idle + "\n\n" + BARE.format("")})
    settings = Settings(selections=(OWN,), unsafe_fixes=True)
    fixes = find_fixes(["."], settings)
    assert sorted(one.code for one in fixes.applied) == ["WS301", "WS901"]
    assert not write_fixes(fixes)
    assert check(["."], settings).findings == ()
    assert "ignore" not in Path("test_a.py").read_text()


def test_a_test_that_runs_only_once_it_is_fixed() -> None:
    text = """\
from unittest import TestCase

from channels.testing import WebsocketCommunicator

from shop import consumer


class TestIt(TestCase):
    async def test_it(self):
        WebsocketCommunicator(consumer, "/ws")  # noqa: WS301
"""
    write({"test_a.py": text})
    settings = Settings(selections=(OWN,), preview=True, unsafe_fixes=True)
    fixes = find_fixes(["."], settings)
    assert [(one.code, one.count) for one in fixes.applied] == [("WS901", 1), ("WS506", 1)]
    (change,) = fixes.changes
    again = find_fixes([], settings, stdin=("test_a.py", text.encode()))
    assert [one.after for one in again.changes] == [change.after]
    assert not write_fixes(fixes)
    assert "IsolatedAsyncioTestCase" in change.after.decode()
    assert not find_fixes(["."], settings).changes


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_fix_makes_a_comment_needless_elsewhere(jobs: int) -> None:
    conftest = """\
import pytest
from starlette.testclient import TestClient
from shop import app


@pytest.fixture
def client():
    return TestClient(app)
"""
    test = BARE.replace("client = TestClient(app)\n    ", "").replace("()", "(client)", 1)
    write({"conftest.py": conftest, "test_a.py": test.format(""),
           "test_b.py": test.format("  # wslint: ignore[WS301]"),
           "test_c.py": test.format("")})  # fmt: skip
    settings = Settings(selections=(OWN,), unsafe_fixes=True, jobs=jobs)
    fixes = find_fixes(["."], settings)
    assert len(fixes.groups) == 1
    assert [Path(one.path).name for one in fixes.changes] == ["conftest.py", "test_b.py"]
    assert fixes.changes[1].after.decode() == test.format("")
    assert not write_fixes(fixes)
    assert check(["."], settings).findings == ()
    assert not find_fixes(["."], settings).changes


def test_rules_that_are_off_are_not_spoken_of() -> None:
    write({"test_a.py": HEAD + FINE.format("  # wslint: ignore[WS301]")})
    assert unused(selection=Selection(("WS901", "WS4"))) == []
    assert unused(selection=Selection(("WS901", "WS3"))) == ["test_a.py:7"]
    assert unused(selection=Selection(ignore=("WS301",), extend_select=("WS901",))) == []
    assert unused(per_file_ignores={"test_*.py": ("WS301",)}) == []
    assert unused(per_file_ignores={"test_*.py": ("WS901",)}) == []
    assert unused(selection=Selection()) == []


def test_preview_counts_where_it_is_on() -> None:
    write({"test_a.py": HEAD + FINE.format("  # wslint: ignore[WS303]")})
    assert unused(preview=True) == ["test_a.py:7"]


CONFTEST = """\
import pytest
from starlette.testclient import TestClient
from shop import app


@pytest.fixture
def socket():
    with TestClient(app) as client, client.websocket_connect("/a") as socket:
        yield socket  # wslint: ignore[WS401]
"""
USES = "def test_told(socket):\n    socket.receive_text()\n"


def test_outside_tests_only_where_all_was_judged() -> None:
    write({"pyproject.toml": "", "t/conftest.py": CONFTEST, "t/test_a.py": USES})
    assert unused() == unused("t") == ["conftest.py:9"]
    assert unused("t/conftest.py") == unused("t/conftest.py", "t/test_a.py") == []


def test_a_helper_may_be_used_by_the_whole_project() -> None:
    write({"t/helpers.py": CONFTEST.replace("@pytest.fixture\n", ""), "t/test_a.py": USES})
    assert unused() == ["helpers.py:8"]
    assert unused("t") == []


def test_what_was_left_unjudged_might_need_it() -> None:
    odd = 'def test_odd(nowhere):\n    nowhere().websocket_connect("/a")\n'
    write({"conftest.py": CONFTEST, "test_a.py": USES, "test_odd.py": odd})
    assert unused() == []


def test_a_file_named_by_itself_has_its_tests_judged() -> None:
    outside = "x = 1  # wslint: ignore[WS301]\n"
    write({"test_a.py": HEAD + outside + "\n\n" + FINE.format("  # wslint: ignore[WS301]")})
    assert unused("test_a.py") == ["test_a.py:10"]
    assert unused() == ["test_a.py:5", "test_a.py:10"]


def test_a_test_that_reaches_nothing_is_judged_too() -> None:
    other = "\n\ndef test_sum():\n    assert 1 + 1 == 2  # wslint: ignore[WS301]\n"
    write({"test_a.py": HEAD + FINE.format("") + other})
    assert unused("test_a.py") == unused() == ["test_a.py:12"]


def test_standard_input() -> None:
    data = (HEAD + FINE.format("  # noqa: WS301")).encode()
    report = check([], Settings(selections=(OWN,)), stdin=("test_a.py", data))
    assert [found.code for found in report.findings] == ["WS901"]


def test_an_encoding_is_kept() -> None:
    text = "# coding: latin-1\n" + HEAD + FINE.format("  # é  # wslint: ignore[WS301]")
    Path("test_a.py").write_bytes(text.encode("latin-1"))
    fixes = find_fixes(["."], Settings(selections=(OWN,)))
    (change,) = fixes.changes
    assert change.after == text.replace("  # wslint: ignore[WS301]", "").encode("latin-1")
