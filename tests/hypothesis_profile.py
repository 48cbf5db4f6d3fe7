"""How hypothesis runs its examples; imported by the tests that use it through pytest's -p option."""

from __future__ import annotations

from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("wslint", deadline=None)
settings.load_profile("wslint")
