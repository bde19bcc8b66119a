"""A vetter that is killed before or after any one of its entries loses nothing, and doubles nothing."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from astropy.time import Time
from builders.vetter_bench import TELESCOPE, Bench, FaintJournal, on_bench
from builders.vetting import CENTRE, T0, a_detection, an_event

from coordinator.alerts.leads import Leads, ReportedPosition
from coordinator.dispatch.facts import OperatorActed
from coordinator.services.journal import Entry, InMemoryJournal, Stored
from coordinator.vetting.candidate import id_from
from telescopes.description.errors import RetryLater
from telescopes.description.messages import Detection

HOSTED = {"host_redshift": 0.0093, "host_separation_arcsec": 5.0}
ARCSEC = 1 / 3600


class KilledError(Exception):
    """Nobody answers for this: the process is gone."""


@dataclass
class DeadlyJournal(InMemoryJournal):
    """Kills who appends as the vetter for the nth time, before or after the commit."""

    nth: int = 0
    after: bool = False
    appended: int = 0

    async def append(self, entries: Sequence[Entry], *, writer: str, **named: Any) -> tuple[Stored, ...]:
        self.appended += writer == "vetter" and any(e.kind != "writer_elected" for e in entries)
        deadly = writer == "vetter" and self.appended == self.nth > 0
        if deadly:
            self.nth = 0
        if deadly and not self.after:
            raise KilledError
        stored = await super().append(entries, writer=writer, **named)
        if deadly:
            raise KilledError
        return stored


async def send(bench: Bench, *detections: Detection) -> None:
    """Send as a site does: until there is an answer."""
    try:
        await bench.send(*detections)
    except KilledError:
        await bench.restart()
        await bench.send(*detections)
    except RetryLater:
        await bench.send(*detections)
    await live_on(bench)


async def live_on(bench: Bench) -> None:
    await bench.settle(0.5)
    if bench.task.done():
        await bench.restart()
        await bench.settle(0.5)


async def night(bench: Bench) -> None:
    """Two candidates, words on both, a detection that joins them, an earlier one, and another event."""
    await bench.event()
    await send(bench, a_detection("d1", **HOSTED), a_detection("d3", place=(150.0, 20.0 + 2.6 * ARCSEC)))
    for n, (says, name) in enumerate([("counterpart", "d1"), ("rejected", "d3"), ("withdrawn", "d3")]):
        details = {"event": "lvk:S1", "as": says}
        word = OperatorActed(f"a{n}", "mark_candidate", id_from(f"{TELESCOPE}:{name}"), "Ada", "seen", details)
        await bench.say("operator_acted", word)
        await live_on(bench)
    await send(bench, a_detection("d4", 8.3, place=(150.0, 20.0 + 1.3 * ARCSEC)), a_detection("x", place=(151.0, 21.0)))
    await bench.event(an_event(key="lvk:S2", name="S2"))
    await live_on(bench)
    await send(bench, a_detection("d0", 7.0))
    await bench.event(an_event(key="lvk:S2", name="S2", revision=2, retracted=True))
    await live_on(bench)


def told(bench: Bench) -> dict[str, Any]:
    """Sum up what the journal says in the end; of odds that were only on their way nothing."""
    odds = {e["event"]: e for e in bench.entries("candidates_scored")}
    return {
        "odds": {
            key: [(c["id"], c["probability"], c["marked"], c["detections"]) for c in e["candidates"]]
            for key, e in odds.items()
        },
        "kept": Counter(
            d["detection"]["detection_id"] for e in bench.entries("detections_stored") for d in e["detections"]
        ),
        "merged": [(tuple(e["before"]), tuple(e["now"])) for e in bench.entries("candidates_merged")],
        "asked": Counter(e["visit"] for e in bench.entries("follow_up_requested")),
        "ended": Counter(e["visit"] for e in bench.entries("follow_up_ended")),
    }


UNHARMED = on_bench(night)
MOST_APPENDS = 20
"""More entries than the night has."""


def test_the_night_is_worth_being_killed_in() -> None:
    found = told(UNHARMED)
    assert set(found["kept"].values()) == {1}
    assert len(found["merged"]) == 1
    assert found["odds"]["lvk:S1"][0][2:] == ("counterpart", 4)
    assert found["ended"]
    journal = DeadlyJournal()
    on_bench(night, journal=journal)
    assert 10 <= journal.appended < MOST_APPENDS


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("nth", range(1, MOST_APPENDS))
def test_a_kill_at_any_entry_changes_nothing(nth: int, after: bool) -> None:
    assert told(on_bench(night, journal=DeadlyJournal(nth=nth, after=after))) == told(UNHARMED)


@pytest.mark.parametrize("nth", range(1, MOST_APPENDS))
def test_an_answer_that_is_lost_at_any_entry_changes_nothing(nth: int) -> None:
    assert told(on_bench(night, journal=FaintJournal(nth=nth))) == told(UNHARMED)


async def told_by_a_survey(bench: Bench) -> None:
    """A broker's record comes that an event wants of which nothing else is new."""
    await bench.event()
    await live_on(bench)
    photometry = [{"time": Time(T0 + timedelta(hours=h)).jd, "band": "r", "flux": 1e4, "fluxerr": 100} for h in (3, 5)]
    said = {"object": {"id": "ZTF26abc", "ra": CENTRE[0], "dec": CENTRE[1]}, "photometry": photometry}
    sha256 = await bench.blobs.put(json.dumps(said).encode())
    where = (ReportedPosition(*CENTRE),)
    key, issued = "ztf.object:ZTF26abc", T0 + timedelta(hours=5)
    leads = Leads("ampel", "json", "ampel", "n1", "a record", None, None, key, sha256, issued, positions=where)
    await bench.say("circular_received", leads, event=key)
    await live_on(bench)


@pytest.mark.parametrize("nth", range(1, 4))
def test_an_answer_that_is_lost_doubles_nothing_that_a_survey_measured(nth: int) -> None:
    unharmed = on_bench(told_by_a_survey).entries("detections_stored")
    assert [len(e["detections"]) for e in unharmed] == [2, 0]
    assert on_bench(told_by_a_survey, journal=FaintJournal(nth=nth)).entries("detections_stored") == unharmed
