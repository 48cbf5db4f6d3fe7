"""Chooses the names by which new code refers to library objects."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import libcst as cst

from wslint.findings.actions import Symbol
from wslint.fixes.errors import CannotFix

if TYPE_CHECKING:
    from wslint.fixes.cst.bindings import Bindings, Imported
    from wslint.fixes.cst.tree import Scope, Tree


class Imports:
    """Finds names among the imports of a file, and collects the imports that are missing."""

    def __init__(self, tree: Tree, bound: Bindings) -> None:
        self._tree = tree
        self._bound = bound
        self._names: dict[Symbol, list[str]] = {}
        self.missing: list[tuple[str, str, str]] = []
        """Module, name and alias of each import to add; name and alias may be empty."""
        self.first_line = sys.maxsize
        """The first line with code that needs one of these imports."""

    def name(self, symbol: Symbol, place: cst.CSTNode, scopes: list[Scope]) -> str:
        """Return the text for ``symbol`` in code at ``place``, evaluated inside ``scopes``."""
        known = self.known(symbol, place, scopes)
        if known:
            return known
        self.first_line = min(self.first_line, self._tree.positions.span(place).line)
        return self._add(symbol, self._hidden(scopes))

    def known(self, symbol: Symbol, place: cst.CSTNode, scopes: list[Scope]) -> str:
        """Return the text for ``symbol`` if the file imports it, or ""."""
        found = self._imported(symbol, place, scopes)
        for qualified in symbol.same_as if not found else ():
            module, _, name = qualified.rpartition(".")
            found = found or self._imported(Symbol(qualified, module, name), place, scopes)
        return found

    def _imported(self, symbol: Symbol, place: cst.CSTNode, scopes: list[Scope]) -> str:
        hidden = self._hidden(scopes)
        before = self._tree.positions.span(place)
        usable = [
            candidate
            for candidate in self._bound.imports
            if self._provides(candidate, symbol)
            and candidate.name not in hidden
            and len(self._bound.top[candidate.name]) == 1
            and candidate.line < before.line
        ]
        if not usable:
            return ""
        best = max(usable, key=lambda candidate: len(candidate.qualified))
        return best.text + symbol.qualified[len(best.qualified) :]

    def _hidden(self, scopes: list[Scope]) -> set[str]:
        names: set[str] = set()
        for number, scope in enumerate(scopes):
            # names of a class body are not visible in its methods
            if isinstance(scope, cst.ClassDef) and number:
                continue
            line = self._tree.positions.span(scope).line
            names |= self._bound.scopes.get(line, set())
        return names

    @staticmethod
    def _provides(candidate: Imported, symbol: Symbol) -> bool:
        known = candidate.qualified
        if symbol.qualified != known and not symbol.qualified.startswith(f"{known}."):
            return False
        # import a does not guarantee a.b, as b may be a submodule
        needed = ".".join(filter(None, (symbol.module, symbol.name)))
        if needed == symbol.qualified:
            needed = symbol.module
        return known == needed or known.startswith(f"{needed}.") or not candidate.is_module

    def _add(self, symbol: Symbol, hidden: set[str]) -> str:
        known = self._names.setdefault(symbol, [])
        for text in known:
            if text.partition(".")[0] not in hidden:
                return text
        known.append(self._new_name(symbol, hidden))
        return known[-1]

    def _beside_others(self, symbol: Symbol, hidden: set[str]) -> Symbol:
        """Return a symbol, imported by its own name if the file imports others from there."""
        module, _, name = symbol.qualified.rpartition(".")
        beside = (one for one in self._bound.imports if not one.is_module)
        modules = {one.qualified.rpartition(".")[0] for one in beside} - {symbol.module}
        is_free = name not in hidden and self._free(name, symbol.qualified)
        return Symbol(symbol.qualified, module, name) if module in modules and is_free else symbol

    def _new_name(self, symbol: Symbol, hidden: set[str]) -> str:
        symbol = self._beside_others(symbol, hidden)
        imported = ".".join(filter(None, (symbol.module, symbol.name)))
        rest = symbol.qualified[len(imported) :]
        if not symbol.qualified.startswith(imported) or rest[:1] not in {"", "."}:
            raise CannotFix(f"{symbol.qualified} is not reached by importing {imported}")
        for module, added, as_name in self.missing:
            written = as_name or added or module
            same = (module, added) == (symbol.module, symbol.name)
            if same and written.partition(".")[0] not in hidden:
                return written + rest
        name, bound_object = symbol.name, imported
        if not name:
            name = bound_object = symbol.module.partition(".")[0]
        alias = ""
        if name in hidden or not self._free(name, bound_object):
            alias, bound_object = imported.replace(".", "_"), imported
            while alias in hidden or not self._free(alias, bound_object):
                alias += "_"
        self.missing.append((symbol.module, symbol.name, alias))
        self._bound.objects.setdefault(alias or name, set()).add(bound_object)
        return (alias or symbol.name or symbol.module) + rest

    def _free(self, name: str, wanted: str) -> bool:
        """Return whether nothing else in the whole file has this name."""
        if self._bound.objects.get(name, set()) - {wanted}:
            return False
        # a name that is read but never bound is a builtin, or comes from a star import
        return name in self._bound.objects or name not in self._bound.used
