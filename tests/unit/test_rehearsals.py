"""A test, a mock or an injection moves no telescope that did not opt in, whatever marks it; the real thing does."""

import json
from datetime import timedelta
from typing import Any

import pytest
from builders.notices import a_notice
from builders.opted_in import NORTH, Outcome
from builders.opted_in import commands_for as told

from coordinator.alerts.alert import Purpose
from coordinator.simulation.built_in_map import T0, Strip, strip_map

NOW = T0 + timedelta(minutes=5)
SKY = strip_map(Strip(length_deg=2.0, width_deg=0.4))
REAL: dict[str, Any] = json.loads(a_notice("S260320a", "PRELIMINARY", 60, SKY))


def commands_for(raw: bytes, **said: Any) -> Outcome:
    return told(raw, NOW, sites=NORTH, hours=3.0, **said)


def notice(**changes: Any) -> bytes:
    return json.dumps(REAL | changes).encode()


TWICE = b'{"format": "json", "content": %s, "alert_tense": "test", "alert_tense": "current"}}' % notice()[:-1]


def event(**changes: Any) -> dict[str, Any]:
    return {"event": REAL["event"] | changes}


MARKED: dict[str, tuple[bytes, dict[str, Any], Purpose]] = {
    "id of a mock": (notice(superevent_id="MS260320a"), {}, Purpose.MOCK),
    "id of a test": (notice(superevent_id="TS260320a"), {}, Purpose.TEST),
    "search": (notice(**event(search="MDC")), {}, Purpose.MOCK),
    "group": (notice(**event(group="Test")), {}, Purpose.TEST),
    "tense": (notice(alert_tense="test"), {}, Purpose.TEST),
    "tense of an injection": (notice(alert_tense="injection"), {}, Purpose.INJECTION),
    "flag as text": (notice(is_test="True"), {}, Purpose.TEST),
    "role": (notice(role="test"), {}, Purpose.TEST),
    "header": (notice(), {"headers": {"_test": "true"}}, Purpose.TEST),
    "topic": (notice(), {"topic": "lvk.alert-test"}, Purpose.TEST),
    "word in the middle of a topic": (notice(), {"topic": "lvk.test.alert"}, Purpose.TEST),
    "topic of testing": (notice(), {"topic": "lvk.connection-testing"}, Purpose.TEST),
    "tense told twice in an envelope": (TWICE, {}, Purpose.TEST),
    "topic in the name": (notice(), {"name": "a__lvk.alert-test__.json"}, Purpose.TEST),
}


@pytest.mark.slow
@pytest.mark.parametrize("marker", MARKED)
def test_a_marked_message_reaches_only_telescopes_that_opted_in(marker: str) -> None:
    raw, said, purpose = MARKED[marker]
    outcome = commands_for(raw, approve=True, **said)
    assert outcome.event.purpose is purpose
    assert outcome.strict == 0, outcome.commands
    assert outcome.opted_in > 0, "else the test would show nothing"


def test_the_same_message_without_a_marker_reaches_all() -> None:
    outcome = commands_for(notice())
    assert outcome.event.purpose is Purpose.OBSERVATION
    assert outcome.strict > 0


def test_what_says_nothing_of_its_purpose_reaches_nobody() -> None:
    outcome = commands_for(SKY, approve=True)
    assert outcome.event.purpose is None
    assert (outcome.strict, outcome.opted_in) == (0, 0)
