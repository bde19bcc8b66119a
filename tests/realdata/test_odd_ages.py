"""Samples whose event is 12 days old, or still to come: kept, and not searched by themselves."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from coordinator.alerts.message import Alerts
from coordinator.alerts.registry import understand
from coordinator.events.age import old_news
from coordinator.events.fold import fold

pytestmark = pytest.mark.realdata
NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "held_back"),
    [("t0_12_days_old.json", True), ("t0_in_the_future.json", True), ("real_control_lvk.json", False)],
)
def test_only_news_is_searched_by_itself(shared_data: Path, name: str, held_back: bool) -> None:
    meaning = understand((shared_data / "alerts" / "odd" / name).read_bytes(), name=name)
    assert isinstance(meaning, Alerts)
    assert (old_news(fold(meaning.alerts), NOW) is not None) is held_back
