"""A part of the sky, in an equal-area projection about its middle."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from astropy import units as u
from astropy.wcs import WCS
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PIXELS = 900
"""Along the longer side."""

MARGIN = 1.08
LEAST_HALF_DEG = 0.4
NARROWEST = 0.6
"""The shorter side is at least this share of the longer."""


@dataclass(frozen=True, slots=True)
class ZoomedSky:
    """A rectangle of sky; positions are pixels of its projection (zenithal equal area).

    Attributes
    ----------
    ra_deg, dec_deg : float
        The middle, ICRS.
    half_x_deg, half_y_deg : float
        From the middle to the sides.
    """

    ra_deg: float
    dec_deg: float
    half_x_deg: float
    half_y_deg: float
    wcs: WCS = field(init=False)

    def __post_init__(self) -> None:
        wide, high = self.shape[1], self.shape[0]
        wcs = WCS(naxis=2)
        wcs.wcs.ctype = ["RA---ZEA", "DEC--ZEA"]
        wcs.wcs.crval = [self.ra_deg, self.dec_deg]
        wcs.wcs.cdelt = [-self.pixel_deg, self.pixel_deg]
        wcs.wcs.crpix = [(wide + 1) / 2.0, (high + 1) / 2.0]
        wcs.wcs.radesys = "ICRS"
        object.__setattr__(self, "wcs", wcs)

    @classmethod
    def around(cls, vectors: Floats) -> "ZoomedSky":
        """Choose the rectangle that holds all directions (unit vectors, shape (n, 3)) with a margin."""
        middle = vectors.mean(axis=0)
        ra, dec = _angles(middle)
        rough = cls(ra, dec, 1.0, 1.0)
        x, y = rough.pixels(*_angles(vectors.T))
        sides = np.array([[x.min(), x.max()], [y.min(), y.max()]])
        half = np.diff(sides)[:, 0] / 2.0 * rough.pixel_deg * MARGIN
        half = np.maximum(half, max(LEAST_HALF_DEG, NARROWEST * float(half.max())))
        ra, dec = (float(a[0]) for a in rough.wcs.wcs_pix2world(sides.mean(axis=1)[None, :], 0).T[:, :, None][:, :, 0])
        return cls(ra, dec, float(half[0]), float(half[1]))

    @property
    def pixel_deg(self) -> float:
        """Side of a pixel."""
        return 2.0 * max(self.half_x_deg, self.half_y_deg) / PIXELS

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the raster."""
        return tuple(max(2, round(2.0 * h / self.pixel_deg)) for h in (self.half_y_deg, self.half_x_deg))  # type: ignore[return-value]

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, bottom, top."""
        return (-0.5, self.shape[1] - 0.5, -0.5, self.shape[0] - 0.5)

    def axes(self, figure: Any) -> Any:
        """Add axes with a grid of RA and Dec in degrees."""
        axes = figure.add_subplot(projection=self.wcs)
        ra, dec = axes.coords
        for axis, word in ((ra, "RA (ICRS, deg)"), (dec, "Dec (ICRS, deg)")):
            axis.set_axislabel(word)
            axis.set_format_unit(u.deg, decimal=True, show_decimal_unit=False)
            axis.set_ticklabel(exclude_overlapping=True)
        axes.coords.grid(color="0.6", linewidth=0.4, linestyle="solid", alpha=0.6)
        axes.set_xlim(*self.extent[:2])
        axes.set_ylim(*self.extent[2:])
        return axes

    def raster(self) -> tuple[Floats, Floats]:
        """RA and Dec of every pixel."""
        row, column = np.indices(self.shape)
        ra, dec = self.wcs.wcs_pix2world(column.ravel(), row.ravel(), 0)
        return ra.reshape(self.shape), dec.reshape(self.shape)

    def pixels(self, ra_deg: Any, dec_deg: Any) -> tuple[Floats, Floats]:
        """Positions of directions."""
        x, y = self.wcs.wcs_world2pix(np.atleast_1d(ra_deg), np.atleast_1d(dec_deg), 0)
        return np.asarray(x), np.asarray(y)

    def outlines(self, vectors: Floats) -> list[Floats]:
        """Positions of a polygon's corners (unit vectors), as polygons; none if it lies outside."""
        x, y = self.pixels(*_angles(vectors.T))
        left, right, bottom, top = self.extent
        outside = x.max() < left or x.min() > right or y.max() < bottom or y.min() > top
        return [] if outside else [np.stack([x, y], axis=-1)]


def _angles(vectors: Floats) -> tuple[Any, Any]:
    x, y, z = vectors
    return np.degrees(np.arctan2(y, x)) % 360.0, np.degrees(np.arctan2(z, np.hypot(x, y)))
