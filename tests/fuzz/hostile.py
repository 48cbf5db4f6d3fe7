"""Synthetic files that linters choke on: the bytes of each, and the expected message.

What is to be said is the code of a finding, a part of a reason of WS900, or "" where it does not
matter, as long as nothing breaks.
"""

from __future__ import annotations

from functools import reduce

HEAD = """from starlette.testclient import TestClient
from app import app

"""
HAZARD = (
    HEAD
    + """def test_true_hazard():
    client = TestClient(app)
    with client.websocket_connect("/ws") as ws:
        client.post("/orders")
        ws.receive_json()
"""
)
WORD = b"# websocket_connect\n"


def with_expression(expression: str) -> bytes:
    """Return a test with an expression that libcst has to parse."""
    return (
        HEAD
        + f"""def test_it():
    client = TestClient(app)
    with client.websocket_connect("/ws") as ws:
        x = {expression}
        client.post(x)
"""
    ).encode()


def elif_ladder(count: int) -> bytes:
    """Return a test with a ladder of ``elif``."""
    arms = (f"    {'el' if n else ''}if app == {n}:\n        pass\n" for n in range(count))
    return with_expression("1") + "".join(arms).encode()


def nested_ifs(count: int) -> bytes:
    """Return a test with an ``if`` in an ``if``, and so on."""
    lines = [" " * (4 + level) + "if app:\n" for level in range(count)]
    return with_expression("1") + ("".join(lines) + " " * (4 + count) + "pass\n").encode()


def in_fstrings(count: int) -> str:
    """Return an f-string in an f-string, and so on."""
    return reduce(lambda inner, _: f"f'{{{inner}}}'", range(count), "1")


