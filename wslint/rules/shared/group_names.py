"""The groups that a consumer joins, by the names that its code surely gives them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace

from wslint.rules.shared.code import called_name, dotted, is_name, values_assigned
from wslint.rules.shared.consumers import own_methods
from wslint.rules.shared.fixes import self_name
from wslint.syntax import nodes as s
from wslint.syntax.search import walk
from wslint.timeline.application_model import Code, Shared
from wslint.timeline.model import Consumer, Resource

_DEPTH = 4
_LONG = 1_000
_OF_TEXTS = frozenset(
    ("strip", "lstrip", "rstrip", "lower", "upper", "removeprefix", "removesuffix", "replace",
     "split", "rsplit", "partition", "rpartition")
)  # fmt: skip
_ROUTE = ("scope", "url_route", "kwargs")


def joins(
    made: Resource,
    consumer: Consumer,
    group: str | None,
    within: AbstractSet[str] | None = None,
) -> bool | None:
    """Return whether the consumer of a communicator joins a group; None if that isn't known.

    ``within`` are the names of the only methods that count, besides the list ``groups``.
    """
    path = made.texts.get("path")
    path = path.partition("?")[0] if path is not None and "%" not in path else None
    names = [
        name
        for code in consumer.classes
        for one in code.node.body
        if within is None or not isinstance(one, s.Function) or one.name in within
        for name in _groups(
            _Texts(consumer, path, code, one if isinstance(one, s.Function) else None), one
        )
    ]
    if group is not None and group in names:
        return True
    return None if None in names or (names and group is None) else False


def _groups(texts: _Texts, statement: s.Stmt) -> Iterator[str | None]:
    """Yield the names of the groups that a statement in the body of a class joins."""
    for part in walk(statement):
        if isinstance(part, s.Call):
            given = part.func.args if isinstance(part.func, s.Call) else ()
            inner = given[0].value if given else None
            if ("group_add",) in (dotted(part.func)[-1:], dotted(inner)[-1:]):
                yield texts.of(part.args[0].value) if part.args else None
        elif isinstance(part, s.Assign) and is_name(part.targets[0], "groups"):
            for item in part.value.items if isinstance(part.value, s.Seq) else ():
                yield texts.of(item)


@dataclass(frozen=True)
class _Texts:
    """The texts that expressions in a function have, or in the body of a class.

    ``path`` is that of the connection, and ``given`` are the arguments of a called function.
    """

    consumer: Consumer
    path: str | None
    code: Code
    function: s.Function | None
    given: dict[str, str | None] = field(default_factory=dict)
    depth: int = 0

    def of(self, expr: s.Expr | None) -> str | None:
        """Return the text of an expression, None if it isn't known."""
        if self.depth > _DEPTH:
            return None
        if isinstance(expr, s.Const):
            return str(expr.value) if isinstance(expr.value, (str, int)) else None
        if isinstance(expr, s.Op) and expr.kind == "format":
            parts = [self.of(part) for part in expr.operands]
            return None if None in parts else "".join(filter(None, parts))
        if isinstance(expr, s.Item):
            return self._of_item(expr)
        if isinstance(expr, s.Ref):
            return self._of_name(expr)
        found = self._of_call(expr) if isinstance(expr, s.Call) else None
        return found if isinstance(found, str) else None

    def _of_item(self, item: s.Item) -> str | None:
        """Return the text of an item: of the scope, or of the parts of a text."""
        *owner, key = self._keys(item)
        if self._is_own(tuple(owner), _ROUTE):
            return self.consumer.taken.get(key)
        if self._is_own(tuple(owner), ("scope",)) and key == "path":
            return self.path
        parts = self._of_call(item.value) if isinstance(item.value, s.Call) else None
        index = item.index.value if isinstance(item.index, s.Const) else None
        if not isinstance(parts, (list, tuple)) or not isinstance(index, int):
            return None
        return parts[index] if -len(parts) <= index < len(parts) else None

    def _is_own(self, parts: tuple[str, ...], rest: tuple[str, ...]) -> bool:
        """Return whether a dotted name is that of an attribute of the consumer."""
        return self.function is not None and parts == (self_name(self.function), *rest)

    def _keys(self, expr: s.Expr, depth: int = 0) -> tuple[str, ...]:
        """Return the dotted name of an object and the literal keys after it."""
        if isinstance(expr, s.Item):
            key = expr.index.value if isinstance(expr.index, s.Const) else None
            return (*self._keys(expr.value, depth), key if isinstance(key, str) else "")
        name = dotted(expr)
        values = values_assigned(self.function, name) if len(name) == 1 and self.function else []
        if len(values) == 1 and values[0] is not None and depth < _DEPTH:
            return self._keys(values[0], depth + 1)
        return name

    def _of_name(self, name: s.Ref) -> str | None:
        parts, function = name.parts, self.function
        if self._is_own(parts[:1], ()) and len(parts) == 2:
            return self._of_attribute(parts[1])
        if len(parts) == 1 and function is not None:
            values = values_assigned(function, parts)
            if values or any(param.name == parts[0] for param in function.params):
                if not values:
                    return self.given.get(parts[0])
                return self._in(self, values[0]) if len(values) == 1 else None
        shared = self.code.uses.get(".".join(parts))
        known = isinstance(shared, Shared) and shared.value is not None
        return str(shared.value) if isinstance(shared, Shared) and known else None

    def _of_attribute(self, name: str) -> str | None:
        """Return the text of an attribute that one method sets, or that the class has."""
        found: list[tuple[_Texts, s.Expr | None]] = []
        defaults: list[tuple[_Texts, s.Expr | None]] = []
        for code in self.consumer.classes:
            for one in code.node.body:
                if isinstance(one, s.Function):
                    texts = replace(self, code=code, function=one, given={})
                    found += [
                        (texts, value) for value in values_assigned(one, (self_name(one), name))
                    ]
                elif (
                    isinstance(one, s.Assign)
                    and any(is_name(to, name) for to in one.targets)
                    and not _is_none(one.value)
                ):
                    defaults.append((replace(self, code=code, function=None), one.value))
        if len(found) + bool(defaults) != 1:
            return None
        return self._in(*(found or defaults)[0])

    def _in(self, texts: _Texts, expr: s.Expr | None) -> str | None:
        """Return the text of an expression that this one leads to."""
        return replace(texts, depth=self.depth + 1).of(expr)

    def _of_call(self, call: s.Call) -> str | Sequence[str] | None:
        """Return what a function or method of the project returns, or a method of a text."""
        name = dotted(call.func)
        given: tuple[str | None, ...] = tuple(self.of(arg.value) for arg in call.args)
        if any(arg.keyword or arg.star for arg in call.args):
            return None
        if called_name(call) in _OF_TEXTS:
            func = call.func
            owner = func.value if isinstance(func, s.Attr) else s.Ref(name[:-1], call.span)
            return _method_of_text(self.of(owner), called_name(call), given)
        if name == ("str",) and len(given) == 1:
            return given[0]
        if self._is_own(name[:1], ()) and len(name) == 2:
            method = own_methods(self.consumer).get(name[1])
            found = (method.function, method.owner, (None, *given)) if method is not None else None
            return self._returned(*found) if found is not None else None
        used = self.code.uses.get(".".join(name))
        function = used.node if isinstance(used, Code) else None
        if not isinstance(used, Code) or not isinstance(function, s.Function):
            return None
        return self._returned(function, used, given)

    def _returned(
        self, function: s.Function, home: Code, given: tuple[str | None, ...]
    ) -> str | None:
        """Return the text that a function returns for some arguments."""
        *before, last = function.body or (None,)
        is_plain = isinstance(last, s.Return) and all(isinstance(one, s.Do) for one in before)
        if function.decorators or function.is_async or len(function.params) != len(given):
            return None
        params = [param.name for param in function.params]
        arguments = dict(zip(params, given, strict=True))
        texts = replace(self, code=home, function=function, given=arguments)
        return self._in(texts, last.value) if is_plain and isinstance(last, s.Return) else None


def _method_of_text(
    text: str | None, name: str, given: tuple[str | None, ...]
) -> str | Sequence[str] | None:
    """Return what a method of a text returns, None if that isn't known or may be very long."""
    known = [one for one in (text, *given) if one is not None]
    if text is None or len(known) <= len(given) or sum(map(len, known)) > _LONG:
        return None
    with suppress(TypeError, ValueError):
        found: str | Sequence[str] = getattr(text, name)(*given)
        return found
    return None


def _is_none(value: s.Expr | None) -> bool:
    return value is None or (isinstance(value, s.Const) and value.value is None)
