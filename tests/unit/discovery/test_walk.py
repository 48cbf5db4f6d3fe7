from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from wslint.config.settings import DEFAULT_EXCLUDE, Settings
from wslint.discovery.prefilter import Prefilter
from wslint.discovery.walk import find_files
from wslint.run.file_checker import FileChecker


def tree(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def found(root: Path, *paths: str, **options: object) -> list[str]:
    """The files that are checked, and neither ignored nor excluded, from ``root``."""
    settings = Settings(root=str(root), **options)  # type: ignore[arg-type]
    result = find_files([str(root / path) for path in paths or (".",)], settings)
    assert not result.unreadable
    assert not result.missing
    kept = [candidate.path for candidate in result.files if not result.ignores(candidate)]
    return [os.path.relpath(path, root) for path in kept]


def test_order_and_suffix(tmp_path: Path) -> None:
    tree(tmp_path, {"b.py": "", "a.py": "", "a/z.py": "", "a.pyi": "", "c.txt": "", "B.py": ""})
    assert found(tmp_path) == ["B.py", "a.py", "a/z.py", "b.py"]


def test_named_files_are_always_read(tmp_path: Path) -> None:
    tree(tmp_path, {".gitignore": "x.py\n", "x.py": "", "venv/y.py": "", "script": ""})
    assert found(tmp_path, "x.py", "venv/y.py", "script") == ["script", "venv/y.py", "x.py"]


def test_named_and_found_is_found_once(tmp_path: Path) -> None:
    tree(tmp_path, {".gitignore": "x.py\n", "x.py": "", "y.py": ""})
    assert found(tmp_path, ".", "x.py", "./y.py") == ["x.py", "y.py"]


def test_default_excludes(tmp_path: Path) -> None:
    tree(tmp_path, {f"{name}/x.py": "" for name in (*DEFAULT_EXCLUDE, "src")})
    assert found(tmp_path) == ["src/x.py"]
    assert found(tmp_path, exclude=("src",), extend_exclude=(".*", "[!_x]*")) == [
        "__pypackages__/x.py",
        "_build/x.py",
    ]


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("gen", ["a/x.py", "a/y_pb2.py", "src/gen.py"]),
        ("*_pb2.py", ["a/gen/x.py", "a/x.py", "gen/x.py", "src/gen.py"]),
        ("/gen", ["a/gen/x.py", "a/x.py", "a/y_pb2.py", "src/gen.py"]),
        ("a/gen/", ["a/x.py", "a/y_pb2.py", "gen/x.py", "src/gen.py"]),
        ("**/*.py", []),
    ],
)
def test_extend_exclude(tmp_path: Path, pattern: str, left: list[str]) -> None:
    names = ["gen/x.py", "a/gen/x.py", "a/x.py", "a/y_pb2.py", "src/gen.py"]
    tree(tmp_path, dict.fromkeys(names, ""))
    assert found(tmp_path, extend_exclude=(pattern,)) == left


@pytest.mark.parametrize(
    ("ignores", "left"),
    [
        ({".gitignore": "a/\n"}, ["b/c/z.py", "b/y.py", "x.py"]),
        ({".gitignore": "*.py\n!y.py\n"}, ["b/y.py"]),
        ({".gitignore": "b/*\n!b/c/\n"}, ["a/x.py", "b/c/z.py", "x.py"]),
        ({".gitignore": "b\n!b/y.py\n"}, ["a/x.py", "x.py"]),
        ({".gitignore": "z.py\n", "b/c/.gitignore": "!z.py\n"}, None),
        ({"b/.gitignore": "/c\n"}, ["a/x.py", "b/y.py", "x.py"]),
        ({"b/.gitignore": "/x.py\n"}, None),
        ({".gitignore": "*\n!*/\n!*.py\n"}, None),
        ({".gitignore": "\r\na/\r\n"}, ["b/c/z.py", "b/y.py", "x.py"]),
        ({".gitignore": "\ufeffa/\n"}, ["b/c/z.py", "b/y.py", "x.py"]),
        ({".git/info/exclude": "x.py\n"}, ["b/c/z.py", "b/y.py"]),
        ({".git/info/exclude": "x.py\n", ".gitignore": "!x.py\n"}, None),
        ({".gitignore": "x.py\n", "b/.git/HEAD": ""}, ["b/c/z.py", "b/y.py"]),
        ({".gitignore": "z.py\n", "b/.git/HEAD": ""}, None),
    ],
)
def test_gitignore(tmp_path: Path, ignores: Mapping[str, str], left: list[str] | None) -> None:
    everything = ["a/x.py", "b/c/z.py", "b/y.py", "x.py"]
    tree(tmp_path, {".git/HEAD": "", **dict.fromkeys(everything, ""), **ignores})
    assert found(tmp_path) == (everything if left is None else left)
    assert found(tmp_path, respect_gitignore=False) == everything


