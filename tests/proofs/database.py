"""Which database the runs use, and what its driver says of a closed connection."""

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
    """Name the database as ``CLOSED`` does. Django takes psycopg 3 where both are installed."""
    if "PROOF_POSTGRES" not in os.environ:
        return "SQLite file"
    return "PostgreSQL, psycopg 3" if find_spec("psycopg") else "PostgreSQL, psycopg2"


def with_database(exception: str) -> str:
    """Put what the driver in use says in place of what a case declares for a SQLite file."""
    return CLOSED[database()] if exception == SQLITE else exception
