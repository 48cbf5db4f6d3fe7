from __future__ import annotations

from pathlib import Path

import pytest

from wslint.config.loader import find_config, load_settings, override, with_selection
from wslint.config.settings import ConfigError, Selection, Settings
from wslint.rules import selected_rules


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def settings_of(tmp_path: Path, text: str) -> Settings:
    write(tmp_path / "pyproject.toml", f"[tool.wslint]\n{text}")
    return load_settings([str(tmp_path)])


def test_every_key(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path,
        """
        select = ["WS"]
        ignore = ["ws900"]
        extend-select = ["unreadable-source"]
        extend-ignore = ["ALL"]
        preview = true
        exclude = ["a"]
        extend-exclude = ["b"]
        force-exclude = true
        respect-gitignore = false
        max-file-size = 10
        rule-url = "https://wiki.acme.test/{code}"
        test-database = "sqlite-memory"
        keepalive-style = "fixture"
        [tool.wslint.roles]
        "app.testing.Socket" = "WebsocketCommunicator"
        [tool.wslint.versions]
        channels = "4.3.2"
        [tool.wslint.per-file-ignores]
        "tests/legacy/*" = ["WS9"]
        """,
    )
    assert settings == Settings(
        root=str(tmp_path),
        config_file=str(tmp_path / "pyproject.toml"),
        selections=(Selection(("WS",), ("ws900", "ALL"), ("unreadable-source",)),),
        preview=True,
        exclude=("a",),
        extend_exclude=("b",),
        force_exclude=True,
        respect_gitignore=False,
        max_file_size=10,
        rule_url="https://wiki.acme.test/{code}",
        roles={"app.testing.Socket": "WebsocketCommunicator"},
        test_database="sqlite-memory",
        keepalive_style="fixture",
        versions={"channels": "4.3.2"},
        per_file_ignores={"tests/legacy/*": ("WS9",)},
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("selct = []", "selct: unknown key (did you mean 'select'?)"),
        ("extend_select = []", "extend_select: unknown key (did you mean 'extend-select'?)"),
        ("zzz = 1", "zzz: unknown key"),
        ('select = "WS9"', 'select: must be a list of strings, not "WS9"'),
        ("select = [1]", "select: must be a list of strings, not a list"),
        ('select = ["WS9000"]', "select: unknown rule 'WS9000' (did you mean 'WS900'?)"),
        ('ignore = ["unreadable-sorce"]', "(did you mean 'unreadable-source'?)"),
        ('select = ["WS8"]', "select: unknown rule 'WS8'"),
        ("preview = 1", "preview: must be true or false, not 1"),
        ('rule-url = "wiki/{code}"', 'rule-url: must be an address with {code}, not "wiki/'),
        ('rule-url = "https://a.test/"', "rule-url: must be an address with {code}, not "),
        ("max-file-size = true", "max-file-size: must be a number of bytes above 0, not true"),
        ("max-file-size = 0", "max-file-size: must be a number of bytes above 0, not 0"),
        ('roles = ["a"]', "roles: must be a table, not a list"),
        ("roles = {a = 1}", "roles.a: must be one of"),
        ('versions = {channels = "four"}', 'channels: must be a version such as "4.3.2"'),
        ('test-database = "postgres"', "not \"postgres\" (did you mean 'postgresql'?)"),
        ('roles = {a = "Communicator"}', "(did you mean 'HttpCommunicator'?)"),
        ('keepalive-style = "fixtures"', "not \"fixtures\" (did you mean 'fixture'?)"),
        ("test-database = {}", "test-database: must be one of"),
        ('per-file-ignores = {"a" = "WS9"}', 'per-file-ignores."a": must be a list of strings'),
        ('per-file-ignores = {"a" = ["X1"]}', "per-file-ignores.\"a\": unknown rule 'X1'"),
    ],
)
def test_errors_name_file_key_and_neighbour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError) as caught:
        settings_of(tmp_path, text)
    assert str(caught.value).startswith("pyproject.toml:2: tool.wslint.")
    assert message in str(caught.value)


def test_own_file_has_no_prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "wslint.toml", "selct = []")
    with pytest.raises(ConfigError, match=r"^wslint.toml:1: selct: unknown key"):
        load_settings(["."])


