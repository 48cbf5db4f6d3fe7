"""Precision and recall of a run over labelled checkouts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ecosystem.labels import Label, matches
from wslint.findings.finding import Finding
from wslint.findings.report import Report


@dataclass
class Score:
    """The counts of one rule. ``found`` of ``hazards`` labels are reported."""

    true: int = 0
    false: int = 0
    unclear: int = 0
    unlabelled: int = 0
    hazards: int = 0
    found: int = 0

    @property
    def findings(self) -> int:
        return self.true + self.false + self.unclear + self.unlabelled


@dataclass
class Result:
    """The results of a run over several checkouts."""

    scores: dict[str, Score] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    tests: int = 0
    unresolved: int = 0

    def score(self, code: str) -> Score:
        return self.scores.setdefault(code, Score())


def judge(result: Result, checkout: Path, report: Report, labels: Sequence[Label]) -> None:
    """Add the report of one checkout, compared with its labels."""
    for finding in report.findings:
        _judge_finding(result, checkout, finding, labels)
    hazards: dict[tuple[str, ...], list[Label]] = {}
    for label in labels:
        if label.verdict == "hazard":
            hazards.setdefault(label.key, []).append(label)
    for alike in hazards.values():
        first = alike[0]
        found = [f for f in report.findings if any(matches(one, f, checkout) for one in alike)]
        score = result.score(found[0].code if found else first.codes[0])
        score.hazards += 1
        score.found += bool(found)
        if not found:
            where = f"{first.repo} {first.path}:{first.line} {first.test}"
            result.notes.append(f"missed {'/'.join(first.codes)}: {where}: {first.reason}")
    result.tests += report.tests_judged
    result.unresolved += len({(u.place.path, u.test) for u in report.unresolved})
    result.reasons.update(u.reason for u in report.unresolved)


def _judge_finding(
    result: Result, checkout: Path, finding: Finding, labels: Iterable[Label]
) -> None:
    score = result.score(finding.code)
    verdicts = {label.verdict for label in labels if matches(label, finding, checkout)}
    where = f"{finding.path}:{finding.span.line}"
    if "hazard" in verdicts:
        score.true += 1
    elif "not-hazard" in verdicts:
        score.false += 1
        result.notes.append(f"false alarm {finding.code}: {where} ({finding.test})")
    elif "unclear" in verdicts:
        score.unclear += 1
    else:
        score.unlabelled += 1
        result.notes.append(f"no label {finding.code}: {where} ({finding.test})")


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95% confidence interval of a proportion."""
    if not trials:
        return 0.0, 1.0
    share = successes / trials
    divisor = 1 + z * z / trials
    centre = (share + z * z / (2 * trials)) / divisor
    spread = z / divisor * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return max(0.0, centre - spread), min(1.0, centre + spread)


def table(result: Result) -> str:
    """Write the counts as a table."""
    rows = [
        "rule   findings  true  false  unclear  no label  precision             recall",
    ]
    for code, score in sorted(result.scores.items()):
        rows.append(
            f"{code}  {score.findings:8}  {score.true:4}  {score.false:5}  {score.unclear:7}  "
            f"{score.unlabelled:8}  {_share(score.true, score.true + score.false):20}  "
            f"{_share(score.found, score.hazards)}"
        )
    share = result.unresolved / result.tests if result.tests else 0
    rows.append(f"tests left unresolved: {result.unresolved} of {result.tests} ({share:.1%})")
    rows += [f"  {count:4}  {reason}" for reason, count in result.reasons.most_common()]
    return "\n".join([*rows, *result.notes]) + "\n"


def _share(successes: int, trials: int) -> str:
    if not trials:
        return "-"
    low, high = wilson(successes, trials)
    return f"{successes}/{trials} ({low:.2f} to {high:.2f})"