def test_gitignore_above_the_path(tmp_path: Path) -> None:
    names = ["b/y.py", "b/c/z.py", "b/c/w.py"]
    ignores = {".gitignore": "w.py\n", "b/.gitignore": "/c/z.py\n", ".git/HEAD": ""}
    tree(tmp_path, {**dict.fromkeys(names, ""), **ignores})
    assert found(tmp_path, "b/c") == []
    assert found(tmp_path, "b") == ["b/y.py"]


def test_an_ignored_directory_that_is_named_is_walked(tmp_path: Path) -> None:
    tree(tmp_path, {".git/HEAD": "", ".gitignore": "gen/\n", "gen/x.py": "", "venv/y.py": ""})
    assert found(tmp_path, "gen", "venv") == ["gen/x.py", "venv/y.py"]
    assert found(tmp_path, "gen", "venv", force_exclude=True) == []


def test_worktrees_share_the_exclude_file(tmp_path: Path) -> None:
    tree(
        tmp_path,
        {
            "main/.git/info/exclude": "x.py\n",
            "main/.git/worktrees/w/commondir": "../..\n",
            "w/.git": f"gitdir: {tmp_path}/main/.git/worktrees/w\n",
            "w/x.py": "",
            "w/y.py": "",
        },
    )
    assert found(tmp_path / "w") == ["y.py"]


@pytest.mark.parametrize("path", ["a/b/x.py", "a/gen/x.py", "a/y_pb2.py"])
def test_force_exclude_sees_the_directories_above(tmp_path: Path, path: str) -> None:
    tree(tmp_path, {path: "", ".git/HEAD": "", "a/.gitignore": "b/\n"})
    exclude = ("gen", "*_pb2.py")
    assert found(tmp_path, path, extend_exclude=exclude) == [path]
    assert found(tmp_path, path, extend_exclude=exclude, force_exclude=True) == []


def test_missing(tmp_path: Path) -> None:
    result = find_files([str(tmp_path / "x.py"), "", str(tmp_path)], Settings())
    assert result.missing == [str(tmp_path / "x.py"), ""]


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")
def test_odd_entries_of_a_directory_are_passed_over(tmp_path: Path) -> None:
    tree(tmp_path, {"dir.py/x.py": "", "z.py": ""})
    os.mkfifo(tmp_path / "fifo.py")
    (tmp_path / "dangling.py").symlink_to("nowhere")
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "around").symlink_to(".")
    (tmp_path / "link.py").symlink_to("z.py")
    assert found(tmp_path) == ["dir.py/x.py", "link.py", "z.py"]
    assert found(tmp_path, "fifo.py", "dangling.py") == ["dangling.py", "fifo.py"]


def test_a_directory_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, {"a/x.py": "", "b.py": ""})
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    result = find_files([str(tmp_path)], Settings())
    (unreadable,) = result.unreadable
    assert unreadable.reason == "a directory that cannot be listed: permission denied"
    assert [candidate.path for candidate in result.files] == [f"{tmp_path}/b.py"]


@pytest.mark.parametrize(
    ("data", "passes"),
    [
        (b"client.websocket_connect()", True),
        (b"WebsocketCommunicator", True),
        (b"communicator", True),
        (b"@override_flag", True),
        (b"@override_switch", True),
        (b"@override_sample", True),
        (b"close_old_connections", False),
        (b"open_socket()", False),
        (b"", False),
    ],
)
def test_gate(data: bytes, passes: bool) -> None:
    assert Prefilter().passes(data) is passes


def test_gate_with_more_words() -> None:
    assert Prefilter(["tests.helpers.open_socket"]).passes(b"open_socket()")


@pytest.mark.parametrize(("roles", "text"), [({}, "ommunicator"), ({"tools.go": "Override"}, "go")])
def test_gate_of_the_shortest_file(tmp_path: Path, roles: dict[str, str], text: str) -> None:
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    (tmp_path / "empty.py").touch()
    found = find_files([str(tmp_path)], Settings(root=str(tmp_path), fixed=True, roles=roles))
    checker = FileChecker(found.resolver.top, found.resolver)
    assert [checker.passes(candidate) for candidate in found.files] == [True, False]


@pytest.mark.parametrize("at", [0, 999_990, 1_000_000, 2_500_000])
def test_gate_of_a_large_file(tmp_path: Path, at: int) -> None:
    path = tmp_path / "x.py"
    path.write_bytes(b"#" * at + b"websocket_connect" + b"#" * 10)
    assert Prefilter().large_file_passes(str(path))
    path.write_bytes(b"#" * (at + 30))
    assert not Prefilter().large_file_passes(str(path))


def test_the_same_path_is_walked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, {"a/x.py": ""})
    listed: list[object] = []
    scandir = os.scandir

    def listing(path: str) -> Any:
        listed.append(path)
        return scandir(path)

    monkeypatch.setattr("os.scandir", listing)
    assert found(tmp_path, "a", "a", "a/.") == ["a/x.py"]
    assert len(listed) == 1
