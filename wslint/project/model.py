"""The project that a file belongs to, as plain data."""

from __future__ import annotations

from typing import NamedTuple


class PytestSettings(NamedTuple):
    """The pytest settings that decide what runs and how; patterns as in pytest.

    ``keeps_connections``: the mode of wslint's own plugin that keeps database connections open.
    ``has_timeout``: pytest-timeout ends every test that hangs. ``test_loop_scope`` and
    ``fixture_loop_scope`` are pytest-asyncio's defaults; "" for the scope of the fixture itself.
    """

    python_files: tuple[str, ...] = ("test_*.py", "*_test.py")
    python_classes: tuple[str, ...] = ("Test",)
    python_functions: tuple[str, ...] = ("test",)
    pythonpath: tuple[str, ...] = ()
    usefixtures: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    asyncio_mode: str = "strict"
    settings_module: str = ""
    keeps_connections: bool = False
    has_timeout: bool = False
    test_loop_scope: str = "function"
    fixture_loop_scope: str = ""


class Project(NamedTuple):
    """One rootdir with its settings; paths are absolute."""

    rootdir: str
    top: str
    pytest: PytestSettings = PytestSettings()
