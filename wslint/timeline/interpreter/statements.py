"""Statements: bindings, control flow, with-blocks, and bodies that stop at a ``yield``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wslint.syntax import nodes as s
from wslint.syntax.search import refs, statements, walk
from wslint.timeline.interpreter import connect_results
from wslint.timeline.interpreter.attributes import made_with_scope
from wslint.timeline.interpreter.expressions import MAX_ROUNDS
from wslint.timeline.interpreter.frames import Jump
from wslint.timeline.interpreter.store import Store
from wslint.timeline.interpreter.values import (
    NONE,
    ConnectResult,
    Constant,
    Coroutine,
    Exit,
    Generator,
    Items,
    Klass,
    Library,
    LibraryObject,
    Method,
    Table,
    Unknown,
    Value,
)
from wslint.timeline.model import Lost, Path
from wslint.vocabulary import NO_RETURN

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

EVERYTHING = Library("builtins.BaseException")
"""What an ``except`` without a type catches."""


class Statements:
    """Runs statements in the running frame."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def run_block(self, body: s.Block) -> bool:
        """Run statements; True if control reaches their end."""
        return all(self.run(statement) for statement in body)

    def run(self, statement: s.Stmt) -> bool:
        """Run one statement; True if control goes on after it."""
        self.interpreter.step()
        frame = self.interpreter.frames[-1]
        outer, frame.statement = frame.statement, statement
        try:
            return _HANDLERS[type(statement)](self, statement)
        finally:
            frame.statement = outer

    def _evaluate(self, expr: s.Expr) -> Value:
        return self.interpreter.expressions.evaluate(expr)

    # simple statements

    def _import(self, node: s.Import) -> bool:
        if node.name != "*":
            names = self.interpreter.names
            name = node.alias or node.name or node.module.partition(".")[0]
            names.bind(name, names.imported(node, self.interpreter.frame.env.module))
        return True

    def _assign(self, node: s.Assign) -> bool:
        if node.value is not None:
            value = self._evaluate(node.value)
            if node.augmented:
                value = self._augmented(node.targets[0], value)
            for target in node.targets:
                self.assign(target, value)
            self.interpreter.frame.assigned = (self.interpreter.recorder.index, node)
        return True

    def _augmented(self, target: s.Expr, value: Value) -> Value:
        old = self._evaluate(target)
        if isinstance(old, Items) and isinstance(value, Items):
            # a sequence that is added to itself grows exponentially
            self.interpreter.step(len(value.values))
            return Items(old.kind, [*old.values, *value.values], old.exact and value.exact)
        if made_with_scope(old) is not None:
            self.interpreter.attributes.update_scope(old, value, target.span)
            return old
        if isinstance(old, Method) and isinstance(value, Table):
            self.interpreter.attributes.note_overrides(old, value.functions.items(), target.span)
            return old
        return Unknown("a computed value")

    def _do(self, node: s.Do) -> bool:
        value = self._evaluate(node.value)
        connect_results.drop(value, node)
        self._lose(value, node.value)
        return not (isinstance(value, LibraryObject) and value.name in NO_RETURN)

    def _return(self, node: s.Return) -> bool:
        interpreter = self.interpreter
        value = self._evaluate(node.value) if node.value is not None else NONE
        if interpreter.frame.kind == "fixture":
            connect_results.use([value])  # by other tests
        interpreter.frame.exits.append((value, interpreter.store, interpreter.path))
        return False

    def _raise(self, node: s.Raise) -> bool:
        if node.value is not None:
            self._evaluate(node.value)
        return False

    def _assert(self, node: s.Assert) -> bool:
        if isinstance(node.test, s.Const) and node.test.value:
            return True  # it asserts nothing
        recorder = self.interpreter.recorder
        just_read = self._just_read(node.test)
        self._assert_true(node.test)
        reads = self.interpreter.expressions.objects_in((node.test, just_read))
        exists = self.interpreter.expressions.asserted_to_exist(node.test)
        recorder.asserted(node, recorder.origin(node.span), reads, exists)
        return not isinstance(node.test, s.Const)

    def _just_read(self, test: s.Expr) -> s.Expr | None:
        """Return the value of a name in a condition that is assigned right before it."""
        index, node = self.interpreter.frame.assigned or (0, None)
        if node is None or index != self.interpreter.recorder.index:
            return None
        names = {target.parts for target in node.targets if isinstance(target, s.Ref)}
        return node.value if any(ref.parts[:1] in names for ref in refs(test)) else None

    def _assert_true(self, test: s.Expr) -> None:
        if isinstance(test, s.Op) and test.kind == "and":
            for operand in test.operands:
                self._assert_true(operand)
        else:
            value = self._evaluate(test)
            connect_results.assert_true(value)
            self._lose(value, test)

    def _lose(self, value: Value, expr: s.Expr) -> None:
        """Record that a coroutine which a helper returns is dropped or asserted here."""
        made = value.made if isinstance(value, Coroutine) else None
        origin = self.interpreter.recorder.origin(expr.span)
        if made is not None and made.origin.place != origin.place:
            frame = self.interpreter.frame
            made.lost = Lost(origin, frame.function, frame.statement)

    def _jump(self, node: s.Jump) -> bool:
        interpreter = self.interpreter
        interpreter.frame.jumps.append(Jump(node.kind, interpreter.store, interpreter.path))
        return False

    def _declare(self, node: s.Declare) -> bool:
        env = self.interpreter.frame.env
        (env.global_names if node.kind == "global" else env.outer_names).update(node.names)
        return True

    def _function(self, node: s.Function) -> bool:
        define, env = self.interpreter.decorators.define, self.interpreter.frame.env
        self.interpreter.names.bind(node.name, define(node, env, None))
        return True

    def _class(self, node: s.Class) -> bool:
        env = self.interpreter.frame.env
        self.interpreter.names.bind(node.name, Klass(node, env.module, env))
        return True

    # bindings

    def assign(self, target: s.Expr, value: Value) -> None:
        """Bind a target to a value."""
        attributes = self.interpreter.attributes
        if not isinstance(target, s.Seq):
            connect_results.bind(value, self.interpreter.frame.statement)
        if isinstance(target, s.Ref):
            if len(target.parts) == 1:
                self.interpreter.names.bind(target.parts[0], value)
                return
            owner = self._evaluate(s.Ref(target.parts[:-1], target.span))
            attributes.set(owner, target.parts[-1], value, target.span)
        elif isinstance(target, s.Attr):
            attributes.set(self._evaluate(target.value), target.name, value, target.span)
        elif isinstance(target, s.Item):
            owner, index = self._evaluate(target.value), self._evaluate(target.index)
            attributes.set_item(owner, index, value, target.span)
        elif isinstance(target, s.Seq):
            self._unpack(target, value)
        elif isinstance(target, s.Op) and target.kind == "star":
            self.assign(target.operands[0], value)

    def _unpack(self, target: s.Seq, value: Value) -> None:
        attributes = self.interpreter.attributes
        starred = [number for number, item in enumerate(target.items) if _is_star(item)]
        if starred and isinstance(value, Items) and value.exact:
            value = _gathered(value, starred[0], len(target.items))
        exact = isinstance(value, Items) and value.exact and len(value.values) == len(target.items)
        for number, item in enumerate(target.items):
            if exact:
                self.assign(item, value.values[number])  # type: ignore[union-attr]
            elif isinstance(value, Items) and not value.exact:
                self.assign(item, attributes.any_item(value))
            else:
                self.assign(item, attributes.get_item(value, Constant(number)))

    def run_binding(self, statement: s.Assign | s.With) -> None:
        """Run the part of a module-level statement that binds names."""
        self.interpreter.frame.statement = statement
        if isinstance(statement, s.Assign):
            self._assign(statement)
            return
        for item in statement.items:
            value, leave = self._enter(item)
            if item.target is not None:
                self.assign(item.target, value)
            leave()

    # control flow

    def _branch(self, node: s.Branch) -> bool:
        test = self._evaluate(node.test)
        known = self.interpreter.expressions.truth(test)
        if known is not None:
            return self.run_block(node.arms[0 if known else 1])
        self._note_test(test, node)
        return self._run_blocks(self.run_block, node.arms)

    def _note_test(self, test: Value, node: s.Branch) -> None:
        """Record what an ``if`` asserts of the result of a connect: one arm of it may raise."""
        raises = [self._raises(arm) for arm in node.arms]
        if raises == [False, True]:
            connect_results.assert_true(test)
        elif raises == [True, False]:
            connect_results.assert_true(connect_results.negated(test) or test)
        elif isinstance(test, ConnectResult) and not node.arms[-1] and not self._gives(node):
            connect_results.guard(test)
        else:
            connect_results.use([test])

    def _gives(self, branch: s.Branch) -> bool:
        """Return whether an arm may hand something to a caller, who misses it otherwise."""
        return any(isinstance(node, (s.Return, s.Yield)) for node in walk(branch))

    def _raises(self, arm: s.Block) -> bool:
        last = arm[-1] if arm else None
        call = last.value if isinstance(last, s.Do) else None
        is_failure = isinstance(call, s.Call) and getattr(call.func, "parts", ("",))[-1] == "fail"
        return isinstance(last, s.Raise) or is_failure

    def _run_blocks(self, run: Callable[[s.Block], bool], blocks: tuple[s.Block, ...]) -> bool:
        return self.interpreter.run_arms([lambda block=block: run(block) for block in blocks])  # type: ignore[misc]

    def _loop(self, node: s.Loop) -> bool:
        interpreter, events = self.interpreter, self.interpreter.timeline.events
        began, happened = interpreter.recorder.now(), len(events)
        before, path = interpreter.store, interpreter.path
        jumps = interpreter.frame.jumps
        outer = len(jumps)
        truth = interpreter.expressions.truth
        endless = node.target is None and truth(self._evaluate(node.head)) is True
        falls = self._rounds(node, endless)
        interpreter.recorder.repeated(node, range(happened, len(events)), began)
        falls = falls and self.run_block(node.orelse)
        breaks = jumps[outer:]
        del jumps[outer:]
        ends = [(interpreter.store, interpreter.path)] if falls else []
        ends += [(jump.store, jump.path) for jump in breaks]
        if not ends:
            interpreter.store, interpreter.path = before, path
            return False
        self._merge(before, ends)
        if endless:
            # it goes on until a round breaks, so one of them surely does
            interpreter.path = path
        return True

    def _merge(self, before: Store, ends: list[tuple[Store, Path]]) -> None:
        """Go on where several ways from one store have come together."""
        interpreter = self.interpreter
        interpreter.store = interpreter.merge_stores(before, [store for store, _ in ends])
        interpreter.path = interpreter.merge_paths([path for _, path in ends])

    def _rounds(self, node: s.Loop, endless: bool) -> bool:
        """Run the rounds of a loop; True if it may come to its own end."""
        interpreter = self.interpreter
        if node.target is None:
            if endless:
                return self._rounds_while_true(node)
            return interpreter.run_arms([lambda: self._round(node), lambda: True])
        iterable = self._evaluate(node.head)
        items = interpreter.expressions.items_of(iterable)
        if items is not None:
            return all(self._round(node, item) for item in items)
        if isinstance(iterable, Generator):
            origin = interpreter.recorder.origin(node.head.span)
            falls = interpreter.functions.iterate(
                iterable, origin, lambda item: self._round(node, item)
            )
            if falls is not None:
                return falls
        any_item = interpreter.expressions.any_item(iterable, node.head, is_async=node.is_async)
        return interpreter.run_arms([lambda: self._round(node, any_item), lambda: True])

    def _rounds_while_true(self, node: s.Loop) -> bool:
        """Run a loop whose condition holds at first; True if it surely holds no longer."""
        expressions = self.interpreter.expressions
        for _ in range(1 if isinstance(node.head, s.Const) else MAX_ROUNDS):
            if not self._round(node):
                return False
            if expressions.truth(expressions.evaluate(node.head)) is False:
                return True
        return False

    def _round(self, node: s.Loop, item: Value | None = None) -> bool:
        """Run one round of a loop; True if control reaches what comes after it."""
        interpreter = self.interpreter
        frame = interpreter.frame
        before, outer = interpreter.store, len(frame.jumps)
        if node.target is not None and item is not None:
            self.assign(node.target, item)
        falls = self.run_block(node.body)
        jumps = frame.jumps[outer:]
        frame.jumps[outer:] = [jump for jump in jumps if jump.kind == "break"]
        ends = [(interpreter.store, interpreter.path)] if falls else []
        ends += [(jump.store, jump.path) for jump in jumps if jump.kind == "continue"]
        if ends:
            self._merge(before, ends)
        return bool(ends)

    def _try(self, node: s.Try) -> bool:
        path = self.interpreter.path
        if all(map(_fails, node.handlers)) or yields(node.body):
            falls = self.run_block(node.body) and self.run_block(node.orelse)
        else:
            falls = self._try_handlers(node)
        return self._finally(node, falls, path)

    def _try_handlers(self, node: s.Try) -> bool:
        interpreter, recorder = self.interpreter, self.interpreter.recorder
        events = interpreter.timeline.events
        before, happened = interpreter.store, len(events)
        after, tried = [before], [happened]
        caught = [self._evaluate(h.type) if h.type else EVERYTHING for h in node.handlers]
        scope = recorder.expect("Try", caught, recorder.origin(node.span))

        def body() -> bool:
            falls = self.run_block(node.body)
            recorder.close(scope)
            after.append(interpreter.store)
            tried.append(len(events))
            return falls and self.run_block(node.orelse)

        def handler(entry: s.Handler) -> bool:
            interpreter.store = interpreter.merge_stores(before, after)
            recorder.close(scope)
            interpreter.escapes.end_sockets(happened)
            kind = self._evaluate(entry.type) if entry.type is not None else EVERYTHING
            recorder.caught(kind, scope, range(happened, tried[-1]), node)
            if entry.name:
                interpreter.names.bind(entry.name, Unknown("an exception"))
            return self.run_block(entry.body)

        arms: list[Callable[[], bool]] = [body]
        arms += [lambda entry=entry: handler(entry) for entry in node.handlers]  # type: ignore[misc]
        falls = interpreter.run_arms(arms)
        recorder.close(scope)  # whichever arm was taken
        return falls

    def _finally(self, node: s.Try, falls: bool, path: Path) -> bool:
        if not node.final:
            return falls
        if falls:
            return self.run_block(node.final)
        saved, self.interpreter.path = self.interpreter.path, path
        self.run_block(node.final)
        self.interpreter.path = saved
        return False

    # with

    def _with(self, node: s.With) -> bool:
        exits: list[Exit] = []
        is_known = True
        self.interpreter.frame.open_withs[node.span] = exits
        for item in node.items:
            value, leave = self._enter(item)
            exits.append(leave)
            is_known = is_known and not isinstance(value, (Unknown, LibraryObject))
            if item.target is not None:
                self.assign(item.target, value)
        frame, path = self.interpreter.frame, self.interpreter.path
        left = len(frame.exits), len(frame.jumps)
        falls = self.run_block(node.body)
        swallows = self._leave_with(node, path)
        raises = left == (len(frame.exits), len(frame.jumps))
        # what isn't known may expect the exception in which a block surely ends
        if falls or not (swallows or (raises and not is_known)):
            return falls
        # an exception ends the block, and control goes on after it
        self.interpreter.path = path
        if not raises:
            # or the block is left in another way, and control does not
            self.interpreter.path = self.interpreter.one_of_two_ways(path)
        return True

    def _enter(self, item: s.WithItem) -> tuple[Value, Exit]:
        value = self._evaluate(item.value)
        site = self.interpreter.recorder.site(item.value.span)
        return self.interpreter.context_managers.enter(value, site)

    def _leave_with(self, node: s.With, path: Path) -> bool:
        """Leave every item, however the body has ended; True if one may swallow an exception."""
        interpreter = self.interpreter
        saved, interpreter.path = interpreter.path, path
        swallows = False
        for leave in reversed(interpreter.frame.open_withs.pop(node.span, [])):
            swallows = bool(leave()) or swallows
        interpreter.path = saved
        return swallows

    # bodies that have stopped at a yield

    def resume_block(self, body: s.Block) -> bool:
        """Run the rest of a body, from the ``yield`` at which it has stopped."""
        for number, statement in enumerate(body):
            if yields((statement,)):
                return self._resume(statement) and self.run_block(body[number + 1 :])
        return True

    def _resume(self, statement: s.Stmt) -> bool:
        frame, path = self.interpreter.frame, self.interpreter.path
        if isinstance(statement, s.With):
            falls = self.resume_block(statement.body)
            frame.swallows = self._leave_with(statement, path) or frame.swallows
            return falls
        if isinstance(statement, s.Try):
            falls = self.resume_block(statement.body) and self.run_block(statement.orelse)
            frame.swallows = frame.swallows or any(map(_swallows, statement.handlers))
            return self._finally(statement, falls, path)
        if isinstance(statement, s.Branch):
            stopped = tuple(arm for arm in statement.arms if yields(arm))
            return self._run_blocks(self.resume_block, stopped)
        delegated, frame.delegated = frame.delegated, None
        if delegated is not None:
            delegated()
        if isinstance(statement, s.Return):
            return False
        if isinstance(statement, s.Assign):
            for target in statement.targets:
                self.assign(target, Unknown("what is sent into a generator is not followed"))
        return True


