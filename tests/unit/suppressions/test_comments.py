from __future__ import annotations

from textwrap import dedent

import pytest

from wslint.findings.finding import Finding
from wslint.findings.report import Suppression
from wslint.findings.span import Place, Span
from wslint.suppressions.comments import Suppressions, suppressions
from wslint.syntax.source import Source


def read(text: str) -> Suppressions:
    source = Source.from_bytes("x.py", text.encode())
    assert isinstance(source, Source), source
    return suppressions(source)


def finding(line: int, end_line: int = 0, code: str = "WS101") -> Finding:
    span = Span(line, 0, end_line or line, 1)
    return Finding(code, "override-without-keepalive", Place("x.py", span), "message", "help")


def silenced(text: str, code: str = "WS101") -> list[int]:
    """The lines on which a finding of one line is covered."""
    found = read(text)
    count = text.count("\n") + 1
    return [line for line in range(1, count + 1) if found.covers(finding(line, code=code))]


@pytest.mark.parametrize(
    ("comment", "covers"),
    [
        ("# wslint: ignore", True),
        ("#wslint:ignore", True),
        ("# wslint: ignore[WS101]", True),
        ("# wslint: ignore[ws101]", True),
        ("# wslint: ignore [WS101]", True),
        ("# wslint: ignore[WS301, WS101]", True),
        ("# wslint: ignore[WS1]", True),
        ("# wslint: ignore[override-without-keepalive]", True),
        ("# wslint: ignore[ALL]", True),
        ("# type: ignore  # wslint: ignore[WS101]", True),
        ("# wslint: ignore[WS301]", False),
        ("# wslint: ignore[WS301] # wslint: ignore[WS101]", True),
        ("# wslint: ignore[]", False),
        ("# wslint: ignored", False),
        ("# wslint: ignore-file", False),
        ("# wslint ignore", False),
        ("# noqa", True),
        ("# NOQA", True),
        ("# noqa: WS101", True),
        ("# noqa:WS101", True),
        ("# noqa: F401, WS101", True),
        ("# noqa: F401 WS1", True),
        ("# noqa: override-without-keepalive", True),
        ("# noqa: F401", False),
        ("# noqa: WS301", False),
        ("# noqa: F401  # noqa: WS101", True),
        ("# noqas", False),
        ('"# wslint: ignore"', False),
    ],
)
def test_comments(comment: str, covers: bool) -> None:
    assert silenced(f"x = 1\ny = 2; {comment}\nz = 3\n") == ([2] if covers else [])


@pytest.mark.parametrize(
    ("comment", "reason", "codes"),
    [
        ("# wslint: ignore[WS301] left bare: see #12", "left bare: see #12", ("WS301",)),
        ("# wslint: ignore[WS301] - on purpose  # noqa: E501", "on purpose", ("WS301",)),
        ("# wslint: ignore", "", ()),
        ("# noqa: WS301 on purpose", "on purpose", ("WS301",)),
        ("# noqa: WS301, F401, on purpose", "on purpose", ("WS301",)),
    ],
)
def test_reasons(comment: str, reason: str, codes: tuple[str, ...]) -> None:
    (found,) = read(f"x = 1  {comment}\n").comments
    assert (found.reason, found.selectors) == (reason, codes)
    assert (found.line, found.column) == (1, 7)


@pytest.mark.parametrize("first", [True, False])
def test_a_span_over_lines_has_two_ends(first: bool) -> None:
    comment = "  # wslint: ignore"
    text = f"x = [{comment if first else ''}\n  1,\n  2,\n]{'' if first else comment}\n"
    assert read(text).covers(finding(1, 4))


def test_the_first_or_last_line_of_a_statement_speaks_for_it() -> None:
    text = "x = [\n  f(),\n  g(),\n]  # wslint: ignore\ny = 1\n"
    assert silenced(text) == [1, 2, 3, 4]
    assert silenced("x = [  # wslint: ignore\n  f(),\n]\n") == [1, 2, 3]
    assert silenced("x = [\n  f(),  # wslint: ignore\n  g(),\n]\n") == [2]


