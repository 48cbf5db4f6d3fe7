"""The commands and recipes of the docs, and the GitHub action, work."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner
from paths import ROOT
from small_project import TOLD, write

from wslint.cli import main
from wslint.filesystem.toml import load_toml

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINE = re.compile(
    r"^ *(?:- |commands = )?(?:\$ )?(wslint (?:check|fix|rule|trace|explain)\b.*)$", re.M
)
RECIPES = (ROOT / "docs" / "ci.md").read_text("utf-8")


def commands() -> list[str]:
    """Every command line of wslint in the docs, without pipes."""
    found: list[str] = []
    for page in PAGES:
        blocks = re.findall(r"```\w+\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        for block in blocks:
            folded = re.sub(r"\n +(?=--)", " ", block)  # YAML's folded lines
            for line in LINE.findall(folded):
                words = shlex.split(line, comments=True)
                end = next((n for n, word in enumerate(words) if word[0] in "|>"), len(words))
                found.append(shlex.join(words[:end]))
    return sorted(set(found))


def test_there_are_commands() -> None:
    assert len(commands()) >= 15
    assert any("junit:wslint.xml" in command for command in commands())


@pytest.mark.parametrize("line", commands())
def test_commands_are_taken(line: str) -> None:
    _, name, *args = shlex.split(line.replace("{posargs:tests}", "tests"))
    group = click.Context(main, **main.context_settings)
    command = main.get_command(group, name)
    assert command is not None
    context = command.make_context(name, args, parent=group)
    assert context.params


def test_samples_of_the_readme_are_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    readme = (ROOT / "README.md").read_text("utf-8")
    samples = re.findall(r"```console\n([^`]*)```\n\n```text\n(.*?)```", readme, re.DOTALL)
    assert len(samples) == 2
    for command, sample in samples:
        words = shlex.split(command.rpartition("wslint ")[2], comments=True)
        assert CliRunner().invoke(main, words).stdout == sample


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", RECIPES, re.DOTALL)


def test_recipes_can_be_read(tmp_path: Path) -> None:
    for block in blocks("yaml"):
        assert yaml.safe_load(block)
    for block in blocks("python"):
        compile(block, "ci.md", "exec")
    for page in PAGES:
        for block in re.findall(r"```toml\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            (tmp_path / "a.toml").write_text(block, encoding="utf-8")
            assert load_toml(str(tmp_path / "a.toml"))


def test_hooks_of_the_recipe_are_there() -> None:
    (repo,) = yaml.safe_load(blocks("yaml")[0])["repos"]
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in repo["hooks"]] == [hook["id"] for hook in hooks]
    for hook in hooks:
        words = shlex.split(hook["entry"])
        group = click.Context(main, **main.context_settings)
        command = main.get_command(group, words[1])
        assert command is not None
        context = command.make_context(words[1], [*words[2:], "a.py"], parent=group)
        assert context.params["force_exclude"]


@pytest.fixture
def action() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
    return loaded


def test_the_action_passes_inputs_as_variables_only(action: dict[str, Any]) -> None:
    *_, step = action["runs"]["steps"]
    assert "${{" not in step["run"]
    passed = re.findall(r"inputs\.([\w-]+)", str(action["runs"]["steps"]))
    assert sorted(passed) == sorted(action["inputs"])
    used = {
        name
        for job in yaml.safe_load(blocks("yaml")[1])["jobs"].values()
        for step in job["steps"]
        if step["uses"].startswith("REPOSITORY")
        for name in step["with"]
    }
    assert used <= set(action["inputs"])


@pytest.mark.skipif(sys.platform == "win32", reason="needs bash")
@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"PATHS": "a folder\nother", "SARIF": "out.sarif", "HTML": "out.html"}, 1),
        ({"PATHS": "", "OPTIONS": "--ignore\nWS301\n"}, 0),
        ({"PATHS": "--help"}, 2),
        ({"PATHS": "$(touch run)\n; touch run"}, 2),
    ],
)
def test_the_action_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    write({"a folder/test_a.py": TOLD, "other/test_b.py": TOLD, "summary.md": "before\n"})
    summary = tmp_path / "summary.md"
    command = Path(sys.executable).with_name("wslint")
    given = {"COMMAND": str(command), "GITHUB_STEP_SUMMARY": str(summary), **variables}
    done = subprocess.run(
        ["bash", str(ROOT / "scripts" / "action.sh")],
        env={**os.environ, **given},
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    annotations = [line for line in done.stdout.splitlines() if line.startswith("::error title=ws")]
    assert len(annotations) == {0: 0, 1: 2}.get(code, len(annotations))
    text = summary.read_text()
    assert text.count("| WS301 ") == {0: 0, 1: 2}.get(code, 0)
    assert text.startswith("before\n### wslint\n")
    assert {path.name for path in tmp_path.glob("out.*")} == {
        variables[name] for name in ("SARIF", "HTML") if name in variables
    }
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs bash")
def test_the_action_runs_no_code_of_the_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("COMMAND", raising=False)
    hostile = "open('pwned', 'w').close()\n"
    write({f"{name}.py": hostile for name in ("venv", "pip", "logging", "sitecustomize")})
    done = subprocess.run(
        ["bash", str(ROOT / "scripts" / "action.sh")],
        env={**os.environ, "PYTHON": sys.executable, "SOURCE": "./nothing"},
        capture_output=True, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert "./nothing" in done.stderr  # so pip itself was run
    assert not (tmp_path / "pwned").exists()
