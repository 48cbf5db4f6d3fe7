"""pytest's marks on a test: by decorator, on its class, by ``pytestmark``."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.syntax import nodes as s
from wslint.timeline.interpreter.frames import Frame
from wslint.timeline.interpreter.interpreter import Interpreter
from wslint.timeline.interpreter.values import (
    Arguments,
    Constant,
    Env,
    Items,
    Klass,
    Library,
    LibraryObject,
    Unknown,
    Value,
    join,
)

Mark = tuple[str, Arguments]
_PREFIX = "pytest.mark."


def marks_of(
    interpreter: Interpreter, function: s.Function, env: Env, klass: Klass | None
) -> list[Mark]:
    """Return the marks of a test, nearest first, as (name, arguments).

    As pytest has it: the lowest decorator is the nearest one, and a base is nearer than the class.
    """
    found = list(_decorator_marks(interpreter, function.decorators, env))
    if klass is not None:
        for base in reversed(interpreter.classes.mro(klass)):
            if isinstance(base, Klass):
                outer = base.env or interpreter.names.module_env(base.module)
                found += _marks(interpreter.classes.own_attribute(base, "pytestmark"))
                found += _decorator_marks(interpreter, base.node.decorators, outer)
    found += _marks(interpreter.names.module_name(env.module, "pytestmark"))
    return found


def _decorator_marks(
    interpreter: Interpreter, decorators: tuple[s.Expr, ...], env: Env
) -> Iterator[Mark]:
    for expr in reversed(decorators):
        saved = interpreter.frames
        interpreter.frames = [Frame(env, "module", None, None)]
        try:
            func = interpreter.expressions.evaluate(expr.func if isinstance(expr, s.Call) else expr)
            if isinstance(expr, s.Call) and isinstance(func, Library):
                if func.name.startswith(_PREFIX):
                    yield (
                        func.name.removeprefix(_PREFIX),
                        interpreter.expressions.arguments(expr.args),
                    )
            elif isinstance(expr, s.Ref):
                yield from _marks(func)
        finally:
            interpreter.frames = saved


def _marks(value: Value | None) -> Iterator[Mark]:
    if isinstance(value, Items):
        for item in value.values:
            yield from _marks(item)
    elif isinstance(value, Library) and value.name.startswith(_PREFIX):
        yield value.name.removeprefix(_PREFIX), Arguments()
    elif isinstance(value, LibraryObject) and value.name.startswith(_PREFIX):
        yield value.name.removeprefix(_PREFIX), value.args


def used_fixtures(marks: list[Mark]) -> list[str]:
    """Return the names that ``usefixtures`` marks ask for."""
    names = [arg for name, args in marks if name == "usefixtures" for arg in args.values]
    return [a.value for a in names if isinstance(a, Constant) and isinstance(a.value, str)]


def parameters(marks: list[Mark]) -> tuple[dict[str, Value], dict[str, Value]]:
    """Return what ``parametrize`` passes: directly by argument name, and indirectly by fixture."""
    direct: dict[str, Value] = {}
    indirect: dict[str, Value] = {}
    for name, args in marks:
        if name != "parametrize":
            continue
        names = _argument_names(args.get(0, "argnames"))
        rows = args.get(1, "argvalues")
        through = args.keywords.get("indirect")
        everything = isinstance(through, Constant) and through.value is True
        some = _argument_names(through) if isinstance(through, Items) else []
        for number, argument in enumerate(names):
            value = column(rows, number, len(names))
            (indirect if everything or argument in some else direct)[argument] = value
    return direct, indirect


def _argument_names(value: Value | None) -> list[str]:
    if isinstance(value, Constant) and isinstance(value.value, str):
        return [name.strip() for name in value.value.split(",") if name.strip()]
    if isinstance(value, Items):
        return [name for item in value.values for name in _argument_names(item)]
    return []


def column(rows: Value | None, number: int = 0, width: int = 1) -> Value:
    """Return what one argument gets from ``parametrize`` or a fixture's ``params``."""
    if not isinstance(rows, Items) or not rows.values:
        return Unknown("a parameter of the test")
    found: list[Value] = []
    for entry in rows.values:
        row = entry
        if isinstance(row, LibraryObject) and row.name == "pytest.param":
            row = Items("tuple", row.args.values) if width > 1 else row.args.get(0) or row
        if width > 1:
            if not isinstance(row, Items) or len(row.values) <= number:
                return Unknown("a parameter of the test")
            row = row.values[number]
        found.append(row)
    return join(found)
