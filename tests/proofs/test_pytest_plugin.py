"""The pytest plugin, on the cases that fail as they are."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cases import Case, all_cases, holds

from proofs.conftest import Runs
from proofs.database import SQLITE
from proofs.jobs import Job, jobs
from proofs.report import write_down

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the runs are forks of one process"),
]

MODE = ("-o", "wslint_keep_db_connections=auto")
FAILING = ("fails", "hangs", "not-collected")
# The assertion that fails there, or the exception of the project's own code, may have any cause.
OF_THEIR_OWN = {
    *(
        "WS106-middleware_looks_it_up",
        "WS106-lowest_mark_decides",
        "WS106-query_of_a_module",
        "WS106-row_of_the_model_fixture",
        "WS106-rows_left_behind",
        "WS106-rows_of_a_class",
        "WS106-rows_of_a_fixture",
        "WS204-above_fixture",
        "WS204-contextmanager",
    ),
    *("WS204-patch_with_argument", "WS519-failure_refuses"),
    *("WS303-task_is_lost", "WS306-global_of_startup", "WS405-except_skip"),
    *("WS306-object_of_the_project", "WS306-global_that_a_dependency_returns"),
    *("WS505-swapped_in_a_helper", "WS505-websocket_with_a_method", "WS506-async_setup"),
    *("WS506-async_teardown", "WS315-dependency_of_fastapi", "WS315-patch_of_a_function"),
    *("WS315-patches_of_every_form", "WS315-used_in_two_modules"),
}
RULES_OF_THEIR_OWN = {
    *("WS305", "WS307", "WS309", "WS310", "WS316", "WS417", "WS514", "WS518", "WS520", "WS900"),
}
# the explanation names other rules, which are at least as near
BY_ANOTHER_RULE = {"WS204-keepalive_on_helper", "WS411-never_connected"}
# pytest-timeout does not end them
NOT_ENDED = {"WS301-trio_backend", "WS302-trio_backend"}
if holds("anyio<4"):
    NOT_ENDED |= {"WS312-task_of_a_request", "WS402-left_after_its_client"}
# One of its tests fails at the end of a socket's block, which is explained.
EXPLAINED_TOO = {"WS309-global_and_dependency"} if holds("starlette<0.36") else set()


def failing() -> list[Job]:
    """Return the cases that fail before the fix."""
    return [
        job
        for job in jobs()
        if job.case.is_hazard and not (job.fixed or job.broken or job.is_race)
        if job.declared["outcome"] in FAILING
    ]


def losing_the_connection() -> list[Job]:
    """Return the cases that fail because the connection is closed, with the mode."""
    return [
        replace(job, arguments=MODE, what="mode")
        for job in failing()
        if job.case.code in ("WS101", "WS102", "WS103", "WS104")
        if str(job.declared.get("exception", "")) == SQLITE
    ]


def to_explain() -> list[Job]:
    """Return the cases whose failure leads to their rule; what hangs is ended by pytest-timeout."""
    left_out = OF_THEIR_OWN | BY_ANOTHER_RULE | NOT_ENDED
    return [
        replace(job, arguments=job.time_limit, what="explained")
        for job in failing()
        if job.case.id not in left_out and job.case.code not in RULES_OF_THEIR_OWN
    ]


def of_their_own() -> list[Job]:
    return [
        replace(job, what="other")
        for job in failing()
        if job.case.id in OF_THEIR_OWN or job.case.code in RULES_OF_THEIR_OWN
        if job.case.id not in EXPLAINED_TOO
    ]


def test_there_are_cases() -> None:
    # fewer with an old version of Channels or without Starlette
    assert len(losing_the_connection()) >= 15
    assert len(to_explain()) >= 60


@pytest.mark.parametrize("job", losing_the_connection(), ids=lambda job: job.id)
def test_mode_keeps_the_connection(job: Job, runs: Runs) -> None:
    ended = [future.result() for future in runs[job.id]]
    if len(ended) > 1:
        write_down(job.case, "the plugin's mode", "passes", "", ended)
    for run in ended:
        assert run.passed, run.log
        assert not run.failures, run.log
        assert run.left_patched == []


@pytest.mark.parametrize("job", to_explain(), ids=lambda job: job.id)
def test_failure_leads_to_the_rule(job: Job, runs: Runs) -> None:
    for run in (future.result() for future in runs[job.id]):
        assert run.failures or run.collection_errors, run.log
        assert any(f"rule: {job.case.code} " in text for text in run.explanations), run.log


@pytest.mark.parametrize("job", of_their_own(), ids=lambda job: job.id)
def test_other_failures_get_nothing(job: Job, runs: Runs) -> None:
    for run in (future.result() for future in runs[job.id]):
        assert run.failures or run.collection_errors, run.log
        assert not run.explanations


def case(name: str) -> Case:
    return next(case for case in all_cases() if case.id == name)


def pytest_in(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments", [("-n", "2"), ("-o", "asyncio_mode=auto")], ids=["xdist", "asyncio-auto"]
)
@pytest.mark.parametrize(
    "name", ["WS101-shared_by_several_tests", "WS101-class_decorator_on_testcase"]
)
def test_mode_with_other_plugins(tmp_path: Path, name: str, arguments: tuple[str, ...]) -> None:
    project = tmp_path / "project"
    case(name).copy_to(project)
    assert pytest_in(project, *arguments).returncode == 1
    done = pytest_in(project, *arguments, *MODE)
    assert done.returncode == 0, done.stdout


def test_native_async_tests_close_their_connections(tmp_path: Path) -> None:
    project = tmp_path / "project"
    case("WS101-decorator_on_function").copy_to(project)
    (project / "test_native.py").write_text(NATIVE, encoding="utf-8")
    done = pytest_in(project, *MODE, "test_native.py")
    assert done.returncode == 0, done.stdout


NATIVE = """\
import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import connection

