"""How probable it is that each galaxy of a catalogue is the host, and what the catalogue cannot say.

The source lies in galaxy g with a probability proportional to the posterior density **in space** at g times the
galaxy's starlight: ``w_g = p_i / A_i * DISTNORM_i * N(d_g; DISTMU_i, s) * L_g``, with ``s**2 = DISTSIGMA_i**2 +
err_g**2``. There is no factor ``d_g**2``: a catalogue has more galaxies farther away by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from coordinator.planning.completeness import Completeness
from coordinator.planning.galaxies import Galaxies, cells_of_galaxies
from coordinator.planning.luminosity import BRIGHTEST, Starlight, starlight
from coordinator.planning.moments import Moments, moments_of
from coordinator.planning.stretches import Ints
from coordinator.sky.skymap import SkyMap
from telescopes.description.ephemeris import Array

UNKNOWN_ERROR = 0.1
"""Relative error of a distance that comes without one: between a spectroscopic and a photometric redshift's."""

PER_CAPACITY = 8
"""So many galaxies are kept for each pointing that the network can make."""


@dataclass(frozen=True, slots=True, eq=False)
class GalaxyTargets:
    """The galaxies of a catalogue that matter for an event.

    Attributes
    ----------
    galaxies : Galaxies
        The most probable ones.
    weight : float64 array, shape (n,)
        Share of each in the whole catalogue; those of all galaxies, kept or not, sum to 1.
    held : float or None
        Probability that the host is in the catalogue at all; None: nobody knows its completeness.
    tiles_probability : float64 array, shape (cells of the map,)
        What the catalogue cannot hold and only tiles can find: ``(1 - c_i) p_i``; all of it where c is unknown.
    counted : int
        Galaxies of the catalogue with any weight.
    said : tuple of str
        What the weights are made of.
    """

    galaxies: Galaxies
    weight: Array
    held: float | None
    tiles_probability: Array
    counted: int
    said: tuple[str, ...] = ()

    @property
    def value(self) -> Array:
        """Probability that each galaxy is the host; with a completeness that is unknown, if it is in the catalogue."""
        return self.weight * (1.0 if self.held is None else self.held)


@dataclass(slots=True)
class _Sum:
    """What lots of galaxies came to so far."""

    kept: Galaxies = field(default_factory=lambda: Galaxies.of(np.empty(0), np.empty(0), np.empty(0)))
    raw: Array = field(default_factory=lambda: np.empty(0))
    total: float = 0.0
    counted: int = 0
    sources: Ints = field(default_factory=lambda: np.zeros(4, np.int64))
    cut_down: int = 0

    def add(self, lot: Galaxies, raw: Array, light: Starlight, most: int) -> None:
        """Count a lot, and keep the best of it and of those before."""
        self.total += float(raw.sum())
        self.counted += int((raw > 0).sum())
        self.sources += np.array([light.from_mass, light.from_b, light.from_k, light.unknown])
        self.cut_down += light.cut_down
        best = _best(raw, most)
        among, together = Galaxies.joined([self.kept, lot.chosen(best)]), np.r_[self.raw, raw[best]]
        best = _best(together, most)
        self.kept, self.raw = among.chosen(best), together[best]


def raw_weights(galaxies: Galaxies, sky: SkyMap, moments: Moments, relative_light: Array) -> Array:
    """Weights before they are normalised, shape (n,): 0 outside the map and where it knows no distance."""
    row = cells_of_galaxies(sky, galaxies.key)
    some = np.flatnonzero(row >= 0)
    cell = row[some]
    front = sky.density_per_sr * moments.norm / np.sqrt(2.0 * np.pi)
    distance = galaxies.distance_mpc[some]
    error = galaxies.distance_err_mpc[some]
    error = np.where(np.isnan(error), UNKNOWN_ERROR * distance, error)
    variance = moments.sigma_mpc[cell] ** 2 + error**2
    found = np.exp(-0.5 * (distance - moments.mu_mpc[cell]) ** 2 / variance) / np.sqrt(variance)
    found *= front[cell] * relative_light[some]
    weights = np.zeros(len(galaxies))
    weights[some] = np.where(np.isfinite(found), found, 0.0)
    return weights


def galaxy_targets(
    lots: Iterable[Galaxies], sky: SkyMap, capacity: int, completeness: Completeness | None = None
) -> GalaxyTargets | None:
    """Weigh a catalogue and keep the best for a network that can make `capacity` pointings; no visibility yet.

    Parameters
    ----------
    lots : iterable of Galaxies
        The catalogue, or its part in the map's region, in lots that follow one another along the curve; memory holds
        one of them at a time, and what is kept.
    capacity : int
        Pointings of all telescopes that visit galaxies.
    completeness : Completeness or None
        None: unknown; then nothing is taken from the tiles.

    Returns
    -------
    GalaxyTargets or None
        None: the map knows no distance.
    """
    moments = moments_of(sky)
    if moments is None:
        return None
    most = PER_CAPACITY * max(capacity, 1)
    so_far = _Sum()
    for lot in lots:
        light = starlight(lot)
        so_far.add(lot, raw_weights(lot, sky, moments, light.relative), light, most)
    return _targets(so_far, sky, moments, completeness)


def _targets(so_far: _Sum, sky: SkyMap, moments: Moments, completeness: Completeness | None) -> GalaxyTargets:
    galaxies, weight = so_far.kept, so_far.raw / (so_far.total or 1.0)
    held, tiles = _shared(sky, moments, completeness if so_far.total > 0 else None)
    if so_far.total == 0 and completeness is not None:
        held = 0.0
    return GalaxyTargets(
        galaxies, weight, held, tiles, so_far.counted, _said(so_far, len(galaxies), held, completeness)
    )


def _best(raw: Array, most: int) -> Ints:
    """Numbers of the largest weights above 0, increasing; of equals the first along the curve."""
    some = np.flatnonzero(raw > 0)
    if some.size <= most:
        return some
    least = np.partition(raw[some], some.size - most)[some.size - most]
    above, equal = some[raw[some] > least], some[raw[some] == least]
    return np.sort(np.r_[above, equal[: most - above.size]])


def _shared(sky: SkyMap, moments: Moments, completeness: Completeness | None) -> tuple[float | None, Array]:
    """Divide the map between the catalogue and the tiles."""
    if completeness is None:
        return None, sky.probability
    share = completeness.over(moments)
    share = np.where(np.isfinite(share), share, 0.0)
    return float(sky.probability @ share), np.asarray(sky.probability * (1.0 - share))


def _said(so_far: _Sum, kept: int, held: float | None, completeness: Completeness | None) -> tuple[str, ...]:
    counts = zip(("stellar mass", "B magnitude", "K magnitude", "nothing (a usual one)"), so_far.sources, strict=True)
    sources = ", ".join(f"{count} by {what}" for what, count in counts if count)
    known = "completeness unknown: the tiles keep the whole map"
    if held is not None and completeness is not None:
        known = f"the catalogue holds the host with {100 * held:.0f} % ({completeness.kind})"
    too_bright = f"; {so_far.cut_down} brighter than {BRIGHTEST:g} usual ones count as that" if so_far.cut_down else ""
    return (
        f"starlight of galaxies: {sources or 'none'}{too_bright}",
        f"{kept} of {so_far.counted} galaxies kept",
        known,
    )
