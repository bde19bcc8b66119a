"""Telescopes with the same field share what any of them was given, so that each place is looked at soon.

Which of several equal telescopes looks at a field is nothing to what a plan covers, and all to when it is covered: a
choice that fills one after the other leaves the last idle while the first still has its night before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from coordinator.planning.bench import Bench
from coordinator.planning.desk import Mask
from coordinator.planning.fields import Fields, no_fields
from coordinator.planning.search_state import Search
from coordinator.planning.seats import ready_slots
from coordinator.planning.slots import NOBODY, Ints
from coordinator.planning.stretches import row_ends
from telescopes.description.ephemeris import Array
from telescopes.description.footprint import Footprint

FADES_S = 6 * 3600.0
"""What a look is worth falls to a third in six hours, as a kilonova fades (exp(-t / 6 h)); only the order counts."""

MOST_PAIRS = 1_000_000
"""Fields times slots that are weighed against one another at once."""

Alike = tuple[Footprint, float, int, bool]


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """Fields of all telescopes of a kind in a row, and where each may be.

    Attributes
    ----------
    owner, number : int64 arrays, shape (fields,)
        Which bench chose each field, and its number there.
    fields : Fields
    value : float64 array, shape (fields,)
        The same fields, and what each is worth.
    usable : bool array, shape (fields, slots)
        Slots of all the benches, one after the other.
    start_s, clear : float64 arrays, shape (slots,)
    first : int64 array, shape (benches + 1,)
        Where the slots of each bench begin.
    """

    owner: Ints
    fields: Fields
    number: Ints
    value: Array
    usable: Mask
    start_s: Array
    clear: Array
    first: Ints


def share_out(state: Search) -> None:
    """Give the fields of telescopes that are alike to whichever of them can look sooner, the best fields first."""
    for benches in _kinds(state):
        if any(bench.slots.changed for bench in benches):
            fields = sum(len(bench.placed()) for bench in benches)
            if 0 < fields * sum(len(bench.slots.night) for bench in benches) <= MOST_PAIRS:
                _share(state, benches)


def _kinds(state: Search) -> list[list[Bench]]:
    """Telescopes that may do each other's fields; one with a quota for its nights or a survey's fields may not."""
    found: dict[Alike, list[Bench]] = {}
    for bench in state.benches:
        desk = bench.desk
        if bench.guide is None and desk.grid is None and bench.slots.unlimited and len(bench.slots.night):
            key = desk.footprint, desk.angle_deg, bench.depth, bench.split is None
            found.setdefault(key, []).append(bench)
    return [benches for benches in found.values() if len(benches) > 1]


def _share(state: Search, benches: Sequence[Bench]) -> None:
    """Move fields within a kind where the best way to place all of them has them elsewhere."""
    shared = _shared(state, benches)
    gain = (
        np.round(shared.value, 9)[:, None] * shared.clear * np.exp(-(shared.start_s - shared.start_s.min()) / FADES_S)
    )
    gain = np.where(shared.usable, gain, -1.0)
    held = _held(benches, shared)
    row, slot = linear_sum_assignment(gain, maximize=True)
    sooner = float(gain[row, slot].sum()) > float(gain[np.arange(held.size), held].sum()) + 1e-12
    if sooner and shared.usable[row, slot].all():
        _move(benches, shared, np.asarray(slot, np.int64))


def _shared(state: Search, benches: Sequence[Bench]) -> Shared:
    placed = [np.array(bench.placed(), np.int64) for bench in benches]
    ends = np.cumsum([its.size for its in placed])
    fields = no_fields()
    for bench, its in zip(benches, placed, strict=True):
        fields = fields.with_more(bench.fields.chosen(its))
    usable = [bench.desk.visible(fields.vectors) & ready_slots(state.start, bench, fields) for bench in benches]
    for bench, its, end, slots in zip(benches, placed, ends, usable, strict=True):
        slots[end - its.size : end] = bench.slots.usable[its]
    clear = [np.ones(len(b.slots.night)) if b.slots.clear is None else b.slots.clear for b in benches]
    return Shared(
        np.repeat(np.arange(len(benches)), [its.size for its in placed]),
        fields,
        np.concatenate(placed),
        np.concatenate([b.value[its] for b, its in zip(benches, placed, strict=True)]),
        np.concatenate(usable, axis=1),
        np.concatenate([b.desk.times.start_s for b in benches]),
        np.concatenate(clear),
        row_ends(np.array([len(b.slots.night) for b in benches])),
    )


def _held(benches: Sequence[Bench], shared: Shared) -> Ints:
    """Where each field is now."""
    at = [np.flatnonzero(bench.slots.holder != NOBODY) for bench in benches]
    return np.concatenate([first + its for first, its in zip(shared.first[:-1], at, strict=True)])


def _move(benches: Sequence[Bench], shared: Shared, slot: Ints) -> None:
    """Place all fields anew; who takes over a field gets it among its candidates."""
    target = np.searchsorted(shared.first, slot, side="right") - 1
    for k, bench in enumerate(benches):
        first, end = shared.first[k : k + 2]
        mine = np.flatnonzero(target == k)
        come = mine[shared.owner[mine] != k]
        number = shared.number.copy()
        number[come] = len(bench.value) + np.arange(come.size)
        holder = np.full(end - first, NOBODY)
        holder[slot[mine] - first] = number[mine]
        if come.size:
            bench.take_over(shared.fields.chosen(come), shared.value[come], shared.usable[come, first:end])
        if not np.array_equal(bench.slots.holder, holder):
            bench.slots = bench.slots.holding(holder, bench.desk.held_by_night)
            bench.refused |= set(bench.placed())
