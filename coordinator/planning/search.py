"""The search of one event in one visit: candidates, joint choice, times, and more for what that leaves."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from coordinator.planning.bench import Bench
from coordinator.planning.cells import WIDE_ORDER
from coordinator.planning.greedy import Tally, Terms, choose
from coordinator.planning.lp_swaps import SwapTerms, swaps
from coordinator.planning.overlap import most_redundancy
from coordinator.planning.search_state import Search, Task
from coordinator.planning.seats import field_order, offer_more, refine, seat, sit_down
from coordinator.planning.settle import keep_limit, settle
from coordinator.planning.sharing import share_out
from coordinator.planning.slots import NOBODY, Ints
from telescopes.description.ephemeris import Array

AS_DEEP = 0.85
"""Telescopes that see so much of what a deeper one sees choose together with it: it loses little where they look."""

PLENTY_FREE = 0.75
PAYS = 2e-3
"""Where time abounds, a round that added less than this share has shown that the next would add next to nothing."""


def search(task: Task) -> Search:
    """Search: wide fields first on coarse cells, then all on cells that are fine where narrow fields may look."""
    start = task.ground(task.cells, None)
    state = Search(task, task.cells, start, start.again(), [], task.least_gain)
    wide = [k for k, desk in enumerate(task.desks) if field_order(desk) <= WIDE_ORDER]
    narrow = [k for k in range(len(task.desks)) if k not in wide]
    sit_down(state, wide)
    together = task.settings.turns == "together"
    if together:
        _fill(state)
    if narrow:
        refine(state, narrow)
        sit_down(state, narrow)
    if narrow or not together:
        _fill(state)
    return settled(state)


def settled(state: Search) -> Search:
    """Give times, drop repeats, and fill up what that leaves, as long as it pays."""
    share_out(state)
    settle(state)
    for turn in range(state.settings.rounds):
        before = state.covered
        offer_more(state, turn)
        _fill(state)
        settle(state)
        if _time_abounds(state) and state.covered - before <= PAYS * before:
            break
    keep_limit(state, most_redundancy(state))
    return state


def _time_abounds(state: Search) -> bool:
    """Say whether three quarters of the time of those that look are free: then the sky is what limits a plan."""
    seated = [bench.slots for bench in state.benches if bench.seated]
    return sum(slots.empty for slots in seated) > PLENTY_FREE * sum(len(slots.night) for slots in seated)


def chosen_again(state: Search, favours: Sequence[Array]) -> Search:
    """Choose anew among the same candidates, some of them favoured: float64 arrays, shape (fields,), by telescope."""
    nobody = [np.full(bench.slots.holder.size, NOBODY) for bench in state.benches]
    again = _held_otherwise(state, nobody)
    for bench, favour in zip(again.benches, favours, strict=True):
        bench.favour = favour if favour.size and bench.guide is None else None
    _fill(again)
    return settled(again)


def chosen_whole(state: Search, chosen: Sequence[Ints]) -> Search:
    """Take these candidates, by telescope, as far as they find slots, and fill up what that leaves."""
    return settled(_placed(state, chosen))


def chosen_anew(state: Search, chosen: Sequence[Ints]) -> list[Search]:
    """Take these candidates, by telescope, with more patience for their times: as they are, and filled up.

    What is put into slots that are left may keep others from their time, so neither is always better.
    """
    again = _placed(with_own_bars(state), chosen)
    again.shorten = True
    settle(again)
    keep_limit(again, most_redundancy(again))
    fuller = with_own_bars(again)
    return [again, settled(_held_otherwise(fuller, [bench.slots.holder for bench in fuller.benches]))]


def with_own_bars(state: Search, *, all_bars: bool = False) -> Search:
    """The same search, whose fields are barred from slots by none that was made from it; all_bars: nor by itself."""
    benches = [replace(bench, slots=bench.slots.forgetting(all_bars=all_bars)) for bench in state.benches]
    return replace(state, benches=benches)


def _placed(state: Search, chosen: Sequence[Ints]) -> Search:
    """Put candidates, by telescope, into slots as far as they find any."""
    again = _held_otherwise(state, [np.full(bench.slots.holder.size, NOBODY) for bench in state.benches])
    for bench, fields in zip(again.benches, chosen, strict=True):
        for f in fields.tolist():
            if bench.slots.place(f):
                bench.refused.add(f)
                bench.look(f, again.ground)
    return again


def swapped(state: Search) -> Search:
    """Let other candidates come into slots where they bring more, and fill up what that leaves."""
    share, most = state.settings.shares[-1], most_redundancy(state)
    terms = SwapTerms(share, state.least_gain, most_redundancy=most)
    holders = [bench.slots.holder for bench in state.benches]
    holders, made = swaps(state.offers(usable=True), holders, state.start.held, terms)
    return settled(_held_otherwise(state, holders)) if made else state


def _held_otherwise(state: Search, holders: Sequence[Ints]) -> Search:
    """Put other fields into the slots; they have no times yet."""
    benches = [
        replace(bench, slots=bench.slots.holding(holder, bench.desk.held_by_night), refused=set())
        for bench, holder in zip(state.benches, holders, strict=True)
    ]
    return replace(state, benches=benches, ground=state.start.again(), timed={})


def _fill(state: Search) -> None:
    """Choose with falling own shares, and if it was asked for the deepest telescopes before the others."""
    tally = _tally(state)
    most = most_redundancy(state)
    for benches in _turns(state):
        for share in state.settings.shares:
            terms = Terms(share, state.least_gain, most)
            choose(benches, state.cells, state.ground, tally, terms, lambda bench: seat(state, bench))


def _turns(state: Search) -> list[list[Bench]]:
    """Which telescopes choose together, one group after the other."""
    if state.settings.turns == "together":
        return [state.benches]
    if state.settings.turns == "one by one":
        return [[bench] for bench in state.benches]
    total = state.start.worth.sum(axis=1)
    tiers: dict[int, int] = {}
    best = np.inf
    for depth in np.argsort(-total, kind="stable"):
        if total[depth] < AS_DEEP * best:
            best = total[depth]
            tiers[int(depth)] = len(set(tiers.values()))
        else:
            tiers[int(depth)] = max(tiers.values())
    groups: dict[int, list[Bench]] = {}
    for bench in state.benches:
        groups.setdefault(tiers[bench.depth], []).append(bench)
    return [groups[tier] for tier in sorted(groups)]


def _tally(state: Search) -> Tally:
    own = sum(float(b.value[b.placed()].sum()) for b in state.benches if b.guide is None)
    return Tally(state.task.tally.own + own, state.task.tally.new + state.covered)
