"""Small sets of telescopes for the linear programme, and what the best choice among their fields is worth."""

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations, product

import numpy as np

from coordinator.planning.lp_offer import Offer
from coordinator.planning.lp_rules import Rules


def an_offer(
    cells: Sequence[Sequence[int]],
    worth: np.ndarray,
    visible: np.ndarray | None = None,
    night: Sequence[int] | None = None,
    per_night: int = 99,
    filled: dict[int, int] | None = None,
) -> Offer:
    """Fields by their cells; without more said there is one slot for each, open to all."""
    seen = np.ones((len(cells), len(cells)), bool) if visible is None else visible
    nights = np.zeros(seen.shape[1], np.int64) if night is None else np.array(night, np.int64)
    first = np.cumsum([0, *(len(c) for c in cells)])
    cell = np.array([i for c in cells for i in c], np.int64)
    return Offer(first, cell, worth, seen, nights, per_night, filled or {})


def some_offers(seed: int, alike: bool) -> tuple[list[Offer], np.ndarray]:
    """Two or three telescopes with a few fields, slots and limits each; alike: worth the same to all."""
    rng = np.random.default_rng(seed)
    cells = int(rng.integers(1, 9))
    probability = rng.exponential(size=cells) * (rng.random(cells) < 0.9)
    held = np.where(rng.random(cells) < 0.2, probability * rng.choice([0.3, 1.0]), 0.0)
    held[rng.random(cells) < 0.1] = np.inf  # nobody may look there
    offers = []
    for _ in range(rng.integers(2, 4)):
        fields, slots = int(rng.integers(0, 5)), int(rng.integers(0, 4))
        worth = probability if alike else probability * rng.choice([0.0, 0.2, 0.5, 0.5, 1.0], size=cells)
        held_cells = [np.flatnonzero(rng.random(cells) < 0.5).tolist() for _ in range(fields)]
        visible = rng.random((fields, slots)) < rng.uniform(0.3, 1.0)
        night = np.sort(rng.integers(0, 2, slots)).tolist()
        limit, filled = int(rng.choice([99, 1, 2])), {0: int(rng.integers(0, 3))}
        offers.append(an_offer(held_cells, worth, visible, night, limit, filled))
    return offers, held


def fits(offer: Offer, fields: Sequence[int]) -> bool:
    """Say whether these fields can all be observed, by trying every order of slots."""
    return any(
        all(offer.visible[f, s] for f, s in zip(fields, slots, strict=True)) and _within_nights(offer, slots)
        for slots in permutations(range(offer.night.size), len(fields))
    )


def choices(offer: Offer) -> Iterator[tuple[int, ...]]:
    """Every set of fields that fits."""
    for many in range(min(len(offer), offer.night.size) + 1):
        yield from (fields for fields in combinations(range(len(offer)), many) if fits(offer, fields))


def value_of(offers: Sequence[Offer], held: np.ndarray, chosen: Sequence[Sequence[int]]) -> float:
    """What a choice adds to what is held, cell by cell."""
    best = held.copy()
    for offer, fields in zip(offers, chosen, strict=True):
        for f in fields:
            cells = offer.cell[offer.first[f] : offer.first[f + 1]]
            best[cells] = np.maximum(best[cells], offer.worth[cells])
    usable = np.isfinite(held)
    return float((best[usable] - held[usable]).sum())


def may_be_planned(offers: Sequence[Offer], held: np.ndarray, chosen: Sequence[Sequence[int]], rules: Rules) -> bool:
    """Say whether a choice keeps the rules in some order of start.

    Beside fewer looks a field brings no less. So what brings enough beside all others may come last, and whoever is
    left over when all those have gone, one by one, can come in no order.
    """
    left = [(k, f) for k, fields in enumerate(chosen) for f in fields]
    own = sum(_own(offers[k], f) for k, f in left)
    if own > (1.0 + rules.redundancy) * value_of(offers, held, chosen):
        return False
    while left:
        last = next((x for x in left if _may_come_last(offers, held, left, x, rules)), None)
        if last is None:
            return False
        left.remove(last)
    return True


def _may_come_last(
    offers: Sequence[Offer], held: np.ndarray, fields: Sequence[tuple[int, int]], last: tuple[int, int], rules: Rules
) -> bool:
    with_it, without = ([[f for k, f in some if k == n] for n in range(len(offers))] for some in (
        fields, [x for x in fields if x != last],
    ))  # fmt: skip
    new = value_of(offers, held, with_it) - value_of(offers, held, without)
    return new >= max(rules.share * _own(offers[last[0]], last[1]), rules.least_gain)


def _own(offer: Offer, f: int) -> float:
    return float(offer.worth[offer.cell[offer.first[f] : offer.first[f + 1]]].sum())


def optimum(offers: Sequence[Offer], held: np.ndarray) -> float:
    """Value of the best choice, by trying everything."""
    return max(value_of(offers, held, chosen) for chosen in product(*(list(choices(o)) for o in offers)))


def _within_nights(offer: Offer, slots: Sequence[int]) -> bool:
    used = {night: offer.filled.get(night, 0) for night in offer.night.tolist()}
    for slot in slots:
        night = int(offer.night[slot])
        used[night] += 1
        if used[night] > offer.per_night:
            return False
    return True