from chatapp.consumers import PingConsumer


@database_sync_to_async
def is_closed():
    return connection.connection is None


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_ping():
    communicator = WebsocketCommunicator(PingConsumer.as_asgi(), "/ping/")
    connected, _ = await communicator.connect()
    assert connected
    await communicator.send_to(text_data="ping")
    assert await communicator.receive_from() == "pong"
    await communicator.disconnect()
    assert await is_closed()
"""

IN_DJANGO = """\
from asgiref.sync import async_to_sync
from channels.testing import WebsocketCommunicator
from django.test import TestCase
from waffle.testutils import override_flag
{imports}
from chatapp.consumers import NotifyConsumer


@override_flag("chat", active=True)
class ChatTests({bases}):
    def test_notify(self):
        async_to_sync(self.talk)()

    async def test_notify_again(self):
        await self.talk()

    async def talk(self):
        communicator = WebsocketCommunicator(NotifyConsumer.as_asgi(), "/notify/")
        connected, _ = await communicator.connect()
        assert connected
        await communicator.disconnect()
"""
MIXIN = "from wslint.keepalive import KeepDbConnectionsOpenMixin\n"


@pytest.mark.parametrize("runner", ["django", "pytest"])
def test_mixin(tmp_path: Path, runner: str) -> None:
    project = tmp_path / "project"
    case("WS101-class_decorator_on_testcase").copy_to(project)
    results = []
    for imports, bases in (("", "TestCase"), (MIXIN, "KeepDbConnectionsOpenMixin, TestCase")):
        source = IN_DJANGO.format(imports=imports, bases=bases)
        (project / "test_mixin.py").write_text(source, encoding="utf-8")
        command = [sys.executable, "manage.py", "test", "test_mixin"]
        if runner == "pytest":
            command = [sys.executable, "-m", "pytest", "-q", "test_mixin.py"]
        results.append(subprocess.run(command, cwd=project, capture_output=True, check=False))
    assert results[0].returncode == 1
    assert results[1].returncode == 0, results[1].stderr


def test_fixture_and_a_fixture_of_the_project(tmp_path: Path) -> None:
    project = tmp_path / "project"
    case("WS101-decorator_on_function").copy_to(project)
    (test,) = project.rglob("test_*.py")
    source = test.read_text(encoding="utf-8")
    mark = '@pytest.mark.usefixtures("keep_db_connections_open")\n'
    test.write_text(source.replace("@pytest.mark.django_db", f"{mark}@pytest.mark.django_db"))
    assert pytest_in(project).returncode == 0
    (project / "conftest.py").write_text(
        "import pytest\n\n\n@pytest.fixture\ndef keep_db_connections_open():\n"
        "    raise OSError('the one of the project')\n"
    )
    assert "the one of the project" in pytest_in(project).stdout
