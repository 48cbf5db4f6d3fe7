"""Create a new rule: its module and its first case.

python scripts/new_rule.py WS999 some-hazard "what is wrong, in one line"
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

RULE = '''"""{summary}.

## What it does
Reports …

## Why is this bad?
…

## Example
```python
```

## Use instead
```python
```

## Fix safety
…

## Evidence
Not run yet.
"""

from __future__ import annotations

from collections.abc import Iterator

from wslint.findings.finding import Finding
from wslint.rules.rule import Rule
from wslint.timeline.model import Timeline

RULE = Rule.of(__name__, __doc__, status="preview", fixable="none")


@RULE.checks
def check(timeline: Timeline) -> Iterator[Finding]:
    """Report …"""
    yield from ()
'''

CASE = """kind = "hazard"
title = "{summary}"
fix = "none"
findings = [{{ path = "test_hazard.py", line = 1, code = "{code}" }}]
before = {{ outcome = "fails", exception = "AssertionError" }}
"""


def main(arguments: list[str]) -> int:
    """Write the files, and return the exit code: 2 if the arguments are invalid."""
    if len(arguments) != 3 or not re.fullmatch(r"WS\d{3}", arguments[0]):
        print((__doc__ or "").strip(), file=sys.stderr)
        return 2
    code, name, summary = arguments
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        print(f"{name}: a name consists of lower-case words with dashes", file=sys.stderr)
        return 2
    rules = Path("wslint/rules")
    if list(rules.glob(f"{code.lower()}_*.py")):
        print(f"{code} is taken", file=sys.stderr)
        return 2
    module = rules / f"{code.lower()}_{name.replace('-', '_')}.py"
    case = Path("tests/fixtures") / code / "hazard"
    (case / "before").mkdir(parents=True, exist_ok=True)
    sentence = summary[:1].upper() + summary[1:]
    module.write_text(RULE.format(summary=sentence), encoding="utf-8")
    (case / "case.toml").write_text(CASE.format(code=code, summary=summary), encoding="utf-8")
    (case / "before" / "test_hazard.py").write_text("", encoding="utf-8")
    print(f"{module}\n{case}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
