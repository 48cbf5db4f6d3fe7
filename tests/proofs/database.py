"""The database of the runs, and its driver's error for a closed connection."""

from __future__ import annotations

import os
from importlib.util import find_spec

SQLITE = "ProgrammingError: Cannot operate on a closed database."
CLOSED = {
    "SQLite file": SQLITE,
    "PostgreSQL, psycopg 3": "OperationalError: the connection is closed",
    "PostgreSQL, psycopg2": "InterfaceError: connection already closed",
}


def database() -> str:
    """Return the key of the database in ``CLOSED``; Django prefers psycopg 3 to psycopg2."""
    if "PROOF_POSTGRES" not in os.environ:
        return "SQLite file"
    return "PostgreSQL, psycopg 3" if find_spec("psycopg") else "PostgreSQL, psycopg2"


def with_database(exception: str) -> str:
    """Replace the error that a case declares for a SQLite file by that of the driver in use."""
    return CLOSED[database()] if exception == SQLITE else exception
