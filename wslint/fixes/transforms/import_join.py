"""A new name in an import that is already there."""

from __future__ import annotations

import libcst as cst

from wslint.fixes.transforms.brackets import WIDTH, Whitespace, around_new, wrapped


def dotted(node: cst.CSTNode) -> str:
    """Write out a dotted name; "" where the node is none."""
    if isinstance(node, cst.Attribute):
        return f"{dotted(node.value)}.{node.attr.value}"
    return node.value if isinstance(node, cst.Name) else ""


def join(
    line: cst.BaseStatement, source: str, name: str, alias: str, unit: str
) -> cst.SimpleStatementLine | None:
    """Add a name to ``from source import ...``; None where it is better left alone."""
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    part = line.body[0]
    if (
        not isinstance(part, cst.ImportFrom)
        or part.relative
        or part.module is None
        or dotted(part.module) != source
        or isinstance(part.names, cst.ImportStar)
    ):
        return None
    text = cst.Module([]).code_for_node(part)
    new = cst.ImportAlias(cst.Name(name), asname=cst.AsName(cst.Name(alias)) if alias else None)
    names = list(part.names)
    at = sum(_order(old) <= _order(new) for old in names)
    if any(_order(old) > _order(new) for old in names[:at]):
        at = len(names)
    if line.trailing_whitespace.comment is None and "\n" not in text.replace("\r", "\n"):
        changed: cst.ImportFrom | None = _one_line(part, names, at, new, unit)
    elif part.lpar is not None and isinstance(
        part.lpar.whitespace_after, cst.ParenthesizedWhitespace
    ):
        changed = _one_a_line(part, names, at, new)
    else:
        return None
    return None if changed is None else line.with_changes(body=[changed])


def _order(alias: cst.ImportAlias) -> tuple[int, str]:
    """Sort as isort does: constants, classes, the rest."""
    name = dotted(alias.name)
    if name.isupper() and len(name) > 1:
        return 0, name.lower()
    return (1 if name[:1].isupper() else 2), name.lower()


def _one_line(
    part: cst.ImportFrom,
    names: list[cst.ImportAlias],
    at: int,
    new: cst.ImportAlias,
    unit: str,
) -> cst.ImportFrom:
    comma = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    trailing = names[-1].comma
    names.insert(at, new)
    names = [
        old if isinstance(old.comma, cst.Comma) else old.with_changes(comma=comma) for old in names
    ]
    if at == len(names) - 1 and isinstance(trailing, cst.Comma):
        names[-2] = names[-2].with_changes(comma=comma)
    names[-1] = names[-1].with_changes(comma=trailing)
    changed = part.with_changes(names=names)
    if len(cst.Module([]).code_for_node(changed)) <= WIDTH:
        return changed
    inner, outer = wrapped(unit)
    names = [old.with_changes(comma=cst.Comma(whitespace_after=inner)) for old in names]
    names[-1] = names[-1].with_changes(comma=cst.Comma(whitespace_after=outer))
    return part.with_changes(
        names=names, lpar=cst.LeftParen(whitespace_after=inner), rpar=cst.RightParen()
    )


def _one_a_line(
    part: cst.ImportFrom, names: list[cst.ImportAlias], at: int, new: cst.ImportAlias
) -> cst.ImportFrom | None:
    gaps = [part.lpar.whitespace_after] if part.lpar is not None else []
    gaps += [old.comma.whitespace_after for old in names if isinstance(old.comma, cst.Comma)]
    if not all(isinstance(gap, cst.ParenthesizedWhitespace) for gap in gaps[: len(names)]):
        return None
    if at == len(names) and len(gaps) == len(names):
        # Without a last comma the last name's comment hangs on the bracket: leave that end alone.
        at -= 1
    if at == len(names):
        end, first = gaps[-1], gaps[0]
        if not isinstance(end, cst.ParenthesizedWhitespace):
            return None
        if not isinstance(first, cst.ParenthesizedWhitespace):
            return None
        before: Whitespace = end.with_changes(
            empty_lines=(), indent=first.indent, last_line=first.last_line
        )
        behind: Whitespace = end.with_changes(first_line=cst.TrailingWhitespace())
    else:
        before, behind = around_new(gaps[at])
    if at == 0 and part.lpar is not None:
        part = part.with_changes(lpar=part.lpar.with_changes(whitespace_after=before))
    else:
        names[at - 1] = names[at - 1].with_changes(comma=cst.Comma(whitespace_after=before))
    names.insert(at, new.with_changes(comma=cst.Comma(whitespace_after=behind)))
    return part.with_changes(names=names)
