"""What a run makes is freed as soon as nobody needs it, without the garbage collector."""

from __future__ import annotations

import gc
from pathlib import Path

from cases import all_cases, settings_of

from wslint.linking.module import Module
from wslint.run import check as engine
from wslint.timeline.interpreter.interpreter import Interpreter
from wslint.timeline.interpreter.store import Store
from wslint.timeline.model import Timeline
from wslint.timeline.runners.fixtures import FixtureTable

KINDS = (Interpreter, FixtureTable, Timeline, Module, Store)


def test_no_run_leaves_a_circle_behind(tmp_path: Path) -> None:
    folders = []
    for case in all_cases():
        folder = tmp_path / case.id
        case.copy_to(folder)
        folders.append((folder, settings_of(case, folder)))
    gc.collect()
    gc.disable()
    try:
        for folder, settings in folders:
            engine.check([str(folder)], settings)
        left = [type(one).__name__ for one in gc.get_objects() if isinstance(one, KINDS)]
    finally:
        gc.enable()
    assert left == []
