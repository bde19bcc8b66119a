"""A plan on its way between two processes, with the sky of all its pointings in one array.

Each pointing has two small arrays of its own: one by one, a thousand of them take longer to send than all the rest.
"""

import io
import itertools
import pickle
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from coordinator.planning.plan import Plan
from coordinator.sky.ranges import Ranges


@dataclass(frozen=True, slots=True)
class PlanParcel:
    """A plan without the sky of its pointings, and that sky: starts of ranges in the first row, ends in the second."""

    plan: bytes
    edges: NDArray[np.int64]


def packed(plan: Plan) -> PlanParcel:
    """Pack a plan."""
    skies = {id(p.ranges): p.ranges for p in plan.pointings}
    if not skies:
        return PlanParcel(pickle.dumps(plan, 5), np.empty((2, 0), np.int64))
    ends = np.cumsum([0, *(sky.low.size for sky in skies.values())]).tolist()
    file = io.BytesIO()
    _Packer(file, dict(zip(skies, itertools.pairwise(ends), strict=True))).dump(plan)
    low, high = (np.concatenate([getattr(sky, name) for sky in skies.values()]) for name in ("low", "high"))
    return PlanParcel(file.getvalue(), np.stack([low, high]))


def unpacked(parcel: PlanParcel) -> Plan:
    """Return the plan as it was packed."""
    plan: Plan = _Unpacker(io.BytesIO(parcel.plan), parcel.edges).load()
    return plan


class _Packer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, places: dict[int, tuple[int, int]]) -> None:
        super().__init__(file, 5)
        self._places = places

    def persistent_id(self, one: Any) -> tuple[int, int] | None:
        return self._places.get(id(one)) if type(one) is Ranges else None


class _Unpacker(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, edges: NDArray[np.int64]) -> None:
        super().__init__(file)
        self._edges = edges

    def persistent_load(self, place: tuple[int, int]) -> Ranges:
        return Ranges(self._edges[0, slice(*place)], self._edges[1, slice(*place)])
