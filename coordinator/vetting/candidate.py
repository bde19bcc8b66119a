"""A candidate: sightings that belong to one object, where it is, and whether it moves."""

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from coordinator.vetting.sighting import Sighting
from coordinator.vetting.tangent import offsets_arcsec, shifted

ASSUMED_POS_ERR_ARCSEC = 0.8
FRAME_ERR_ARCSEC = 0.3
"""How far the astrometry of two telescopes may differ besides their own errors."""
LEAST_ERR_ARCSEC = 0.05

MOVED_ARCSEC = 1.0
MOVED_SIGMA = 4.0


@dataclass(frozen=True, slots=True)
class Motion:
    """Straight motion over the sky; `epochs` are visits at least some minutes apart that it was seen in."""

    rate_arcsec_h: float
    position_angle_deg: float
    moved_arcsec: float
    over_h: float
    epochs: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """One object: its sightings by time, then id; `motion` None: it stays, as far as is known.

    `limits` are looks at its place that saw nothing, by time, then id.
    """

    id: str
    sightings: tuple[Sighting, ...]
    ra_deg: float
    dec_deg: float
    pos_err_arcsec: float
    motion: Motion | None = None
    limits: tuple[Sighting, ...] = ()

    @property
    def first_seen(self) -> datetime | None:
        """Time of the first sighting whose time is known."""
        return next((s.time for s in self.sightings if s.time is not None), None)

    @property
    def last(self) -> Sighting:
        """The newest sighting."""
        return self.sightings[-1]

    def was(self, candidate_id: str) -> bool:
        """Say whether it once had this id: late detections may have given it an earlier beginning."""
        return candidate_id == self.id or any(candidate_id == id_from(s.id) for s in self.sightings)


def id_from(detection_id: str) -> str:
    """Return the id of a candidate whose first detection this is."""
    return hashlib.sha256(detection_id.encode()).hexdigest()[:12]


def position_error(sighting: Sighting) -> float:
    """Error of a position, arcsec; an assumed one where the telescope does not say."""
    return ASSUMED_POS_ERR_ARCSEC if sighting.pos_err_arcsec is None else sighting.pos_err_arcsec


def candidate_of(sightings: Iterable[Sighting], *, id: str | None = None, epochs: int = 1) -> Candidate:
    """Make one candidate of sightings that belong together.

    Parameters
    ----------
    sightings : iterable of Sighting
        In any order; the same id twice counts once.
    id : str, optional
        What people call it; without it, the hash of the first sighting's id.
    epochs : int
        How many visits a link of moving points rests on; 1 where the points were joined by place alone.
    """
    seen = distinct(sightings)
    if len(seen) == 1:
        only = seen[0]
        err_arcsec = math.hypot(max(position_error(only), LEAST_ERR_ARCSEC), FRAME_ERR_ARCSEC)
        return Candidate(id or id_from(only.id), seen, only.ra_deg, only.dec_deg, err_arcsec)
    x, y = offsets_arcsec(seen[0].ra_deg, seen[0].dec_deg, [s.ra_deg for s in seen], [s.dec_deg for s in seen])
    err = np.hypot([max(position_error(s), LEAST_ERR_ARCSEC) for s in seen], FRAME_ERR_ARCSEC)
    motion = _motion(seen, x, y, err, epochs)
    weight = err**-2.0
    total = math.fsum(weight)
    if motion is not None:  # A mover is where it was seen last.
        ra, dec = seen[-1].ra_deg, seen[-1].dec_deg
    else:
        mean = math.fsum(weight * x) / total, math.fsum(weight * y) / total
        ra, dec = shifted(seen[0].ra_deg, seen[0].dec_deg, *mean)
    return Candidate(id or id_from(seen[0].id), seen, ra, dec, total**-0.5, motion)


def named(by_id: Mapping[str, Sequence[Sighting]]) -> list[Candidate]:
    """Make a candidate of each object that somebody else told apart; limits alone found none.

    Parameters
    ----------
    by_id : mapping of name to sequence of Sighting
        In any order, with repetitions.
    """
    found = []
    for name, sightings in by_id.items():
        seen = [s for s in sightings if not s.upper_limit]
        if seen:
            limits = distinct(s for s in sightings if s.upper_limit)
            found.append(replace(candidate_of(seen, id=name), limits=limits))
    return found


def distinct(sightings: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Sort by time, then id; of several versions of one id keep one, the same whichever came first."""
    kept: dict[str, Sighting] = {}
    for s in sightings:
        other = kept.get(s.id)
        kept[s.id] = s if other is None else min(s, other, key=repr)
    return tuple(sorted(kept.values(), key=lambda s: s.order))


def _motion(
    seen: Sequence[Sighting],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    err: NDArray[np.float64],
    epochs: int,
) -> Motion | None:
    """Fit straight motion; None unless it is certain."""
    timed = [s.time is not None for s in seen]
    if sum(timed) < 2:
        return None
    start = next(s.time for s in seen if s.time is not None)
    hours = np.array([(s.time - start).total_seconds() / 3600 for s in seen if s.time is not None])
    x, y, weight = x[timed], y[timed], err[timed] ** -2.0
    spread = hours - (weight * hours).sum() / weight.sum()
    lever = float((weight * spread**2).sum())
    span_h = float(hours[-1] - hours[0])
    if lever <= 0 or span_h <= 0:
        return None
    vx, vy = float((weight * spread * x).sum() / lever), float((weight * spread * y).sum() / lever)
    rate = math.hypot(vx, vy)
    moved, moved_err = rate * span_h, span_h * lever**-0.5
    if moved < max(MOVED_ARCSEC, MOVED_SIGMA * moved_err) and epochs < 2:
        return None
    angle = math.degrees(math.atan2(vx, vy)) % 360.0
    return Motion(rate, angle, moved, span_h, max(epochs, count_epochs(hours)))


def count_epochs(hours: NDArray[np.float64], gap_h: float = 0.1) -> int:
    """Count visits: sightings at least `gap_h` after the first of the visit before begin a new one."""
    epochs, begun = 0, -np.inf
    for hour in np.sort(hours):
        if hour - begun >= gap_h:
            epochs, begun = epochs + 1, hour
    return epochs
