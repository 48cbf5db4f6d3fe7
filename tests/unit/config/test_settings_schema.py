"""The JSON schema of the settings is current and agrees with the reader."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest
from paths import ROOT
from script_module import load_script

from wslint.config.loader import load_settings
from wslint.config.settings import ConfigError
from wslint.filesystem.toml import load_toml

SCHEMA = json.loads((ROOT / "docs" / "wslint.schema.json").read_text(encoding="utf-8"))
EXAMPLES = [
    text
    for page in ("README.md", "docs/configuration.md", "docs/adoption.md")
    for text in re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    if "[tool.wslint" in text
]


@pytest.fixture
def script() -> ModuleType:
    return load_script("settings_schema")


def test_current(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    code = script.main(["--check"])
    assert capsys.readouterr().out == ""
    assert code == 0


def test_out_of_date_is_said(
    script: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    monkeypatch.setattr(script, "ROOT", tmp_path)
    schema = tmp_path / "docs" / "wslint.schema.json"
    schema.write_text("{}")
    assert script.main(["--check"]) == 1
    assert "is out of date: python -m scripts.settings_schema" in capsys.readouterr().out
    assert script.main([]) == script.main(["--check"]) == 0
    assert json.loads(schema.read_text()) == SCHEMA
    assert script.main(["--nope"]) == 2


def test_it_is_a_schema() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert all(key["description"] for key in SCHEMA["properties"].values())


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_examples_of_the_docs(text: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    (tmp_path / "shared.toml").write_text("", encoding="utf-8")
    table = load_toml(str(tmp_path / "pyproject.toml"))["tool"]["wslint"]
    jsonschema.validate(table, SCHEMA)
    assert load_settings([str(tmp_path)]).config_file.endswith("pyproject.toml")


@pytest.mark.parametrize(
    "text",
    [
        "selct = []",
        'select = "WS1"',
        'select = ["X 1"]',
        "preview = 1",
        "max-file-size = 0",
        'roles = {a = "Nothing"}',
        "versions = {channels = 4}",
        'test-database = "postgres"',
        'per-file-ignores = {"a" = "WS9"}',
        "extend = 1",
        "baseline = []",
    ],
)
def test_what_is_wrong_is_wrong_for_both(text: str, tmp_path: Path) -> None:
    file = tmp_path / "wslint.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError):
        load_settings([str(tmp_path)])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(load_toml(str(file)), SCHEMA)
