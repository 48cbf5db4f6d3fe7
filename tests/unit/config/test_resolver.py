"""Each file has the settings of the nearest configuration above it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from small_project import HEAD, TEST, TOLD, run, write

import wslint
from wslint.config.loader import load_settings, override
from wslint.config.resolver import SettingsResolver
from wslint.rules import selected_rules


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*args: str) -> list[str]:
    """Path and code of each finding of ``wslint check``."""
    result = run("check", "--output-format", "json", *args)
    assert result.stderr == ""
    return [f"{one['path']} {one['code']}" for one in json.loads(result.stdout)["findings"]]


TREE = {
    "test_top.py": TOLD,
    "a/test_a.py": TOLD,
    "a/deep/test_deep.py": TOLD,
    "b/test_b.py": TOLD,
    "wslint.toml": 'ignore = ["WS301"]\n',
    "a/pyproject.toml": "[tool.wslint]\n",
    "b/pyproject.toml": "[tool.other]\nwslint = 1\n",  # no section
}
A = ["a/deep/test_deep.py WS301", "a/test_a.py WS301"]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ([], A),
        (["a", "b"], A),
        (["a/test_a.py", "b/test_b.py", "test_top.py"], ["a/test_a.py WS301"]),
        (["a/deep"], ["a/deep/test_deep.py WS301"]),
        (["b"], []),
        (["--config", "wslint.toml"], []),
        (["--config", "a/pyproject.toml", "b"], ["b/test_b.py WS301"]),
        (["--isolated", "test_top.py"], ["test_top.py WS301"]),
        (["--ignore", "WS3"], []),
        (["--select", "WS301"], [*A, "b/test_b.py WS301", "test_top.py WS301"]),
        (["--select", "WS5"], []),
    ],
)
def test_which_configuration_holds(args: list[str], expected: list[str]) -> None:
    write(TREE)
    assert found(*args) == expected


def test_nothing_is_taken_from_further_up() -> None:
    write({**TREE, "wslint.toml": 'extend-exclude = ["deep"]\nselect = ["WS5"]\n'})
    assert found() == A
    write({"a/pyproject.toml": '[tool.wslint]\nextend = "../wslint.toml"\nselect = ["WS3"]\n'})
    assert found() == ["a/test_a.py WS301"]


def test_a_folder_is_left_out_by_the_settings_it_lies_in() -> None:
    write({**TREE, "wslint.toml": 'extend-exclude = ["a"]\n', "c/test_c.py": TOLD,
           "c/wslint.toml": 'extend-exclude = ["test_c.py", "/gone"]\n',
           "c/gone/test_d.py": TOLD, "c/kept/gone/test_e.py": TOLD})  # fmt: skip
    kept = ["b/test_b.py", "c/kept/gone/test_e.py", "test_top.py"]
    assert run("check", "--show-files").stdout.splitlines() == kept
    assert [line.split()[0] for line in found()] == kept
    named = ["a/test_a.py", "c/test_c.py", "c/gone/test_d.py", "c/kept/gone/test_e.py"]
    assert len(found(*named)) == 4
    assert found("--force-exclude", *named) == ["c/kept/gone/test_e.py WS301"]
    write({"c/wslint.toml": 'extend-exclude = ["test_c.py"]\nforce-exclude = true\n'})
    assert [line.split()[0] for line in found(*named)] == sorted(set(named) - {"c/test_c.py"})


PER_FILE = {
    "roles": (
        '[roles]\n"acme.make" = "TestClient"\n',
        TOLD.replace("TestClient(app)", "make()").replace("starlette.testclient import TestClient",
                                                          "acme import make"),
    ),
    "max-file-size": ("", TOLD + "#" * 900 + "\n"),
    "preview": (
        "preview = true\n",
        HEAD + TEST.format("x").replace("        client.post(\"/a\")\n        socket",
                                        "        socket") + "    client.post('/a')\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("key", PER_FILE)
def test_settings_of_one_folder_do_not_hold_in_another(key: str) -> None:
    settings, test = PER_FILE[key]
    write({"a/wslint.toml": settings, "a/test_a.py": test, "b/test_b.py": test})
    if key == "max-file-size":
        write({"b/wslint.toml": "max-file-size = 500\n"})
        assert found() == ["a/test_a.py WS301", "b/test_b.py WS900"]
    else:
        assert [line.split()[0] for line in found()] == ["a/test_a.py"]


def test_patterns_count_from_their_own_folder() -> None:
    write({"a/t/test_a.py": TOLD, "t/test_b.py": TOLD,
           "a/wslint.toml": '[per-file-ignores]\n"t/*" = ["WS301"]\n'})  # fmt: skip
    assert found() == ["t/test_b.py WS301"]


def test_a_helper_of_one_folder_is_judged_for_a_test_of_another() -> None:
    write({
        "conftest.py": HEAD + "import pytest\n\n\n@pytest.fixture\ndef client():\n"
        "    return TestClient(app)\n",
        "a/test_a.py": TEST.format("a").replace("_a():", "_a(client):").replace(
            "    client = TestClient(app)\n", ""),
        "a/wslint.toml": "",
        "wslint.toml": "",
    })  # fmt: skip
    assert found() == ["a/test_a.py WS301"]


def test_fixes() -> None:
    write({**TREE, "a/deep/wslint.toml": "unsafe-fixes = true\n"})
    result = run("fix")
    assert "Fixed 1 problem in 1 file:\n  a/deep/test_deep.py" in result.stdout
    assert Path("a/test_a.py").read_text() == TOLD
    write({"a/pyproject.toml": '[tool.wslint]\nextend-safe-fixes = ["WS301"]\n'})
    assert "Fixed 1 problem in 1 file:\n  a/test_a.py" in run("fix").stdout
    write({"a/deep/test_deep.py": TOLD, "a/deep/wslint.toml": "unsafe-fixes = true\n"})
    assert run("fix", "--no-unsafe-fixes", "a/deep").exit_code == 1


def test_unused_comments() -> None:
    comment = TOLD.replace('post("/a")', 'post("/a")  # wslint: ignore[WS302] x')
    write({**TREE, "a/test_a.py": comment, "b/test_b.py": comment,
           "a/pyproject.toml": '[tool.wslint]\nextend-select = ["WS901"]\n'})  # fmt: skip
    assert found("a", "b") == [*A, "a/test_a.py WS901"]


def test_settings_are_shown_for_a_file() -> None:
    write(TREE)
    show = ("check", "--show-settings")
    assert run(*show).stdout.startswith("# from wslint.toml\n")
    assert run(*show, "a/deep/test_deep.py").stdout.startswith("# from a/pyproject.toml\n")
    assert run(*show, "b/test_b.py").stdout.startswith("# from wslint.toml\n")
    assert run(*show, "a").stdout.startswith("# from a/pyproject.toml\n")


def test_standard_input_and_the_api() -> None:
    write(TREE)
    source = TOLD.encode()
    as_a = run("check", "--stdin-filename", "a/test_new.py", "-", stdin=source)
    as_top = run("check", "--stdin-filename", "test_new.py", "-", stdin=source)
    assert (as_a.exit_code, as_top.exit_code) == (1, 0)
    report = wslint.check_paths(["."])
    assert [os.path.relpath(one.path) for one in report.findings] == [
        os.path.join("a", "deep", "test_deep.py"),
        os.path.join("a", "test_a.py"),
    ]
    assert wslint.fix_source(TOLD, "a/test_new.py", unsafe=True).applied == ("WS301",)
    assert wslint.fix_source(TOLD, "test_new.py", unsafe=True).applied == ()


@pytest.mark.parametrize("command", ["check", "fix"])
def test_what_is_wrong_in_a_nested_configuration_is_said(command: str) -> None:
    write({**TREE, "a/pyproject.toml": '[tool.wslint]\n\nselct = ["WS1"]\n'})
    result = run(command)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: a/pyproject.toml:3: tool.wslint.selct: unknown key")
    assert "internal" not in result.stderr
    with pytest.raises(wslint.ConfigError):
        wslint.check_paths(["."])


def test_a_picture_of_each(here: Path) -> None:
    write({**TREE, "a/wslint.toml": '[roles]\n"acme.make" = "TestClient"\n',
           "a/test_a.py": PER_FILE["roles"][1]})  # fmt: skip
    run("check", "--output-format", "html:out.html")
    assert Path("out.html").read_text().count("<svg") == 2


def test_each_is_read_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from wslint.config import loader

    write(TREE)
    read: list[str] = []
    whole = loader.settings_from

    def counted(path: str) -> Any:
        read.append(os.path.relpath(path))
        return whole(path)

    monkeypatch.setattr(loader, "settings_from", counted)
    top = override(load_settings(["."]), preview=True)
    resolver = SettingsResolver(top)
    assert not resolver.several
    root = here.as_posix()
    assert resolver.of(f"{root}/b/c/d/test_x.py") is resolver.of(f"{root}/test_y.py") is top
    assert resolver.of(f"{root}/a/deep/test_x.py") is resolver.of(f"{root}/a/test_y.py")
    assert resolver.several
    assert resolver.of(f"{root}/a/test_y.py").preview
    assert read == ["wslint.toml", os.path.join("a", "pyproject.toml")]
    outside = resolver.of(f"{here.parent.as_posix()}/test_x.py")
    assert (outside.config_file, outside.preview) == ("", True)
    assert "WS301" in [rule.code for rule in selected_rules(outside)]
    assert resolver.of("/" + "a/" * 1500 + "test.py") is outside


def test_what_is_kept_of_a_run_depends_on_every_configuration(
    here: Path, cache_folder: Path
) -> None:
    write(TREE)
    for _ in range(2):  # the first run makes the folder of the cache
        time.sleep(0.1)  # what has changed just now is not kept
        assert found() == A
    assert [*cache_folder.glob("*/*.json")]
    write({"a/pyproject.toml": '[tool.wslint]\nignore = ["WS301"]\n'})
    assert found() == []
    time.sleep(0.1)
    assert found() == []
    write({"b/wslint.toml": ""})
    assert found() == ["b/test_b.py WS301"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_in_several_processes(jobs: str) -> None:
    write({**TREE, "a/wslint.toml": '[roles]\n"acme.make" = "TestClient"\n',
           "a/test_a.py": PER_FILE["roles"][1]})  # fmt: skip
    assert found("--jobs", jobs) == A
