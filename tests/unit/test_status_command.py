"""The status as tables: foreign words are shown as they came."""

from typing import Any

import pytest

from coordinator.cli.status import show


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def a_status(**rows: Any) -> dict[str, Any]:
    return {
        "schema": "armillary.status/1",
        "state_dir": "/tmp/[/obs]",
        "seq": 7,
        "state_hash": "0123456789abcdef0123",
        "gateway": "127.0.0.1:50051",
        "dashboard_url": "http://127.0.0.1:8000/",
        "events": [],
        "telescopes": [],
        "streams": [],
    } | rows


def test_an_event_whose_name_looks_like_markup_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    show(a_status(events=[{"key": "lvk:[/x]"}], streams=[{"id": "[red]s"}]))
    said = capsys.readouterr().out
    assert "lvk:[/x]" in said and "[red]s" in said and "[/obs]" in said


def test_what_a_survey_drops_is_said_by_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    dropped = {"outside the sky of every event": 1200, "more bogus than real": 34}
    show(a_status(streams=[{"id": "rubin", "dropped": dropped}, {"id": "gcn", "dropped": {}}]))
    said = capsys.readouterr().out
    assert "rubin dropped 1,234: 34 more bogus than real, 1,200 outside the sky of every event" in said
    assert "gcn dropped" not in said


def test_where_the_dashboard_is_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    show(a_status())
    show(a_status(dashboard_url=None))
    said = capsys.readouterr().out
    assert "dashboard http://127.0.0.1:8000/" in said and "dashboard off" in said
