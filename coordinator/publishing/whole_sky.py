"""The whole sky in the projection of Mollweide, east to the left."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.patches import Ellipse
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

Floats = NDArray[np.float64]
HALF_X, HALF_Y = 2.0 * np.sqrt(2.0), np.sqrt(2.0)
HALO = [withStroke(linewidth=1.6, foreground="white")]
_AUXILIARY = np.linspace(-np.pi / 2, np.pi / 2, 8001)
_LATITUDE = np.arcsin(np.clip((2 * _AUXILIARY + np.sin(2 * _AUXILIARY)) / np.pi, -1.0, 1.0))


@dataclass(frozen=True, slots=True)
class WholeSky:
    """The sphere with `ra_deg` in the middle; positions lie in an ellipse of half axes 2 sqrt 2 and sqrt 2."""

    ra_deg: float

    @classmethod
    def about(cls, ra_deg: Floats, probability: Floats) -> "WholeSky":
        """Choose a middle for which little probability lies near the seam; of equals the one nearest to 180."""

        def at_the_seam(middle: float) -> float:
            return float(probability[np.abs((ra_deg - middle + 180.0) % 360.0 - 180.0) > 145.0].sum())

        return cls(min(range(0, 360, 30), key=lambda m: (round(at_the_seam(m), 2), abs(m - 180))))

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the raster."""
        return 700, 1400

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """Left, right, bottom, top."""
        return (-HALF_X, HALF_X, -HALF_Y, HALF_Y)

    @property
    def edge(self) -> Ellipse:
        """Outline of the sphere."""
        return Ellipse((0.0, 0.0), 2 * HALF_X, 2 * HALF_Y, fill=False, edgecolor="0.3", linewidth=0.8)

    def axes(self, figure: Any) -> Any:
        """Add axes with a grid every 30 degrees."""
        axes = figure.add_subplot()
        axes.set(xlim=(-1.01 * HALF_X, 1.01 * HALF_X), ylim=(-1.01 * HALF_Y, 1.01 * HALF_Y), aspect="equal")
        axes.axis("off")
        line: Any = {"color": "0.6", "linewidth": 0.4, "alpha": 0.6, "zorder": 0.5}
        word: Any = {"fontsize": 6, "color": "0.3", "zorder": 6, "path_effects": HALO}
        for offset in range(-150, 180, 30):
            x, y = _mollweide(np.full(181, float(offset)), np.arange(-90.0, 91.0))
            axes.plot(-x, y, **line)
            axes.text(-x[90], 0.01, f"{(self.ra_deg + offset) % 360:g}°", ha="center", va="bottom", **word)
        for dec in range(-60, 90, 30):
            x, y = _mollweide(np.array([-180.0, 180.0]), np.full(2, float(dec)))
            axes.plot(x, y, **line)
            axes.text(x[0] * 1.01, y[0] * 1.03, f"{dec:+d}°" if dec else "0°", ha="right", va="center", **word)
        axes.add_patch(self.edge)
        axes.text(0.0, -1.1 * HALF_Y, "RA, Dec (ICRS, deg); Mollweide, east to the left", fontsize=7, ha="center")
        return axes

    def raster(self) -> tuple[Floats, Floats]:
        """RA and Dec of every pixel; NaN outside the sphere."""
        rows, columns = self.shape
        y = ((np.arange(rows) + 0.5) / rows * 2 - 1)[:, None] * HALF_Y
        x = ((np.arange(columns) + 0.5) / columns * 2 - 1)[None, :] * HALF_X
        auxiliary = np.arcsin(np.clip(y / HALF_Y, -1.0, 1.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            longitude = -np.pi * x / (HALF_X * np.cos(auxiliary))
        sine = (2 * auxiliary + np.sin(2 * auxiliary)) / np.pi
        dec = np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))) + 0 * x
        outside = np.abs(longitude) > np.pi
        ra = (self.ra_deg + np.degrees(longitude)) % 360.0
        return np.where(outside, np.nan, ra), np.where(outside, np.nan, dec)

    def pixels(self, ra_deg: Any, dec_deg: Any) -> tuple[Floats, Floats]:
        """Positions of directions."""
        offset = (np.atleast_1d(ra_deg) - self.ra_deg + 180.0) % 360.0 - 180.0
        x, y = _mollweide(offset, np.atleast_1d(dec_deg))
        return -x, y

    def outlines(self, vectors: Floats) -> list[Floats]:
        """Positions of a polygon's corners (unit vectors), as polygons: one over the seam comes once for each side.

        The longitudes are followed along the edge beyond the seam; round a pole they make a full turn, and the
        polygon is closed along meridians to the pole and back. What reaches over the ellipse is to be clipped.
        """
        closed = np.concatenate([vectors, vectors[:1]])
        longitude = np.degrees(np.unwrap(np.arctan2(closed[:, 1], closed[:, 0]))) - self.ra_deg
        longitude -= 360.0 * np.round(longitude.mean() / 360.0)
        latitude = np.degrees(np.arctan2(closed[:, 2], np.hypot(closed[:, 0], closed[:, 1])))
        if abs(longitude[-1] - longitude[0]) > 180.0:
            pole = 90.0 if latitude.mean() > 0 else -90.0
            up, down = np.linspace(latitude[-1], pole, 50), np.linspace(pole, latitude[0], 50)
            longitude = np.r_[longitude, np.full(50, longitude[-1]), np.full(50, longitude[0])]
            latitude = np.r_[latitude, up, down]
        found = []
        for turn in (-360.0, 0.0, 360.0):
            if longitude.max() + turn > -180.0 and longitude.min() + turn < 180.0:
                x, y = _mollweide(longitude + turn, latitude)
                found.append(np.stack([-x, y], axis=-1))
        return found


def _mollweide(longitude_deg: Floats, latitude_deg: Floats) -> tuple[Floats, Floats]:
    """Project (Snyder 1987, Map Projections, section 31); longitudes may lie beyond 180 degrees."""
    auxiliary = np.interp(np.radians(latitude_deg), _LATITUDE, _AUXILIARY)
    return HALF_X * longitude_deg / 180.0 * np.cos(auxiliary), HALF_Y * np.sin(auxiliary)
