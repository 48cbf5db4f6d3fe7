"""One file as other files see it: which names it binds, and by which statements."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from wslint.lower import script as s


@dataclass(eq=False, repr=False)
class Module:
    """A linked file. ``bindings`` maps a module-level name to the statements that bind it.

    ``supports_tests``: functions of this file may make or hold what timelines are made of.
    """

    path: str
    script: s.Script
    package: str
    supports_tests: bool = True
    bindings: dict[str, list[s.Stmt]] = field(default_factory=dict)
    stars: list[s.Import] = field(default_factory=list)
    effects: dict[str, list[s.Do]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for statement in flat(self.script.body):
            if isinstance(statement, s.Import) and statement.name == "*":
                self.stars.append(statement)
            for name in bound_names(statement):
                self.bindings.setdefault(name, []).append(statement)
            # client.__enter__() at module level changes what the name client stands for
            if (
                isinstance(statement, s.Do)
                and isinstance(statement.value, s.Call)
                and isinstance(statement.value.func, s.Ref)
                and len(statement.value.func.parts) > 1
            ):
                self.effects.setdefault(statement.value.func.parts[0], []).append(statement)


def flat(body: s.Block) -> Iterator[s.Stmt]:
    """Give the statements that run at import, those in if, try, with and loops too."""
    for statement in body:
        yield statement
        if isinstance(statement, s.Branch):
            for arm in statement.arms:
                yield from flat(arm)
        elif isinstance(statement, s.Try):
            yield from flat(statement.body)
            for handler in statement.handlers:
                yield from flat(handler.body)
            yield from flat(statement.orelse)
            yield from flat(statement.final)
        elif isinstance(statement, (s.With, s.Loop)):
            yield from flat(statement.body)


def bound_names(statement: s.Stmt) -> Iterator[str]:
    """Give the names that one statement binds, without those of nested statements."""
    if isinstance(statement, (s.Function, s.Class)):
        yield statement.name
    elif isinstance(statement, s.Import):
        if statement.name != "*":
            yield statement.alias or statement.name or statement.module.partition(".")[0]
    elif isinstance(statement, s.Assign):
        for target in statement.targets:
            yield from target_names(target)
    elif isinstance(statement, s.With):
        for item in statement.items:
            if item.target is not None:
                yield from target_names(item.target)
    elif isinstance(statement, s.Loop) and statement.target is not None:
        yield from target_names(statement.target)


def target_names(target: s.Expr) -> Iterator[str]:
    """Give the plain names in an assignment target."""
    if isinstance(target, s.Ref) and len(target.parts) == 1:
        yield target.parts[0]
    elif isinstance(target, s.Seq):
        for item in target.items:
            yield from target_names(item)
    elif isinstance(target, s.Op) and target.kind == "star":
        yield from target_names(target.operands[0])
