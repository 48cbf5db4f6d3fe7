"""The frame of a running body, and the ways out of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from wslint.findings.span import Span
from wslint.syntax import nodes as s
from wslint.timeline.interpreter.store import Store
from wslint.timeline.interpreter.values import CallSite, Env, Exit, Klass, Value
from wslint.timeline.model import FrameKind, Path


class Suspended(Exception):
    """A generator has reached its ``yield``; carries what it yields."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class OutOfBudget(Exception):
    """The test does more than is worth following."""


class Jump(NamedTuple):
    """A ``break`` or ``continue``, and the state in which it jumps."""

    kind: str
    store: Store
    path: Path


@dataclass
class Frame:
    """One running function, module or class body.

    ``site`` is where it was called, None for one that no call runs. ``suspends``: a ``yield`` stops
    it; ``delegated`` finishes the generator of its ``yield from``; ``consume`` does what
    a loop does with a value that it yields; ``swallows``: an exception that comes out of the
    ``yield`` may end in its body.
    """

    env: Env
    kind: FrameKind
    function: s.Function | None
    owner: s.Class | None
    klass: Klass | None = None
    receiver: Value | None = None
    site: CallSite | None = None
    statement: s.Stmt | None = None
    exits: list[tuple[Value, Store, Path]] = field(default_factory=list)
    jumps: list[Jump] = field(default_factory=list)
    suspends: bool = False
    delegated: Exit | None = None
    consume: Callable[[Value], bool] | None = None
    open_withs: dict[Span, list[Exit]] = field(default_factory=dict)
    swallows: bool = False
    assigned: tuple[int, s.Assign] | None = None
    """The last assignment, and the moment after it."""
