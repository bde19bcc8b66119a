"""Every recorded marker of a test or a mock: no command at a telescope that did not opt in; the controls do."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders.opted_in import Outcome, commands_for

from coordinator.alerts.message import Alerts, Understood
from coordinator.events.copies import usable
from coordinator.services.assess import Delivery, MapSummary, assess
from coordinator.services.map_summary import summarise_map
from coordinator.sources.sidecar import read_headers_beside

pytestmark = pytest.mark.realdata
NOW = datetime(2026, 11, 23, tzinfo=UTC)
"""What these files are read with."""

MARKED = (
    "test_marker_alert_tense.json",
    "test_marker_alert_tense_injection.json",
    "test_marker_group_test.json",
    "test_marker_header.json",
    "test_marker_is_test_string.json",
    "test_marker_ivorn.xml",
    "test_marker_packet_type.xml",
    "test_marker_param.xml",
    "test_marker_role.xml",
    "test_marker_search_mdc.json",
    "test_marker_superevent_MS.json",
    "test_marker_superevent_TS.json",
    "test_marker_topic__gcn.notices.einstein_probe.wxt.test__.json",
    "test_marker_topic__snews.alert-test__.json",
)
CONTROLS = (
    "real_control_lvk.json",
    "real_control_voevent.xml",
    "real_control_snews.json",
    "looks_like_a_test_but_is_real.json",
)
WITHOUT_SKY = (
    "real_control_snews.json",
    "test_marker_is_test_string.json",
    "test_marker_topic__snews.alert-test__.json",
)
"""Neutrino detectors say no place."""


async def read_map(data: bytes) -> MapSummary:
    return summarise_map(data)


def read(path: Path) -> Understood:
    delivery = Delivery(path.read_bytes(), path.name, "test", headers=read_headers_beside(path))
    return asyncio.run(assess(delivery, read_map))


def outcome_of(path: Path) -> Outcome:
    return commands_for(path.read_bytes(), NOW, name=path.name, headers=read_headers_beside(path), approve=True)


def searchable(meaning: Understood) -> bool:
    return isinstance(meaning, Alerts) and any(usable(alert.localization) for alert in meaning.alerts)


def test_every_marker_is_tried(shared_data: Path) -> None:
    found = {p.name for p in (shared_data / "alerts" / "odd").glob("test_marker_*")}
    assert found - {"test_marker_header.json.headers.json"} == set(MARKED)


@pytest.mark.parametrize("name", MARKED)
def test_no_command_at_a_telescope_that_did_not_opt_in(shared_data: Path, name: str) -> None:
    path = shared_data / "alerts" / "odd" / name
    meaning = read(path)
    assert isinstance(meaning, Alerts), meaning
    assert searchable(meaning) == (name not in WITHOUT_SKY)
    outcome = outcome_of(path)
    assert outcome.strict == 0, outcome.commands
    assert (outcome.opted_in > 0) == searchable(meaning), "else the test would show nothing"


@pytest.mark.parametrize("name", CONTROLS)
def test_the_control_without_a_marker_leads_to_commands(shared_data: Path, name: str) -> None:
    path = shared_data / "alerts" / "odd" / name
    assert searchable(read(path)) == (name not in WITHOUT_SKY)
    assert (outcome_of(path).strict > 0) == (name not in WITHOUT_SKY)
