"""Which events are searched, in which order, and when a faint one ends."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.events.event import Event
from coordinator.events.expiry import expired
from coordinator.events.policy import may_search, priority

NOW = datetime(2026, 11, 23, tzinfo=UTC)
AN_EVENT = Event(
    key="lvk:S261122qx",
    name="S261122qx",
    revision=1,
    retracted=False,
    messenger="GW",
    phase=Phase.PRELIMINARY,
    stage="PRELIMINARY",
    purpose=Purpose.OBSERVATION,
    t0=NOW - timedelta(hours=25),
    t_issued=NOW - timedelta(hours=24),
    localization=Localization("multiorder", skymap_sha256="aa"),
    significant=True,
)


def test_an_observation_with_a_sky_may_be_searched() -> None:
    assert may_search(AN_EVENT, ("observation",)) is None


@pytest.mark.parametrize("purpose", [Purpose.TEST, Purpose.MOCK, Purpose.INJECTION])
def test_only_a_telescope_that_opted_in_searches_a_rehearsal(purpose: Purpose) -> None:
    event = replace(AN_EVENT, purpose=purpose)
    refusal = may_search(event, ("observation",))
    assert refusal is not None and purpose.value in refusal
    assert may_search(event, ("observation", purpose.value)) is None


def test_an_event_of_unknown_purpose_is_never_searched() -> None:
    event = replace(AN_EVENT, purpose=None)
    assert may_search(event, ("observation", "test", "mock", "injection")) is not None


def test_a_retracted_event_is_not_searched() -> None:
    assert may_search(replace(AN_EVENT, retracted=True)) == "the event is retracted"


def test_an_event_without_a_usable_sky_is_not_searched() -> None:
    assert may_search(replace(AN_EVENT, localization=Localization("none"))) == "it has no sky map"
    refused = Localization("none", refused="sky map: not base64")
    assert may_search(replace(AN_EVENT, localization=refused)) == "sky map: not base64"


def test_a_significant_neutron_star_event_may_interrupt() -> None:
    sure = replace(AN_EVENT, far_hz=1e-12, classification={"BNS": 0.9, "NSBH": 0.1})
    assert priority(sure) >= 90


def test_priority_falls_with_significance_and_with_the_chance_of_light() -> None:
    bright = replace(AN_EVENT, classification={"BNS": 0.9})
    dark = replace(AN_EVENT, classification={"BBH": 1.0})
    faint = replace(bright, significant=False)
    unknown = replace(bright, significant=None)
    assert priority(bright) > priority(dark) > 0
    assert priority(bright) > priority(unknown) > priority(faint)
    assert priority(replace(bright, retracted=True)) == 0


def test_a_low_significance_event_ends_after_a_day() -> None:
    event = replace(AN_EVENT, significant=False)
    assert expired(event, NOW)
    assert not expired(event, NOW - timedelta(seconds=1))
    assert not expired(event, NOW, after=timedelta(hours=48))


def test_a_person_s_approval_opens_it_for_another_day() -> None:
    event = replace(AN_EVENT, significant=False)
    assert not expired(event, NOW, approved=NOW)
    assert not expired(event, NOW + timedelta(hours=23), approved=NOW)
    assert expired(event, NOW + timedelta(hours=24), approved=NOW)
    assert expired(event, NOW, approved=NOW - timedelta(days=9)), "an approval shortens nothing and lasts no longer"


def test_an_event_that_is_significant_or_does_not_say_stays() -> None:
    late = NOW + timedelta(days=10)
    assert not expired(AN_EVENT, late)
    assert not expired(replace(AN_EVENT, significant=None), late)
    assert not expired(replace(AN_EVENT, significant=False, phase=Phase.UPDATE), late)
    assert not expired(replace(AN_EVENT, significant=False, t_issued=None, t0=None), late)
