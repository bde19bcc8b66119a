"""A sky map of our own making, like that of GW170817: a bent strip of some 40 square degrees, 40 Mpc away.

It lies near the equator and comes in the evening of Europe and Africa, so that telescopes of both hemispheres and,
later in the night, of the Americas can search it.
"""

import io
from datetime import UTC, datetime

import healpy as hp
import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

T0 = datetime(2026, 3, 20, 19, 40, 0, tzinfo=UTC)
CENTRE_DEG = (165.0, 4.0)
LENGTH_DEG, WIDTH_DEG, TILT_DEG = 4.6, 0.75, 60.0
DISTANCE_MPC, DISTANCE_STD_MPC = 40.0, 5.0
COARSE, FINE = 4, 8


def built_in_map() -> bytes:
    """Return the map as multi-order FITS; the same bytes every time."""
    order, ipix = _cells()
    density = _density(order, ipix)
    area = 4 * np.pi / 12 / 4.0**order
    density /= float((density * area).sum())
    uniq = ipix + 4 ** (order + 1)
    sort = np.argsort(uniq)
    n = len(uniq)
    columns = [
        fits.Column("UNIQ", "K", array=uniq[sort]),
        fits.Column("PROBDENSITY", "D", unit="sr-1", array=density[sort]),
        fits.Column("DISTMU", "D", unit="Mpc", array=np.full(n, DISTANCE_MPC)),
        fits.Column("DISTSIGMA", "D", unit="Mpc", array=np.full(n, DISTANCE_STD_MPC)),
        fits.Column("DISTNORM", "D", unit="Mpc-2", array=np.full(n, 1 / (DISTANCE_MPC**2 + DISTANCE_STD_MPC**2))),
    ]
    table = fits.BinTableHDU.from_columns(columns)
    header = table.header
    header["PIXTYPE"], header["ORDERING"], header["COORDSYS"] = "HEALPIX", "NUNIQ", "C"
    header["INDXSCHM"], header["MOCORDER"] = "EXPLICIT", FINE
    header["OBJECT"] = "S260320demo"
    header["DATE-OBS"] = T0.strftime("%Y-%m-%dT%H:%M:%S")
    header["DATE"] = T0.strftime("%Y-%m-%dT%H:%M:%S")
    header["DISTMEAN"], header["DISTSTD"] = DISTANCE_MPC, DISTANCE_STD_MPC
    header["CREATOR"] = "armillary demo"
    out = io.BytesIO()
    fits.HDUList([fits.PrimaryHDU(), table]).writeto(out)
    return out.getvalue()


def _cells() -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Fine cells near the source, coarse ones elsewhere; they cover the sphere once."""
    centre = hp.ang2vec(*CENTRE_DEG, lonlat=True)
    near = hp.query_disc(1 << COARSE, centre, np.radians(20.0), inclusive=True, nest=True)
    coarse = np.setdiff1d(np.arange(12 * 4**COARSE), near)
    step = 4 ** (FINE - COARSE)
    fine = (near[:, None] * step + np.arange(step)).ravel()
    order = np.r_[np.full(len(coarse), COARSE), np.full(len(fine), FINE)]
    return order, np.r_[coarse, fine]


def _density(order: NDArray[np.int64], ipix: NDArray[np.int64]) -> NDArray[np.float64]:
    """A bent ellipse on a faint floor."""
    density = np.empty(len(ipix))
    for one in (COARSE, FINE):
        mine = order == one
        x, y = _plane(*hp.pix2vec(1 << one, ipix[mine], nest=True))
        tilt = np.radians(TILT_DEG)
        along, across = x * np.sin(tilt) + y * np.cos(tilt), x * np.cos(tilt) - y * np.sin(tilt)
        bent = across - 0.02 * along**2
        density[mine] = np.exp(-0.5 * ((along / LENGTH_DEG) ** 2 + (bent / WIDTH_DEG) ** 2)) + 1e-6
    return density


def _plane(x: NDArray[np.float64], y: NDArray[np.float64], z: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """Degrees east and north of the centre."""
    ra, dec = np.degrees(np.arctan2(y, x)), np.degrees(np.arcsin(z))
    east = ((ra - CENTRE_DEG[0] + 180.0) % 360.0 - 180.0) * np.cos(np.radians(CENTRE_DEG[1]))
    return east, dec - CENTRE_DEG[1]
