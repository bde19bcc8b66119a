"""Those who check the rules weigh by themselves, and see a mistake in what the rules weigh with."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from builders.dispatch import START, TOY_CELLS, a_curve, a_planned, a_telescope, an_alert, cells
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.demo.recount import Recount
from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import PointingOffered
from coordinator.dispatch.offers import OfferRules, due
from coordinator.events.fold import EventBook
from coordinator.lightcurves.detection import Distances, detection_weight
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.value import SkyValue
from coordinator.services.facts import entry_of
from coordinator.services.journal import Entry, Stored
from coordinator.services.state import ObservatoryState
from coordinator.simulation.laws import broken_laws
from coordinator.simulation.weighing import Scales, chance_to_see
from coordinator.sky.coverage import Frames
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.field_ranges import ranges_of_many
from coordinator.sky.ranges import RANGE_ORDER, Ranges

NETWORK = {name: a_telescope(name) for name in ("tel-a", "tel-b")}
FAR = a_curve([1.0] * TOY_CELLS, 150.0)
EVERYWHERE = ProbabilityCurve(
    np.array([0, 12 << (2 * RANGE_ORDER)]), np.array([0.0, 1.0]), np.array([150.0]), np.array([30.0])
)

limits = st.one_of(st.none(), st.integers(30, 48).map(lambda n: n / 2))
somewhere = st.tuples(st.integers(0, TOY_CELLS - 1), st.integers(0, 4))


class Forgetful(SkyValue):
    """A mistake: others are not looked at."""

    def new_value(self, ranges: Ranges, depth: int, looks: Iterable[tuple[Ranges, int]]) -> float:
        return super().new_value(ranges, depth, [])


class DepthBlind(SkyValue):
    """A mistake: a look as deep leaves what a very shallow one would."""

    def new_value(self, ranges: Ranges, depth: int, looks: Iterable[tuple[Ranges, int]]) -> float:
        return super().new_value(ranges, depth, [(sky, min(its, self.depth(15.0))) for sky, its in looks])


@dataclass(frozen=True)
class Place:
    """Cells of the toy sky."""

    first: int
    more: int

    @property
    def sky(self) -> Ranges:
        return cells(self.first, min(self.first + self.more, TOY_CELLS - 1))


@given(limit=st.floats(13, 25), mu=st.floats(-500, 1000), sigma=st.floats(5, 400))
@settings(max_examples=60)
def test_two_ways_to_sum_over_distances_agree(limit: float, mu: float, sigma: float) -> None:
    here = chance_to_see(limit, np.array([mu]), np.array([sigma]))
    assert here == pytest.approx(detection_weight(limit, Distances.of([mu], [sigma])), abs=1e-3)


@given(
    look=st.tuples(somewhere, limits),
    others=st.lists(st.tuples(somewhere, limits), max_size=6),
    near=st.booleans(),
    by_distance=st.booleans(),
)
@settings(max_examples=80)
def test_the_rules_weigh_as_those_who_check_them(
    look: tuple[tuple[int, int], float | None],
    others: list[tuple[tuple[int, int], float | None]],
    near: bool,
    by_distance: bool,
) -> None:
    curve = a_curve([float(n % 5) for n in range(TOY_CELLS)], 40.0 if near else 200.0)
    sky = SkyValue.of(curve, "detection" if by_distance else "probability")
    mine, known = (Place(*look[0]).sky, look[1]), [(Place(*where).sky, limit) for where, limit in others]
    found = Scales(curve, by_distance).weigh(mine, known)
    depth = sky.depth(look[1])
    assert sky.value(mine[0], depth) == pytest.approx(found.own, abs=1e-3)
    new = sky.new_value(mine[0], depth, [(ranges, sky.depth(limit)) for ranges, limit in known])
    assert new == pytest.approx(found.new, abs=1e-3)


def journal_of(offers: Iterable[PointingOffered]) -> list[Stored]:
    """Let a scheduler offer, on a sky that is the same all over."""
    book = EventBook()
    book.add(an_alert())
    entries = [Entry("writer_elected", {"role": "scheduler", "epoch": 1}, sky_time=START)]
    entries += [entry_of("event_revised", book.events["lvk:S1"], sky_time=START, event="lvk:S1")]
    entries += [
        entry_of(
            "pointing_offered", o, sky_time=START, telescope=o.pointing.telescope_id, subject=o.pointing.pointing_id
        )
        for o in offers
    ]
    return [Stored(n, START, "scheduler", 1, e) for n, e in enumerate(entries, start=1)]


def field_at(name: str, telescope: str, start_s: float, limit: float) -> PlannedPointing:
    """A look of a telescope at one and the same place."""
    footprint = NETWORK[telescope].instruments[0].footprint
    (sky,) = ranges_of_many(footprint, Frames.at([10.0], [20.0], 0.0))
    return a_planned(name, telescope, start_s, sky, limit_mag_ab=limit)


def offers_of(worth: type[SkyValue], first: float, then: float) -> list[PointingOffered]:
    right = SkyValue.of(EVERYWHERE, "detection")
    sky = worth(right.curve, right.distances)
    planned = [field_at("first", "tel-a", 100, first), field_at("then", "tel-b", 400, then)]
    return list(due(planned, "plan-1", Book(), {"lvk:S1": sky}, NETWORK, START, OfferRules()).offers)


def told(offers: Iterable[PointingOffered]) -> tuple[list[str], list[str]]:
    """What the law checker says, and whom the recount calls duplicates."""
    journal, recount = journal_of(offers), Recount(NETWORK, lambda _: EVERYWHERE)
    state = ObservatoryState()
    for stored in journal:
        fact = next((o for o in offers if o.pointing.pointing_id == stored.entry.subject), None)
        if fact is not None:
            recount.weigh(fact, state)
        state.apply(stored)
    return list(broken_laws(journal, lambda _: EVERYWHERE, NETWORK)), recount.duplicates


@pytest.mark.parametrize(("first", "then"), [(17.5, 21.0), (21.0, 17.5), (20.0, 20.0)])
def test_offers_that_keep_the_half_rule_are_not_blamed(first: float, then: float) -> None:
    assert told(offers_of(SkyValue, first, then)) == ([], [])


@pytest.mark.parametrize("mistake", [Forgetful, DepthBlind])
def test_a_mistake_in_what_the_rules_weigh_with_is_seen(mistake: type[SkyValue]) -> None:
    offers = offers_of(mistake, 20.5, 20.0)
    assert [o.pointing.pointing_id for o in offers] == ["first", "then"]
    sentences, duplicates = told(offers)
    assert sentences[0].startswith("then is a duplicate") and duplicates == ["then"]
    assert any("says that" in sentence for sentence in sentences)


def test_an_offer_that_says_it_brings_more_than_it_does_is_seen_though_it_is_no_duplicate() -> None:
    first, then = offers_of(SkyValue, 17.5, 21.0)
    sentences, duplicates = told([first, replace(then, new_value=1.2 * then.new_value)])
    assert len(sentences) == 1 and "then says that" in sentences[0] and duplicates == []
