"""What unittest's classes give a test: cleanups and contexts that end with the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wslint.timeline.interpreter.values import NONE, Arguments, Coroutine, Made, Value
from wslint.timeline.libraries.tables import MethodCall

if TYPE_CHECKING:
    from wslint.timeline.interpreter.interpreter import Machine

_PLAIN = ("setUp", "tearDown", "setUpClass", "tearDownClass", "setUpTestData", "asyncSetUp",
          "asyncTearDown", "assert", "fail", "skipTest", "subTest", "settings", "modify_settings",
          "id", "shortDescription", "captureOnCommitCallbacks", "__init__")  # fmt: skip
_ASSERTING = ("assert", "fail")


def testcase_method(m: Machine, call: MethodCall) -> Value | None:
    """Do what a method of unittest's classes does; None for one that isn't theirs."""
    cleanups = m.class_cleanups if "Class" in call.name or "Module" in call.name else m.cleanups
    if call.name in ("addCleanup", "addClassCleanup", "addAsyncCleanup"):
        if call.args.values:
            func, *rest = call.args.values
            args = Arguments(rest, call.args.keywords)
            cleanups.append(m.run_later(func, args, call.span))
        return NONE
    if call.name in ("enterContext", "enterClassContext"):
        value, leave = m.enter(call.args.get(0, "cm") or NONE, call.span)
        cleanups.append(leave)
        return value
    if call.name == "enterAsyncContext":

        def run() -> Value:
            value, leave = m.enter(call.args.get(0, "cm") or NONE, call.span)
            m.cleanups.append(leave)
            return value

        return Coroutine(run, m.origin(call.span))
    if call.name.startswith(_ASSERTING):
        given = m.called.args if m.called is not None else ()
        m.asserted(None, call.span, m.objects_in(given))
    if call.name.startswith(_PLAIN):
        return Made(f"unittest.TestCase.{call.name}", call.args, m.origin(call.span), m.number())
    return None
