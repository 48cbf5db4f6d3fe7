"""What unittest's classes and pytest's ``request`` do: cleanups, contexts, assertions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.timeline.interpreter import connect_results
from wslint.timeline.interpreter.tables import LibraryCall, LibraryTables, MethodCall
from wslint.timeline.interpreter.values import (
    NONE,
    Arguments,
    Constant,
    Coroutine,
    LibraryObject,
    Value,
)
from wslint.timeline.libraries.contexts import expect_of_call
from wslint.vocabulary import RAISES

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Interpreter

TABLES = LibraryTables()

_PLAIN = ("setUp", "tearDown", "setUpClass", "tearDownClass", "setUpTestData", "asyncSetUp",
          "asyncTearDown", "assert", "fail", "skipTest", "subTest", "settings", "modify_settings",
          "id", "shortDescription", "captureOnCommitCallbacks", "__init__")  # fmt: skip
_ASSERTING = ("assert", "fail")
_EXISTS = ("assertIsNotNone", "assertTrue", "assertIsInstance")
_SAME = ("assertEqual", "assertEquals", "assertIs")
_OTHER = ("assertNotEqual", "assertIsNot")


@TABLES.inherited_methods(
    "TestCase", "IsolatedTestCase", "SimpleTestCase", "DjangoTestCase", "TransactionTestCase"
)
def testcase_method(interpreter: Interpreter, call: MethodCall) -> Value | None:
    """``addCleanup``, ``enterContext``, assertions; None for a method that isn't unittest's."""
    cleanups = (
        interpreter.class_cleanups
        if "Class" in call.name or "Module" in call.name
        else interpreter.cleanups
    )
    if call.name in ("addCleanup", "addClassCleanup", "addAsyncCleanup"):
        if call.args.values:
            func, *rest = call.args.values
            args = Arguments(rest, call.args.keywords)
            cleanups.append(interpreter.calls.later(func, args, call.site))
        return NONE
    if call.name in ("enterContext", "enterClassContext"):
        value, leave = interpreter.context_managers.enter(call.args.get(0, "cm") or NONE, call.site)
        cleanups.append(leave)
        return value
    if call.name == "enterAsyncContext":

        def run() -> Value:
            value, leave = interpreter.context_managers.enter(
                call.args.get(0, "cm") or NONE, call.site
            )
            interpreter.cleanups.append(leave)
            return value

        return Coroutine(run, call.site.origin)
    if call.name.startswith(_ASSERTING):
        given = call.site.node.args if call.site.node is not None else ()
        reads = interpreter.expressions.objects_in(given)
        interpreter.recorder.asserted(None, call.site.origin, reads, _said_to_exist(call))
        _note_assertion(call)
    if call.name.startswith(_PLAIN):
        name = f"unittest.TestCase.{call.name}"
        if name in RAISES:
            expected = expect_of_call(interpreter, LibraryCall(name, "", call.args, call.site))
            if expected is not None:
                return expected
        return interpreter.calls.library_object(name, call.args, call.site)
    return None


def _said_to_exist(call: MethodCall) -> Value | None:
    """Return the value of which an assertion says only that it is there."""
    first, second = call.args.get(0), call.args.get(1)
    is_none = isinstance(second, Constant) and second.value is None
    return first if call.name in _EXISTS or (call.name in _OTHER and is_none) else None


def _note_assertion(call: MethodCall) -> None:
    """Record what an assertion says of the result of a connect."""
    values = call.args.values
    value: Value | None = values[0] if values else None
    if call.name in _SAME + _OTHER and len(values) > 1:
        operator = "==" if call.name in _SAME else "!="
        value = connect_results.compared(values[0], operator, values[1])
    elif call.name == "assertIsNotNone":
        value = connect_results.answered(value)
    elif call.name == "assertFalse" and value is not None:
        value = connect_results.negated(value) or value
    elif call.name != "assertTrue":
        value = None
    if value is None:
        connect_results.use(values)
    else:
        connect_results.assert_true(value)


@TABLES.object_methods("pytest.FixtureRequest")
def request_method(
    interpreter: Interpreter, request: LibraryObject, call: MethodCall
) -> Value | None:
    """``request.applymarker(…)`` and the like; the runner itself has the others."""
    return NONE
