"""``match`` statements as branches: what a pattern asks of the subject, and what it binds."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from wslint.syntax import nodes as s

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wslint.findings.span import Span
    from wslint.syntax.lowering import Lowering

_SUBJECT = "match subject"
_MAX_TESTS = 20


def lower_match(lowering: Lowering, node: ast.Match) -> s.Stmt:
    """Lower ``match``: to a chain of ``if`` if each pattern is a plain test, else to its arms."""
    written, span = lowering.lower(node.subject), lowering.span(node)
    name = written if isinstance(written, s.Ref) else s.Ref((_SUBJECT,), written.span)
    arms = [_bound(case.pattern, name, span) + lowering.block(case.body) for case in node.cases]
    tests = [_test(lowering, case.pattern, name) for case in node.cases]
    guarded = any(case.guard is not None for case in node.cases)
    first = s.Walrus(_SUBJECT, written, written.span) if name is not written else written
    if not _catches_all(node.cases[-1].pattern) or node.cases[-1].guard is not None:
        arms.append(())
        tests.append(None)
    known: list[s.Compare] = [test for test in tests[:-1] if test is not None]
    if guarded or len(known) < len(tests) - 1 or not 0 < len(known) <= _MAX_TESTS:
        return s.Branch(s.Op("opaque", (first,), written.span), tuple(arms), span)
    known[0].left, known[0].span = first, written.span
    return _chain(known, arms, span)


def _chain(tests: Sequence[s.Compare], arms: Sequence[s.Block], span: Span) -> s.Stmt:
    otherwise = arms[-1]
    for test, arm in zip(reversed(tests), reversed(arms[:-1]), strict=True):
        branch = s.Branch(test, (arm, otherwise), span)
        otherwise = (branch,)
    return branch


def _catches_all(pattern: ast.pattern) -> bool:
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None


def _test(lowering: Lowering, pattern: ast.pattern, subject: s.Ref) -> s.Compare | None:
    """Return the comparison that a pattern stands for, None if it isn't a plain one."""
    span = lowering.span(pattern)
    if isinstance(pattern, ast.MatchValue):
        return s.Compare(subject, ("==",), (lowering.lower(pattern.value),), span)
    if isinstance(pattern, ast.MatchSingleton):
        return s.Compare(subject, ("is",), (s.Const(pattern.value, span),), span)
    if isinstance(pattern, ast.MatchSequence) and pattern.patterns:
        first, *others = pattern.patterns
        given = [_asked(lowering, other) for other in others]
        # of a result, the rest says only what follows where the pattern matches
        is_plain = all(map(_catches_all, others)) or getattr(first, "value", None) is True
        if isinstance(first, ast.MatchSingleton) and is_plain and None not in given:
            parts: list[s.Expr] = [s.Const(first.value, span)]
            parts += [one for one in given if one is not None]
            return s.Compare(subject, ("==",), (s.Seq("tuple", tuple(parts), span),), span)
    return None


def _asked(lowering: Lowering, pattern: ast.pattern) -> s.Expr | None:
    """Return what a pattern compares with; None if it isn't a plain one."""
    span = lowering.span(pattern)
    if isinstance(pattern, ast.MatchValue):
        return lowering.lower(pattern.value)
    if isinstance(pattern, ast.MatchSingleton):
        return s.Const(pattern.value, span)
    return s.Op("opaque", (), span) if _catches_all(pattern) else None


def _bound(pattern: ast.pattern, subject: s.Ref, span: Span) -> s.Block:
    """Return the assignment of the names that a pattern captures, () if it isn't a plain one."""
    target: s.Expr | None = None
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is None and pattern.name:
        target = s.Ref((pattern.name,), span)
    elif isinstance(pattern, ast.MatchSequence) and pattern.patterns:
        names = [
            one.name or "_" if isinstance(one, ast.MatchAs) and one.pattern is None else ""
            for one in pattern.patterns
        ]
        if all(names) and set(names) != {"_"}:
            target = s.Seq("tuple", tuple(s.Ref((name,), span) for name in names), span)
    return () if target is None else (s.Assign((target,), subject, None, False, span),)
