"""Small sky maps as FITS bytes, written by astropy."""

import gzip
import io
from typing import Any

import healpy
import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CENTRE = (150.0, 20.0)
MULTIORDER = {"ORDERING": "NUNIQ", "INDXSCHM": "EXPLICIT", "COORDSYS": "C"}


def blob(nside: int, ra_deg: float = CENTRE[0], dec_deg: float = CENTRE[1], sigma_deg: float = 6.0) -> Floats:
    """A round probability on nested pixels; exactly zero far away."""
    there = np.array(healpy.pix2vec(nside, np.arange(12 * nside**2), nest=True))
    towards = healpy.ang2vec(ra_deg, dec_deg, lonlat=True) @ there
    value = np.exp((towards - 1) / np.radians(sigma_deg) ** 2)
    value[value < 1e-6] = 0.0
    return value / value.sum()


def written(columns: list[fits.Column], header: dict[str, Any], primary: dict[str, Any] | None = None) -> bytes:
    """A FITS file of one table."""
    table = fits.BinTableHDU.from_columns(columns)
    table.header.update(header)
    first = fits.PrimaryHDU()
    first.header.update(primary or {})
    out = io.BytesIO()
    fits.HDUList([first, table]).writeto(out)
    return out.getvalue()


def flat_map(probability: Floats, *, name: str = "PROB", form: str = "D", **header: Any) -> bytes:
    """A flat map in nested order; header keys given as None are left out."""
    repeat = int(form[:-1] or 1)
    nside = healpy.npix2nside(probability.size)
    said = {"ORDERING": "NESTED", "NSIDE": nside, "COORDSYS": "C", "INDXSCHM": "IMPLICIT"} | header
    column = fits.Column(name, form, array=probability.reshape(-1, repeat) if repeat > 1 else probability)
    return written([column], {key: value for key, value in said.items() if value is not None})


def ring(nested: Floats) -> Floats:
    """The same values in ring order."""
    return np.asarray(healpy.reorder(nested, n2r=True))


def multiorder_map(
    order: NDArray[np.int64], ipix: NDArray[np.int64], probability: Floats, *, unsigned: bool = False, **header: Any
) -> bytes:
    """A multi-order map of cells that hold these probabilities, all 100 +- 20 Mpc away."""
    uniq = 4 * 4**order + ipix
    stored = np.asarray(uniq, np.uint64 if unsigned else np.int64)
    mpc = [np.full(order.size, value) for value in (100.0, 20.0, 9.6e-5)]
    columns = [
        fits.Column("UNIQ", "K", array=stored, bzero=2**63 if unsigned else None),
        fits.Column("PROBDENSITY", "D", array=probability / (np.pi / 3 / 4.0**order)),
        *(fits.Column(n, "D", array=a) for n, a in zip(("DISTMU", "DISTSIGMA", "DISTNORM"), mpc, strict=True)),
    ]
    return written(columns, MULTIORDER | header)


def two_orders() -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Cells of the whole sky: order 1, the twelve of the first base pixel refined to order 3, a slope along them."""
    order = np.r_[np.full(44, 1), np.full(64, 3)].astype(np.int64)
    ipix = np.r_[np.arange(4, 48), np.arange(64)].astype(np.int64)
    probability = np.r_[np.linspace(0, 1, 44), np.linspace(2, 3, 64)]
    return order, ipix, probability / probability.sum()


def gzipped(data: bytes) -> bytes:
    """Packed, as maps are served."""
    return gzip.compress(data, 6, mtime=0)
