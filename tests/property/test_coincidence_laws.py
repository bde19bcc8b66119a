"""Coincidences depend on what was said, not on who said it first; and overlaps on maps, not on how they are cut."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from builders.coincidences import T0, a_burst, a_neutrino, a_wave, retracted
from builders.toy_skies import skies
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.alerts.alert import Alert, Localization, Phase, Purpose, StatedCoincidence
from coordinator.events.coincidence_facts import CoincidenceFound, all_correlated
from coordinator.events.correlation import found, groups_of
from coordinator.events.fold import EventBook
from coordinator.events.policy import may_search
from coordinator.sky.cells import Cells, sky_map
from coordinator.sky.overlap import overlap_integral, together
from coordinator.sky.skymap import SkyMap
from coordinator.sky.write_multiorder import write_multiorder

MAPS = ("m1", "m2", "m3", None)
OVERLAPS = {("m1", "m1"): 50.0, ("m1", "m2"): 8.0, ("m1", "m3"): 1e-4, ("m2", "m2"): 50.0, ("m2", "m3"): 2.0}
KNOWN: dict[tuple[str, str], float | None] = {**OVERLAPS, ("m3", "m3"): 50.0}
EVENTS = (
    (a_wave, "lvk:S1"),
    (a_wave, "lvk:S2"),
    (a_burst, "fermi.gbm:1"),
    (a_burst, "swift:2"),
    (a_neutrino, "icecube:3"),
    (a_neutrino, "icecube.lvk_nu:4"),
)


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    make, key = draw(st.sampled_from(EVENTS))
    sky = draw(st.sampled_from(MAPS))
    number = draw(st.integers(1, 3))
    stated = StatedCoincidence("Fermi", "GRB", "1", None, 2.0, 1e-14, 1e-16, "m2", sky)
    made = make(
        key,
        sky,
        notice_id=f"{key}:{number}",
        t0=T0 + timedelta(seconds=draw(st.sampled_from([0, 2, 30, 400]))),
        t_issued=T0 + timedelta(minutes=number),
        purpose=draw(st.sampled_from([Purpose.OBSERVATION, Purpose.OBSERVATION, Purpose.MOCK, None])),
        far_hz=draw(st.sampled_from([None, 1e-9, 1e-12])),
        stated_coincidence=draw(st.sampled_from([None, None, stated])) if key == "lvk:S1" else None,
        no_event=draw(st.sampled_from([None, None, None, "a flare"])),
    )
    return retracted(made) if draw(st.integers(0, 5)) == 0 else made


def book_of(arrival: list[Alert]) -> EventBook:
    book = EventBook()
    for alert in arrival:
        book.add(alert)
    return book


def told(book: EventBook) -> dict[str, CoincidenceFound]:
    groups, missing, _ = groups_of(book.events.values(), KNOWN)
    assert not missing
    where = Localization("multiorder", skymap_sha256="product")
    return {g.lead.key: found(g, where if len(g.skies) > 1 or g.stated else None) for g in groups}


@settings(max_examples=200)
@given(st.lists(alerts(), min_size=1, max_size=8), st.data())
def test_no_order_of_arrival_changes_what_is_searched(arrival: list[Alert], data: st.DataObject) -> None:
    other = data.draw(st.permutations([*arrival, *arrival[:2]]))
    one, again = book_of(arrival), book_of(list(other))
    assert told(one) == told(again)
    assert all_correlated(one.events, told(one)) == all_correlated(again.events, told(again))


@settings(max_examples=200)
@given(st.lists(alerts(), min_size=1, max_size=8))
def test_each_event_is_searched_once_and_only_with_its_like(arrival: list[Alert]) -> None:
    events = book_of(arrival).events
    facts = told(book_of(arrival))
    members = [key for fact in facts.values() for key in fact.own]
    assert len(members) == len(set(members))
    for fact in facts.values():
        assert len({events[key].purpose for key in fact.own}) == 1 or not fact.partners
        assert not any(events[key].retracted or events[key].closed for key in fact.own)
        assert not any(tie.key.startswith("icecube.lvk_nu") for tie in fact.partners)
    for event in all_correlated(events, facts).values():
        if event.searched_as is not None:
            assert may_search(event, [p.value for p in Purpose]) is not None
            assert event.searched_as in facts


@settings(max_examples=100)
@given(st.lists(alerts(), min_size=1, max_size=6), st.data())
def test_a_retraction_anywhere_frees_the_others_at_once(arrival: list[Alert], data: st.DataObject) -> None:
    before = told(book_of(arrival))
    gone = data.draw(st.sampled_from(arrival))
    after = book_of([*arrival, replace(retracted(gone), purpose=Purpose.OBSERVATION)])
    for event in all_correlated(after.events, before).values():
        if event.coincidence is not None:
            assert gone.event_key not in (event.key, event.coincidence.lead, *event.coincidence.members)


@settings(max_examples=100)
@given(st.lists(alerts(), min_size=1, max_size=6), st.data())
def test_a_word_that_an_event_is_none_frees_the_others_at_once(arrival: list[Alert], data: st.DataObject) -> None:
    before = told(book_of(arrival))
    taken = replace(data.draw(st.sampled_from(arrival)), purpose=Purpose.OBSERVATION, no_event="a particle")
    last = replace(taken, notice_id="last", phase=Phase.UPDATE, stage="GBM FIN_POS", t_issued=T0 + timedelta(days=1))
    for event in all_correlated(book_of([*arrival, last]).events, before).values():
        if event.coincidence is not None:
            assert taken.event_key not in (event.key, event.coincidence.lead, *event.coincidence.members)


def cut(sky: SkyMap, rows: np.ndarray) -> SkyMap:
    """The same sky with some of its cells in four."""
    whole = np.setdiff1d(np.arange(sky.order.size), rows)
    order = np.r_[sky.order[whole], np.repeat(sky.order[rows] + 1, 4)]
    ipix = np.r_[sky.ipix[whole], (4 * sky.ipix[rows, None] + np.arange(4)).ravel()]
    probability = np.r_[sky.probability[whole], np.repeat(sky.probability[rows] / 4, 4)]
    return sky_map(Cells(order, ipix, probability, None), sky.facts)


@settings(max_examples=20)
@given(skies(), skies(), st.integers(0, 2**32 - 1))
def test_an_overlap_is_symmetric_and_does_not_depend_on_how_a_map_is_cut(one: SkyMap, other: SkyMap, seed: int) -> None:
    rows = np.random.default_rng(seed).choice(one.order.size, 500, replace=False)
    plain = overlap_integral(one, other)
    assert overlap_integral(other, one) == pytest.approx(plain, rel=1e-12, abs=1e-300)
    assert overlap_integral(cut(one, rows), other) == pytest.approx(plain, rel=1e-9, abs=1e-300)


@settings(max_examples=20)
@given(skies(with_distance=True), skies())
def test_a_product_is_the_same_file_whoever_comes_first(one: SkyMap, other: SkyMap) -> None:
    one, other = (replace(m, facts=replace(m.facts, sha256=s)) for m, s in ((one, "1"), (other, "2")))
    assert write_multiorder(together([one, other]).sky) == write_multiorder(together([other, one]).sky)
