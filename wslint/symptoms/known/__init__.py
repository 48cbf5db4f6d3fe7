"""The failures that wslint knows, each with its causes.

All error texts come from the real libraries. The frames of a failure decide between symptoms that
have the same text; so one with a wide text names the files through which it passes.
"""

from __future__ import annotations

from wslint.symptoms.known import (
    collection,
    communicators,
    database,
    event_loops,
    hangs,
    sockets,
)
from wslint.symptoms.model import Symptom

SYMPTOMS: tuple[Symptom, ...] = (
    *database.SYMPTOMS,
    *event_loops.SYMPTOMS,
    *communicators.SYMPTOMS,
    *sockets.SYMPTOMS,
    *hangs.SYMPTOMS,
    *collection.SYMPTOMS,
)
"""All symptoms. Where several match, they are shown in this order."""
