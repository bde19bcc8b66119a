"""Reads a map of the Galaxy's dust: HEALPix FITS of E(B-V), in Galactic or equatorial coordinates."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from coordinator.sky.dust_map import DUST_ORDER, DustMap
from telescopes.description.errors import Refused

LOOKS_ORDER = DUST_ORDER + 2
"""Each pixel is the mean of sixteen places."""

MOST_REDDENING_MAG = 1000.0
MEND = "give a HEALPix FITS map of E(B-V) in magnitudes, such as that of Schlegel, Finkbeiner and Davis"


def read_dust(file: Path) -> DustMap:
    """Read a dust map and turn it to ICRS.

    Parameters
    ----------
    file : Path
        The first column of its first table is E(B-V); the header's COORDSYS says G (Galactic, also where it is silent)
        or C (equatorial).

    Raises
    ------
    Refused
        It cannot be read, or is no map of reddening.
    """
    import healpy  # not at the top: it brings matplotlib

    try:
        with file.open("rb"):
            pass
        values, cards = healpy.read_map(str(file), nest=True, h=True)
    except (OSError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        said = (str(error).splitlines() or ["unreadable"])[0]
        raise Refused(f"cannot be read as a dust map ({said})", where=str(file), mend=MEND) from error
    header = dict(cards)
    reddening = _looked_up(np.asarray(values, np.float64), str(header.get("COORDSYS", "G")).strip().upper()[:1])
    known = reddening[np.isfinite(reddening)]
    if not known.size or known.min() < -0.1 or known.max() > MOST_REDDENING_MAG:
        raise Refused("is no map of reddening: values are missing, negative or huge", where=str(file), mend=MEND)
    return DustMap(_mean(reddening), file.name)


def _looked_up(values: NDArray[np.float64], frame: str) -> NDArray[np.float64]:
    """Values at places of order 8, ICRS; what the map marks as unseen is NaN."""
    import healpy

    ra_deg, dec_deg = healpy.pix2ang(1 << LOOKS_ORDER, np.arange(12 << (2 * LOOKS_ORDER)), nest=True, lonlat=True)
    lon, lat = (ra_deg, dec_deg) if frame in ("C", "Q") else healpy.Rotator(coord="CG")(ra_deg, dec_deg, lonlat=True)
    found = values[healpy.ang2pix(healpy.npix2nside(values.size), lon, lat, nest=True, lonlat=True)]
    return np.where(found > healpy.UNSEEN / 2.0, found, np.nan)


def _mean(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of what is known in each pixel of order 6."""
    parts = values.reshape(12 << (2 * DUST_ORDER), -1)
    known = np.isfinite(parts)
    count = known.sum(axis=1)
    sums = np.where(known, parts, 0.0).sum(axis=1)
    return np.asarray(np.divide(sums, count, out=np.full(count.size, np.nan), where=count > 0))
