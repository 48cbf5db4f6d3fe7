"""What the decorator of a fixture says, as it is written."""

from __future__ import annotations

from wslint.syntax import nodes as s


def fixture_options(function: s.Function) -> dict[str, s.Expr] | None:
    """Return the options of a function's fixture decorator by keyword; None if it has none."""
    for decorator in function.decorators:
        parts, args = _decorator_call(decorator)
        if parts and parts[-1].endswith("fixture"):
            return {arg.keyword: arg.value for arg in args if arg.keyword}
    return None


def is_autouse(function: s.Function) -> bool:
    """Return whether a function is a fixture that all tests have."""
    auto = (fixture_options(function) or {}).get("autouse")
    return isinstance(auto, s.Const) and bool(auto.value)


def _decorator_call(decorator: s.Expr) -> tuple[tuple[str, ...], tuple[s.Arg, ...]]:
    if isinstance(decorator, s.Call) and isinstance(decorator.func, s.Ref):
        return decorator.func.parts, decorator.args
    return (decorator.parts, ()) if isinstance(decorator, s.Ref) else ((), ())
