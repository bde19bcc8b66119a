"""Alerts of every sort, and maps fetched from what they link to, in any order: one state in the end.

Whoever fetches asks only for what an event waits for at that moment, so each order of arrival leaves other facts in the
journal; what is known of the events must be the same all the same.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose
from coordinator.events.event import Event
from coordinator.events.fold import EventBook
from coordinator.events.linked_map import LinkedMap, OpenLink

START = datetime(2026, 11, 22, tzinfo=UTC)
KEYS = ("lvk:S1", "icecube:1_2", "fermi.gbm:1", "swift:1")
FORMATS = ("voevent-xml", "json gcn.notices")
AT = {"good": "found-good", "better": "found-better", "gone": None}
"""What lies at each URL."""

PLACES = (
    Localization("none"),
    Localization("point", 10.0, 20.0),
    Localization("cone", 10.0, 20.0, 1.0, 0.9, skymap_sha256="made-1"),
    Localization("cone", 10.0, 20.0, 2.0, 0.9, skymap_sha256="made-2"),
    Localization("multiorder", skymap_sha256="sent"),
    Localization("none", refused="sky map: broken"),
    *(Localization("link", url=url) for url in AT),
    *(Localization("cone", 10.0, 20.0, 1.0, 0.9, skymap_sha256="made-1", url=url) for url in AT),
)
STAGES = (None, "GBM FLT_POS", "GBM FIN_POS", "GBM LIGHTCURVE", "BAT_POS", "XRT_POS", "FOM_OBS")
PURPOSES = (*[Purpose.OBSERVATION] * 4, Purpose.TEST, Purpose.MOCK, None)


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    key, form, number = draw(st.sampled_from(KEYS)), draw(st.sampled_from(FORMATS)), draw(st.integers(0, 2))
    purpose = draw(st.sampled_from(PURPOSES))
    return Alert(
        source=draw(st.sampled_from(["gcn", "hop"])),
        format=form,
        stream=key.partition(":")[0],
        notice_id=f"{form}-{number}",
        event_key=key,
        name=key,
        messenger=None,
        phase=draw(st.sampled_from([Phase.INITIAL, Phase.INITIAL, Phase.UPDATE, Phase.RETRACTION, None])),
        stage=draw(st.sampled_from(STAGES)),
        purpose=purpose,
        t0=START,
        t_issued=START + timedelta(seconds=10 * number),
        raw_sha256=draw(st.sampled_from(["r1", "r2", "r3"])),
        revision_number=number,
        no_event=draw(st.sampled_from([None, None, None, "a flare"])),
        localization=draw(st.sampled_from(PLACES)),
    )


class Draws(Protocol):
    """What chance, or a test, decides."""

    def draw(self, strategy: Any, /) -> Any: ...


class Played:
    """A book, and one who fetches what it waits for and comes back some alerts later."""

    def __init__(self, draw: Draws) -> None:
        self.book, self._draw = EventBook(), draw
        self._coming: list[OpenLink] = []
        self._asked: set[OpenLink] = set()

    def play(self, arrival: list[Alert]) -> dict[str, Event]:
        for alert in arrival:
            self.book.add(alert)
            self._ask(alert.event_key)
            while self._coming and self._draw.draw(st.booleans()):
                self._join()
        while self._coming:
            self._join()
        return self.book.events

    def _ask(self, key: str) -> None:
        wanted = [link for link in self.book.open_links([key]) if link not in self._asked]
        self._coming += wanted
        self._asked |= set(wanted)

    def _join(self) -> None:
        link = self._coming.pop()
        sha256 = AT[link.url]
        found = LinkedMap(link.notice_id, link.url, "multiorder", skymap_sha256=sha256)
        if sha256 is None:
            found = replace(found, kind="none", refused="not there")
        self.book.join(link.event_key, found)
        self._ask(link.event_key)


@settings(max_examples=150)
@given(st.lists(alerts(), min_size=1, max_size=6), st.data())
def test_no_order_of_arrival_or_of_fetching_changes_the_state(arrival: list[Alert], data: st.DataObject) -> None:
    repeated = arrival + data.draw(st.lists(st.sampled_from(arrival), max_size=3))
    other = data.draw(st.permutations(repeated))
    assert Played(data).play(arrival) == Played(data).play(list(other))


def test_a_link_is_followed_also_where_a_copy_says_that_its_notice_only_accompanies_others() -> None:
    """What chance found once, kept."""

    class Never:
        def draw(self, _: object) -> bool:
            return False

    def swift(stage: str | None, where: Localization) -> Alert:
        return Alert(
            source="gcn",
            format="voevent-xml",
            stream="swift",
            notice_id="n",
            event_key="swift:1",
            name="swift:1",
            messenger=None,
            phase=Phase.INITIAL,
            stage=stage,
            purpose=Purpose.OBSERVATION,
            t0=START,
            t_issued=START,
            raw_sha256="r1",
            localization=where,
        )

    linking, bare = swift(None, Localization("link", url="good")), swift("GBM LIGHTCURVE", Localization("none"))
    state = Played(Never()).play([linking, bare])
    assert Played(Never()).play([bare, linking]) == state
    assert state["swift:1"].localization.skymap_sha256 == "found-good"


@settings(max_examples=200)
@given(st.lists(alerts(), min_size=1, max_size=6), st.data())
def test_nothing_is_waited_for_once_all_has_been_fetched(arrival: list[Alert], data: st.DataObject) -> None:
    played = Played(data)
    events = played.play(arrival)
    assert played.book.open_links(events) == []
