"""The arguments of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst

from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from wslint.findings.actions import RemoveArgument
    from wslint.fixes.context import Context


def remove_argument(action: RemoveArgument, context: Context) -> None:
    """Plan to take a keyword argument out of a call."""
    call = context.tree.expression(action.place)
    if not isinstance(call, cst.Call):
        raise CannotFix("the place of the fix is no call")
    found = [n for n, arg in enumerate(call.args) if _keyword(arg) == action.keyword]
    if len(found) != 1:
        raise CannotFix(f"the call has no argument {action.keyword}")
    number = found[0]

    def edit(updated: cst.Call) -> cst.Call:
        args = [arg for n, arg in enumerate(updated.args) if n != number]
        if args and number == len(args):
            # what closes the list of arguments stays as it is
            removed = updated.args[number]
            args[-1] = args[-1].with_changes(
                comma=removed.comma, whitespace_after_arg=removed.whitespace_after_arg
            )
        return updated.with_changes(args=args)

    context.edits.add(call, edit)


def _keyword(arg: cst.Arg) -> str:
    return arg.keyword.value if arg.keyword is not None else ""
