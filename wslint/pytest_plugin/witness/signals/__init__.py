"""The signals: each observes one library, and can be off without the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wslint.pytest_plugin.witness.signals import (
    applications,
    clients,
    communicators,
    connections,
    dependencies,
    layers,
    loops,
    overrides,
    runners,
    sessions,
)
from wslint.pytest_plugin.witness.watch import Watch

# the library that must be imported, and what to install then
SIGNALS: tuple[tuple[str, Callable[[Watch, Any], None]], ...] = (
    ("starlette.testclient", sessions.counts),
    ("starlette.testclient", sessions.several_loops),
    ("starlette.testclient", sessions.never_entered),
    ("starlette.testclient", sessions.used_after_its_end),
    ("starlette.testclient", sessions.application_of_session),
    ("starlette.testclient", clients.entered_twice),
    ("starlette.testclient", clients.never_left),
    ("starlette.testclient", clients.timeout_without_effect),
    ("starlette.testclient", applications.startup_never_ran),
    ("starlette.websockets", applications.record_websockets),
    ("starlette.websockets", applications.stale_socket),
    ("starlette.websockets", applications.sent_from_another_loop),
    ("fastapi", dependencies.without_effect),
    ("fastapi", dependencies.left_on),
    ("asgiref.testing", communicators.record_conversations),
    ("asgiref.testing", communicators.never_disconnected),
    ("asgiref.testing", communicators.crashed),
    ("asgiref.testing", communicators.several_loops),
    ("asgiref.testing", communicators.used_after_timeout),
    ("asgiref.testing", communicators.never_accepts),
    ("asgiref.testing", communicators.frozen_clock),
    ("asgiref.testing", communicators.consumer_class),
    ("asgiref.testing", communicators.swapped_arguments),
    ("asgiref.testing", communicators.never_awaited),
    ("channels.testing.websocket", communicators.unread_connect_result),
    ("channels.layers", layers.sent_from_another_loop),
    ("channels.layers", layers.stale_message),
    ("channels.security.websocket", applications.origin_not_sent),
    ("django.db.backends.base.base", connections.closed_in_transaction),
    ("django.db.backends.base.base", connections.never_committed),
    ("django.db.backends.utils", connections.beside_the_transaction),
    ("waffle.testutils", overrides.left_on),
    ("waffle.testutils", overrides.in_coroutine),
    ("waffle.testutils", overrides.on_generator),
    ("channels.db", overrides.patch_left_on),
    ("unittest.mock", overrides.patch_on_generator),
    ("unittest.case", runners.never_run),
    ("asyncio.mixins", loops.foreign_object),
    ("starlette.testclient", loops.lost_task),
)
