"""Local search: where another field of the same telescope brings more in a slot, it takes the place.

Proposals only: whether each pointing still owns its half in order of start is for the search to check again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coordinator.planning.lp_board import Board
from coordinator.planning.lp_offer import Ints, Mask, Offer
from telescopes.description.ephemeris import Array

NOBODY = -1


@dataclass(frozen=True, slots=True)
class SwapTerms:
    """When a field may come in: the share of its value that must be new, its least gain, and what the swap brings.

    A swap may not raise the redundancy above `most_redundancy`.
    """

    share: float = 0.55
    least_gain: float = 3e-5
    least_better: float = 1e-6
    most_redundancy: float = float("inf")
    rounds: int = 3


@dataclass(frozen=True, slots=True)
class Swap:
    """A field that comes into a slot, the one that leaves it (NOBODY: it was empty), and what that gains."""

    telescope: int
    slot: int
    out: int
    into: int
    gain: float


def swaps(
    offers: Sequence[Offer], holders: Sequence[Ints], held: Array, terms: SwapTerms | None = None
) -> tuple[list[Ints], list[Swap]]:
    """Improve a choice, slot by slot, until a round brings nothing.

    Parameters
    ----------
    offers : telescopes
    holders : int64 arrays, shape (slots,), one per telescope
        Field in each slot, or NOBODY.
    held : float64 array, shape (cells,)
        Value that is there whatever is chosen; infinite where nobody may look.
    terms : SwapTerms, optional

    Returns
    -------
    holders : int64 arrays, shape (slots,)
        The choice with all swaps made.
    made : list of Swap
        In the order in which they were made.
    """
    terms = terms or SwapTerms()
    holders = [holder.copy() for holder in holders]
    made: list[Swap] = []
    if not any(len(offer) for offer in offers):
        return holders, made
    board = Board.of(offers, held)
    for k, (offer, holder) in enumerate(zip(offers, holders, strict=True)):
        for f in holder[holder != NOBODY]:
            board.put(_cells(offer, int(f)), int(board.starts[k] + f))
    for _ in range(terms.rounds):
        before = len(made)
        for k, offer in enumerate(offers):
            made += _round(board, offer, holders[k], k, terms)
        if len(made) == before:
            break
    return holders, made


def _round(board: Board, offer: Offer, holder: Ints, k: int, terms: SwapTerms) -> list[Swap]:
    """Go through one telescope's slots: those of fields that bring least first, empty ones before."""
    losses = [0.0 if f == NOBODY else board.loss(_cells(offer, int(f)), offer.worth) for f in holder]
    made = []
    for slot in np.argsort(np.round(losses, 12), kind="stable").tolist():
        swap = _best_swap(board, offer, holder, (k, slot), terms)
        if swap is not None:
            _make(board, offer, holder, swap)
            made.append(swap)
    return made


def _best_swap(board: Board, offer: Offer, holder: Ints, place: tuple[int, int], terms: SwapTerms) -> Swap | None:
    """Find the field that brings most in a slot, if it is better than what is there."""
    k, slot = place
    out, mine = int(holder[slot]), slice(int(board.starts[k]), int(board.starts[k + 1]))
    able = offer.visible[:, slot] & ~board.chosen[mine]
    if not able.any() or (out == NOBODY and not _has_room(offer, holder, slot)):
        return None
    cells = _cells(offer, out) if out != NOBODY else np.empty(0, np.int64)
    gain = board.gains_without(cells, offer.worth, (mine.start, mine.stop))
    own, loss = board.own[mine], board.loss(cells, offer.worth)
    gone = own[out] if out != NOBODY else 0.0
    redundant = board.redundancy(own - gone, gain - loss) > terms.most_redundancy
    good = able & (gain >= terms.least_gain) & (gain >= terms.share * own) & ~redundant
    if not good.any():
        return None
    into = int(np.where(good, np.round(gain, 12), -1.0).argmax())
    net = float(gain[into] - loss)
    return Swap(k, slot, out, into, net) if net >= terms.least_better else None


def _make(board: Board, offer: Offer, holder: Ints, swap: Swap) -> None:
    start = int(board.starts[swap.telescope])
    if swap.out != NOBODY:
        board.take(_cells(offer, swap.out), start + swap.out)
    board.put(_cells(offer, swap.into), start + swap.into)
    holder[swap.slot] = swap.into


def _has_room(offer: Offer, holder: Ints, slot: int) -> bool:
    """Say whether the slot's night may hold one more."""
    same: Mask = (offer.night == offer.night[slot]) & (holder != NOBODY)
    return bool(same.sum() + offer.filled.get(int(offer.night[slot]), 0) < offer.per_night)


def _cells(offer: Offer, field: int) -> Ints:
    return offer.cell[offer.first[field] : offer.first[field + 1]]
