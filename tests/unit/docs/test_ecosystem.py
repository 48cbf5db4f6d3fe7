"""The command that compares wslint with labels of real repositories."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ecosystem.labels import Label, read_labels
from ecosystem.score import Result, judge, table, wilson

from wslint.config.settings import Settings
from wslint.run.check import check

TEST = """\
from starlette.testclient import TestClient
from shop import app


class TestOrders:
    def test_two(self):
        client = TestClient(app)
        with client.websocket_connect("/a"), client.websocket_connect("/b"):
            pass

    def test_one(self):
        client = TestClient(app)
        with client.websocket_connect("/a"):
            pass
"""


def label(test: str, verdict: str, cause: str = "") -> Label:
    codes = ("WS301", "WS302")
    return Label("me/shop", "test_orders.py", 1, test, codes, verdict, "for a reason", cause)


def result_of(tmp_path: Path, *labels: Label) -> Result:
    (tmp_path / "test_orders.py").write_text(TEST)
    result = Result()
    report = check([str(tmp_path)], Settings(cache=False, root=str(tmp_path)))
    judge(result, tmp_path, report, labels)
    return result


def test_counts_what_is_found(tmp_path: Path) -> None:
    result = result_of(tmp_path, label("TestOrders.test_two", "hazard"))
    score = result.score("WS302")
    assert (score.true, score.found, score.hazards) == (1, 1, 1)
    assert result.notes == []
    assert "WS302         1     1      0" in table(result)


def test_counts_what_is_missed(tmp_path: Path) -> None:
    result = result_of(tmp_path, label("test_one", "hazard"), label("test_two", "hazard"))
    assert [note.split(":")[0] for note in result.notes] == ["missed WS301/WS302"]


def test_counts_false_alarms(tmp_path: Path) -> None:
    result = result_of(tmp_path, label("TestOrders.test_two", "not-hazard"))
    assert (result.score("WS302").true, result.score("WS302").false) == (0, 1)
    assert [note.split(":")[0] for note in result.notes] == ["false alarm WS302"]


def test_names_what_has_no_label(tmp_path: Path) -> None:
    result = result_of(tmp_path)
    assert [note.split(":")[0] for note in result.notes] == ["no label WS302"]


def test_labels_of_one_cause_count_once(tmp_path: Path) -> None:
    alike = [label("test_one", "hazard", "same"), label("test_two", "hazard", "same")]
    result = result_of(tmp_path, *alike)
    assert (result.score("WS302").found, result.score("WS302").hazards) == (1, 1)
    assert result.notes == []


def test_wilson() -> None:
    low, high = wilson(98, 100)
    assert (low, high) == pytest.approx((0.930, 0.9945), abs=0.001)
    assert wilson(0, 0) == (0.0, 1.0)


def test_labels_are_complete() -> None:
    from wslint.config.rule_names import rule_names

    verdicts = {"hazard", "not-hazard", "unclear"}
    for one in read_labels():
        assert one.reason
        assert one.verdict in verdicts
        assert all(re.fullmatch(r"WS[1-5]\d\d", code) for code in one.codes)
    assert any(set(one.codes) & set(rule_names()) for one in read_labels())
