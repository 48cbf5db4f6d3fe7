"""The return annotation of a function that becomes a generator."""

from __future__ import annotations

import libcst as cst


def inside_iterator(annotation: cst.Annotation, name: str, module: cst.Module) -> cst.Annotation:
    """Turn ``T`` into ``Iterator[T]``, said as ``name``; within the quotes of a string."""
    old = annotation.annotation
    if isinstance(old, cst.SimpleString) and old.prefix == "" and "\\" not in old.raw_value:
        text = f"{old.quote}{name}[{old.raw_value}]{old.quote}"
        return annotation.with_changes(annotation=old.with_changes(value=text))
    func = cst.parse_expression(name, config=module.config_for_parsing)
    new = cst.Subscript(func, [cst.SubscriptElement(cst.Index(old))])
    return annotation.with_changes(annotation=new)
