"""Connections stay open inside a transaction only, and the function is restored by value."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from unittest import TestCase

import pytest

from wslint.keepalive import (
    KeepDbConnectionsOpenMixin,
    close_connections_outside_transactions,
    keep_db_connections_open,
)

db: Any = pytest.importorskip("channels.db")
django_db: Any = pytest.importorskip("django.db")


def connection(*, in_atomic_block: bool, closed: list[bool]) -> SimpleNamespace:
    return SimpleNamespace(
        in_atomic_block=in_atomic_block,
        close_if_unusable_or_obsolete=lambda: closed.append(in_atomic_block),
    )


def test_only_connections_outside_a_transaction_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[bool] = []
    both = [connection(in_atomic_block=inside, closed=closed) for inside in (True, False)]
    monkeypatch.setattr("django.db.connections", SimpleNamespace(all=lambda: both))
    close_connections_outside_transactions()
    assert closed == [False]


def test_it_is_restored_even_if_a_patch_is_left_active() -> None:
    assert db.close_old_connections is django_db.close_old_connections
    with keep_db_connections_open():
        assert db.close_old_connections is close_connections_outside_transactions
        with keep_db_connections_open():
            pass
        assert db.close_old_connections is close_connections_outside_transactions
        db.close_old_connections = print  # as a communicator may leave it
    assert db.close_old_connections is django_db.close_old_connections


def test_as_a_decorator() -> None:
    @keep_db_connections_open()
    def function() -> bool:
        return db.close_old_connections is close_connections_outside_transactions

    assert function()
    assert db.close_old_connections is django_db.close_old_connections


def test_mixin_spans_cleanups() -> None:
    seen: list[object] = []

    class Tests(KeepDbConnectionsOpenMixin, TestCase):
        def setUp(self) -> None:
            self.addCleanup(lambda: seen.append(db.close_old_connections))

        def test_it(self) -> None:
            seen.append(db.close_old_connections)

    result = Tests("test_it").run()
    assert result is not None
    assert result.wasSuccessful()
    assert seen == [close_connections_outside_transactions] * 2
    assert db.close_old_connections is django_db.close_old_connections
