"""Registry, pages, README, cases, changelog and proofs speak of the same rules."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from cases import all_cases
from click.testing import CliRunner
from paths import ROOT
from script_module import load_script

from wslint.cli import main
from wslint.config.redirects import REDIRECTS
from wslint.rules import all_rules, rule_url

pytestmark = pytest.mark.any_python
RULES = all_rules()
CODES = [rule.code for rule in RULES]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load_script("rule_pages")


@pytest.fixture
def checkout(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the script reads and writes, in a folder of its own."""
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "README.md", tmp_path)
    monkeypatch.setattr(script, "ROOT", tmp_path)
    return tmp_path


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_all_speak_of_the_same_rules() -> None:
    families = re.findall(r"^\| \[(WS\d{3})–(WS\d{3})\]", read("README.md"), re.M)
    index = re.findall(r"^\| (WS\d{3}).*? \| \[([a-z-]+)\]", read("docs/rules/README.md"), re.M)
    changes = re.findall(r"(WS\d{3})\s+([a-z]+(?:-[a-z]+)+)", read("CHANGELOG.md"))
    pages = sorted(path.stem for path in (ROOT / "docs" / "rules").glob("WS*.md"))
    folders = sorted(path.name for path in (ROOT / "tests" / "fixtures").glob("WS*"))
    names = [(rule.code, rule.name) for rule in RULES]
    assert index == names
    assert [code for code in CODES if any(a <= code <= b for a, b in families)] == CODES
    assert pages == CODES
    assert folders == CODES == sorted({case.code for case in all_cases()})
    # the changelog tells of rules that are gone as well: their codes and names must lead somewhere
    assert set(changes) >= set(names)
    gone = {word for change in set(changes) - set(names) for word in change}
    assert gone - {word for name in names for word in name} <= set(REDIRECTS)


def test_proofs_have_each_stable_rule() -> None:
    proven = set(re.findall(r"^\| (WS\d{3}) \|", read("docs/proofs.md"), re.M))
    assert proven <= set(CODES)
    assert {rule.code for rule in RULES if rule.status == "stable"} - proven == set()


def test_pages_are_current(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    code = script.main(["--check"])
    assert capsys.readouterr().out == ""
    assert code == 0


def test_what_is_out_of_date_is_named(
    script: ModuleType, checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = checkout / rule_url("WS101")
    text = page.read_text(encoding="utf-8")
    page.write_text(text + "by hand\n", encoding="utf-8")
    (checkout / "docs" / "rules" / "WS999.svg").write_text("left over")
    readme = checkout / "README.md"
    readme.write_text(readme.read_text(encoding="utf-8").replace("[WS301–", "[WS300–"), "utf-8")
    assert script.main(["--check"]) == 1
    named = [line.partition(" ")[0] for line in capsys.readouterr().out.splitlines()]
    assert named == ["README.md", "docs/rules/WS101.md", "docs/rules/WS999.svg"]
    assert script.main([]) == 0
    assert script.main(["--check"]) == 0
    assert page.read_text(encoding="utf-8") == text
    assert script.main(["--nope"]) == 2


def test_a_readme_without_markers_is_an_error(script: ModuleType) -> None:
    with pytest.raises(ValueError, match="rules: begin"):
        script.with_families("# wslint\n")


def test_pages_begin_with_what_wslint_rule_prints() -> None:
    for code in CODES:
        printed = CliRunner().invoke(main, ["rule", code]).stdout
        assert read(rule_url(code)).startswith(printed + "\n"), code


def test_pages_show_case_picture_and_fix() -> None:
    headings = ["A case", "Timeline", "Fix", "What the proof showed"]
    for code in (rule.code for rule in RULES if rule.check is not None):
        text = read(rule_url(code))
        found = re.findall(r"^## (A case|Timeline|Fix|What the proof showed)$", text, re.M)
        assert found == headings, code
        assert f"]({code}.svg)" in text
        assert code in read(f"docs/rules/{code}.svg")
        assert ("```diff" in text) is ("There is no fix here:" not in text), code
        assert re.search(rf"^\S+:\d+:\d+: {code} ", text, re.M), code


def test_links_lead_somewhere() -> None:
    for path in (ROOT / "docs").rglob("*.md"):
        for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
            if not link.startswith(("https://", "#")):
                assert (path.parent / link.partition("#")[0]).exists(), (path.name, link)
