"""``pytest --wslint-witness`` sees the hazards of the cases, and reports nothing else."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from cases import holds

from proofs.conftest import Runs
from proofs.jobs import Job, jobs
from wslint.output.witness import is_kin

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="the runs are forks of one process"),
]

# the processes that fork ignore warnings
ARGUMENTS = ("--wslint-witness", "-W", "default")
# A run does not show them: the tests are not collected, or what is wrong is what they assert.
UNSEEN_RULES = {
    *("WS105", "WS203", "WS205", "WS206", "WS311", "WS312", "WS403", "WS405", "WS406", "WS407"),
    *("WS408", "WS410", "WS411", "WS412", "WS510", "WS511", "WS517", "WS518", "WS900", "WS901"),
    *("WS207", "WS414", "WS415", "WS416", "WS417", "WS315", "WS316", "WS519", "WS520"),
    *("WS418", "WS419"),
}
UNSEEN = {
    # nothing is closed inside a transaction
    *("WS102-native_async_test", "WS102-wrong_replacement", "WS104-queries_of_the_consumer"),
    # pytest finds no such fixture
    "WS204-above_fixture",
    # pytest-timeout does not end them, or not always
    *("WS301-trio_backend", "WS302-trio_backend", "WS515-fixture", "WS515-sleeps_and_timeouts"),
    "WS515-real_asyncio_is_not_enough",
    # the threads share nothing, and no two websockets are open at once
    "WS302-sockets_in_threads",
    # no task of the application is lost
    "WS303-conftest_fixture",
    # what an HTTP client keeps of a closed event loop is not observed
    "WS308-client_of_import",
    # another library's client
    *("WS301-litestar_client", "WS401-litestar_client"),
    *("WS313-async_http_client", "WS313-client_of_a_fixture"),
    *("WS313-transport_without_websockets", "WS313-own_transport", "WS313-driver_of_another_file"),
    *("WS401-httpx_ws", "WS401-httpx_ws_dropped", "WS402-httpx_ws"),
    # it is unpacked, and what is done with the parts is not observed
    *(
        "WS502-accepted_and_then_closed",
        "WS502-result_unused",
        "WS502-guarded_by_an_if",
        "WS502-holds_for_both",
        "WS502-returned_by_a_helper",
        "WS502-only_a_drain",
        "WS508-helper_that_returns_it",
        "WS508-sent_to_another",
    ),
    # a method that unittest does not know
    *("WS506-async_setup", "WS506-async_teardown"),
    # the communicator itself gets an application
    *("WS504-class_in_a_route", "WS504-class_in_a_sum_of_routes", "WS504-uncalled_in_a_route"),
    # whether the tasks meet is a matter of luck
    "WS302-to_thread_in_tasks",
    # the test imports the application, and so what checks the Origin
    "WS514-default_application",
    # it needs an old asgiref
    *(("WS507-made_in_setup_with_an_old_asgiref",) if holds("asgiref>=3.9") else ()),
}
if holds("anyio<4"):
    UNSEEN.add("WS402-left_after_its_client")
if holds("starlette<0.46"):
    # the end of a websocket does not always cancel its handler
    UNSEEN_RULES.add("WS309")
# Hazards that the case has beside its own, or that it ignores on purpose.
OTHERS = {
    "WS101-async_consumer_left_open": "WS501",
    "WS304-client_of_setup": "WS301",
    "WS304-set_of_guests": "WS301",
    "WS508-gathered": "WS103",
    "WS901-comments_in_use": "WS301",
    "WS901-one_code_of_several": "WS301",
    "WS901-test_that_cannot_be_followed": "WS301",
    "WS901-used_through_a_test_of_another_file": "WS401",
}


def witnessed(*, harmless: bool) -> list[Job]:
    """Return the runs of the cases with a hazard, or of those without and of the fixed ones."""
    return [
        replace(job, arguments=(*ARGUMENTS, *job.time_limit), what="witness")
        for job in jobs()
        if not (job.broken or job.is_race or job.case.data.get("slow"))
        if (job.fixed or not job.case.is_hazard) == harmless
    ]


def is_harmless_here(job: Job) -> bool:
    """Return whether a case that fails with the newest versions passes with the installed ones."""
    return bool(job.declared["outcome"] == "passes" != job.case.data["before"]["outcome"])


def hazards() -> list[Job]:
    return [
        job
        for job in witnessed(harmless=False)
        if job.case.id not in UNSEEN and job.case.code not in UNSEEN_RULES
        if not is_harmless_here(job)
    ]


def harmless() -> list[Job]:
    return [job for job in witnessed(harmless=True) if job.declared["outcome"] == "passes"]


def test_there_are_cases() -> None:
    # fewer with an old version of Channels or without Starlette
    assert len(hazards()) >= 60
    assert len(harmless()) >= 100


@pytest.mark.parametrize("job", hazards(), ids=lambda job: job.id)
def test_hazard_is_seen(job: Job, runs: Runs) -> None:
    for run in (future.result() for future in runs[job.id]):
        assert any(is_kin(seen["rule"], job.case.code) for seen in run.seen), run.log


@pytest.mark.parametrize("job", harmless(), ids=lambda job: job.id)
def test_nothing_else_is_reported(job: Job, runs: Runs) -> None:
    for run in (future.result() for future in runs[job.id]):
        reported = [seen for seen in run.seen if not seen["latent"] and not run.failures]
        assert all(seen["rule"] == OTHERS.get(job.case.id) for seen in reported), reported