def test_a_section_in_the_own_file_gets_a_hint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "wslint.toml", 'preview = true\n[tool.wslint]\nselect = ["WS3"]')
    with pytest.raises(ConfigError) as caught:
        load_settings(["."])
    assert str(caught.value) == (
        "wslint.toml:2: tool: unknown key "
        "(in wslint.toml settings stand at the top, without [tool.wslint])"
    )
    write(tmp_path / "wslint.toml", "[tool.wslnt]")
    with pytest.raises(ConfigError, match=r"tool: unknown key$"):
        load_settings(["."])


def test_not_toml(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"pyproject.toml: not valid TOML: .*line"):
        settings_of(tmp_path, "a = = 1")


def test_broken_toml_without_wslint_is_ignored(tmp_path: Path) -> None:
    write(tmp_path / "wslint.toml", "preview = true")
    write(tmp_path / "a/pyproject.toml", "a = = 1")
    assert load_settings([str(tmp_path / "a")]).preview


def test_a_section_that_is_not_a_table(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", "[tool]\nwslint = 1")
    with pytest.raises(ConfigError, match=r"tool\.wslint: must be a table"):
        load_settings([str(tmp_path)])


@pytest.mark.parametrize(
    ("files", "nearest"),
    [
        (["pyproject.toml"], "pyproject.toml"),
        (["pyproject.toml", "wslint.toml"], "wslint.toml"),
        (["pyproject.toml", "a/wslint.toml"], "a/wslint.toml"),
        (["wslint.toml", "a/pyproject.toml"], "a/pyproject.toml"),
        (["wslint.toml", "a/b/c/pyproject.toml"], "wslint.toml"),
    ],
)
def test_nearest_configuration(tmp_path: Path, files: list[str], nearest: str) -> None:
    for name in files:
        write(tmp_path / name, "[tool.wslint]\n" if "pyproject" in name else "")
    (tmp_path / "a/b").mkdir(parents=True, exist_ok=True)
    assert find_config(str(tmp_path / "a/b")) == str(tmp_path / nearest)


def test_a_pyproject_without_the_section_is_skipped(tmp_path: Path) -> None:
    write(tmp_path / "wslint.toml", "preview = true")
    write(tmp_path / "a/pyproject.toml", '[project]\nname = "wslint-user"\n')
    assert load_settings([str(tmp_path / "a")]).root == str(tmp_path)


def test_common_directory_of_the_paths(tmp_path: Path) -> None:
    write(tmp_path / "wslint.toml", "preview = true")
    write(tmp_path / "a/wslint.toml", "preview = false")
    write(tmp_path / "a/x.py", "")
    write(tmp_path / "b/y.py", "")
    assert not load_settings([str(tmp_path / "a/x.py")]).preview
    assert load_settings([str(tmp_path / "a/x.py"), str(tmp_path / "b")]).preview


def test_config_option(tmp_path: Path) -> None:
    path = write(tmp_path / "other/my.toml", "preview = true")
    settings = load_settings(["."], config=str(path))
    assert settings.preview
    assert settings.root == str(tmp_path / "other")
    with pytest.raises(ConfigError, match=r"nope\.toml: no such configuration file"):
        load_settings(["."], config="nope.toml")
    bare = write(tmp_path / "pyproject.toml", "[project]\n")
    with pytest.raises(ConfigError, match=r"has no table \[tool.wslint\]"):
        load_settings(["."], config=str(bare))


def test_isolated(tmp_path: Path) -> None:
    write(tmp_path / "wslint.toml", "preview = true")
    assert load_settings([str(tmp_path)], isolated=True) == Settings()


def test_the_command_line_wins() -> None:
    assert override(Settings(preview=True), preview=None).preview
    assert not override(Settings(preview=True), preview=False).preview
    assert with_selection(Settings(), Selection(("WS9",))).selections == (Selection(("WS9",)),)
    with pytest.raises(ConfigError, match=r"^--extend-select: unknown rule 'nope'"):
        with_selection(Settings(), Selection(extend_select=("nope",)))


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('[tool.wslint.roles]\n# a = 1\n"a.b" = "Nothing"', "3: tool.wslint.roles.a.b: must"),
        ('[tool.wslint]\nroles."a.b" = "Nothing"', "2: tool.wslint.roles.a.b: must"),
        ("[tool.wslint]\n\nroles = {a = 1}", "3: tool.wslint.roles.a: must"),
        (
            '[tool.wslint]\n[tool.wslint.per-file-ignores]\n"t/a*" = ["WS1"]\n"t/*" = ["X"]',
            '4: tool.wslint.per-file-ignores."t/*": unknown rule',
        ),
        ("[tool.other]\npreview = 2\n[tool.wslint]\npreview = 3", "4: tool.wslint.preview: must"),
        ("[tool]\nwslint.preview = 3", "2: tool.wslint.preview: must"),
        ("[tool]\nwslint = {preview = 3}", " tool.wslint.preview: must"),
        ("[tool.wslint]\nselect = [\n  'WS1',\n  'X',\n]", "2: tool.wslint.select: unknown"),
    ],
)
def test_errors_name_the_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "pyproject.toml", text)
    with pytest.raises(ConfigError) as caught:
        load_settings(["."])
    assert str(caught.value).startswith(f"pyproject.toml:{place}")


