"""A pytest plugin that writes down the outcome of each test as it happens.

Outcomes are thus known even if the run hangs. The file is copied to a folder of its own and runs
with the Python of the tests, which may be older than wslint's and need not have wslint installed.
"""

import json
import os
from typing import Any


def write(*entry: str) -> None:
    """Write one line to the file named in the environment."""
    # with pytest-xdist, the controller repeats the reports of its workers
    if "PYTEST_XDIST_WORKER" not in os.environ:
        with open(os.environ["WSLINT_OUTCOMES"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")


def pytest_configure(config: Any) -> None:
    """A file that cannot be imported keeps no other from its tests."""
    config.option.continue_on_collection_errors = True


def pytest_runtest_logstart(nodeid: str) -> None:
    """A test starts."""
    write(nodeid, "start", "")


def pytest_runtest_logreport(report: Any) -> None:
    """The setup, call or teardown of a test has ended."""
    expected = hasattr(report, "wasxfail") and report.skipped
    write(report.nodeid, report.when, "xfailed" if expected else report.outcome)


def pytest_collectreport(report: Any) -> None:
    """A file has been imported."""
    if report.failed:
        write(report.nodeid, "collect", "failed")
