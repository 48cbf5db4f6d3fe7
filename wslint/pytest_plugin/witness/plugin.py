"""The hooks of ``--wslint-witness``: test by test, then the summary and the report."""

from __future__ import annotations

import inspect
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from wslint.findings.seen import VERSION, Seen
from wslint.pytest_plugin.witness.place import Place
from wslint.pytest_plugin.witness.signals import SIGNALS
from wslint.pytest_plugin.witness.watch import Watch, WatchedTest

if TYPE_CHECKING:
    import warnings
    from collections.abc import Generator

TITLE = "wslint witness"
_KEY = "wslint_witness"


class Witness:
    """Observes the tests of this process; with pytest-xdist, also collects from its workers."""

    def __init__(self, config: pytest.Config, report: str | None) -> None:
        self._config = config
        self._root = str(config.rootpath)
        # as given, in the folder where pytest was started
        self._report = os.path.join(str(config.invocation_params.dir), report) if report else ""
        self._watch = Watch(self._relative)
        self._waiting = list(SIGNALS)
        self.seen: list[Seen] = []
        self.off: dict[str, None] = {}

    def seen_in(self, nodeid: str) -> list[Seen]:
        """Return what was seen so far in the test that runs."""
        test = self._watch.test
        if test is None or test.id != nodeid:
            return []
        return [seen for seen in test.all_seen if not seen.latent]

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)  # pytest 7 does not know wrapper=True
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, None, None]:
        """Observe a test and its fixtures."""
        self._waiting = [each for each in self._waiting if not self._watch.install(*each)]
        line = (item.location[1] or 0) + 1
        is_coroutine = inspect.iscoroutinefunction(getattr(item, "obj", None))
        self._watch.begin(WatchedTest(item.nodeid, str(item.path), line, item, is_coroutine))
        yield
        self._watch.end()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, None, None]:
        """Note a fixture of several tests."""
        yield
        if fixturedef.scope != "function":
            self._watch.share()

    @pytest.hookimpl(hookwrapper=True, trylast=True)  # before the explanation of the failure
    def pytest_runtest_makereport(self, call: Any) -> Generator[None, Any, None]:
        """Remember a failure."""
        outcome = yield
        if outcome.get_result().failed and call.excinfo is not None:
            self._watch.fail(call.excinfo.value)

    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage, when: str) -> None:
        """Pass a warning on to the signals."""
        if when == "runtest":
            place = Place(warning_message.filename, warning_message.lineno)
            self._watch.warn(str(warning_message.message), place)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """End the observation, and write the report."""
        self.seen += self._watch.close()
        self.off.update(dict.fromkeys(self._watch.off))
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output[_KEY] = {"seen": [list(seen) for seen in self.seen], "off": list(self.off)}
        elif self._report:
            self._write()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of pytest-xdist has seen."""
        found = getattr(node, "workeroutput", {}).get(_KEY)
        if found is None:
            self.off["a worker of pytest-xdist ended early: what it saw is lost"] = None
        else:
            self.seen += [Seen(*seen) for seen in found["seen"]]
            self.off.update(dict.fromkeys(found["off"]))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print what was seen, and which signals were off."""
        terminalreporter.section(TITLE)
        shown = [seen for seen in self.seen if not seen.latent]
        for seen in shown:
            terminalreporter.line(f"{seen.path}:{seen.line}: {seen.what} {seen.message}")
            terminalreporter.line(f"    in {seen.test}")
        if not shown:
            terminalreporter.line("no hazard was seen")
        for reason in self.off:
            terminalreporter.line(f"off: {reason}")

    def _write(self) -> None:
        folder = os.path.dirname(self._report)
        try:
            root = os.path.relpath(self._root, folder).replace(os.sep, "/")
        except ValueError:  # on another drive
            root = self._root
        document = {
            "version": VERSION,
            "rootdir": root,
            "seen": [seen._asdict() for seen in self.seen],
            "off": list(self.off),
        }
        try:
            with open(self._report, "w", encoding="utf-8") as file:
                file.write(json.dumps(document, indent=2) + "\n")
        except OSError as error:
            self.off[f"{self._report} cannot be written: {error.strerror}"] = None

    def _relative(self, path: str) -> str:
        below = path.startswith(self._root.rstrip(os.sep) + os.sep)
        return (os.path.relpath(path, self._root) if below else path).replace(os.sep, "/")
