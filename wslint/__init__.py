"""wslint: a linter and fixer for tests of websocket code.

``check_paths``, ``check_source`` and ``fix_source`` are the public API (docs/api.md). Their modules
are imported on first use.
"""

try:
    from wslint._version import __version__ as __version__  # written by the build
except ModuleNotFoundError:  # a checkout that is not installed
    __version__ = "0+unknown"

__all__ = [
    "ConfigError",
    "Edit",
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

TYPE_CHECKING = False  # like typing.TYPE_CHECKING, without the import
if TYPE_CHECKING:
    from wslint.api import (
        ConfigError,
        Edit,
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
