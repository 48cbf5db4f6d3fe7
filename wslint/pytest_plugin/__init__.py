"""The pytest plugin.

It keeps database connections open where that is asked for, explains failures that it knows, and
observes a run with ``--wslint-witness``.
Everything else is imported only when there is something to do.

PYTEST_DONT_REWRITE: it has no assertions.
"""

from __future__ import annotations

from contextlib import suppress

import pytest

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without the import
if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import Any

_MODE = "wslint_keep_db_connections"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting of the mode and the options of the witness."""
    parser.addini(
        _MODE,
        "auto: Channels closes no database connection inside the transaction of a test; off",
        default="off",
    )
    group = parser.getgroup("wslint")
    group.addoption(
        "--wslint-witness",
        action="store_true",
        help="observe the tests, and list the hazards of websocket tests that were seen",
    )
    group.addoption(
        "--wslint-witness-report",
        metavar="FILE",
        help="also write them to a file, for wslint check --witness FILE",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Turn on what the settings and options ask for."""
    report = config.getoption("wslint_witness_report")
    if report or config.getoption("wslint_witness"):
        from wslint.pytest_plugin.witness.plugin import Witness

        config.pluginmanager.register(Witness(config, report), "wslint-witness")
    mode = config.getini(_MODE)
    if mode == "auto":
        from wslint.pytest_plugin.keepalive_mode import KeepaliveMode

        config.pluginmanager.register(KeepaliveMode(), "wslint-keepalive-mode")
    elif mode != "off":
        raise pytest.UsageError(f"{_MODE} must be auto or off, not {mode!r}")


@pytest.fixture
def keep_db_connections_open() -> Iterator[None]:
    """Keep Channels from closing the database connection inside the transaction of a test."""
    from wslint.keepalive import keep_db_connections_open

    with keep_db_connections_open():
        yield


@pytest.hookimpl(hookwrapper=True)  # pytest 7 does not know wrapper=True
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Generator[None, Any, None]:
    """Explain a failed test."""
    outcome = yield
    if call.excinfo is None:
        return
    report = outcome.get_result()
    if report.failed:
        # the alarm of pytest-timeout may go off here, and would end the whole run
        with suppress(pytest.fail.Exception):
            from wslint.pytest_plugin.explanations import explain_test

            explain_test(item, call.excinfo.value, report)


def pytest_exception_interact(node: Any, call: Any, report: Any) -> None:
    """Explain an error of the collection; tests are explained above."""
    if isinstance(node, pytest.Collector):
        from wslint.pytest_plugin.explanations import explain_collection

        explain_collection(node, call.excinfo.value, report)
