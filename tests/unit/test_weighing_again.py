"""What is remembered between decisions is what would be worked out anew: open pointings, and the book's own indexes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from builders.dispatch import START, a_curve, a_planned, a_report, a_telescope, cells

from coordinator.dispatch.book import Book
from coordinator.dispatch.facts import PointingMoved, PointingNoted
from coordinator.dispatch.offers import OfferRules, due
from coordinator.dispatch.ownership import Weighing
from coordinator.planning.value import SkyValue
from telescopes.description.messages import ExposureResult
from telescopes.description.states import PointingState as S

EVENT = "lvk:S1"
SKIES = [SkyValue.of(a_curve([1.0] * 12, 150.0), "auto"), SkyValue.of(a_curve([3.0] * 6 + [0.1] * 6, 300.0), "auto")]
TELESCOPE = {"tel-a": a_telescope("tel-a")}


def a_frame(limit: float) -> tuple[ExposureResult, ...]:
    return (ExposureResult(0, "r", START, START + timedelta(minutes=1), 60.0, limiting_mag_ab=limit),)


def a_search(rng: np.random.Generator, steps: int) -> Iterator[Book]:
    """A book as it grows: offers over each other's sky, looks of all depths, ends that are said again."""
    book, open_, ended = Book(), list[str](), list[str]()
    for n in range(steps):
        what = rng.choice(["offer", "offer", "start", "end", "again"])
        if what == "offer" or not open_:
            first, visit = int(rng.integers(10)), str(rng.integers(1, 3))
            limit = float(rng.choice([17.5, 19.0, 21.0]))
            planned = a_planned(f"p{n}", "tel-a", 100 + n, cells(first, first + 1), limit_mag_ab=limit)
            made = due([planned], "plan", Book(), {EVENT: SKIES[0]}, TELESCOPE, START, OfferRules()).offers[0]
            book.offer(replace(made, pointing=replace(made.pointing, visit=visit)), START)
            open_.append(f"p{n}")
        elif what == "again" and ended:
            one = str(rng.choice(ended))
            report = a_report(one, S.COMPLETED, 100 + n, exposures=a_frame(float(rng.choice([17.5, 20.9, 21.5]))))
            book.note(PointingNoted(one, report))
        else:
            one = open_[int(rng.integers(len(open_)))]
            to = S.EXPOSING if what == "start" else S(str(rng.choice(["completed", "completed", "failed"])))
            moved = cells(*(2 * [int(rng.integers(12))])).encode() if to is S.COMPLETED and rng.random() < 0.3 else None
            frame = a_frame(20.9) if to is S.COMPLETED else ()
            report = a_report(one, to, n, exposures=frame)
            book.move(PointingMoved(one, to, report=report, ranges=moved, late=bool(rng.random() < 0.1)), START)
            if what != "start":
                open_.remove(one)
                ended.append(one)
        yield book


@pytest.mark.parametrize("seed", range(6))
def test_what_is_weighed_again_for_a_new_look_is_what_all_would_come_to(seed: int) -> None:
    rng = np.random.default_rng(seed)
    weighing, found = Weighing(), 0
    for n, book in enumerate(a_search(rng, 80)):
        sky = SKIES[n // 40]  # a newer map comes half way
        if rng.random() < 0.6:
            now = [a.id for a in weighing.stale(book, EVENT, sky, 0.2)]
            assert now == [a.id for a in Weighing().stale(book, EVENT, sky, 0.2)], n
            found += len(now)
    assert found > 0


@pytest.mark.parametrize("seed", range(3))
def test_a_book_that_grew_is_the_one_that_is_made_again_of_what_it_holds(seed: int) -> None:
    def looks_of(book: Book) -> list[tuple[float | None, int]]:
        return [(k.limit_mag_ab, k.ranges.pixels) for v in "12" for k in book.observed_looks(EVENT, v)]

    def elsewhere(book: Book) -> set[tuple[object, ...]]:
        return {(v, h.start, h.low, h.high, h.ranges.pixels) for v in "12" for h in book.held_elsewhere(EVENT, v)}

    for n, book in enumerate(a_search(np.random.default_rng([seed, 7]), 60)):
        if n == 59:
            book.forget([a.id for a in book.of_event(EVENT) if not a.live][:3])
        again = Book.of(book.assignments.values(), book.command_head)
        assert list(book.live()) == list(again.live())
        assert book.of_event(EVENT) == again.of_event(EVENT)
        assert book.times_observed(EVENT) == sum(a.observed for a in book.assignments.values())
        assert {a.id for a in book.observed_for(EVENT)} == {a.id for a in book.assignments.values() if a.observed}
        assert book.any_late == any(a.late for a in book.assignments.values())
        assert looks_of(book) == looks_of(again)
        assert elsewhere(book) == elsewhere(again)
