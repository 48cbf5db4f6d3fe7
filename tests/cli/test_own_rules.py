"""Rules of other packages: found by their entry points, used where the settings name them."""

from __future__ import annotations

import json
import re
import runpy
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pytest
from paths import ROOT
from small_project import run, write

import wslint.plugin
from wslint.config import own_rules
from wslint.filesystem.toml import load_toml
from wslint.output.formats import FORMATS
from wslint.rules import _rule

EXAMPLE = ROOT / "examples" / "own_rule"
MODULE = "acme_wslint.acm001_sleep_while_websocket_open"
PAGE = (ROOT / "docs" / "own-rules.md").read_text("utf-8")
SLEEPS = """\
import time
from starlette.testclient import TestClient
from shop import app


def test_told():
    with TestClient(app) as client:
        with client.websocket_connect("/orders") as socket:
            time.sleep(1)
            socket.receive_json()
"""
RULE = """\
from wslint.plugin import Rule

RULE = Rule.of(__name__, "A page.", status="stable", fixable="none")


@RULE.checks
def check(timeline):
    {}
    yield RULE.finding(timeline.resources[0].origin.place, "something", "some help")
"""


@pytest.fixture(autouse=True)
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An environment with the example package, and a project that is not in it."""
    forget()
    site = tmp_path / "site"
    shutil.copytree(EXAMPLE / "acme_wslint", site / "acme_wslint")
    install(site, "acme-wslint", [MODULE])
    monkeypatch.syspath_prepend(site)
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    write({"test_a.py": SLEEPS, "wslint.toml": 'plugins = ["acme_wslint"]\n'})
    yield site
    forget()


def forget() -> None:
    own_rules._known.clear()
    own_rules._packages.clear()
    _rule.cache_clear()
    for name in [
        name for name in sys.modules if name.partition(".")[0] in ("acme_wslint", "other")
    ]:
        del sys.modules[name]


def install(site: Path, name: str, modules: list[str], **sources: str) -> None:
    folder = site / f"{name.replace('-', '_')}-1.0.dist-info"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    points = "".join(f"rule{number} = {module}\n" for number, module in enumerate(modules))
    (folder / "entry_points.txt").write_text(f"[wslint.rules]\n{points}" if modules else "")
    for module, source in sources.items():
        (site / "other").mkdir(exist_ok=True)
        (site / "other" / f"{module}.py").write_text(source)


def codes(*args: str) -> list[str]:
    result = run("check", "--output-format", "json", *args)
    assert result.exit_code in (0, 1), result.stderr
    return [finding["code"] for finding in json.loads(result.stdout)["findings"]]


def test_an_own_rule_reports() -> None:
    assert run("check", "--output-format", "concise").stdout == (
        "test_a.py:9:13: ACM001 the test sleeps while a websocket is open\nFound 1 problem.\n"
    )


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_shows_it(name: str) -> None:
    result = run("check", "--output-format", name)
    assert result.exit_code == 1
    assert "ACM001" in result.stdout


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (["--select", "ACM"], ["ACM001"]),
        (["--select", "acm001"], ["ACM001"]),
        (["--select", "sleep-while-websocket-open"], ["ACM001"]),
        (["--select", "ALL"], ["ACM001"]),
        (["--select", "WS"], []),
        (["--ignore", "ACM0"], []),
        (["--ignore", "ACM", "--extend-select", "ACM001"], ["ACM001"]),
        (["-j", "2", "test_a.py", "test_b.py"], ["ACM001", "ACM001"]),
    ],
)
def test_it_can_be_selected(args: list[str], found: list[str]) -> None:
    if "test_b.py" in args:
        write({"test_b.py": SLEEPS})
    assert codes(*args) == found


def test_processes_that_are_not_forked_know_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threading.active_count", lambda: 2)
    write({"test_b.py": SLEEPS})
    assert codes("-j", "2") == ["ACM001", "ACM001"]


def test_selectors_may_come_before_the_package() -> None:
    write({"wslint.toml": 'select = ["ACM001"]\nplugins = ["acme-wslint"]\n'})
    assert codes() == ["ACM001"]


@pytest.mark.parametrize(
    "comment",
    [
        *("# wslint: ignore[ACM001]", "# wslint: ignore[ACM]", "# noqa: ACM001"),
        "# wslint: ignore[sleep-while-websocket-open] a reason",
    ],
)
def test_it_can_be_suppressed(comment: str) -> None:
    write({"test_a.py": SLEEPS.replace("sleep(1)", f"sleep(1)  {comment}")})
    result = run("check", "--extend-select", "WS901")
    assert (result.exit_code, result.stderr) == (0, "")


def test_the_command_explains_and_lists_it() -> None:
    assert run("rule", "ACM001").stdout.startswith("# ACM001 sleep-while-websocket-open\n\na test")
    assert run("rule", "--all").stdout.splitlines()[-1].startswith("ACM001  sleep-while-")
    assert json.loads(run("rule", "acm001", "--output-format", "json").stdout)["url"] is None


def test_only_where_the_settings_name_it() -> None:
    write(
        {"wslint.toml": "", "on/wslint.toml": 'plugins = ["acme-wslint"]', "on/test_b.py": SLEEPS}
    )
    result = run("check", "--output-format", "concise")
    assert re.findall(r"(\S+?):.*ACM001", result.stdout) == ["on/test_b.py"]


def test_nothing_is_imported_unless_it_is_named() -> None:
    write({"wslint.toml": ""})
    assert codes() == []
    write({"wslint.toml": 'plugins = ["acme-wslint"]'})
    assert codes("--isolated") == []
    assert MODULE not in sys.modules
    assert codes() == ["ACM001"]
    assert MODULE in sys.modules


def test_the_working_directory_is_no_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "project"
    install(here, "hostile", ["other.hos001_a"], hos001_a="open('pwned', 'w')")
    write({"other/hos001_a.py": "open('pwned', 'w')", "wslint.toml": 'plugins = ["hostile"]'})
    monkeypatch.syspath_prepend("")
    result = run("check")
    assert result.stderr.endswith("no package 'hostile' is installed beside wslint\n")
    # a package of the same name in the project does not hide the installed one
    write({"acme_wslint/__init__.py": "open('pwned', 'w')"})
    write({"wslint.toml": 'plugins = ["acme-wslint"]'})
    assert codes() == ["ACM001"]
    assert not (here / "pwned").exists()


def test_the_cache_does_not_hide_a_change_of_the_rule(site: Path) -> None:
    write({f"test_{n}.py": "x = 1\n" for n in range(60)})
    assert codes() == codes() == ["ACM001"]
    source = site / f"{MODULE.replace('.', '/')}.py"
    source.write_text(source.read_text().replace('"time.sleep"', '"nothing"'))
    forget()
    assert codes() == []


@pytest.mark.parametrize(
    ("modules", "source", "message"),
    [
        ([], "", "other: has no entry points in the group wslint.rules"),
        (
            ["other.rule"],
            "",
            "other: the module 'other.rule' must end in a code and a name, such as",
        ),
        (["other.wsx001_a"], "", "other: the module 'other.wsx001_a' must end in a code and a"),
        (["other.oth001_a"], "1 / 0", "other: other.oth001_a cannot be imported: ZeroDivisionErr"),
        (["other.oth001_a"], "exit(0)", "other: other.oth001_a cannot be imported: SystemExit: 0"),
        (["other.oth001_a"], "", "other: other.oth001_a has no RULE with the code OTH001 and a ch"),
        (["other.oth001_a"], "RULE = 1", "other: other.oth001_a has no RULE with the code OTH001"),
        (["other.oth001_a", "other.oth001_b"], "", "other: OTH001 is already a rule of other"),
        (["other.acm001_a"], "", "other: ACM001 is already a rule of acme-wslint"),
        (["other.oth001_frozen_clock"], "", "other: frozen-clock is already a rule of wslint"),
    ],
)
def test_a_bad_package_is_an_error_of_the_configuration(
    site: Path, modules: list[str], source: str, message: str
) -> None:
    install(site, "other", modules, oth001_a=source)
    write({"wslint.toml": 'plugins = ["acme-wslint", "other"]\n'})
    for command in (["check"], ["check", "-j", "2"], ["rule", "--all"], ["trace", "test_a.py"]):
        result = run(*command)
        assert result.exit_code == 2
        assert result.stderr.startswith("error: ")
        assert f"plugins: {message}" in result.stderr
        assert "internal error" not in result.stderr
    write({"wslint.toml": "plugins = [1]\n"})
    assert "plugins: must be a list of strings, not a list" in run("check").stderr


def test_a_check_that_fails_is_named(site: Path) -> None:
    install(site, "other", ["other.oth001_a"], oth001_a=RULE.format("raise ValueError('oh')"))
    write({"wslint.toml": 'plugins = ["acme-wslint", "other"]\n'})
    result = run("check")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: test_a.py: OTH001 of other failed: ValueError: oh "
        "(WSLINT_TRACEBACK=1 shows the traceback)\n"
    )


def test_findings_have_the_code_of_their_rule(site: Path) -> None:
    body = "place = timeline.resources[0].origin.place"
    body += "\n    yield __import__('dataclasses').replace("
    body += "RULE.finding(place, 'm', 'h'), code='WS999')\n    return"
    install(site, "other", ["other.oth001_a"], oth001_a=RULE.format(body))
    write({"wslint.toml": 'plugins = ["other"]\n'})
    assert codes() == ["OTH001"]


def test_the_example_passes_its_own_tests(tmp_path: Path) -> None:
    tests = runpy.run_path(str(EXAMPLE / "test_acm001.py"))
    names = [name for name in tests if name.startswith("test_")]
    assert len(names) == 2
    for name in names:
        tests[name](tmp_path)


def test_the_page_shows_the_example() -> None:
    source = (EXAMPLE / f"{MODULE.replace('.', '/')}.py").read_text("utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    docstring, _, code = block.partition('"""\n\n')
    assert source.startswith(docstring.rstrip("\n"))
    assert source.endswith(code)
    project = load_toml(str(EXAMPLE / "pyproject.toml"))["project"]
    assert project["entry-points"]["wslint.rules"] == {"sleep": MODULE}
    assert f'sleep = "{MODULE}"' in PAGE


def test_the_page_names_all_that_may_be_imported() -> None:
    assert set(re.findall(r"`(\w+)`", PAGE.partition("## What a rule may import")[2])) == set(
        wslint.plugin.__all__
    )
    exported = [getattr(wslint.plugin, name) for name in wslint.plugin.__all__]
    assert all(each.__doc__ for each in exported if isinstance(each, type | FunctionType))
