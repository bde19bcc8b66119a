"""A sky map of our own making, like that of GW170817: a bent strip of some 40 square degrees, 40 Mpc away.

It lies near the equator and comes in the evening of Europe and Africa, so that telescopes of both hemispheres and,
later in the night, of the Americas can search it.
"""

import io
from dataclasses import dataclass
from datetime import UTC, datetime

import healpy as hp
import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

T0 = datetime(2026, 3, 20, 19, 40, 0, tzinfo=UTC)
COARSE, FINE = 4, 8


@dataclass(frozen=True, slots=True)
class Strip:
    """A bent strip on the sky; `issued` None: when it happened."""

    centre_deg: tuple[float, float] = (165.0, 4.0)
    length_deg: float = 4.6
    width_deg: float = 0.75
    tilt_deg: float = 60.0
    distance_mpc: float = 40.0
    distance_std_mpc: float = 5.0
    t0: datetime = T0
    issued: datetime | None = None
    name: str = "S260320demo"


def built_in_map() -> bytes:
    """Return the map as multi-order FITS; the same bytes every time."""
    return strip_map(Strip())


def strip_map(strip: Strip) -> bytes:
    """Return a strip as multi-order FITS; the same bytes every time."""
    order, ipix = _cells(strip)
    density = _density(strip, order, ipix)
    area = 4 * np.pi / 12 / 4.0**order
    density /= float((density * area).sum())
    uniq = ipix + 4 ** (order + 1)
    sort = np.argsort(uniq)
    n = len(uniq)
    mean, std = strip.distance_mpc, strip.distance_std_mpc
    columns = [
        fits.Column("UNIQ", "K", array=uniq[sort]),
        fits.Column("PROBDENSITY", "D", unit="sr-1", array=density[sort]),
        fits.Column("DISTMU", "D", unit="Mpc", array=np.full(n, mean)),
        fits.Column("DISTSIGMA", "D", unit="Mpc", array=np.full(n, std)),
        fits.Column("DISTNORM", "D", unit="Mpc-2", array=np.full(n, 1 / (mean**2 + std**2))),
    ]
    table = fits.BinTableHDU.from_columns(columns)
    _describe(strip, table.header)
    out = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(out)
    return out.getvalue()


def _describe(strip: Strip, header: fits.Header) -> None:
    header["PIXTYPE"], header["ORDERING"], header["COORDSYS"] = "HEALPIX", "NUNIQ", "C"
    header["INDXSCHM"], header["MOCORDER"] = "EXPLICIT", FINE
    header["OBJECT"] = strip.name
    header["DATE-OBS"] = strip.t0.strftime("%Y-%m-%dT%H:%M:%S")
    header["DATE"] = (strip.issued or strip.t0).strftime("%Y-%m-%dT%H:%M:%S")
    header["DISTMEAN"], header["DISTSTD"] = strip.distance_mpc, strip.distance_std_mpc
    header["CREATOR"] = "armillary demo"


def _cells(strip: Strip) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Fine cells near the source, coarse ones elsewhere; they cover the sphere once."""
    centre = hp.ang2vec(*strip.centre_deg, lonlat=True)
    near = hp.query_disc(1 << COARSE, centre, np.radians(20.0), inclusive=True, nest=True)
    coarse = np.setdiff1d(np.arange(12 * 4**COARSE), near)
    step = 4 ** (FINE - COARSE)
    fine = (near[:, None] * step + np.arange(step)).ravel()
    order = np.r_[np.full(len(coarse), COARSE), np.full(len(fine), FINE)]
    return order, np.r_[coarse, fine]


def _density(strip: Strip, order: NDArray[np.int64], ipix: NDArray[np.int64]) -> NDArray[np.float64]:
    """A bent ellipse on a faint floor."""
    density = np.empty(len(ipix))
    for one in (COARSE, FINE):
        mine = order == one
        x, y = _plane(strip, *hp.pix2vec(1 << one, ipix[mine], nest=True))
        tilt = np.radians(strip.tilt_deg)
        along, across = x * np.sin(tilt) + y * np.cos(tilt), x * np.cos(tilt) - y * np.sin(tilt)
        bent = across - 0.02 * along**2
        density[mine] = np.exp(-0.5 * ((along / strip.length_deg) ** 2 + (bent / strip.width_deg) ** 2)) + 1e-6
    return density


def _plane(
    strip: Strip, x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]
) -> tuple[NDArray[np.float64], ...]:
    """Degrees east and north of the centre."""
    ra, dec = np.degrees(np.arctan2(y, x)), np.degrees(np.arcsin(z))
    east = ((ra - strip.centre_deg[0] + 180.0) % 360.0 - 180.0) * np.cos(np.radians(strip.centre_deg[1]))
    return east, dec - strip.centre_deg[1]
