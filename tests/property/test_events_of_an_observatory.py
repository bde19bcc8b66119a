"""Alerts of several streams in a running scheduler: any order, repeats and restarts end in one state, and it is quiet.

Overlaps and products are told by the names of maps; everything else is the real thing on a journal in memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from builders.coincidences import a_burst, a_neutrino, a_wave, retracted
from builders.dispatch import START, ToyPlanner, a_curve, a_planned, a_telescope, cells
from builders.observatory import Bench, on_bench
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose
from coordinator.dispatch.facts import OperatorActed
from coordinator.events.linked_map import LinkedMap
from coordinator.events.rules import Action, Conditions, Rule
from coordinator.services.facts import entry_of
from coordinator.services.ports import CombinedMap
from coordinator.services.settings import SchedulerSettings
from coordinator.services.state import ObservatoryState
from coordinator.services.state_snapshot import read_state, write_state

RULES = (
    Rule("together", Action.FOLLOW, Conditions(coincident=True)),
    Rule("doubtful", Action.WATCH, Conditions(significant=False)),
    Rule("rest", Action.FOLLOW),
)
SETTINGS = SchedulerSettings(tick_s=2.0, rules=RULES, objective="probability", visits=("1",))
MADE = {"lvk:S1": a_wave, "fermi.gbm:1": a_burst, "swift:2": a_burst, "icecube:3_4": a_neutrino}
EXCLUDING = {("m1", "m3")}
LINK = "https://example.org/map"
FLAT = a_curve([1.0] * 12)


class AnySky(dict[str, Any]):
    """Every map is one and the same sky; only its name tells it from others."""

    def __missing__(self, name: str) -> Any:
        return FLAT


@dataclass
class NamedMaps(ToyPlanner):
    """A planner that knows by their names which maps agree."""

    compared: list[tuple[str, str]] = field(default_factory=list)

    async def overlap(self, one: str, other: str) -> float:
        self.compared.append((one, other))
        return 1e-4 if (one, other) in EXCLUDING else 30.0

    async def combined(self, skymaps: tuple[str, ...]) -> CombinedMap:
        return CombinedMap("*".join(skymaps), 10.0, 50.0, 30.0, excluded=False)


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    key, number = draw(st.sampled_from(list(MADE))), draw(st.integers(1, 3))
    made = MADE[key](
        key,
        draw(st.sampled_from(["m1", "m2", "m3", "m4", None])),
        notice_id=f"{key}/{number}",
        t0=START + timedelta(seconds=draw(st.sampled_from([2, 2, 2, 0, 30]))),
        t_issued=START + timedelta(seconds=number),
        purpose=draw(st.sampled_from([Purpose.OBSERVATION] * 8 + [Purpose.MOCK, None])),
        significant=draw(st.sampled_from([True, False, None])),
        no_event=draw(st.sampled_from([None] * 12 + ["a particle"])),
        phase=draw(st.sampled_from([Phase.PRELIMINARY, Phase.INITIAL, Phase.UPDATE])),
    )
    match draw(st.sampled_from(["plain"] * 10 + ["copy"] * 2 + ["link"] * 2 + ["retraction"])):
        case "retraction":
            return retracted(made)
        case "link":
            return replace(made, localization=Localization("link", url=LINK))
        case "copy":
            return replace(made, source="other", raw_sha256="copy")
        case _:
            return made


def a_planner() -> NamedMaps:
    fields = [
        a_planned(f"{key}-{at}", f"tel-{at % 3}", 100.0 + 70.0 * at + 20 * who, cells(at, at), length_s=15.0, event=key)
        for who, key in enumerate(MADE)
        for at in range(6)
    ]
    return NamedMaps(AnySky(), fields)


def played(arrival: list[Alert], restart_after: int, dismissed: str) -> Bench:
    async def play(bench: Bench) -> None:
        for at, alert in enumerate(arrival):
            await bench.alert(alert)
            if at == restart_after:
                await bench.restart()
            await bench.settle(3.0)
            await fetch(bench)
        if dismissed in bench.state.events:
            await bench.scheduler.act(word_on(dismissed))
        await bench.settle(30.0)
        told = len(said(bench))
        await bench.restart()
        await bench.settle(700.0)
        assert len(said(bench)) == told, "nothing came in, so nothing is said"

    return on_bench([a_telescope(f"tel-{i}", acceptance_s=3000.0) for i in range(3)], a_planner(), play, SETTINGS)


async def fetch(bench: Bench) -> None:
    """Fetch what events wait for."""
    for link in bench.state.alerts.open_links(bench.state.alerts.events):
        found = LinkedMap(link.notice_id, link.url, "multiorder", skymap_sha256="m2")
        await bench._write("maps", entry_of("alert_map_joined", found, sky_time=START, event=link.event_key))
        await bench.settle(3.0)


def word_on(key: str) -> OperatorActed:
    return OperatorActed("d1", "dismiss", key, "Ada", "no")


def said(bench: Bench) -> list[str]:
    """What was journalled of events, without plans and pointings."""
    kinds = [stored.entry.kind for stored in bench.journal.stored]
    return [kind for kind in kinds if kind.startswith(("event_", "coincidence_"))]


def why_not(state: ObservatoryState, key: str) -> Iterator[str]:
    """Say why an event must hold nothing."""
    event = state.events[key]
    if event.retracted or event.closed is not None:
        yield "it has ended"
    if event.purpose is not Purpose.OBSERVATION:
        yield "it is no observation"
    if event.searched_as is not None:
        yield "it is searched as another"
    if not state.followed(key):
        yield "nobody said that it is followed"


def ending(state: ObservatoryState) -> tuple[object, ...]:
    done = {key: (made.action, made.rule, made.priority) for key, made in state.decisions.items()}
    return state.event_hash(), state.events, state.coincidences, done


@pytest.mark.slow
@settings(max_examples=10)
@given(st.lists(alerts(), min_size=2, max_size=7), st.data())
def test_any_order_ends_in_one_state_and_then_it_is_quiet(arrival: list[Alert], data: st.DataObject) -> None:
    other = data.draw(st.permutations([*arrival, *arrival[:2]]))
    restarts, dismissed = data.draw(st.integers(0, 6)), data.draw(st.sampled_from([*MADE, ""]))
    one, again = played(arrival, -1, dismissed), played(list(other), restarts, dismissed)
    assert ending(one.state) == ending(again.state)


@pytest.mark.slow
@settings(max_examples=10)
@given(st.lists(alerts(), min_size=2, max_size=7), st.data())
def test_what_must_not_be_searched_is_offered_nothing_and_keeps_nothing(
    arrival: list[Alert], data: st.DataObject
) -> None:
    bench = played(arrival, data.draw(st.integers(-1, 6)), data.draw(st.sampled_from([*MADE, ""])))
    state = ObservatoryState()
    for stored in bench.journal.stored:
        if stored.entry.kind == "pointing_offered":
            assert not list(why_not(state, stored.entry.body["pointing"]["event_id"]))
        state.apply(stored)
    held = [one for one in state.pointings.live() if one.revocation is None and not one.started]
    assert not [one.id for one in held if list(why_not(state, one.offered.pointing.event_id))]
    searched = [e.skymap_sha256 for e in state.open_events() if not list(why_not(state, e.key)) and e.coincidence]
    assert len(searched) == len(set(searched)) or any(fact.sky is None for fact in state.coincidences.values())


@pytest.mark.slow
@settings(max_examples=10)
@given(st.lists(alerts(), min_size=2, max_size=7), st.data())
def test_a_snapshot_and_the_tail_give_what_the_whole_journal_gives(arrival: list[Alert], data: st.DataObject) -> None:
    journal = played(arrival, -1, data.draw(st.sampled_from([*MADE, ""]))).journal.stored
    cut = data.draw(st.integers(0, len(journal)))
    whole, early = ObservatoryState(), ObservatoryState()
    for stored in journal:
        whole.apply(stored)
    for stored in journal[:cut]:
        early.apply(stored)
    again = read_state(write_state(early, "j"), "j")
    for stored in journal[cut:]:
        again.apply(stored)
    assert again.hash() == whole.hash()
    assert again.event_hash() == whole.event_hash()
    assert (again.alerts.alerts, again.alerts.linked) == (whole.alerts.alerts, whole.alerts.linked)
    assert list(again.quarantine) == list(whole.quarantine)
