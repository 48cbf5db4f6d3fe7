"""Statements: control flow, bindings, with-blocks, and bodies that are left at a ``yield``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wslint.syntax import nodes as s
from wslint.timeline.interpreter.bindings import Binding
from wslint.timeline.interpreter.calls import Exit
from wslint.timeline.interpreter.recorder import Jump
from wslint.timeline.interpreter.values import (
    NONE,
    Items,
    Klass,
    Library,
    Made,
    Unknown,
    Value,
)
from wslint.vocabulary import NO_RETURN

EVERYTHING = Library("builtins.BaseException")
"""What an ``except`` without a type catches."""


class Executor(Binding):
    """Runs statements."""

    def run_block(self, body: s.Block) -> bool:
        """Run statements; True where control reaches their end."""
        return all(self.run_statement(statement) for statement in body)

    def run_statement(self, statement: s.Stmt) -> bool:
        """Run one statement; True where control goes on behind it."""
        self.step()
        outer, self.frame.statement = self.frame.statement, statement
        try:
            return _HANDLERS[type(statement)](self, statement)
        finally:
            if self.frames:
                self.frame.statement = outer

    # simple statements

    def _import(self, node: s.Import) -> bool:
        if node.name != "*":
            name = node.alias or node.name or node.module.partition(".")[0]
            self.bind_name(name, self.imported(node, self.frame.env.module))
        return True

    def _assign(self, node: s.Assign) -> bool:
        if node.value is not None:
            value = self.evaluate(node.value)
            if node.augmented:
                value = self._augmented(node.targets[0], value)
            for target in node.targets:
                self.assign(target, value)
        return True

    def _augmented(self, target: s.Expr, value: Value) -> Value:
        old = self.evaluate(target)
        if isinstance(old, Items) and isinstance(value, Items):
            return Items(old.kind, [*old.values, *value.values], old.exact and value.exact)
        return Unknown("a computed value")

    def _do(self, node: s.Do) -> bool:
        value = self.evaluate(node.value)
        return not (isinstance(value, Made) and value.name in NO_RETURN)

    def _return(self, node: s.Return) -> bool:
        value = self.evaluate(node.value) if node.value is not None else NONE
        self.frame.exits.append((value, self.store, self.path))
        return False

    def _raise(self, node: s.Raise) -> bool:
        if node.value is not None:
            self.evaluate(node.value)
        return False

    def _assert(self, node: s.Assert) -> bool:
        self.evaluate(node.test)
        self.asserted(node, node.span, self.objects_in(node.test))
        return not (isinstance(node.test, s.Const) and not node.test.value)

    def _jump(self, node: s.Jump) -> bool:
        self.frame.jumps.append(Jump(node.kind, self.store, self.path))
        return False

    def _declare(self, node: s.Declare) -> bool:
        env = self.frame.env
        (env.global_names if node.kind == "global" else env.outer_names).update(node.names)
        return True

    def _function(self, node: s.Function) -> bool:
        self.bind_name(node.name, self.define(node, self.frame.env, None))
        return True

    def _class(self, node: s.Class) -> bool:
        self.bind_name(node.name, Klass(node, self.frame.env.module, self.frame.env))
        return True

    # at import

    def run_binding(self, statement: s.Assign | s.With) -> None:
        """Run the part of a module-level statement that binds names."""
        self.frame.statement = statement
        if isinstance(statement, s.Assign):
            self._assign(statement)
            return
        for item in statement.items:
            value, leave = self.enter(self.evaluate(item.value), item.value.span)
            if item.target is not None:
                self.assign(item.target, value)
            leave()

    # control flow

    def _branch(self, node: s.Branch) -> bool:
        known = self.truth(self.evaluate(node.test)) if len(node.arms) == 2 else None
        if known is not None:
            return self.run_block(node.arms[0 if known else 1])
        return self.run_arms([lambda arm=arm: self.run_block(arm) for arm in node.arms])  # type: ignore[misc]

    def _loop(self, node: s.Loop) -> bool:
        before, path = self.store, self.path
        outer = len(self.frame.jumps)
        endless = node.target is None and self.truth(self.evaluate(node.head)) is True
        falls = self._rounds(node, endless) and self.run_block(node.orelse)
        breaks = self.frame.jumps[outer:]
        del self.frame.jumps[outer:]
        ends = [(self.store, self.path)] if falls else []
        ends += [(jump.store, jump.path) for jump in breaks]
        if not ends:
            self.store, self.path = before, path
            return False
        self.store = self.joined(before, [store for store, _ in ends])
        # an endless loop goes on until a round breaks, so one of them surely does
        self.path = path if endless else self.join_paths([end for _, end in ends])
        return True

    def _rounds(self, node: s.Loop, endless: bool) -> bool:
        """Run the rounds of a loop; True where it may come to its own end."""
        if node.target is None:
            if endless:
                self._round(node)
                return False
            return self.run_arms([lambda: self._round(node), lambda: True])
        iterable = self.evaluate(node.head)
        items = self.items_of(iterable)
        if items is not None:
            return all(self._round(node, item) for item in items)
        anyone = self.any_item(iterable)
        return self.run_arms([lambda: self._round(node, anyone), lambda: True])

    def _round(self, node: s.Loop, item: Value | None = None) -> bool:
        """Run one round of a loop; True where what comes behind it is reached."""
        before, outer = self.store, len(self.frame.jumps)
        if node.target is not None and item is not None:
            self.assign(node.target, item)
        falls = self.run_block(node.body)
        jumps = self.frame.jumps[outer:]
        self.frame.jumps[outer:] = [jump for jump in jumps if jump.kind == "break"]
        ends = [(self.store, self.path)] if falls else []
        ends += [(jump.store, jump.path) for jump in jumps if jump.kind == "continue"]
        if ends:
            self.store = self.joined(before, [store for store, _ in ends])
            self.path = self.join_paths([path for _, path in ends])
        return bool(ends)

    def _try(self, node: s.Try) -> bool:
        path = self.path
        if not node.handlers or _yields(node.body):
            falls = self.run_block(node.body) and self.run_block(node.orelse)
        else:
            falls = self._try_handlers(node)
        return self._finally(node, falls, path)

    def _try_handlers(self, node: s.Try) -> bool:
        before, happened = self.store, len(self.timeline.events)
        after, tried = [before], [happened]
        caught = [self.evaluate(h.type) if h.type else EVERYTHING for h in node.handlers]
        scope = self.expect("Try", caught, node.span)

        def body() -> bool:
            falls = self.run_block(node.body)
            self.close(scope)
            after.append(self.store)
            tried.append(len(self.timeline.events))
            return falls and self.run_block(node.orelse)

        def handler(entry: s.Handler) -> bool:
            self.store = self.joined(before, after)
            self.close(scope)
            self.end_sockets(happened)
            kind = self.evaluate(entry.type) if entry.type is not None else None
            self.caught(kind, range(happened, tried[-1]), node)
            if entry.name:
                self.bind_name(entry.name, Unknown("an exception"))
            return self.run_block(entry.body)

        arms: list[Callable[[], bool]] = [body]
        arms += [lambda entry=entry: handler(entry) for entry in node.handlers]  # type: ignore[misc]
        return self.run_arms(arms)

    def _finally(self, node: s.Try, falls: bool, path: Any) -> bool:
        if not node.final:
            return falls
        if falls:
            return self.run_block(node.final)
        saved, self.path = self.path, path
        self.run_block(node.final)
        self.path = saved
        return False

    # with

    def _with(self, node: s.With) -> bool:
        exits: list[Exit] = []
        self.frame.open_withs[node.span] = exits
        for item in node.items:
            value, leave = self.enter(self.evaluate(item.value), item.value.span)
            exits.append(leave)
            if item.target is not None:
                self.assign(item.target, value)
        path = self.path
        falls = self.run_block(node.body)
        self._leave_with(node, path)
        return falls

    def _leave_with(self, node: s.With, path: Any) -> None:
        """Leave every item; whichever way the body ended, the exits run."""
        saved, self.path = self.path, path
        for leave in reversed(self.frame.open_withs.pop(node.span, [])):
            leave()
        self.path = saved

    # bodies left at a yield

    def resume_block(self, body: s.Block) -> bool:
        """Run what comes behind the ``yield`` at which the body was left."""
        for number, statement in enumerate(body):
            if _yields((statement,)):
                return self._resume(statement) and self.run_block(body[number + 1 :])
        return True

    def _resume(self, statement: s.Stmt) -> bool:
        if isinstance(statement, s.With):
            path = self.path
            falls = self.resume_block(statement.body)
            self._leave_with(statement, path)
            return falls
        if isinstance(statement, s.Try):
            path = self.path
            falls = self.resume_block(statement.body) and self.run_block(statement.orelse)
            return self._finally(statement, falls, path)
        if isinstance(statement, s.Branch):
            left = [arm for arm in statement.arms if _yields(arm)]
            return self.run_arms([lambda arm=arm: self.resume_block(arm) for arm in left])  # type: ignore[misc]
        delegated, self.frame.delegated = self.frame.delegated, None
        if delegated is not None:
            delegated()
        if isinstance(statement, s.Return):
            return False
        if isinstance(statement, s.Assign):
            for target in statement.targets:
                self.assign(target, Unknown("what is sent into a generator is not followed"))
        return True


def _yields(body: s.Block) -> bool:
    """Tell whether statements of this function hold a ``yield``."""
    for statement in body:
        if isinstance(statement, (s.Do, s.Return, s.Assign)):
            if isinstance(statement.value, s.Yield):
                return True
        elif isinstance(statement, (s.With, s.Loop)):
            if _yields(statement.body):
                return True
        elif isinstance(statement, s.Try):
            blocks = (statement.body, statement.orelse, statement.final)
            if any(_yields(block) for block in blocks):
                return True
        elif isinstance(statement, s.Branch) and any(_yields(arm) for arm in statement.arms):
            return True
    return False


_X = Executor
_HANDLERS: dict[type, Callable[[Executor, Any], bool]] = {
    s.Import: _X._import,
    s.Assign: _X._assign,
    s.Do: _X._do,
    s.With: _X._with,
    s.Branch: _X._branch,
    s.Loop: _X._loop,
    s.Try: _X._try,
    s.Return: _X._return,
    s.Raise: _X._raise,
    s.Assert: _X._assert,
    s.Jump: _X._jump,
    s.Declare: _X._declare,
    s.Function: _X._function,
    s.Class: _X._class,
}
