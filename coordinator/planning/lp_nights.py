"""How many of which fields fit into one telescope's nights: Hall's condition, found where it is broken.

A choice of fields fits if and only if no set of them outnumbers the slots in which any of them may be observed, a
night counting at most what it may hold. There are too many such sets to write down; the most crowded one is the
smallest cut of a flow from fields through slots and nights.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from coordinator.planning.lp_offer import Ints, Mask, Offer
from telescopes.description.ephemeris import Array

MOST_FLOW = 2.0e9
FINEST = 1.0e6
"""Flows are counted in whole parts of a pointing."""

LEAST_EXCESS = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class Crowd:
    """Fields of which no more than `room` can be observed: one telescope's in its nights, or any that conflict."""

    fields: Ints
    room: int
    in_nights: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Nights:
    """One telescope's slots, those that are open to the same fields as one, and its fields by where they may go.

    Attributes
    ----------
    group : int64 array, shape (fields,)
        Fields of a group may go into the same slots.
    open : bool array, shape (groups, bins)
        Which groups may go into which bin of slots.
    room : int64 array, shape (bins,)
        Slots in each bin.
    night : int64 array, shape (bins,)
        Night of each bin, as an index of `most`.
    most : int64 array, shape (nights,)
        How many more pointings each night may hold.
    """

    group: Ints
    open: Mask
    room: Ints
    night: Ints
    most: Ints

    @classmethod
    def of(cls, offer: Offer) -> "Nights":
        """Merge a telescope's fields and slots."""
        nights, number = np.unique(offer.night, return_inverse=True)
        used = np.array([offer.filled.get(int(n), 0) for n in nights], np.int64)
        most = np.maximum(0, np.minimum(offer.per_night, np.bincount(number, minlength=nights.size) + used) - used)
        patterns, group = _alike(offer.visible)
        columns = np.c_[number.reshape(-1, 1).astype(np.int64), np.packbits(patterns, axis=0).T.astype(np.int64)]
        _, which, room = np.unique(columns, axis=0, return_index=True, return_counts=True)
        return cls(group, patterns[:, which], room.astype(np.int64), number[which].astype(np.int64), most)

    def rank(self, groups: Mask) -> int:
        """Say how many fields of these groups can be observed, if there are enough of them."""
        reached = self.open[groups].any(axis=0)
        held = np.bincount(self.night, self.room * reached, minlength=self.most.size)
        return int(np.minimum(held, self.most).sum())

    def everything(self, start: int = 0) -> Crowd:
        """All fields, numbered from `start`: the first condition."""
        return Crowd(start + np.arange(self.group.size), self.rank(np.ones(self.open.shape[0], bool)))

    def crowd(self, chosen: Array) -> Crowd | None:
        """Find the set of fields that outnumbers its room most; None if what is chosen fits.

        Parameters
        ----------
        chosen : float64 array, shape (fields,)
            Share of each field that is chosen, 0 to 1.
        """
        wanted = np.bincount(self.group, chosen, minlength=self.open.shape[0]).astype(np.float64)
        if wanted.sum() <= LEAST_EXCESS:
            return None
        crowded = self._smallest_cut(wanted)
        if crowded is None:
            return None
        crowded = self._also_without_room(crowded)
        room = self.rank(crowded)
        if wanted[crowded].sum() <= room + LEAST_EXCESS:
            return None
        return Crowd(np.flatnonzero(crowded[self.group]), room)

    def most_value(self, credit: Array) -> float | None:
        """Value of the best choice that fits, when each field is worth its credit.

        None where a night may hold fewer than it has slots: that is not an assignment of fields to slots.

        Parameters
        ----------
        credit : float64 array, shape (fields,)
        """
        if (np.bincount(self.night, self.room, minlength=self.most.size) > self.most).any():
            return None
        some = np.flatnonzero(credit > 0)
        open_to = np.repeat(self.open, self.room, axis=1)[self.group[some]]
        value = np.where(open_to, credit[some][:, None], 0.0)
        return float(value[linear_sum_assignment(value, maximize=True)].sum())

    def _smallest_cut(self, wanted: Array) -> Mask | None:
        """Groups on the near side of the smallest cut."""
        groups = self.open.shape[0]
        parts = min(FINEST, MOST_FLOW / (1.0 + self.room.sum() + wanted.sum()))
        asked = np.floor(wanted * parts).astype(np.int32)
        graph = self._network(asked, parts)
        found = maximum_flow(graph, 0, graph.shape[0] - 1)
        if found.flow_value >= int(asked.sum()):
            return None
        rest = graph - found.flow
        rest.data = np.maximum(rest.data, 0)
        rest.eliminate_zeros()
        near = np.zeros(graph.shape[0], bool)
        near[breadth_first_order(rest, 0, return_predecessors=False)] = True
        return near[1 : 1 + groups]

    def _network(self, asked: Ints, parts: float) -> Any:
        """From the source to groups, to bins, to nights, to the sink; rows in that order."""
        (groups, bins), nights = self.open.shape, self.most.size
        group, slot = np.nonzero(self.open)
        to_bin, to_night, sink = 1 + groups, 1 + groups + bins, 1 + groups + bins + nights
        room = (self.room * parts).astype(np.int32)
        flows = (asked, room[slot], room, (self.most * parts).astype(np.int32))
        heads = (1 + np.arange(groups), to_bin + slot, to_night + self.night, np.full(nights, sink))
        counts = (groups, *np.bincount(group, minlength=groups), *np.ones(bins + nights, np.int64), 0)
        data, indices = np.concatenate(flows), np.concatenate(heads).astype(np.int32)
        return csr_matrix((data, indices, np.cumsum((0, *counts), dtype=np.int32)), shape=(sink + 1, sink + 1))

    def _also_without_room(self, crowded: Mask) -> Mask:
        """Add groups that have no room of their own beside these: the condition becomes stronger."""
        reached = self.open[crowded].any(axis=0)
        full = np.bincount(self.night, self.room * reached, minlength=self.most.size) >= self.most
        return np.asarray(~(self.open & ~(reached | full[self.night])).any(axis=1))


def _alike(visible: Mask) -> tuple[Mask, Ints]:
    """Rows that differ, and which of them each row is."""
    packed, number = np.unique(np.packbits(visible, axis=1), axis=0, return_inverse=True)
    rows = np.unpackbits(packed, axis=1, count=visible.shape[1]).astype(bool)
    return rows, number.reshape(-1).astype(np.int64)
