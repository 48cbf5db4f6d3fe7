"""Queries on libcst nodes."""

from __future__ import annotations

from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from collections.abc import Iterator


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the child nodes in no fixed order; faster than ``node.children``."""
    for name in _fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, list | tuple):
            for item in value:
                if isinstance(item, cst.CSTNode):
                    yield item


@cache
def _fields(kind: type[cst.CSTNode]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def in_order(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield ``node`` and all nodes below it in the order of the source."""
    todo = [node]
    while todo:
        first = todo.pop()
        yield first
        todo += reversed(first.children)


def own(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """Yield the nodes below ``node``, but not those of nested functions and classes."""
    todo = list(children(node))
    while todo:
        child = todo.pop()
        yield child
        if not isinstance(child, cst.FunctionDef | cst.ClassDef | cst.Lambda):
            todo += children(child)


def names(node: cst.CSTNode) -> set[str]:
    """Return every variable in ``node``; attributes and keywords of calls are left out."""
    variables: set[str] = set()
    todo: list[cst.CSTNode] = [node]
    while todo:
        child = todo.pop()
        if isinstance(child, cst.Name):
            variables.add(child.value)
        elif isinstance(child, cst.Attribute | cst.Arg):
            todo.append(child.value)
        else:
            todo += children(child)
    return variables


def is_generator(function: cst.FunctionDef) -> bool:
    """Return whether a function is a generator function."""
    return any(isinstance(node, cst.Yield) for node in own(function.body))


def returns(function: cst.FunctionDef) -> list[cst.Return]:
    """Return the ``return`` statements of a function."""
    return [node for node in own(function.body) if isinstance(node, cst.Return)]


def is_only_bound(node: cst.CSTNode, name: str) -> bool:
    """Return whether nothing in ``node`` reads a name: it is only a target, if it is there."""
    bound = 0
    for child in in_order(node):
        if isinstance(child, cst.AssignTarget | cst.For | cst.CompFor):
            bound += _count(child.target, name)
        elif isinstance(child, cst.AsName):
            bound += _count(child.name, name)
    return bound == _count(node, name)


def _count(node: cst.CSTNode, name: str) -> int:
    return sum(isinstance(one, cst.Name) and one.value == name for one in in_order(node))


def fresh(wanted: str, taken: set[str]) -> str:
    """Return a name like ``wanted`` that is not taken."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name