FAST: dict[str, tuple[bytes, str]] = {
    "lists 150": (with_expression("[" * 150 + "]" * 150), "WS301"),
    "lists 1500": (with_expression("[" * 1500 + "]" * 1500), "too many nested parentheses"),
    "dicts 150": (with_expression("{1:" * 150 + "1" + "}" * 150), "WS301"),
    "dicts 2000": (with_expression("{1:" * 2000 + "1" + "}" * 2000), "too many nested"),
    "calls 190": (with_expression("f(" * 190 + ")" * 190), ""),
    "calls 1500": (with_expression("f(" * 1500 + ")" * 1500), "too many nested parentheses"),
    "parentheses 190": (with_expression("(" * 190 + "1" + ")" * 190), "WS301"),
    "parentheses 3000": (with_expression("(" * 3000 + "1" + ")" * 3000), "too many nested"),
    "subscripts 190": (with_expression("x" + "[y" * 190 + "]" * 190), ""),
    "f-strings 140": (with_expression(in_fstrings(140)), ""),
    "f-strings 300": (with_expression(in_fstrings(300)), "WS900"),
    "walruses 190": (with_expression("(a:=" * 190 + "1" + ")" * 190), ""),
    "minus 400": (with_expression("-" * 400 + "1"), ""),
    "minus 30000": (with_expression("-" * 30_000 + "1"), "WS900"),
    "not 400": (with_expression("not " * 400 + "1"), ""),
    "methods 240": (with_expression("a" + ".b()" * 240), ""),
    "methods 1500": (with_expression("a" + ".b()" * 1500), "WS900"),
    "attributes 450": (with_expression("a" + ".b" * 450), ""),
    "attributes 10000": (with_expression("a" + ".b" * 10_000), "WS900"),
    "calls of calls 450": (with_expression("a" + "()" * 450), ""),
    "sum 400": (with_expression("+".join("a" * 400)), ""),
    "sum 3000": (with_expression("+".join("a" * 3000)), "WS900"),
    "and 3000": (with_expression(" and ".join("a" * 3000)), ""),
    "powers 400": (with_expression("**".join("a" * 400)), ""),
    "ternaries 400": (with_expression("a if b else " * 400 + "c"), ""),
    "lambdas 400": (with_expression("lambda: " * 400 + "1"), ""),
    "comprehension 400": (with_expression("[1 " + "for a in b " * 400 + "]"), ""),
    "strings 3000": (with_expression("(" + "'a' " * 3000 + ")"), ""),
    "comparison 3000": (with_expression("<".join("a" * 3000)), ""),
    "assignments 3000": (with_expression("=".join("a" * 3000)), ""),
    "import of 1000 parts": (WORD + b"import " + b".".join([b"a"] * 1000) + b"\n", ""),
    "elif 400": (elif_ladder(400), ""),
    "elif 3000": (elif_ladder(3000), "WS900"),
    "ifs 90": (nested_ifs(90), "WS301"),
    "ifs 200": (nested_ifs(200), "too many levels of indentation"),
    "NUL": (b"x = '\0' # websocket_connect\n", "contains a NUL byte"),
    "latin-1 without cookie": (WORD + b"x = '\xe9'\n", "cannot be decoded as utf-8"),
    "lying cookie": (b"# coding: ascii\n" + WORD + b"x = '\xe9'\n", "cannot be decoded as ascii"),
    "unknown cookie": (b"# coding: nonsense\n" + WORD, "unknown encoding"),
    "cookie of no text": (b"# coding: rot13\n" + WORD, "cannot be decoded as rot13"),
    "base64 cookie": (b"# coding: base64\n" + WORD, "cannot be decoded as base64"),
    "utf-7 cookie": (b"# coding: utf-7\n" + HAZARD.encode(), ""),
    "unicode_escape cookie": (b"# coding: unicode_escape\n" + HAZARD.encode(), ""),
    "utf-16": (HAZARD.encode("utf-16"), ""),
    "utf-16 that passes the prefilter": (WORD + HAZARD.encode("utf-16"), "NUL"),
    "two byte order marks": (b"\xef\xbb\xbf" * 2 + HAZARD.encode(), "WS900"),
    "byte order mark": (b"\xef\xbb\xbf" + HAZARD.encode(), "WS301"),
    "CR": (HAZARD.replace("\n", "\r").encode(), "WS301"),
    "CRLF": (HAZARD.replace("\n", "\r\n").encode(), "WS301"),
    "mixed line ends": (HAZARD.replace("\n", "\r\n", 5).encode(), "WS301"),
    "form feed": (HAZARD.replace("def ", "\f\ndef ").encode(), "WS301"),
    "tabs": (HAZARD.replace("    ", "\t").encode(), "WS301"),
    "no end of line": (HAZARD.rstrip("\n").encode(), "WS301"),
    "syntax error": (WORD + b"x = 1\ny = = 2\n", ":3:5: WS900 syntax error: invalid syntax"),
    "Python 2": (WORD + b"print 'x'\n", "syntax error"),
    "Python 2 except": (WORD + b"try:\n    pass\nexcept A, e:\n    pass\n", ""),
    "template": (WORD + b"import {{ cookiecutter.name }}\n", "a template"),
    "merge conflict": (WORD + b"<<<<<<< HEAD\nx = 1\n=======\n", "syntax error"),
    "syntax of tomorrow": (WORD + b"lazy import a\nwith x as y also z: pass\n", "syntax error"),
    "what libcst rejects": (HAZARD.encode() + b"(y): int\nclass B(C, metaclass=D, *e): ...\n", ""),
    "text and bytes": (HAZARD.encode() + b"x = 'a' b'b'\n", ""),
    "nonlocal in a module": (HAZARD.encode() + b"nonlocal x\n", ""),
    "backslash line": (HAZARD.replace("    client.post", "    \\\n    client.post").encode(), ""),
    "surrogates": (HAZARD.replace('"/ws"', r'"\ud800\udfff"').encode(), "WS301"),
    "names that are not ASCII": (HAZARD.replace("client", "ﬁclient").encode(), ""),
    "nothing": (b"", ""),
    "comments": (WORD * 20_000, ""),
    "one long string": (WORD + b"x = '" + b"a" * 900_000 + b"'\n", ""),
    "blank lines": (WORD + b"\n" * 900_000, ""),
    "too large": (WORD + b"#" * 2_000_000, "larger than 1,000,000 bytes"),
    "terminal codes": (WORD + b"x = '\x1b]0;owned\x07\x1b[2J' = (\n", "syntax error"),
    "markup": (WORD + b"x = </script><script>alert(1)</script>]]>&\n", "syntax error"),
}

# These take seconds.
ENTRIES = "{" + "".join(f"{n}:{n}," for n in range(60_000)) + "}"
TEST = b"""def test_%d():
    with TestClient(app).websocket_connect("/") as ws:
        ws
"""
HEAVY: dict[str, tuple[bytes, str]] = {
    "60000 arguments": (with_expression("f(" + "1," * 60_000 + ")"), ""),
    "60000 entries": (
        with_expression(ENTRIES),
        "",
    ),
    "200000 arguments": (with_expression("f(" + "1," * 200_000 + ")"), ""),
    "100000 comparisons": (with_expression("<".join("a" * 100_000)), ""),
    "100000 assignments": (with_expression("=".join("a" * 100_000)), ""),
    "100000 strings": (with_expression("(" + "'a' " * 100_000 + ")"), ""),
    "1 MB of code": (WORD + b"x = [1, f(2)]\n" * 60_000, ""),
    "1 MB of code in a test": (with_expression("1") + b"    x = f(2)\n" * 60_000, ""),
    "1 MB of tests": (HEAD.encode() + b"".join(TEST % n for n in range(11_000)), ""),
}
