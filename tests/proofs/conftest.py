from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from proofs.bench import Bench, Run
from proofs.jobs import Job
from proofs.postgres import server
from proofs.report import write_end, write_header
from wslint.rules import find_rule

Runs = dict[str, list[Future[Run]]]


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "run the proofs on a PostgreSQL that is started for it"
    parser.addoption("--postgres", action="store_true", help=text)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run only the proofs that concern a library in PROOF_ABOUT, if it is set."""
    left_out = {item for item in items if not _is_asked_for(item)}
    if left_out:
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=list(left_out))


def _is_asked_for(item: pytest.Item) -> bool:
    """Return whether the rule of a proof concerns one of the libraries in PROOF_ABOUT, if any."""
    about = set(os.environ.get("PROOF_ABOUT", "").split())
    job = getattr(item, "callspec", None) and item.callspec.params.get("job")  # type: ignore[attr-defined]
    if not about or job is None:
        return True
    rule = find_rule(job.case.code)
    return rule is not None and not about.isdisjoint(rule.libraries)


@pytest.fixture(scope="session")
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with ExitStack() as stack:
        if request.config.getoption("--postgres", default=False):
            os.environ["PROOF_POSTGRES"] = str(stack.enter_context(server()))
            stack.callback(os.environ.pop, "PROOF_POSTGRES")
        folder = stack.enter_context(TemporaryDirectory(prefix="wslint-proofs-", dir=_in_memory()))
        bench = Bench(Path(folder))
        stack.callback(bench.close)
        yield bench


def _in_memory() -> str | None:
    """Return a folder in memory with enough room, if any: the runs wait for no disk there."""
    folder = "/dev/shm"
    has_room = os.path.isdir(folder) and shutil.disk_usage(folder).free > 1 << 30
    return folder if has_room else None


@pytest.fixture(scope="session")
def runs(bench: Bench, request: pytest.FixtureRequest) -> Iterator[Runs]:
    """Start the runs of every selected proof at once; each test waits for its own."""
    write_header()
    started: Runs = {}
    same: dict[tuple[object, ...], list[Future[Run]]] = {}
    params = (getattr(getattr(i, "callspec", None), "params", {}) for i in request.session.items)
    jobs: list[Job] = [one["job"] for one in params if "job" in one]
    # those that hang wait, while the others are fixed and run
    for job in sorted(jobs, key=lambda job: job.declared["outcome"] != "hangs"):
        # two tests may look at one run
        key = (job.case.id, job.fixed, job.broken, job.arguments)
        if key not in same:
            same[key] = [
                bench.start(
                    job.case,
                    fixed=job.fixed,
                    broken=job.broken,
                    race=job.is_race,
                    arguments=job.arguments,
                )
                for _ in range(job.runs)
            ]
        started[job.id] = same[key]
    yield started
    write_end()
