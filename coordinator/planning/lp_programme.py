"""The linear programme of a search: rows of value, room in the nights, and what prices prove about it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from coordinator.planning.lp_conflicts import Conflicts
from coordinator.planning.lp_nights import Crowd, Nights
from coordinator.planning.lp_offer import Ints, Offer
from coordinator.planning.lp_rows import Rows, merged_rows
from coordinator.planning.lp_rules import Repeats, Rules, owned_alone
from telescopes.description.ephemeris import Array


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """Choose z, 0 to `most` for each field, so that the rows' value is largest and every crowd has room.

    Attributes
    ----------
    rows : Rows
    most : float64 array, shape (fields,)
        0 for fields that can never be observed, else 1.
    crowds : list of Crowd
        Conditions found so far, fields numbered as in the rows.
    repeats : Repeats or None
        The limit of redundancy; None: there is none.
    """

    rows: Rows
    most: Array
    crowds: list[Crowd]
    repeats: Repeats | None = None

    @property
    def looks(self) -> Any:
        """Which fields bring which row: sparse matrix, shape (rows, fields)."""
        return _matrix(self.rows.first, self.rows.field, self.most.size)

    @property
    def crowded(self) -> Any:
        """Which fields are in which crowd: sparse matrix, shape (crowds, fields)."""
        first, field = joined([crowd.fields for crowd in self.crowds])
        return _matrix(first, field, self.most.size)

    @property
    def room(self) -> Array:
        """Room of each crowd."""
        return np.array([crowd.room for crowd in self.crowds], np.float64)

    def tolled(self, toll: float) -> "Programme":
        """Price repeats instead of limiting them: whatever bounds this bounds the programme."""
        if self.repeats is None:
            return self
        return replace(self, rows=self.repeats.tolled(self.rows, toll), repeats=None)

    def excess(self, chosen: Array) -> float:
        """Say by how much a choice breaks the limit of redundancy, as a share of what it is worth."""
        value = self.value(chosen)
        return self.repeats.excess(chosen, value) / value if self.repeats is not None and value > 0 else -np.inf

    def proven(self, share: Array, price: Array) -> float:
        """Bound the value of any choice, from any prices at all; the limit of redundancy is left out.

        Parameters
        ----------
        share : float64 array, shape (rows,)
            How much of a row's weight is credited to the fields; only what lies within 0 to 1 is used.
        price : float64 array, shape (crowds,)
            What a place in each crowd costs; less than 0 counts as 0.

        Notes
        -----
        ``b @ y + sum(max(0, c - A.T @ y) * most)`` for any y >= 0, with the rows' own unknowns already taken at
        their best: weak duality.
        """
        share, price = np.clip(share, 0.0, 1.0), np.maximum(0.0, price)
        credit = self.credit(share, price)
        uncredited = float(self.rows.weight @ (1.0 - share))
        return uncredited + float(price @ self.room) + float(np.maximum(0.0, credit) @ self.most)

    def credit(self, share: Array, price: Array) -> Array:
        """What fields are credited with, less what their places cost, shape (fields,)."""
        return np.asarray(self.rows.linear + self.looks.T @ (self.rows.weight * share) - self.crowded.T @ price)

    def best_fit(self, share: Array, price: Array, nights: Sequence[Nights], starts: Ints) -> float:
        """Bound as `proven` does, with each telescope's best choice for the fields' credit in place of its crowds.

        Where that cannot be told, prices stand.

        Parameters
        ----------
        nights : telescopes
        starts : int64 array, shape (telescopes + 1,)
            Number of each telescope's first field.
        """
        share, price = np.clip(share, 0.0, 1.0), np.maximum(0.0, price)
        credit = self.rows.linear + self.looks.T @ (self.rows.weight * share)
        shared = np.array([not crowd.in_nights for crowd in self.crowds], bool)
        credit -= self.crowded.T @ np.where(shared, price, 0.0)  # conflicts are nobody's nights: their prices stand
        net = np.maximum(0.0, credit - self.crowded.T @ np.where(shared, 0.0, price)) * self.most
        first = [crowd.fields[0] if crowd.fields.size and crowd.in_nights else -1 for crowd in self.crowds]
        whose = np.searchsorted(starts, first, "right")
        total = float(self.rows.weight @ (1.0 - share) + price[shared] @ self.room[shared])
        for k, mine in enumerate(nights):
            of_mine = slice(int(starts[k]), int(starts[k + 1]))
            by_price = float(net[of_mine].sum() + (price * self.room)[whose == k + 1].sum())
            fitted = mine.most_value(credit[of_mine] * self.most[of_mine])
            total += by_price if fitted is None else min(fitted, by_price)
        return total

    def value(self, chosen: Array) -> float:
        """Value of a choice, whole or in shares."""
        return float(self.rows.linear @ chosen + self.rows.weight @ np.minimum(1.0, self.looks @ chosen))


def programme_of(
    offers: Sequence[Offer], held: Array, nights: Sequence[Nights], conflicts: Conflicts, rules: Rules
) -> Programme:
    """Write down what a search may choose, with the conditions that are known before any is looked for."""
    seen = np.concatenate([offer.visible.any(axis=1) for offer in offers])
    most = seen * owned_alone(conflicts.own, conflicts.new, rules)
    starts = np.cumsum([0, *(len(offer) for offer in offers)])
    everything = [n.everything(int(starts[k])) for k, n in enumerate(nights)]
    repeats = Repeats(conflicts.own, 1.0 + rules.redundancy) if np.isfinite(rules.redundancy) else None
    return Programme(merged_rows(offers, held), most, everything, repeats)


def joined(sets: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Put sets behind one another: where each begins, and their members."""
    first = np.cumsum([0, *(s.size for s in sets)])
    return first, np.concatenate(sets) if sets else np.empty(0, np.int64)


def _matrix(first: Ints, field: Ints, fields: int) -> Any:
    return csr_matrix((np.ones(field.size), field, first), shape=(first.size - 1, fields))
