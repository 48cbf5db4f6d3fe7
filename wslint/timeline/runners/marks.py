"""pytest's marks on a test: by decorator, on its class, by ``pytestmark``."""

from __future__ import annotations

from collections.abc import Iterator

from wslint.syntax import nodes as s
from wslint.timeline.interpreter.interpreter import Machine
from wslint.timeline.interpreter.recorder import Frame
from wslint.timeline.interpreter.values import (
    Arguments,
    Constant,
    Env,
    Items,
    Klass,
    Library,
    Made,
    Unknown,
    Value,
    join,
)

Mark = tuple[str, Arguments]
_PREFIX = "pytest.mark."


def marks_of(machine: Machine, function: s.Function, env: Env, klass: Klass | None) -> list[Mark]:
    """List the marks of a test, nearest first, as (name, arguments)."""
    found = list(_decorator_marks(machine, function.decorators, env))
    if klass is not None:
        for base in machine.mro(klass):
            if isinstance(base, Klass):
                outer = base.env or machine.module_env(base.module)
                found += _decorator_marks(machine, base.node.decorators, outer)
                found += _marks(machine.own_attribute(base, "pytestmark"))
    found += _marks(machine.module_name(env.module, "pytestmark"))
    return found


def _decorator_marks(machine: Machine, decorators: tuple[s.Expr, ...], env: Env) -> Iterator[Mark]:
    for expr in decorators:
        saved = machine.frames
        machine.frames = [Frame(env, "module", None, None)]
        try:
            func = machine.evaluate(expr.func if isinstance(expr, s.Call) else expr)
            if isinstance(expr, s.Call) and isinstance(func, Library):
                if func.name.startswith(_PREFIX):
                    yield func.name.removeprefix(_PREFIX), machine.arguments(expr.args)
            elif isinstance(expr, s.Ref):
                yield from _marks(func)
        finally:
            machine.frames = saved


def _marks(value: Value | None) -> Iterator[Mark]:
    if isinstance(value, Items):
        for item in value.values:
            yield from _marks(item)
    elif isinstance(value, Library) and value.name.startswith(_PREFIX):
        yield value.name.removeprefix(_PREFIX), Arguments()
    elif isinstance(value, Made) and value.name.startswith(_PREFIX):
        yield value.name.removeprefix(_PREFIX), value.args


def used_fixtures(marks: list[Mark]) -> list[str]:
    """List the names that ``usefixtures`` marks ask for."""
    names = [arg for name, args in marks if name == "usefixtures" for arg in args.values]
    return [a.value for a in names if isinstance(a, Constant) and isinstance(a.value, str)]


def parameters(marks: list[Mark]) -> tuple[dict[str, Value], dict[str, Value]]:
    """Give what ``parametrize`` passes: directly by argument name, and indirectly by fixture."""
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
    """Give what one argument gets from the rows of ``parametrize`` or a fixture's ``params``."""
    if not isinstance(rows, Items) or not rows.values:
        return Unknown("a parameter of the test")
    found: list[Value] = []
    for entry in rows.values:
        row = entry
        if isinstance(row, Made) and row.name == "pytest.param":
            row = Items("tuple", row.args.values) if width > 1 else row.args.get(0) or row
        if width > 1:
            if not isinstance(row, Items) or len(row.values) <= number:
                return Unknown("a parameter of the test")
            row = row.values[number]
        found.append(row)
    return join(found)


__all__ = ["Mark", "column", "marks_of", "parameters", "used_fixtures"]
