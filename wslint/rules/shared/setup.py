"""How fixes enter something in setUp and setUpClass."""

from __future__ import annotations

from wslint.syntax import nodes as s
from wslint.syntax.search import mentions
from wslint.timeline.model import Timeline

_METHODS = frozenset(("enterContext", "enterClassContext"))


def has_enter_context(timeline: Timeline, function: s.Function) -> bool:
    """Tell whether ``enterContext`` is surely there (Python 3.11).

    Either the project says which Python it needs, or the method uses it already. Elsewhere the
    form for every version is written.
    """
    known = timeline.environment.is_at_least("python", (3, 11))
    return known or mentions(function.body, _METHODS)