def test_a_header_does_not_speak_for_its_block() -> None:
    assert silenced("with a:  # wslint: ignore\n  b()\n") == [1]
    assert silenced("@a\n@b  # wslint: ignore\ndef f():\n  pass\n") == [2]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("# wslint: ignore\nx = 1\ny = 2\n", [2]),
        ("# wslint: ignore\n\n# more\nx = [\n1]\ny = 2\n", [4, 5]),
        ("# wslint: ignore[WS301]\n# wslint: ignore[WS101]\nx = 1\n", [3]),
        ("# wslint: ignore\n@a\n@b\ndef f():\n  x()\n\n  y()\nz = 1\n", [2, 3, 4, 5, 6, 7]),
        ("@a\n# wslint: ignore\n@b(\n1)\ndef f():\n  x()\n", [3, 4]),
        ("@a\n# wslint: ignore\ndef f():\n  x()\n", [3, 4]),
        ("# wslint: ignore\nasync def f():\n  x()\n", [2, 3]),
        ("# wslint: ignore\nclass A:\n  def f(self):\n    x()\nz = 1\n", [2, 3, 4]),
        ("def f():\n  # wslint: ignore\n  with a:\n    b()\n  c()\n", [3, 4]),
        ("def f():\n  x()\n  # wslint: ignore\ny()\n", []),
        ("if a:\n  x()\n# wslint: ignore\nelse:\n  y()\n", [4]),
        ("# wslint: ignore\nx(); y()\n", [2]),
        ("# wslint: ignore\nif a: x()\ny()\n", [2]),
        ("f(\n  # wslint: ignore\n  a(),\n  b(),\n)\n", [3]),
        ("x = 1\n# wslint: ignore\n", []),
        ("x = '''\n# wslint: ignore\n'''\ny = 1", []),
    ],
)
def test_a_comment_alone_speaks_for_the_statement_below(text: str, lines: list[int]) -> None:
    comment_lines = {comment.line for comment in read(text).comments}
    assert [line for line in silenced(text) if line not in comment_lines] == lines


def test_noqa_alone_speaks_for_no_other_line() -> None:
    assert silenced("# noqa: WS101\nx = 1\n") == [1]


@pytest.mark.parametrize("where", ["{}\nx = 1\ny = 2\n", "x = 1\ny = 2\n{}", "x = 1  {}\ny = 2\n"])
def test_file_ignore(where: str) -> None:
    text = where.format("# wslint: file-ignore[WS1] old tests")
    assert {1, 2} <= set(silenced(text))
    assert silenced(text, code="WS301") == []


def test_the_nearest_comment_covers() -> None:
    text = "# wslint: file-ignore\n# wslint: ignore\nx = 1  # wslint: ignore\ny = 1\n"
    found = read(text)
    kinds = [by.kind if (by := found.covers(finding(line))) else None for line in (3, 4)]
    assert kinds == ["line", "file"]


def test_other_line_ends() -> None:
    assert silenced("x = 1\ry = 2  # wslint: ignore\rz = 3\n".replace("\r", "\r\n")) == [2]
    found = read("x = 1\ry = 2  # wslint: ignore\rz = 3\r")
    assert [bool(found.covers(finding(line))) for line in (1, 2, 3)] == [False, True, False]


def test_nothing_to_tokenize_without_the_words() -> None:
    assert read("x = 1\n") == Suppressions()


def test_plain_data() -> None:
    text = dedent(
        """\
        def f():
            x = 1  # wslint: ignore[WS1] why
        """
    )
    said = "# wslint: ignore[WS1] why"
    assert read(text).comments == (Suppression("line", 2, 11, 2, 2, ("WS1",), "why", text=said),)
    (comment,) = read(text).comments
    assert comment.span == Span(2, 11, 2, 36)
