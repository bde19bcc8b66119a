"""Fields of which a plan holds one at most, because whichever came second would bring too little.

Two looks f and g of one visit start one after the other. If f comes second it brings what it has beside the sky held
already, less what g has taken of that: ``new(f) - common(f, g)``; what else is chosen can only lower that. If this is
less than it must bring (its share of its own value, or what a look is for at all), f cannot come second; if the same
is so of g, no plan that keeps the rules holds both. Of a set in which that is so of every two, it holds one at most:
``sum z <= 1``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_matrix

from coordinator.planning.lp_nights import Crowd
from coordinator.planning.lp_offer import Ints, Mask, Offer
from coordinator.planning.lp_rules import Rules
from telescopes.description.ephemeris import Array

SOME = 0.02
"""Fields that are chosen by less are not looked at."""

MOST_FIELDS = 2_500
MOST_FOUND = 400
LEAST_EXCESS = 1e-2


@dataclass(slots=True, eq=False)
class Conflicts:
    """The fields of all telescopes, numbered through, and what those that conflict are found with.

    Attributes
    ----------
    offers : telescopes
    held : float64 array, shape (cells,)
    rules : Rules
    own, new : float64 arrays, shape (fields,)
        Whole value of each field, and what of it is above what is held.
    """

    offers: Sequence[Offer]
    held: Array
    rules: Rules
    own: Array
    new: Array
    _known: set[tuple[int, ...]] = field(default_factory=set)

    @classmethod
    def of(cls, offers: Sequence[Offer], held: Array, rules: Rules) -> "Conflicts":
        """Count what fields hold."""
        own, new = np.concatenate([_sums(o) for o in offers]), np.concatenate([_sums(o, held) for o in offers])
        return cls(offers, held, rules, own, new)

    def cliques(self, chosen: Array) -> list[Crowd]:
        """Find sets of conflicting fields of which more than one is chosen, and that were not found before.

        Parameters
        ----------
        chosen : float64 array, shape (fields,)
            Share of each field that is chosen, 0 to 1.
        """
        if self.rules.share <= 0 and self.rules.least_gain <= 0:
            return []
        some = _largest(chosen)
        against = self.between(some)
        shares = chosen[some]
        found = []
        for pair in _worst_pairs(against, shares):
            members = tuple(np.sort(some[_grown(pair, against, shares)]).tolist())
            if members not in self._known:
                self._known.add(members)
                found.append(Crowd(np.array(members, np.int64), 1, in_nights=False))
        return found

    def between(self, some: Ints) -> Mask:
        """Say which of some fields conflict with which, shape (some, some)."""
        spare = self.new[some] - self.rules.least(self.own[some])
        common = self._common(some)
        return np.asarray((common > spare[:, None]) & (common > spare[None, :]) & ~np.eye(some.size, dtype=bool))

    def either(self, some: Ints, chosen: Mask) -> list[Crowd]:
        """Sets of some fields of which every two would conflict if the wrong one came first; every such pair is in one.

        No bound may count on these: the order may be the right one. Pairs that are chosen already are left out.

        Parameters
        ----------
        some : int64 array
        chosen : bool array, shape (fields,)
        """
        spare = self.new[some] - self.rules.least(self.own[some])
        common = self._common(some)
        apart = ~(np.eye(some.size, dtype=bool) | (chosen[some][:, None] & chosen[some][None, :]))
        against: Mask = ((common > spare[:, None]) | (common > spare[None, :])) & apart
        known, found = np.zeros_like(against), []
        for f, g in np.argwhere(np.triu(against)).tolist():
            if not known[f, g]:
                members = np.sort(_grown((f, g), against, self.new[some]))
                known[np.ix_(members, members)] = True
                found.append(Crowd(some[members], 1, in_nights=False))
        return found

    def _common(self, some: Ints) -> Array:
        """Value above what is held that two fields have in common: in each cell that of the shallower look."""
        starts = np.cumsum([0, *(len(o) for o in self.offers)])
        whose = np.searchsorted(starts, some, side="right") - 1
        common = np.zeros((some.size, some.size))
        for alike, worth in _by_worth(self.offers):
            mine = np.flatnonzero(np.isin(whose, alike))
            its = self._cells(some[mine], whose[mine], starts)
            for others, other_worth in _by_worth(self.offers):
                theirs = np.flatnonzero(np.isin(whose, others))
                both = np.maximum(0.0, np.minimum(worth, other_worth) - self.held)
                shared = its.multiply(both[None, :]).tocsr() @ self._cells(some[theirs], whose[theirs], starts).T
                common[np.ix_(mine, theirs)] = shared.toarray()
        return common

    def _cells(self, fields: Ints, whose: Ints, starts: Ints) -> csr_matrix:
        """Which cells each of some fields has, shape (fields, cells)."""
        parts = [
            self.offers[k].cell[self.offers[k].first[f - starts[k]] : self.offers[k].first[f - starts[k] + 1]]
            for f, k in zip(fields.tolist(), whose.tolist(), strict=True)
        ]
        first = np.cumsum([0, *(p.size for p in parts)])
        cell = np.concatenate(parts) if parts else np.empty(0, np.int64)
        return csr_matrix((np.ones(cell.size), cell, first), shape=(fields.size, self.held.size))


def _sums(offer: Offer, held: Array | None = None) -> Array:
    """Value of each field, or what of it lies above what is held."""
    worth = offer.worth if held is None else np.maximum(0.0, offer.worth - held)
    return np.bincount(offer.field, worth[offer.cell], minlength=len(offer)).astype(np.float64)


def _by_worth(offers: Sequence[Offer]) -> list[tuple[list[int], Array]]:
    """Telescopes that are worth the same everywhere, and what that is."""
    found: list[tuple[list[int], Array]] = []
    for k, offer in enumerate(offers):
        same = next(
            (alike for alike, worth in found if worth is offer.worth or np.array_equal(worth, offer.worth)), None
        )
        if same is None:
            found.append(([k], offer.worth))
        else:
            same.append(k)
    return found


def _largest(chosen: Array) -> Ints:
    """Fields that are chosen by some share, not too many."""
    some = np.flatnonzero(chosen > SOME)
    if some.size > MOST_FIELDS:
        some = np.sort(some[np.argsort(-np.round(chosen[some], 9), kind="stable")[:MOST_FIELDS]])
    return some


def _worst_pairs(against: Mask, shares: Array) -> Iterator[tuple[int, int]]:
    """Pairs that are chosen together by more than one in all, the worst first."""
    first, second = np.nonzero(np.triu(against, 1))
    excess = np.round(shares[first] + shares[second] - 1.0, 9)
    broken = np.flatnonzero(excess > LEAST_EXCESS)
    for n in broken[np.argsort(-excess[broken], kind="stable")[:MOST_FOUND]].tolist():
        yield int(first[n]), int(second[n])


def _grown(pair: tuple[int, int], against: Mask, shares: Array) -> list[int]:
    """Add whatever conflicts with all so far, what is chosen most before others."""
    members = list(pair)
    may = against[pair[0]] & against[pair[1]]
    while may.any():
        best = int(np.where(may, shares, -1.0).argmax())
        members.append(best)
        may &= against[best]
    return members
