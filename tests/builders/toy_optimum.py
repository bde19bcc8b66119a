"""The best that a toy network can do, found by trying everything: it shares no code with the planner's search."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import combinations, product

import astropy.units as u
import numpy as np
from astropy.time import Time
from numpy.typing import NDArray

from builders.toy_skies import ORDER, T0, a_sky_of, always_open
from coordinator.planning.request import TelescopeToPlan
from coordinator.sky.nested import pixel_vectors
from coordinator.sky.skymap import SkyMap
from telescopes.description.ephemeris import directions
from telescopes.description.field_grid import GridField
from telescopes.description.footprint import Circle
from telescopes.description.limits import violation

FINE_ORDER = 8
LATITUDE_DEG = -30.0
EACH = 2
"""Looks that each telescope has time for."""

MINUTES = 23.0
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Instance:
    """A sky of three blobs and three telescopes, each with six fields of its own to choose from, many overlapping."""

    sky: SkyMap
    network: tuple[TelescopeToPlan, ...]

    @classmethod
    def drawn(cls, seed: int) -> "Instance":
        """Draw one that is high in the sky of its telescopes."""
        rng = np.random.default_rng(seed)
        overhead = Time(T0).sidereal_time("mean", longitude=0.0 * u.deg).deg
        ra, dec = overhead + rng.uniform(-30, 30), LATITUDE_DEG + rng.uniform(-20, 20)
        blobs = [
            ((ra + rng.uniform(-8, 8)) % 360, dec + rng.uniform(-8, 8), float(rng.choice([2.0, 5.0]))) for _ in "123"
        ]
        network = []
        for name, longitude_deg in (("a", 0.0), ("b", 0.0), ("c", 20.0)):
            camera = Circle(float(rng.choice([2.0, 3.0, 4.0])))
            free = always_open(name, (LATITUDE_DEG, longitude_deg), camera)
            places = [((ra + rng.uniform(-10, 10)) % 360, dec + rng.uniform(-9, 9)) for _ in range(6)]
            grid = tuple(GridField(str(n), *place) for n, place in enumerate(places))
            network.append(replace(free, telescope=replace(free.telescope, grid=grid)))
        return cls(a_sky_of(blobs), tuple(network))

    def optimum(self, share: float, redundancy: float) -> float:
        """Return the most that looks cover together, each owning its share in some order, and not repeating more."""
        fields, probability = self._fields()
        options = [[some for n in range(EACH + 1) for some in combinations(mine, n)] for mine in fields]
        best = 0.0
        for chosen in product(*options):
            looks = [look for some in chosen for look in some]
            together = float(probability[np.any(looks, axis=0)].sum()) if looks else 0.0
            own = sum(float(probability[look].sum()) for look in looks)
            if best < together and own <= (1.0 + redundancy) * together and _in_some_order(looks, probability, share):
                best = together
        return best

    def _fields(self) -> tuple[list[list[Mask]], NDArray[np.float64]]:
        """Pieces of sky in each field that is up all the time, by telescope, and what each piece holds.

        Pixels that are in the same fields are one piece.
        """
        every = np.arange(12 * 4**FINE_ORDER)
        probability = self.sky.probability[every >> 2 * (FINE_ORDER - ORDER)] / 4.0 ** (FINE_ORDER - ORDER)
        vectors = pixel_vectors(FINE_ORDER, every)
        up = [[f for f in t.telescope.grid if _is_up(t, f)] for t in self.network]
        inside = np.array([
            vectors @ directions([f.ra_deg], [f.dec_deg])[0] > np.cos(np.radians(_radius_deg(t)))
            for t, mine in zip(self.network, up, strict=True)
            for f in mine
        ])  # fmt: skip
        code = (1 << np.arange(len(inside))) @ inside
        _, one_of, piece = np.unique(code, return_index=True, return_inverse=True)
        held = np.bincount(piece, probability, one_of.size).astype(np.float64)
        rows = iter(inside[:, one_of])
        return [[next(rows) for _ in mine] for mine in up], held


def _radius_deg(one: TelescopeToPlan) -> float:
    footprint = one.telescope.instruments[0].footprint
    assert isinstance(footprint, Circle)
    return footprint.radius_deg


def _is_up(one: TelescopeToPlan, field: GridField) -> bool:
    whens = (T0 + timedelta(minutes=m) for m in (0.0, 6.0, 12.0, 18.0, MINUTES + 1.0))
    return all(violation(one.telescope, "r", field.ra_deg, field.dec_deg, when) is None for when in whens)


def _in_some_order(looks: Sequence[Mask], probability: NDArray[np.float64], share: float) -> bool:
    """Say whether the looks can start in an order in which each owns its share; who may come last comes last."""
    if not looks:
        return True
    for n, last in enumerate(looks):
        others = [*looks[:n], *looks[n + 1 :]]
        new = last & ~np.any(others, axis=0) if others else last
        if probability[new].sum() >= share * probability[last].sum():
            return _in_some_order(others, probability, share)
    return False
