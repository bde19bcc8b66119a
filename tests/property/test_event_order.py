"""No order of arrival, and no repetition, changes the state of an event."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose
from coordinator.alerts.purpose import strictest_stated
from coordinator.events.fold import EventBook, event_hash

START = datetime(2026, 11, 22, tzinfo=UTC)
MAYBE_MINUTES = st.none() | st.integers(0, 3)


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    minutes = draw(MAYBE_MINUTES)
    return Alert(
        source=draw(st.sampled_from(["a", "b"])),
        format="x",
        stream=draw(st.sampled_from(["lvk", "skymap"])),
        notice_id=draw(st.sampled_from("pqrst")),
        event_key=draw(st.sampled_from(["lvk:S1", "lvk:S2"])),
        name=draw(st.sampled_from(["S1", "GW1"])),
        messenger=draw(st.sampled_from([None, "GW"])),
        phase=draw(st.none() | st.sampled_from(Phase)),
        stage=None,
        purpose=draw(st.none() | st.sampled_from(Purpose)),
        t0=draw(st.none() | st.just(START)),
        t_issued=None if minutes is None else START + timedelta(minutes=minutes),
        raw_sha256=draw(st.sampled_from(["r1", "r2"])),
        revision_number=draw(MAYBE_MINUTES),
        significant=draw(st.none() | st.booleans()),
        far_hz=draw(st.none() | st.floats(0, 1)),
        localization=draw(
            st.sampled_from(
                [
                    Localization("none"),
                    Localization("none", refused="x"),
                    Localization("link"),
                    Localization("flat", skymap_sha256="m1"),
                    Localization("flat", skymap_sha256="m2"),
                ]
            )
        ),
        external_coincidence=draw(st.none() | st.sampled_from(["Fermi", "Swift"])),
    )


def state(arrival: list[Alert]) -> tuple[str, EventBook]:
    book = EventBook()
    for alert in arrival:
        book.add(alert)
    return event_hash(book), book


@settings(max_examples=80)
@given(st.lists(alerts(), min_size=1, max_size=7), st.data())
def test_no_order_of_arrival_changes_the_state(arrival: list[Alert], data: st.DataObject) -> None:
    repeated = arrival + data.draw(st.lists(st.sampled_from(arrival), max_size=4))
    other = data.draw(st.permutations(repeated))
    assert state(arrival)[0] == state(list(other))[0]


@settings(max_examples=100)
@given(st.lists(alerts(), min_size=1, max_size=7))
def test_what_a_fold_says_follows_from_the_laws(arrival: list[Alert]) -> None:
    for key, event in state(arrival)[1].events.items():
        own = [alert for alert in arrival if alert.event_key == key]
        retracted = {a.notice_id for a in own if a.phase is Phase.RETRACTION and a.purpose is Purpose.OBSERVATION}
        purpose = {
            notice: strictest_stated(a.purpose for a in own if a.notice_id == notice)
            for notice in {alert.notice_id for alert in own}
        } | dict.fromkeys(retracted, Purpose.OBSERVATION)
        assert event.retracted or not retracted
        stated = set(purpose.values()) - {None}
        real = Purpose.OBSERVATION in stated
        counted = [p for p in purpose.values() if not real or p in (Purpose.OBSERVATION, None)]
        assert event.revision == len(counted)
        assert event.purpose == (Purpose.OBSERVATION if real else strictest_stated(stated))


@settings(max_examples=100)
@given(st.lists(alerts(), min_size=1, max_size=6))
def test_an_alert_changes_its_event_exactly_when_add_says_so(arrival: list[Alert]) -> None:
    book = EventBook()
    for alert in arrival:
        before = event_hash(book)
        assert book.add(alert) == (event_hash(book) != before)
