"""A plugin of pytest: writes down what becomes of each test, as it happens.

So a run that hangs still tells. The file is copied into a folder of its own and runs with the
Python of the tests, which may be older than wslint's and need not have wslint.
"""

import json
import os
from typing import Any


def write(*entry: str) -> None:
    """Write one line to the file that the environment names."""
    # with pytest-xdist, the controller repeats what its workers say
    if "PYTEST_XDIST_WORKER" not in os.environ:
        with open(os.environ["WSLINT_OUTCOMES"], "a", encoding="utf-8") as stream:
            stream.write(json.dumps(entry) + "\n")


def pytest_runtest_logstart(nodeid: str) -> None:
    """A test begins."""
    write(nodeid, "start", "")


def pytest_runtest_logreport(report: Any) -> None:
    """One of the three parts of a test is over."""
    expected = hasattr(report, "wasxfail") and report.skipped
    write(report.nodeid, report.when, "xfailed" if expected else report.outcome)


def pytest_collectreport(report: Any) -> None:
    """A file has been imported."""
    if report.failed:
        write(report.nodeid, "collect", "failed")
