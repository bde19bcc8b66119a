"""What people report stands beside the events that they name, whichever comes first, and changes none of them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.alerts.leads import Leads, ReportedMagnitude, ReportedPosition, in_words
from coordinator.events.event import Event
from coordinator.services.documents import event_document
from coordinator.services.facts import entry_of
from coordinator.services.journal import Stored
from coordinator.services.leads_book import MOST
from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import read_state, write_state
from coordinator.services.status import event_rows

T0 = datetime(2026, 1, 1, 8, 4, tzinfo=UTC)
GBM = "fermi.gbm:789000000"


def an_event(key: str = GBM, name: str = "GRB 260101A", **changes: Any) -> Event:
    said: dict[str, Any] = {
        "key": key,
        "name": name,
        "revision": 1,
        "retracted": False,
        "messenger": "EM",
        "phase": Phase.INITIAL,
        "stage": None,
        "purpose": Purpose.OBSERVATION,
        "t0": T0,
        "t_issued": T0,
        "localization": Localization("none"),
    }
    return Event(**(said | changes))


def a_lead(number: int = 1, name: str | None = "GRB 260101A", key: str | None = None, **changes: Any) -> Leads:
    said: dict[str, Any] = {
        "source": "gcn",
        "format": "gcn circular",
        "stream": "gcn.circulars",
        "notice_id": f"circular:{number}:v1",
        "reason": "a circular: leads only, never facts",
        "title": f"{name}: optical candidate",
        "name": name,
        "event_key": key,
        "raw_sha256": "0" * 64,
        "native_ids": (f"gcn.circular:{number}",),
    }
    return Leads(**(said | changes))


def told(*facts: Event | Leads, state: ObservatoryState | None = None) -> ObservatoryState:
    state = state or ObservatoryState()
    for fact in facts:
        kind = "event_revised" if isinstance(fact, Event) else "circular_received"
        entry = entry_of(kind, fact, sky_time=T0)
        state.apply(Stored(state.applied_seq + 1, T0, "w", 1, entry))
    return state


def counted(state: ObservatoryState) -> dict[str, int]:
    return {row["key"]: row["leads"] for row in event_rows(state, {}) if row["leads"]}


@pytest.mark.parametrize("name", ["GRB 260101A", "GRB260101A", "GRB 260101.336", "bn260101336"])
@pytest.mark.parametrize("lead_first", [True, False])
def test_a_report_that_names_a_known_event_stands_beside_it(name: str, lead_first: bool) -> None:
    facts: list[Event | Leads] = [a_lead(name=name), an_event()]
    state = told(*(facts if lead_first else facts[::-1]))
    assert counted(state) == {GBM: 1}
    assert event_document(state, state.events[GBM])["leads"] == [in_words(a_lead(name=name))]


def test_a_key_counts_before_a_name_and_every_name_is_tried() -> None:
    other = an_event("lvk:S260101a", "S260101a")
    assert counted(told(an_event(), other, a_lead(key="lvk:S260101a"))) == {"lvk:S260101a": 1}
    assert counted(told(an_event(), a_lead(name="AT 2026abc", names=("AT 2026abc", "GRB 260101A")))) == {GBM: 1}


def test_a_report_that_may_mean_several_events_stands_beside_none() -> None:
    second = an_event("swift:1125809", "1125809")
    by_day = a_lead(name="GRB 260101.336")
    assert counted(told(an_event(name="1"), second, by_day)) == {}
    assert counted(told(by_day, an_event(name="1"), second)) == {}
    assert counted(told(a_lead(name=None), a_lead(2, name="S260101zz"), an_event())) == {}


def test_a_report_follows_the_name_that_an_event_gets_later() -> None:
    state = told(a_lead(name="GRB 260101B"), an_event("swift:1", "GRB 260101A"), an_event(name="789000000"))
    assert counted(state) == {}
    assert counted(told(an_event("swift:1", "GRB 260101B"), state=state)) == {"swift:1": 1}


def test_leads_change_no_event_and_outlive_a_snapshot() -> None:
    plain, beside = told(an_event()), told(a_lead(), an_event(), a_lead(2), a_lead(3, name="GRB 991231A"))
    assert beside.events == plain.events and beside.hash() == plain.hash()
    again = read_state(write_state(beside, "j"), "j")
    assert again.leads == beside.leads and counted(again) == {GBM: 2}
    assert counted(told(an_event("swift:9", "GRB 991231A"), state=again)) == {GBM: 2, "swift:9": 1}


def test_the_newest_report_comes_first_and_the_oldest_are_let_go() -> None:
    state = told(an_event(), *(a_lead(number) for number in range(MOST + 5)))
    assert counted(state) == {GBM: MOST}
    assert state.leads.of(GBM)[0].notice_id == f"circular:{MOST + 4}:v1"
    assert len(event_document(state, state.events[GBM])["leads"]) == 20


def test_a_survey_s_table_pushes_out_no_report_of_a_known_event() -> None:
    table = (a_lead(number, name=f"AT 2026x{number}") for number in range(10, 10 + MOST + 5))
    state = told(an_event(), a_lead(1), *table)
    assert counted(state) == {GBM: 1} and len(state.leads.leads) == MOST


def test_a_lead_says_who_reports_what_where() -> None:
    positions = (ReportedPosition(12.3456, -5.5, error_deg=0.0003), *[ReportedPosition(1.0, 2.0)] * 3)
    magnitudes = (ReportedMagnitude(18.5, band="r"), ReportedMagnitude(21.0, upper_limit=True))
    assert in_words(a_lead(positions=positions, magnitudes=magnitudes)) == (
        "gcn.circulars 1 reports “GRB 260101A: optical candidate” at 12.3456 -5.5000 ± 0.0003°, 1.0000 +2.0000 and "
        "2 more places (r = 18.50, mag > 21.00)"
    )
    bare = a_lead(title=None, native_ids=(), retraction=True, test=True)
    assert in_words(bare) == "gcn.circulars reports a retraction [a test]"
