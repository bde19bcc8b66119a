"""Colours of what may be seen: of a kilonova by its age, of an afterglow, of everything else."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean, pstdev

from coordinator.lightcurves.bands import wavelength_nm
from coordinator.lightcurves.black_body import colour_mag, temperature_of
from coordinator.lightcurves.kilonova import FIRST_MEASURED_D, kilonova_abs_mag_at

COLOUR_BANDS = ("g", "r", "i", "z", "y")
"""From blue to red. Farther in the infrared nobody measured what unrelated things look like, and Vega magnitudes are
often given for AB; an open detector has no colour."""

LAWS_REDDENING_MAG = 0.12
"""E(B-V), as Schlegel, Finkbeiner and Davis have it, before NGC 4993: AT2017gfo's magnitudes are not corrected for it.
What the unrelated ones lie behind was not looked up; it is taken to be the same."""

DUST_LAW_ERR = 0.16
"""Share by which the excess of a map of dust is wrong (Schlegel, Finkbeiner and Davis 1998, section 6)."""


@dataclass(frozen=True, slots=True)
class Colour:
    """A normal distribution of a colour; with a share where it is one of several."""

    mean_mag: float
    sigma_mag: float
    share: float = 1.0

    def log_density(self, colour_mag: float, err_mag: float) -> float:
        """Return ln p of a measured colour."""
        sigma = math.hypot(self.sigma_mag, err_mag)
        return -0.5 * ((colour_mag - self.mean_mag) / sigma) ** 2 - math.log(sigma * math.sqrt(2.0 * math.pi))


UNRELATED_COLOURS: tuple[Colour, ...] = (
    Colour(0.05, 0.3, 0.51),
    Colour(0.8, 0.25, 0.34),
    Colour(2.0, 0.9, 0.14),
    Colour(-0.25, 0.15, 0.01),
)
"""g - r: blue, red, very red, and hot. Shares and widths of the first three are rounded from 64 objects with g and r
within six hours, of the alerts of one night of ZTF (`ztf_alerts_20240115_history.csv`, 37 objects) and labelled ones
(`ztf_alerts_labelled_history.csv`, 27); an object counts once, with its median colour; not corrected for dust.

The last is that of tidal disruptions: black bodies of 12,000 to 40,000 K that stay as hot for months (van Velzen et
al. 2021, ApJ 908, 4), behind some dust; how many there are is assumed.
"""

_INDEX, _INDEX_SIGMA = 1.02, 0.68
"""Power of the frequency with which an afterglow's light falls, dust of its host included: g - r of 0.3 +- 0.2."""

_LEAST_SIGMA, _SIGMA_PER_DEX, _FARTHEST_DEX = 0.24, 1.5, 0.3
"""How kilonovae differ from AT2017gfo: 0.3 mag in g - r, and more the farther two bands lie apart. It is what 0.3 dex
of mass and 20 % of speed do to the model of `ejecta` (0.12 mag in g - r, 0.24 in g - z), and by how much that model
misses AT2017gfo (0.25 and 0.4)."""

_EARLY = 1.5
"""Before the first measurement of AT2017gfo nobody knows."""

_AGES_D = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5)

_OTHER_BANDS_SIGMA = 0.15
"""What is no black body has other colours than one of its g - r (assumed)."""

_BLUEST = -0.5
"""No black body is bluer in g - r than this by much."""

_NODES = (
    (0.0, 0.533333333),
    (-1.355626180, 0.222075922),
    (1.355626180, 0.222075922),
    (-2.856970014, 0.011257411),
    (2.856970014, 0.011257411),
)
"""Gauss and Hermite's five for a normal distribution: places in sigma, weights."""


