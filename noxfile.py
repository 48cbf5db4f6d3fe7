"""Runs the tests on every Python, and the proofs with many versions of the libraries.

Environments are created with uv if it is installed. Interpreters are never downloaded: those not
found on PATH or in pyenv's versions are skipped.
"""

from __future__ import annotations

import glob
import os
import sys
from pathlib import Path
from typing import Any

import nox

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

nox.needs_version = ">=2024.4.15"
nox.options.sessions = ["tests"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
os.environ["UV_PYTHON_DOWNLOADS"] = "never"
for _folder in glob.glob(os.path.expanduser("~/.pyenv/versions/*/bin")):
    os.environ["PATH"] += os.pathsep + _folder

COLUMNS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "tests" / "proofs" / "columns.toml").read_text(encoding="utf-8")
)["column"]
# The second line is for the project that every case is copied into.
ALWAYS = (
    *("pytest", "pytest-django", "pytest-asyncio", "pytest-timeout", "pytest-xdist"),
    *("channels", "daphne", "django", "django-waffle", "freezegun"),
)
# Old versions of pytest don't know all the options in pyproject.toml.
PYTEST = ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "addopts=")
WITH_DATABASE = "channels django django-waffle asgiref"
# the fix, and the mode of the pytest plugin
KEEPALIVE = (
    "WS101-decorator_on_function-fixed or (keeps_the_connection and WS101-decorator_on_function)"
)
DRIVERS = {"psycopg": "psycopg[binary]", "psycopg2": "psycopg2-binary"}


@nox.session(python=["3.10", "3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """Run all tests with the newest libraries."""
    session.install("-e", ".[dev]")
    session.run("python", "-m", "pytest", *session.posargs)


def prove(session: nox.Session, column: dict[str, Any]) -> None:
    """Run the cases of a column; the outcomes are written to PROOF_REPORT."""
    session.install("-e", ".", *ALWAYS, *column["requires"])
    marks = "proof or proof_all" if column.get("races") else "proof"
    env = {
        "PROOF_REPORT": report_folder(),
        "PROOF_COLUMN": column["name"],
        "PROOF_ABOUT": " ".join(column.get("about", ())),
    }
    session.run(*PYTEST, "-W", "default", "-m", marks, "tests/proofs", *session.posargs, env=env)


def report_folder() -> str:
    """Return the folder of the reports: PROOF_REPORT, or one in .nox."""
    return os.path.abspath(os.environ.get("PROOF_REPORT", ".nox/proofs"))


@nox.session
@nox.parametrize(
    "python,column",
    [(column["python"], column) for column in COLUMNS],
    ids=[column["name"] for column in COLUMNS],
)
def proofs(session: nox.Session, column: dict[str, Any]) -> None:
    """Run the cases with one column of versions."""
    prove(session, column)


@nox.session(python=False)
def matrix(session: nox.Session) -> None:
    """Run every column that needs no server, then write docs/proofs.md."""
    for column in COLUMNS:
        session.notify(f"proofs({column['name']})")
    for column in WITH_CHANNELS:
        session.notify(f"keepalive({column['name']}, sqlite)")
    session.notify("report")


@nox.session(python=False)
def report(session: nox.Session) -> None:
    """Write docs/proofs.md from the reports of the columns, and update the rules' pages."""
    session.run(
        *(sys.executable, "-m", "proofs.report", report_folder(), "docs/proofs.md"),
        env={"PYTHONPATH": os.pathsep.join(["tests", "."])},
        external=True,
    )
    # the pages of the rules quote docs/proofs.md
    session.run(sys.executable, "-m", "scripts.rule_pages", external=True)


@nox.session(python="3.13")
@nox.parametrize("driver", list(DRIVERS))
def postgres(session: nox.Session, driver: str) -> None:
    """Run the cases that use a database on a temporary PostgreSQL."""
    session.install("-e", ".", *ALWAYS, DRIVERS[driver])
    chosen = ("-W", "default", "-m", "proof", "--postgres", "tests/proofs")
    env = {"PROOF_REPORT": report_folder()}
    column = {**env, "PROOF_COLUMN": f"postgresql-{driver}", "PROOF_ABOUT": WITH_DATABASE}
    session.run(*PYTEST, *chosen, env=column)


WITH_CHANNELS = [column for column in COLUMNS if column["name"].startswith(("channels", "newest"))]


@nox.session
@nox.parametrize(
    "python,column,database",
    [(one["python"], one, name) for one in WITH_CHANNELS for name in ("sqlite", *DRIVERS)],
    ids=[f"{one['name']}, {name}" for one in WITH_CHANNELS for name in ("sqlite", *DRIVERS)],
)
def keepalive(session: nox.Session, column: dict[str, Any], database: str) -> None:
    """Run a test 100 times whose connection is kept open, by a fix and by the plugin's mode."""
    driver = [DRIVERS[database]] if database in DRIVERS else []
    session.install("-e", ".", *ALWAYS, *column["requires"], *driver)
    env = {
        "PROOF_REPORT": report_folder(),
        "PROOF_COLUMN": f"keepalive-{column['name']}-{database}",
        "PROOF_TIMES": "100",
    }
    server = ["--postgres"] if driver else []
    chosen = ("-W", "default", "-m", "proof", *server, "tests/proofs", "-k", KEEPALIVE)
    session.run(*PYTEST, *chosen, env=env)
