from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest

from proofs.bench import Bench, Run
from proofs.report import write_end, write_header

Runs = dict[str, list[Future[Run]]]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long proofs out unless they are asked for."""
    if "proof_all" in config.getoption("-m"):
        return
    long = [item for item in items if item.get_closest_marker("proof_all")]
    if long:
        items[:] = [item for item in items if item not in long]
        config.hook.pytest_deselected(items=long)


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("proofs"))
    yield bench
    bench.close()


@pytest.fixture(scope="session")
def runs(bench: Bench, request: pytest.FixtureRequest) -> Iterator[Runs]:
    """Start the runs of every selected proof at once; each test waits for its own."""
    write_header()
    started: Runs = {}
    for item in request.session.items:
        params: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
        job = params.get("job")
        if job is not None:
            started[job.id] = [
                bench.start(job.case, fixed=job.fixed, broken=job.broken, race=job.is_race)
                for _ in range(job.runs)
            ]
    yield started
    write_end()
