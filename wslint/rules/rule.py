"""A rule: what its module declares, and how it makes findings."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from wslint.findings.finding import Finding
from wslint.findings.span import Place
from wslint.project.versions import release

if TYPE_CHECKING:
    from wslint.findings.finding import Fix, Label
    from wslint.timeline.model import Resource, Timeline

_NAME = re.compile(r"[a-z0-9-]+")

Status = Literal["stable", "preview"]
Fixable = Literal["safe", "unsafe", "display-only", "sometimes", "none"]


Check = Callable[["Timeline"], Iterable[Finding]]
# a resource or its number, a place, or the name of something in the application
Cause: TypeAlias = "Resource | int | Place | str"


@dataclass(slots=True, eq=False)
class Rule:
    """One rule, as its module declares it.

    ``page`` is the module's docstring: headings "What it does", "Why is this bad?", "Example",
    "Use instead", "Fix safety", "Evidence" and, with links, "See also". ``check`` yields findings
    about one timeline; it is None where the run itself reports. ``yields_to`` names the rules that
    win where both report one cause. ``concerns`` names the versions in which the hazard exists
    (``"channels>=4.2"``); none means every version. A rule with ``never_runs`` sees only tests that
    no runner runs.
    """

    code: str
    name: str
    summary: str
    status: Status
    fixable: Fixable
    page: str
    check: Check | None = None
    yields_to: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()
    never_runs: bool = False

    @classmethod
    def of(
        cls,
        module: str,
        page: str | None,
        *,
        status: Status,
        fixable: Fixable,
        yields_to: tuple[str, ...] = (),
        concerns: tuple[str, ...] = (),
        never_runs: bool = False,
    ) -> Rule:
        """Return the rule of a module ``wsNNN_some_name``, whose docstring is the rule's page."""
        code, _, name = module.rpartition(".")[2].partition("_")
        page = page or ""
        return cls(
            code.upper(), name.replace("_", "-"), _summary(page), status, fixable, page,
            yields_to=yields_to, concerns=concerns, never_runs=never_runs,
        )  # fmt: skip

    def checks(self, check: Check) -> Check:
        """Register the function that yields the findings of this rule."""
        self.check = check
        return check

    @property
    def libraries(self) -> tuple[str, ...]:
        """The names of the libraries that it concerns, without their versions."""
        return tuple(_NAME.match(text)[0] for text in self.concerns)  # type: ignore[index]

    def exists_in(self, versions: Mapping[str, str]) -> bool:
        """Return whether the hazard exists in these versions; a missing one counts as newest."""
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
        """Return what it concerns, with those of these versions that the project names."""
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
        alternatives: Iterable[Fix | str] = (),
        cause: Cause = "",
        also: Iterable[Cause] = (),
    ) -> Finding:
        """Return a finding of this rule. ``fix`` is the codemod, or why there is none here.

        ``alternatives`` are other codemods that are right too; those that don't apply are left out.

        ``cause`` is what the finding is about: of two findings with one cause, a rule that yields
        to the other is not reported. ``also`` are further causes.
        """
        codemod = None if isinstance(fix, str) else fix
        no_fix = fix if isinstance(fix, str) else ""
        return Finding(
            self.code, self.name, place, message, help, tuple(labels), codemod, no_fix,
            cause=_key(cause), also=tuple(map(_key, also)),
            alternatives=tuple(one for one in alternatives if not isinstance(one, str)),
        )  # fmt: skip


def _key(cause: Cause) -> str:
    """Return a text that tells a cause from all others in the same test."""
    if isinstance(cause, (str, Place)):
        return str(cause)
    return f"resource {cause if isinstance(cause, int) else cause.id}"


def _summary(page: str) -> str:
    """Return the first line of a page as a phrase: no full stop, and no capital of a sentence."""
    line = page.partition("\n")[0].rstrip(".")
    return line if line[1:2].isupper() else line[:1].lower() + line[1:]


def _numbers(version: str) -> str:
    """Return the numbers of a version, so that 4.2rc1 counts as 4.2."""
    return ".".join(map(str, release(version)))
