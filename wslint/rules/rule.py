"""What a rule is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from wslint.findings.finding import Finding
from wslint.project.versions import release

if TYPE_CHECKING:
    from wslint.findings.finding import Fix, Label
    from wslint.findings.span import Place
    from wslint.timeline.model import Timeline

_NAME = re.compile(r"[a-z0-9-]+")

Status = Literal["stable", "preview"]
Fixable = Literal["safe", "unsafe", "display-only", "sometimes", "none"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as its file declares it.

    ``page`` is the module's docstring: headings "What it does", "Why is this bad?", "Example",
    "Use instead", "Fix safety", "Evidence" and, with links, "See also". ``check`` yields findings
    about one timeline. ``yields_to`` names the rules that win where both report one cause.
    ``concerns`` names the versions in which the hazard exists (``"channels>=4.2"``); none means
    every version. A rule with ``never_runs`` is asked about what no runner runs, and about nothing
    else.
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
    never_runs: bool = False

    @property
    def libraries(self) -> tuple[str, ...]:
        """The names of the libraries that it concerns, without their versions."""
        return tuple(_NAME.match(text)[0] for text in self.concerns)  # type: ignore[index]

    def exists_in(self, versions: Mapping[str, str]) -> bool:
        """Tell whether the hazard exists in these versions; one that is not there is the newest."""
        limited = [text for text in self.concerns if not _NAME.fullmatch(text)]
        if not limited:
            return True
        from packaging.requirements import Requirement

        return all(
            one.specifier.contains(_numbers(versions[one.name]))
            for one in map(Requirement, limited)
            if one.name in versions
        )

    def concerns_text(self, versions: Mapping[str, str]) -> str:
        """Say what it concerns, and which of these versions the project names."""
        known = [f"{name} {versions[name]}" for name in self.libraries if name in versions]
        here = f" (this project: {', '.join(known)})" if known else ""
        return ", ".join(self.concerns) + here

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


def _numbers(version: str) -> str:
    """Give the numbers of a version, so that 4.2rc1 counts as 4.2."""
    return ".".join(map(str, release(version)))