def kilonova_colour(age_d: float | None, blue: str = "g", red: str = "r") -> Colour:
    """Return the colour of AT2017gfo at an age, as widely spread as kilonovae may differ; None: any of the first days.

    Parameters
    ----------
    age_d : float or None
        Days after the merger.
    blue, red : str
        Two of `COLOUR_BANDS`.
    """
    own = math.hypot(_LEAST_SIGMA, _SIGMA_PER_DEX * min(_apart_dex(blue, red), _FARTHEST_DEX))
    if age_d is None or age_d <= 0.0:
        every = [_of_at2017gfo(age, blue, red) for age in _AGES_D]
        return Colour(fmean(every), math.hypot(own, pstdev(every)))
    return Colour(_of_at2017gfo(age_d, blue, red), own if age_d >= FIRST_MEASURED_D else _EARLY * own)


def afterglow_colour(blue: str = "g", red: str = "r") -> Colour:
    """Return the colour of a power law of the frequency: ``2.5 b log10(red / blue)``, the same at any age."""
    per_index = 2.5 * _apart_dex(blue, red)
    return Colour(per_index * _INDEX, per_index * _INDEX_SIGMA)


@lru_cache(maxsize=64)
def unrelated_colours(blue: str = "g", red: str = "r") -> tuple[Colour, ...]:
    """Return `UNRELATED_COLOURS` in other bands: as of black bodies that have the same g - r."""
    if (blue, red) == ("g", "r"):
        return UNRELATED_COLOURS
    return tuple(_as_black_body(one, blue, red) for one in UNRELATED_COLOURS)


def _as_black_body(one: Colour, blue: str, red: str) -> Colour:
    ends = (one.mean_mag, max(one.mean_mag - one.sigma_mag, _BLUEST), one.mean_mag + one.sigma_mag)
    middle, low, high = (colour_mag(blue, red, temperature_of(g_r)) for g_r in ends)
    return Colour(middle, math.hypot(0.5 * (high - low), _OTHER_BANDS_SIGMA), one.share)


@dataclass(frozen=True, slots=True)
class ColourLaws:
    """Colours in one pair of bands."""

    kilonova: Colour
    afterglow: Colour
    unrelated: Sequence[Colour]

    @classmethod
    def of(cls, blue: str, red: str, age_d: float | None) -> "ColourLaws":
        """Return those of two bands at an age."""
        return cls(kilonova_colour(age_d, blue, red), afterglow_colour(blue, red), unrelated_colours(blue, red))

    def log_bayes(self, colour: float, err_mag: float, afterglow_share: float) -> tuple[float, list[float]]:
        """Return ln p(colour | counterpart) - ln p(colour | unrelated), and ln p under each unrelated one.

        Where it is so far out that no law knows such things, 0.
        """
        kilonova = math.exp(self.kilonova.log_density(colour, err_mag))
        afterglow = math.exp(self.afterglow.log_density(colour, err_mag))
        others = [c.log_density(colour, err_mag) for c in self.unrelated]
        signal = (1.0 - afterglow_share) * kilonova + afterglow_share * afterglow
        background = math.fsum(c.share * math.exp(one) for c, one in zip(self.unrelated, others, strict=True))
        if signal <= 0.0 or background <= 0.0:
            return 0.0, [0.0] * len(others)
        return math.log(signal / background), others


def tells(laws: ColourLaws, err_mag: float, afterglow_share: float, cap: float) -> float:
    """Return the ln Bayes factor that is expected of a counterpart's colour before it is measured.

    Parameters
    ----------
    laws : ColourLaws
        Of one pair of bands.
    err_mag : float
        How well it would be measured.
    afterglow_share : float
        Of what a counterpart may be, 0 to 1.
    cap : float
        No colour tells more than this.
    """
    total = 0.0
    for law, share in ((laws.kilonova, 1.0 - afterglow_share), (laws.afterglow, afterglow_share)):
        sigma = math.hypot(law.sigma_mag, err_mag)
        for node, weight in _NODES:
            log_bayes, _ = laws.log_bayes(law.mean_mag + node * sigma, err_mag, afterglow_share)
            total += share * weight * min(max(log_bayes, -cap), cap)
    return total


def _of_at2017gfo(age_d: float, blue: str, red: str) -> float:
    return kilonova_abs_mag_at(blue, age_d) - kilonova_abs_mag_at(red, age_d)


def _apart_dex(blue: str, red: str) -> float:
    return math.log10(wavelength_nm(red) / wavelength_nm(blue))