def _fails(handler: s.Handler) -> bool:
    """Return whether a handler surely ends in an exception again, as if nothing was caught."""
    last = handler.body[-1] if handler.body else None
    func = last.value.func if isinstance(last, s.Do) and isinstance(last.value, s.Call) else None
    fails = isinstance(last, s.Raise) or (isinstance(func, s.Ref) and func.parts[-1] == "fail")
    return fails and not any(
        isinstance(one, (s.Return, s.Jump)) for one in statements(handler.body)
    )


def _swallows(handler: s.Handler) -> bool:
    return not any(isinstance(statement, s.Raise) for statement in handler.body)


def yields(body: s.Block) -> bool:
    """Return whether statements of this function contain a ``yield``."""
    for statement in body:
        if isinstance(statement, (s.Do, s.Return, s.Assign)):
            if isinstance(statement.value, s.Yield):
                return True
        elif isinstance(statement, (s.With, s.Loop)):
            if yields(statement.body):
                return True
        elif isinstance(statement, s.Try):
            blocks = (statement.body, statement.orelse, statement.final)
            if any(yields(block) for block in blocks):
                return True
        elif isinstance(statement, s.Branch) and any(yields(arm) for arm in statement.arms):
            return True
    return False


def _is_star(target: s.Expr) -> bool:
    return isinstance(target, s.Op) and target.kind == "star"


def _gathered(value: Items, at: int, count: int) -> Items:
    """Return what ``count`` targets are bound to, of which the one at a number has a star."""
    end = len(value.values) - (count - at - 1)
    if end < at:
        return value
    rest = Items("list", value.values[at:end])
    return Items(value.kind, [*value.values[:at], rest, *value.values[end:]])


_X = Statements
_HANDLERS: dict[type, Callable[[Statements, Any], bool]] = {
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
