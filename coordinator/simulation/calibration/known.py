"""What catalogues know around candidates in a simulated sky: incomplete, as real ones are, and blind to the truth.

Around a candidate is found what lies near its place, whatever it is. Shares are assumed, and stand here in one table.
"""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from coordinator.simulation.calibration.galaxies import B_LESS_R, Listed, by_chance, host_listed, is_told
from coordinator.simulation.world.hosts import HostLaw
from coordinator.vetting.candidate import Candidate
from coordinator.vetting.chance import RADIUS_ARCSEC
from coordinator.vetting.neighbours import (
    Answer,
    Galaxy,
    MinorPlanet,
    Neighbours,
    Nucleus,
    Star,
    Surroundings,
    Variable,
)
from coordinator.vetting.tangent import ARCSEC, unit_vectors
from telescopes.drivers.world import SkySource, World

STARS: Mapping[str, float] = {"cataclysmic variable": 0.5, "flare": 0.6}
"""Share of each kind whose star is bright enough in quiet times; of variable stars the world has those without."""

NUCLEI: Mapping[str, float] = {"active nucleus": 0.5}
VARIABLES: Mapping[str, float] = {"cataclysmic variable": 0.3, "variable star": 0.3, "flare": 0.1}
MINOR_PLANETS: Mapping[str, float] = {"asteroid": 0.5}
"""Nine of ten are known; the world has a twentieth of all asteroids, so that lists stay short, half of them known."""

STARS_TO_MAG, NUCLEI_TO_MAG = 20.5, 19.0
STAR_BY_CHANCE = 0.005
"""Chance of a star within 2 arcsec of any place, far from the Milky Way."""

