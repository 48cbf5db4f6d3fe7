"""What the roles of the vocabulary do to a timeline, one family of libraries a file.

Each family has tables of its own (``wslint.timeline.interpreter.tables``); ``LIBRARIES`` has all.
"""

from __future__ import annotations

from wslint.timeline.interpreter.tables import merge_tables
from wslint.timeline.libraries import (
    adapters,
    applications,
    blocking,
    clients,
    clocks,
    communicators,
    contexts,
    database,
    django_client,
    layers,
    overrides,
    patches,
    routing,
    signals,
    testcases,
)

LIBRARIES = merge_tables(
    family.TABLES
    for family in (
        adapters,
        applications,
        blocking,
        clients,
        clocks,
        communicators,
        contexts,
        database,
        django_client,
        layers,
        overrides,
        patches,
        routing,
        signals,
        testcases,
    )
)
