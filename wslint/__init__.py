"""wslint: finds websocket tests that pass by luck, and rewrites them so that they pass by right.

``check_paths``, ``check_source`` and ``fix_source`` are for other programs (docs/api.md). What they
need is imported when one of them is first asked for.
"""

try:
    from wslint._version import __version__ as __version__  # which the build writes
except ModuleNotFoundError:  # a checkout that was never installed
    __version__ = "0+unknown"

__all__ = [
    "ConfigError",
    "Finding",
    "Fix",
    "FixedSource",
    "Label",
    "Place",
    "Problem",
    "Report",
    "Span",
    "Unresolved",
    "check_paths",
    "check_source",
    "fix_source",
]

TYPE_CHECKING = False  # as typing's, without the import
if TYPE_CHECKING:
    from wslint.api import (
        ConfigError,
        Finding,
        Fix,
        FixedSource,
        Label,
        Place,
        Problem,
        Report,
        Span,
        Unresolved,
        check_paths,
        check_source,
        fix_source,
    )


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module("wslint.api"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