POINT_ARCSEC, PLACED_ARCSEC, EPHEMERIS_ARCSEC = 2.0, 0.2, 1.0
BODY_ARCSEC = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """Things by their places."""

    things: Sequence[SkySource | Listed]
    tree: cKDTree | None

    @classmethod
    def of(cls, things: Sequence[SkySource | Listed]) -> "Index":
        """Put them where they are."""
        if not things:
            return cls((), None)
        return cls(things, cKDTree(unit_vectors([t.ra_deg for t in things], [t.dec_deg for t in things])))

    def near(self, places: NDArray[np.float64], within_arcsec: float) -> list[list[tuple[float, int]]]:
        """Return for each place what is near: how far, arcsec, and which; nearest first."""
        if self.tree is None:
            return [[] for _ in places]
        rows = self.tree.query_ball_point(places, within_arcsec * ARCSEC)
        at = self.tree.data
        return [
            sorted((float(np.linalg.norm(at[i] - place)) / ARCSEC, i) for i in row)
            for place, row in zip(places, rows, strict=True)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Catalogues:
    """Everything that is listed somewhere; `seed` draws what lies at a place by chance."""

    seed: int
    t_ref: datetime
    hosts: Index
    stars: Index
    nuclei: Index
    variables: Index
    bodies: tuple[SkySource, ...]
    law: HostLaw

    @classmethod
    def of(cls, rng: np.random.Generator, world: World, seed: int, law: HostLaw) -> "Catalogues":
        """Draw what of a world is listed."""
        hosts = [h for s in world.sources if (h := host_listed(rng, s, law)) is not None]
        stars, nuclei, variables, bodies = (
            [s for s in world.sources if rng.random() < shares.get(s.kind, 0.0)]
            for shares in (STARS, NUCLEI, VARIABLES, MINOR_PLANETS)
        )
        points = (Index.of(stars), Index.of(nuclei), Index.of(variables))
        return cls(seed, world.t_ref, Index.of(hosts), *points, bodies=tuple(bodies), law=law)

    def around(self, candidates: Sequence[Candidate]) -> Surroundings:
        """Look up many candidates by their places alone."""
        if not candidates:
            return Surroundings()
        places = unit_vectors([c.ra_deg for c in candidates], [c.dec_deg for c in candidates])
        hosts = self.hosts.near(places, RADIUS_ARCSEC)
        points = [index.near(places, POINT_ARCSEC) for index in (self.stars, self.nuclei, self.variables)]
        bodies = self._bodies(candidates, places)
        return Surroundings(
            {
                c.id: self._neighbours(c, hosts[i], points[0][i], points[1][i], points[2][i], bodies[i])
                for i, c in enumerate(candidates)
            }
        )

    def _neighbours(
        self,
        candidate: Candidate,
        hosts: list[tuple[float, int]],
        stars: list[tuple[float, int]],
        nuclei: list[tuple[float, int]],
        variables: list[tuple[float, int]],
        bodies: tuple[MinorPlanet, ...],
    ) -> Neighbours:
        rng = self._chance(candidate)
        listed = [self._galaxy(apart, i) for apart, i in hosts]
        told = [g for g in listed if g.mag is None or is_told(g.separation_arcsec, g.mag)]
        galaxies = told + list(by_chance(rng, self.law))
        galaxies.sort(key=lambda g: g.separation_arcsec)
        found = [Star(f"star {i}", _blurred(rng, apart), STARS_TO_MAG - 1.0) for apart, i in stars]
        if rng.random() < STAR_BY_CHANCE:
            found.append(Star("another star", POINT_ARCSEC * math.sqrt(rng.random()), STARS_TO_MAG - 1.0))
        return Neighbours(
            galaxies=(Answer("galaxies", tuple(galaxies), None, self.law.colours_to_mag - B_LESS_R),),
            stars=(Answer("stars", tuple(found), None, STARS_TO_MAG),),
            nuclei=(
                Answer("nuclei", tuple(Nucleus(f"nucleus {i}", apart) for apart, i in nuclei), None, NUCLEI_TO_MAG),
            ),
            variables=(Answer("variables", tuple(Variable(f"variable {i}", apart) for apart, i in variables)),),
            minor_planets=(Answer("minor planets", bodies),),
        )

    def _galaxy(self, apart: float, i: int) -> Galaxy:
        host = self.hosts.things[i]
        assert isinstance(host, Listed)
        return Galaxy(f"galaxy {i}", apart, host.mag, host.redshift, host.redshift_err, host.kind)

    def _chance(self, candidate: Candidate) -> np.random.Generator:
        """Draw by the place alone: what lies there does not depend on who asks, or on what else was found."""
        first = candidate.sightings[0]
        name = f"{self.seed}|{first.ra_deg:.4f}|{first.dec_deg:.4f}"
        return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))

    def _bodies(self, candidates: Sequence[Candidate], places: NDArray[np.float64]) -> list[tuple[MinorPlanet, ...]]:
        """Return the known bodies that were near when each was seen first."""
        if not self.bodies:
            return [()] * len(candidates)
        ra, dec, ra_rate, dec_rate = (
            np.array([getattr(b, name) for b in self.bodies])
            for name in ("ra_deg", "dec_deg", "ra_rate_arcsec_h", "dec_rate_arcsec_h")
        )
        found: list[tuple[MinorPlanet, ...]] = []
        for candidate in candidates:
            first = candidate.sightings[0]
            hours = 0.0 if first.time is None else (first.time - self.t_ref).total_seconds() / 3600.0
            north = (dec + dec_rate * hours / 3600.0 - first.dec_deg) * 3600.0
            east = ((ra - first.ra_deg + 180.0) % 360.0 - 180.0) * 3600.0 * math.cos(math.radians(first.dec_deg))
            apart = np.hypot(east + ra_rate * hours, north)
            near = [int(i) for i in np.flatnonzero(apart < BODY_ARCSEC)]
            found.append(tuple(self._body(i, float(apart[i])) for i in sorted(near, key=lambda i: apart[i])))
        return found

    def _body(self, i: int, apart: float) -> MinorPlanet:
        body = self.bodies[i]
        rate = math.hypot(body.ra_rate_arcsec_h, body.dec_rate_arcsec_h)
        return MinorPlanet(f"body {i}", apart, rate, body.light_curve["r"][0][1], EPHEMERIS_ARCSEC)


def _blurred(rng: np.random.Generator, apart: float) -> float:
    return float(abs(apart + rng.normal(0.0, PLACED_ARCSEC)))