def test_extend(tmp_path: Path) -> None:
    write(
        tmp_path / "shared/wslint.toml",
        """
        select = ["WS1", "WS3"]
        preview = true
        extend-exclude = ["a"]
        exclude = ["x"]
        baseline = "b.json"
        [versions]
        channels = "4.1.0"
        starlette = "0.40.0"
        """,
    )
    write(
        tmp_path / "app/pyproject.toml",
        """
        [tool.wslint]
        extend = "../shared/wslint.toml"
        ignore = ["WS101"]
        extend-exclude = ["b"]
        exclude = ["y"]
        versions = {channels = "4.3.2"}
        """,
    )
    settings = load_settings([str(tmp_path / "app")])
    assert settings == Settings(
        root=str(tmp_path / "app"),
        config_file=str(tmp_path / "app/pyproject.toml"),
        selections=(Selection(("WS1", "WS3")), Selection(None, ("WS101",))),
        preview=True,
        exclude=("y",),
        extend_exclude=("a", "b"),
        versions={"channels": "4.3.2", "starlette": "0.40.0"},
        baseline=str(tmp_path / "shared/b.json"),
    )
    codes = [rule.code for rule in selected_rules(settings) if rule.code[2] in "135"]
    assert codes[0] == "WS102"
    assert codes[-1].startswith("WS3")


def test_extend_over_several(tmp_path: Path) -> None:
    write(tmp_path / "a.toml", "preview = true\nunsafe-fixes = true")
    write(tmp_path / "b.toml", 'extend = "a.toml"\npreview = false')
    write(tmp_path / "wslint.toml", 'extend = "b.toml"')
    settings = load_settings([str(tmp_path)])
    assert (settings.preview, settings.unsafe_fixes) == (False, True)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"wslint.toml": "\nextend = 1"}, "wslint.toml:2: extend: must be the path of a"),
        ({"wslint.toml": 'extend = "a.toml"'}, "wslint.toml:1: extend: no such configuration file"),
        (
            {"wslint.toml": 'extend = "a.toml"', "a.toml": 'extend = "wslint.toml"'},
            "a.toml:1: extend: wslint.toml is extended already",
        ),
        (
            {"wslint.toml": 'extend = "a.toml"', "a.toml": "\npreview = 1"},
            "a.toml:2: preview: must be true or false",
        ),
        (
            {"wslint.toml": 'extend = "x/pyproject.toml"', "x/pyproject.toml": "[tool.ruff]"},
            "x/pyproject.toml: has no table [tool.wslint]",
        ),
    ],
)
def test_extend_that_does_not_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in files.items():
        write(tmp_path / name, text)
    with pytest.raises(ConfigError) as caught:
        load_settings(["."])
    assert str(caught.value).startswith(message)


def test_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "wslint.toml").write_text("\ufeffpreview = true\n", encoding="utf-8")
    assert load_settings([str(tmp_path)]).preview


def test_a_version_of_thousands_of_digits(tmp_path: Path) -> None:
    text = f"[versions]\nstarlette = '{'9' * 5000}'\n"
    (tmp_path / "wslint.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="a version such as"):
        load_settings([str(tmp_path)])
