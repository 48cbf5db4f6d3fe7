"""What a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from wslint.finding import Finding

if TYPE_CHECKING:
    from wslint.finding import Fix, Label
    from wslint.spans import Place
    from wslint.timeline.model import Timeline

Status = Literal["stable", "preview"]
Fixable = Literal["safe", "unsafe", "sometimes", "none"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as its file declares it.

    ``page`` is the module's docstring: headings "What it does", "Why is this bad?", "Example",
    "Use instead", "Fix safety", "Evidence". ``check`` yields findings about one timeline.
    ``yields_to`` names the rules that win where both report one cause. ``concerns`` names the
    versions in which the hazard exists (``"channels>=4.2"``); none means every version.
    """

    code: str
    name: str
    summary: str
    status: Status
    fixable: Fixable
    page: str
    check: Callable[[Timeline], Iterable[Finding]] | None
    yields_to: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()

    def finding(
        self,
        place: Place,
        message: str,
        help: str,  # noqa: A002
        *,
        labels: Iterable[Label] = (),
        fix: Fix | str = "",
        test: str = "",
        cause: str = "",
        also: tuple[str, ...] = (),
    ) -> Finding:
        """Report a hazard at a place. ``fix`` is the codemod, or says why there is none here."""
        codemod = None if isinstance(fix, str) else fix
        no_fix = fix if isinstance(fix, str) else ""
        return Finding(
            self.code, self.name, place, message, help, tuple(labels), codemod, no_fix, test,
            cause=cause, also=also,
        )  # fmt: skip
