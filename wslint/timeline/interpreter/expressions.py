"""Expressions: their values, in the order in which Python evaluates them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from wslint.linking.module import target_names
from wslint.syntax import nodes as s
from wslint.timeline.interpreter import connect_results
from wslint.timeline.interpreter.frames import Suspended
from wslint.timeline.interpreter.values import (
    NONE,
    Adapted,
    Arguments,
    Bound,
    ConnectResult,
    Constant,
    Coroutine,
    Env,
    Func,
    Generator,
    Items,
    Klass,
    LibraryObject,
    Object,
    OneOf,
    Partial,
    ProjectModule,
    ResourceRef,
    Table,
    Task,
    Template,
    Unknown,
    Value,
    join,
    keys_of,
    template_of,
)
from wslint.timeline.model import HOLE, Read

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

_LONGEST = 10_000
MAX_ROUNDS = 12


class Expressions:
    """Evaluates expressions in the running frame."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter

    def evaluate(self, expr: s.Expr) -> Value:
        """Return the value of an expression."""
        self.interpreter.step()
        return _HANDLERS[type(expr)](self, expr)

    def evaluate_at_import(self, expr: s.Expr, env: Env) -> Value:
        """Return the value of an expression at the top level of a module or class."""
        return self.interpreter.at_import(env, lambda: self.evaluate(expr))

    def _const(self, expr: s.Const) -> Value:
        return Constant(expr.value)

    def _ref(self, expr: s.Ref) -> Value:
        interpreter = self.interpreter
        value = interpreter.names.lookup(expr.parts[0], interpreter.frames[-1].env)
        for part in expr.parts[1:]:
            value = interpreter.attributes.get(value, part, expr.span)
        return value

    def objects_in(self, node: object) -> Iterator[Read]:
        """Yield the names in an expression, each with the object that it begins with."""
        if isinstance(node, s.Ref):
            names = self.interpreter.names
            value, rest = names.lookup(node.parts[0], self.interpreter.frame.env), node.parts[1:]
            while isinstance(value, ProjectModule) and rest:
                value, rest = names.module_attribute(value, rest[0]), rest[1:]
            value, rest = self.interpreter.attributes.within_state(value, rest)
            yield Read(id(value), rest)
            while isinstance(value, Object) and rest:
                # such as self.registry, which setUp made
                found = self.interpreter.store.get(value.id, rest[0])
                if found is None:
                    break
                value, rest = found, rest[1:]
                yield Read(id(value), rest)
        elif isinstance(node, tuple):
            for item in node:
                yield from self.objects_in(item)
        else:
            for name in getattr(node, "__dataclass_fields__", ()):
                yield from self.objects_in(getattr(node, name))

    def asserted_to_exist(self, test: s.Expr) -> Value | None:
        """Return the value of which a condition says only that it is there, or of some class.

        No code runs for it: the value of a property is not known.
        """
        if isinstance(test, s.Op) and test.kind == "and":
            found = [self.asserted_to_exist(operand) for operand in test.operands]
            return found[0] if all(value is found[0] for value in found) else None
        if isinstance(test, s.Op) and test.kind == "not":
            inner = test.operands[0]
            return (
                self._compared_to_none(inner, "is", "==") if isinstance(inner, s.Compare) else None
            )
        if isinstance(test, s.Compare):
            return self._compared_to_none(test, "is not", "!=")
        if isinstance(test, s.Call) and len(test.args) == 2 and isinstance(test.func, s.Ref):
            if test.func.parts != ("isinstance",):
                return None
            # it may not be of the project's own subclass
            is_own = isinstance(self._stored(test.args[1].value), Klass)
            return None if is_own else self._stored(test.args[0].value)
        value = self._stored(test)
        # the project's own subclass may be false
        return None if isinstance(value, ResourceRef) and value.klass is not None else value

    def _compared_to_none(self, test: s.Compare, *operators: str) -> Value | None:
        right = test.rights[0]
        is_none = isinstance(right, s.Const) and right.value is None
        only = len(test.rights) == 1 and test.ops[0] in operators and is_none
        return self._stored(test.left) if only else None

    def _stored(self, expr: s.Expr) -> Value | None:
        """Return the value of a name, or of an attribute that is set; None for anything else."""
        if not isinstance(expr, s.Ref):
            return None
        interpreter = self.interpreter
        value: Value | None = interpreter.names.lookup(expr.parts[0], interpreter.frame.env)
        for part in expr.parts[1:]:
            known = isinstance(value, (Object, ResourceRef))
            value = interpreter.store.get(value.id, part) if known else None  # type: ignore[union-attr]
        return value

    def _attr(self, expr: s.Attr) -> Value:
        return self.interpreter.attributes.get(self.evaluate(expr.value), expr.name, expr.span)

    def _call(self, expr: s.Call) -> Value:
        func = self.evaluate(expr.func)
        args = self.arguments(expr.args)
        parts = expr.func.parts if isinstance(expr.func, s.Ref) else ()
        site = self.interpreter.recorder.site(expr.span, parts, expr)
        return self.interpreter.calls.call(func, args, site)

    def arguments(self, nodes: tuple[s.Arg, ...]) -> Arguments:
        """Return the evaluated arguments of a call."""
        args = Arguments()
        for node in nodes:
            value = self.evaluate(node.value)
            if node.star == "*" and isinstance(value, Items) and value.exact:
                self.interpreter.step(len(value.values))
                args.values.extend(value.values)
            elif node.star == "**" and isinstance(value, Table) and value.exact:
                args.keywords.update({str(k): v for k, v in value.values.items()})
            elif node.star:
                args.exact = False
                args.keywords[f"{node.star}{len(args.keywords)}"] = value
            elif node.keyword:
                args.keywords[node.keyword] = value
            else:
                args.values.append(value)
        return args

    def _seq(self, expr: s.Seq) -> Value:
        found: list[Value] = []
        exact = True
        for item in expr.items:
            if isinstance(item, s.Op) and item.kind == "star":
                value = self.evaluate(item.operands[0])
                exact = exact and isinstance(value, Items) and value.exact
                values = value.values if isinstance(value, Items) else [value]
                # sequences that unpack each other twice grow exponentially
                self.interpreter.step(len(values))
                found.extend(values)
            else:
                found.append(self.evaluate(item))
        return Items(expr.kind, found, exact)

    def _mapping(self, expr: s.Mapping) -> Value:
        table = Table({})
        for key, node in expr.items:
            known = self.evaluate(key) if key is not None else None
            value = self.evaluate(node)
            if isinstance(known, Constant):
                table.values[known.value] = value
            elif known is None and isinstance(value, Table):
                table.values.update(value.values)
                table.exact = table.exact and value.exact
            else:
                table.values[("?", len(table.values))] = value
                table.exact = False
                if isinstance(known, Func):
                    table.functions[known] = value
        return table

    def _await(self, expr: s.Await) -> Value:
        return self.awaited(self.evaluate(expr.value))

    def awaited(self, value: Value) -> Value:
        """Drive an awaitable to its end in the running lane, and return its result."""
        if isinstance(value, Coroutine):
            return value.run()
        if isinstance(value, Task):
            self.interpreter.recorder.join_lane(value.lane)
            return value.value
        if isinstance(value, OneOf):
            return join([self.awaited(option) for option in value.values])
        return value if isinstance(value, Unknown) else Unknown("what it awaits can't be followed")

    def _yield(self, expr: s.Yield) -> Value:
        value = self.evaluate(expr.value) if expr.value is not None else NONE
        connect_results.use([value])
        inner = value if expr.is_from and isinstance(value, Generator) else None
        frame = self.interpreter.frame
        if frame.consume is not None:
            origin = self.interpreter.recorder.origin(expr.span)
            iterate = self.interpreter.functions.iterate
            if inner is None or iterate(inner, origin, frame.consume) is None:
                frame.consume(
                    self.interpreter.attributes.any_item(value) if expr.is_from else value
                )
            return Unknown("what is sent into a generator is not followed")
        if frame.suspends and (inner is not None or not expr.is_from):
            frame.suspends = False
            if inner is not None:
                value, frame.delegated = self.interpreter.functions.start(inner)
            raise Suspended(value)
        return Unknown("what is sent into a generator is not followed")

    def _lambda(self, expr: s.Lambda) -> Value:
        env = self.interpreter.frame.env
        return Func(expr, env.module, env)

    def _item(self, expr: s.Item) -> Value:
        value, index = self.evaluate(expr.value), self.evaluate(expr.index)
        return self.interpreter.attributes.get_item(value, index)

    def _compare(self, expr: s.Compare) -> Value:
        left = self.evaluate(expr.left)
        rights = [self.evaluate(right) for right in expr.rights]
        if len(rights) == 1:
            result = connect_results.compared(left, expr.ops[0], rights[0])
            if result is not None:
                return result
        connect_results.use([left, *rights])
        known = self._comparison(left, expr.ops[0], rights[0]) if len(rights) == 1 else None
        return Unknown("the outcome of a comparison") if known is None else Constant(known)

    def _comparison(self, left: Value, operator: str, right: Value) -> bool | None:
        """Return the outcome of a comparison, None if that is unknown."""
        if operator in ("in", "not in"):
            contained = _contains(right, left)
            return None if contained is None else contained is (operator == "in")
        if operator not in ("==", "is", "!=", "is not"):
            return None
        same = self._same(left, right)
        return None if same is None else same is (operator in ("==", "is"))

    def _same(self, left: Value, right: Value) -> bool | None:
        if isinstance(left, Constant) and isinstance(right, Constant):
            return left.value == right.value
        for one, other in ((left, right), (right, left)):
            # whatever is made by code that is followed is not None
            if isinstance(one, Constant) and one.value is None and isinstance(other, _NOT_NONE):
                return False
        return True if left is right and isinstance(left, ResourceRef) else None

    def _op(self, expr: s.Op) -> Value:
        if expr.kind == "if":
            return self._conditional(expr)
        if expr.kind in ("and", "or"):
            return self._boolean(expr.kind, expr.operands)
        values = [self.evaluate(operand) for operand in expr.operands]
        if expr.kind == "slice":
            return Items("slice", values)
        if expr.kind == "format":
            connect_results.use(values)
            return _formatted(values)
        if expr.kind == "add":
            connect_results.use(values)
            return self._added(*values)
        result = connect_results.negated(values[0]) if expr.kind == "not" else None
        if result is not None:
            return result
        connect_results.use(values)
        known = self.truth(values[0]) if expr.kind == "not" else None
        return Unknown("a computed value") if known is None else Constant(not known)

    def _added(self, left: Value, right: Value) -> Value:
        if isinstance(left, Items) and isinstance(right, Items) and left.kind == right.kind:
            self.interpreter.step(len(left.values) + len(right.values))
            exact = left.exact and right.exact
            return Items(left.kind, [*left.values, *right.values], exact)
        if template_of(left) is not None or template_of(right) is not None:
            return _formatted([left, right])
        return Unknown("a computed value")

    def _conditional(self, expr: s.Op) -> Value:
        test = self.evaluate(expr.operands[0])
        connect_results.use([test])
        known = self.truth(test)
        if known is not None:
            return self.evaluate(expr.operands[1 if known else 2])
        _, then, otherwise = expr.operands
        return self.interpreter.choose(
            [lambda: self.evaluate(then), lambda: self.evaluate(otherwise)]
        )

    def _boolean(self, kind: str, operands: tuple[s.Expr, ...]) -> Value:
        left = self.evaluate(operands[0])
        if len(operands) == 1:
            return left
        if kind == "or" and isinstance(left, ConnectResult):
            return self._either(left, operands[1:])
        connect_results.use([left])
        known = self.truth(left)
        if known is not None:
            stops = known is (kind == "or")
            return left if stops else self._boolean(kind, operands[1:])
        return self.interpreter.choose([lambda: left, lambda: self._boolean(kind, operands[1:])])

    def _either(self, left: ConnectResult, operands: tuple[s.Expr, ...]) -> Value:
        """Return ``left or …``."""
        others: list[Value] = []

        def evaluate() -> Value:
            others.append(self._boolean("or", operands))
            return others[0]

        value = self.interpreter.choose([lambda: left, evaluate])
        result = connect_results.either(left, *others) if others else None
        if result is None:
            connect_results.use([left, *others])
        return result or value

    @staticmethod
    def truth(value: Value) -> bool | None:
        """Return whether a value is true, None if that is unknown."""
        if isinstance(value, Constant):
            return bool(value.value)
        if isinstance(value, (Items, Table)):
            return bool(value.values) if value.exact else None
        sure = (Func, Klass, ResourceRef, Coroutine, Bound, Partial, Adapted)
        return True if isinstance(value, sure) else None

    def _comp(self, expr: s.Comp) -> Value:
        found: list[Value] = []
        interpreter = self.interpreter
        env = interpreter.frame.env.id
        names = [name for loop in expr.loops for name in target_names(loop.target)]
        hidden = {name: interpreter.store.get(env, name) for name in names}
        exact = self._loops(expr, 0, found)
        for name, value in hidden.items():
            if value is not None:
                interpreter.store.put(env, name, value)
        return Items(expr.kind, found, exact) if expr.kind != "dict" else _table(found, exact)

    def _loops(self, expr: s.Comp, number: int, found: list[Value]) -> bool:
        """Run the loops of a comprehension from one on; True if every item is known."""
        if number == len(expr.loops):
            found.append(self.evaluate(expr.element))
            return True
        loop = expr.loops[number]
        exact = [True]

        def body() -> bool:
            for condition in loop.conditions:
                exact[0] = False
                self.evaluate(condition)
            exact[0] = self._loops(expr, number + 1, found) and exact[0]
            return True

        return self._each(loop, body) and exact[0]

    def _each(self, loop: s.CompFor, body: Callable[[], bool]) -> bool:
        """Run ``body`` for the items of a loop; True if they are known one by one."""
        iterable, target = self.evaluate(loop.iterable), loop.target
        items = self.items_of(iterable)
        if items is not None:
            for value in items:
                self.interpreter.statements.assign(target, value)
                body()
            return True

        def once(item: Value) -> bool:
            self.interpreter.statements.assign(target, item)
            return body()

        if isinstance(iterable, Generator):
            origin = self.interpreter.recorder.origin(loop.iterable.span)
            if self.interpreter.functions.iterate(iterable, origin, once) is not None:
                return False
        any_item = self.any_item(iterable, loop.iterable, is_async=loop.is_async)
        self.interpreter.run_arms([lambda: once(any_item), lambda: True])
        return False

    def any_item(self, iterable: Value, node: s.Expr, *, is_async: bool) -> Value:
        """Return what a loop through a value gives, which may be a query."""
        if isinstance(iterable, LibraryObject):
            handler = self.interpreter.libraries.object_iterations.get(iterable.name)
            if handler is not None:
                site = self.interpreter.recorder.site(node.span)
                return handler(self.interpreter, iterable, site, is_async)
        return self.interpreter.attributes.any_item(iterable)

    @staticmethod
    def items_of(value: Value) -> list[Value] | None:
        """Return the items of an iterable, None if they are unknown or many."""
        if isinstance(value, (Items, Table)) and value.exact and len(value.values) <= MAX_ROUNDS:
            return list(value.values) if isinstance(value, Items) else keys_of(value)
        text = value.value if isinstance(value, Constant) else None
        if isinstance(text, str) and len(text) <= MAX_ROUNDS:
            return [Constant(character) for character in text]
        return None

    def _walrus(self, expr: s.Walrus) -> Value:
        value = self.evaluate(expr.value)
        self.interpreter.store.put(self.interpreter.frame.env.id, expr.name, value)
        return value


_NOT_NONE = (
    *(Adapted, Bound, Coroutine, Func, Generator, Items, Klass, Object, Partial, ProjectModule),
    *(ResourceRef, Table, Task),
)


def _contains(container: Value, value: Value) -> bool | None:
    """Return whether a container has a constant as item or key, None if that is unknown."""
    if not isinstance(value, Constant):
        return None
    if isinstance(container, Table):
        return True if value.value in container.values else False if container.exact else None
    if isinstance(container, Items) and container.exact:
        constants = [item.value for item in container.values if isinstance(item, Constant)]
        if value.value in constants:
            return True
        return False if len(constants) == len(container.values) else None
    return None


def _formatted(parts: list[Value]) -> Value:
    """Return the text of an f-string."""
    texts = [
        str(part.value) if isinstance(part, Constant) else template_of(part) or HOLE
        for part in parts
    ]
    # texts that contain each other twice grow exponentially
    if sum(map(len, texts)) > _LONGEST:
        return Unknown("a long text")
    text = "".join(texts)
    return Template(text) if HOLE in text else Constant(text)


def _table(pairs: list[Value], exact: bool) -> Value:
    table = Table({}, exact)
    for number, pair in enumerate(pairs):
        if isinstance(pair, Items):
            key, value = pair.values
            table.exact = table.exact and isinstance(key, Constant)
            table.values[key.value if isinstance(key, Constant) else ("?", number)] = value
    return table


_E = Expressions
_HANDLERS: dict[type, Callable[[Expressions, Any], Value]] = {
    s.Const: _E._const,
    s.Ref: _E._ref,
    s.Attr: _E._attr,
    s.Call: _E._call,
    s.Seq: _E._seq,
    s.Mapping: _E._mapping,
    s.Await: _E._await,
    s.Yield: _E._yield,
    s.Lambda: _E._lambda,
    s.Item: _E._item,
    s.Compare: _E._compare,
    s.Op: _E._op,
    s.Comp: _E._comp,
    s.Walrus: _E._walrus,
}
