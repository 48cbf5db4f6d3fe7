"""Quick fixes, ignore comments and the fix of a whole file, made when the editor asks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lsprotocol import types

from wslint.config.loader import override
from wslint.fixes.errors import CannotFix
from wslint.server.diagnostics import diagnostics
from wslint.server.edits import workspace_edit
from wslint.server.judging import enter
from wslint.syntax.deep_recursion import deep_recursion

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from wslint.findings.finding import Finding, Fix
    from wslint.server.judging import Judgement
    from wslint.server.texts import Texts

FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.wslint"
_TIERS = {
    "safe": "",
    "unsafe": " (unsafe: may change behaviour)",
    "display-only": " (display-only: may fail a test of a correct application)",
}


class ActionMaker:
    """Makes the actions for one open file and its findings."""

    def __init__(
        self,
        judgement: Judgement,
        findings: Sequence[Finding],
        texts: Texts,
        capabilities: types.ClientCapabilities,
    ) -> None:
        self._judgement = judgement
        self._findings = findings
        self._texts = texts
        self._capabilities = capabilities

    def actions(
        self, range_: types.Range, only: Sequence[types.CodeActionKind | str] | None
    ) -> list[types.CodeAction]:
        """Return the actions for a part of the file, of the kinds that are wanted."""
        enter(self._judgement.root)
        with deep_recursion():
            found: list[types.CodeAction] = []
            if _is_wanted(types.CodeActionKind.QuickFix, only):
                near = [finding for finding in self._findings if self._touches(finding, range_)]
                found += [action for each in near for action in self._quick_fixes(each)]
                found += [action for each in near if (action := self._ignore(each))]
            if _is_wanted(FIX_ALL, only):
                found += self._fix_all(only)
            return found

    def resolved(self, action: types.CodeAction) -> types.CodeAction:
        """Return the fix of the whole file with its edits."""
        enter(self._judgement.root)
        with deep_recursion():
            action.edit = self._all_fixed() or types.WorkspaceEdit({})
            return action

    def _touches(self, finding: Finding, range_: types.Range) -> bool:
        text = self._texts.of(finding.path)
        if text is None:
            return False
        start, end = text.place(range_.start), text.place(range_.end)
        return start <= finding.span[2:] and finding.span[:2] <= end

    def _quick_fixes(self, finding: Finding) -> Iterator[types.CodeAction]:
        fixes = () if finding.fix is None else (finding.fix, *finding.alternatives)
        for fix in fixes:
            edit = self._fixed(fix)
            if edit is not None:
                yield types.CodeAction(
                    title=f"{finding.code}: {fix.title}{_TIERS[fix.applicability]}",
                    kind=types.CodeActionKind.QuickFix,
                    diagnostics=diagnostics([finding], [], self._texts),
                    is_preferred=True if fix.applicability == "safe" else None,
                    edit=edit,
                )

    def _ignore(self, finding: Finding) -> types.CodeAction | None:
        from wslint.fixes.add_suppressions import NOT_BY_COMMENT, silenced
        from wslint.syntax.source import Source

        buffer = self._texts.buffers[finding.path]
        source = Source.from_bytes(buffer.path, buffer.data)
        if finding.code in NOT_BY_COMMENT or not isinstance(source, Source):
            return None
        try:
            after = silenced(source, [finding], "")
        except CannotFix:
            return None
        return types.CodeAction(
            title=f"{finding.code}: ignore on this line",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=diagnostics([finding], [], self._texts),
            edit=self._edit({finding.path: after}),
        )

    def _fix_all(self, only: Sequence[types.CodeActionKind | str] | None) -> list[types.CodeAction]:
        """Return the fix of the whole file, made now only if the editor cannot ask for it later."""
        fixes = (finding.fix for finding in self._findings)
        if not any(fix is not None and fix.applicability == "safe" for fix in fixes):
            return []
        action = types.CodeAction(
            title="wslint: apply all safe fixes",
            kind=FIX_ALL,
            data=self._judgement.buffer.path,
        )
        if self._asks_later:
            return [action]
        action.edit = self._all_fixed() if only else None
        return [action] if action.edit is not None else []

    @property
    def _asks_later(self) -> bool:
        document = self._capabilities.text_document
        actions = document.code_action if document is not None else None
        resolve = actions.resolve_support if actions is not None else None
        return resolve is not None and "edit" in resolve.properties

    def _fixed(self, fix: Fix) -> types.WorkspaceEdit | None:
        """Make one fix, as the other formats show it."""
        from wslint.fixes.fileset import apply_all, read_files

        paths = {action.path for action in fix.actions}
        unsaved = {path: buffer.data for path, buffer in self._texts.buffers.items()}
        before = read_files(paths, unsaved, self._judgement.settings.max_file_size)
        before |= {p: b"" for p in paths if p not in before and not os.path.lexists(p)}
        try:
            after = apply_all(before, [fix], before.__contains__)
        except CannotFix:
            return None
        return self._edit({path: data for path, data in after.items() if data != before[path]})

    def _all_fixed(self) -> types.WorkspaceEdit | None:
        """Make the fixes that ``wslint fix`` makes in this file."""
        from wslint.run.fix import find_fixes

        buffer = self._judgement.buffer
        settings = override(self._judgement.settings, unsafe_fixes=False)
        fixes = find_fixes(
            [], settings, stdin=(buffer.path, buffer.data), overlay=self._judgement.unsaved
        )
        changed = {change.path: change.after for change in fixes.changes}
        return self._edit({buffer.path: changed[buffer.path]} if buffer.path in changed else {})

    def _edit(self, changed: Mapping[str, bytes]) -> types.WorkspaceEdit | None:
        if not changed or any(self._is_altered(path) for path in changed):
            return None
        return workspace_edit(changed, self._texts, self._capabilities)

    def _is_altered(self, path: str) -> bool:
        """Return whether the declared encoding cannot represent the text of an open file."""
        from wslint.syntax.source import Source

        buffer = self._texts.buffers.get(path)
        if buffer is None:
            return False
        source = Source.from_bytes(path, buffer.data)
        return not isinstance(source, Source) or source.text != buffer.text


def _is_wanted(
    kind: types.CodeActionKind | str, only: Sequence[types.CodeActionKind | str] | None
) -> bool:
    if not only:
        return True
    return any(f"{_name(kind)}.".startswith(f"{_name(each)}.") for each in only)


def _name(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind
