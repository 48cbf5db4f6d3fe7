"""The rules about closed connections know what wslint's own plugin does at run time."""

from __future__ import annotations

from pathlib import Path

import pytest
from cases import Case, all_cases, laid_out, settings_of
from verdicts import project, write

from wslint.config.settings import Selection, Settings
from wslint.run.check import check

ABOUT = ("WS101", "WS102", "WS103", "WS104")
# what fails despite the mode: a replacement of the right function that can't be called
STILL_FAIL = {"WS102-native_async_test", "WS102-wrong_replacement"}
RULES = Settings(selections=(Selection(select=(*ABOUT, "WS105", "WS106")),))


def codes(folder: Path, text: str) -> list[str]:
    write(folder, project(text))
    return [finding.code for finding in check([str(folder)], RULES).findings]


@pytest.mark.parametrize(
    "case",
    [case for case in all_cases() if case.code in ABOUT and case.is_hazard],
    ids=lambda case: case.id,
)
def test_cases_with_the_mode(case: Case) -> None:
    with laid_out(case) as folder:
        settings = settings_of(case, folder)
        ini = folder / "pytest.ini"
        ini.write_text(ini.read_text() + "wslint_keep_db_connections = auto\n")
        found = {finding.code for finding in check([str(folder)], settings).findings}
    assert (case.code in found) is (case.id in STILL_FAIL)


OVERRIDDEN = """
@pytest.mark.django_db
@override_flag("a", active=True)
{decorator}def test_a({argument}):
    TALK
"""
IN_CLASS = """
from wslint.keepalive import KeepDbConnectionsOpenMixin
@override_flag("a", active=True)
class T({bases}):
    def test_a(self):
        TALK
"""
OWN = "from wslint.keepalive import keep_db_connections_open\n"


def test_fixture_of_the_plugin(tmp_path: Path) -> None:
    asked = OVERRIDDEN.format(decorator="", argument="keep_db_connections_open")
    mark = '@pytest.mark.usefixtures("keep_db_connections_open")\n'
    marked = OVERRIDDEN.format(decorator=mark, argument="")
    neither = OVERRIDDEN.format(decorator="", argument="")
    assert codes(tmp_path, asked) == []
    assert codes(tmp_path, marked) == []
    assert codes(tmp_path, neither) == ["WS101"]


def test_context_manager(tmp_path: Path) -> None:
    decorated = OVERRIDDEN.format(decorator="@keep_db_connections_open()\n", argument="")
    assert codes(tmp_path, OWN + decorated) == []
    inside = OVERRIDDEN.format(decorator="", argument="").replace(
        "    TALK", "    with keep_db_connections_open():\n        TALK"
    )
    assert codes(tmp_path, OWN + inside) == []


def test_mixin(tmp_path: Path) -> None:
    assert codes(tmp_path, IN_CLASS.format(bases="TestCase")) == ["WS101"]
    assert codes(tmp_path, IN_CLASS.format(bases="KeepDbConnectionsOpenMixin, TestCase")) == []


def test_it_has_no_effect_in_a_native_async_test(tmp_path: Path) -> None:
    text = f"""{OWN}
@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_a(keep_db_connections_open):
    with keep_db_connections_open():
        communicator = WebsocketCommunicator(ChatConsumer.as_asgi(), "/")
        connected, _ = await communicator.connect()
        assert connected
        await communicator.disconnect()
"""
    assert codes(tmp_path, text) == []
