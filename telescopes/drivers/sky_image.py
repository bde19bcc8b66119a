"""Paints what a simulated camera records: sky, noise, stars, the world's sources and artefacts, as pixels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from telescopes.description.footprint import Rectangle
from telescopes.description.geometry import circumradius_deg, field_axes, unit_vectors
from telescopes.description.telescope import Instrument
from telescopes.drivers.driver import Aim
from telescopes.drivers.exposure_header import scale_arcsec
from telescopes.drivers.image import FWHM_ARCSEC, SNR_AT_LIMIT

Pixels = NDArray[np.float32]
Floats = NDArray[np.float64]

ZERO_POINT_MAG = 25.0
"""AB magnitude of one count in the whole exposure; the header does not say it: stars of known magnitude do."""
SKY_COUNTS = 400.0
NARROWEST_PX = 2.2
"""Full width at half maximum of a star on coarse pixels; narrower ones could not be measured."""
SIGMAS_PER_FWHM = 2.3548
REACH_SIGMAS = 5.0
UNKNOWN_LIMIT_MAG = 20.0
"""How deep a camera is taken to go of which the site file does not say it."""


@dataclass(frozen=True, slots=True)
class Lights:
    """Points of light, arrays of one shape: degrees ICRS and AB magnitudes; `sharp` ones are no stars but artefacts."""

    ra_deg: Floats
    dec_deg: Floats
    mag_ab: Floats
    sharp: NDArray[np.bool_]


def image_shape(instrument: Instrument, longer_px: int) -> tuple[int, int]:
    """Width and height in (about square) pixels of an image of the footprint, or of the square around it."""
    footprint = instrument.footprint
    if not isinstance(footprint, Rectangle):
        return longer_px, longer_px
    longer_deg = max(footprint.width_deg, footprint.height_deg)
    width_px, height_px = (
        max(1, round(longer_px * side / longer_deg)) for side in (footprint.width_deg, footprint.height_deg)
    )
    return width_px, height_px


def star_width_px(instrument: Instrument, width_px: int, height_px: int) -> float:
    """Full width at half maximum of a star, pixels."""
    return max(FWHM_ARCSEC / min(scale_arcsec(instrument, width_px, height_px)), NARROWEST_PX)


def places_px(
    instrument: Instrument, aim: Aim, width_px: int, height_px: int, ra_deg: Floats, dec_deg: Floats
) -> tuple[Floats, Floats]:
    """Columns and rows (0: the middle of the first pixel) of places on the sky; not a number behind the tangent plane.

    Notes
    -----
    The inverse of what `wcs_cards` says: a tangent plane about the aim, east to the left of north.
    """
    x_axis, y_axis, centre = field_axes(aim.ra_deg, aim.dec_deg, aim.position_angle_deg or 0.0)
    vectors = unit_vectors(ra_deg, dec_deg).reshape(-1, 3)
    depth = vectors @ centre
    depth = np.where(depth > math.cos(math.radians(89.0)), depth, np.nan)
    along_x, along_y = scale_arcsec(instrument, width_px, height_px)
    x_px = np.degrees(vectors @ x_axis / depth) * 3600.0 / along_x
    y_px = np.degrees(vectors @ y_axis / depth) * 3600.0 / along_y
    return (width_px - 1) / 2 - x_px, (height_px - 1) / 2 + y_px


def paint(
    instrument: Instrument,
    aim: Aim,
    shape: tuple[int, int],
    lights: Lights,
    limit_mag_ab: float | None,
    rng: np.random.Generator,
) -> Pixels:
    """Return the image, shape (height, width), first row at the bottom.

    Notes
    -----
    Sky-limited: the noise of a pixel is such that a star of `limit_mag_ab` has a signal of five times its noise when it
    is measured by its profile, of 4 pi sigma^2 effective pixels.
    """
    width_px, height_px = shape
    sigma_px = star_width_px(instrument, width_px, height_px) / SIGMAS_PER_FWHM
    limit = UNKNOWN_LIMIT_MAG if limit_mag_ab is None else limit_mag_ab
    noise = counts(limit) / (SNR_AT_LIMIT * math.sqrt(4 * math.pi) * sigma_px)
    pixels = rng.normal(SKY_COUNTS, noise, (height_px, width_px))
    columns, rows = places_px(instrument, aim, width_px, height_px, lights.ra_deg, lights.dec_deg)
    for column, row, mag, sharp in zip(columns, rows, lights.mag_ab, lights.sharp, strict=True):
        if math.isfinite(column):
            _add(pixels, column, row, counts(mag), 0.0 if sharp else sigma_px)
    return pixels.astype(np.float32)


def counts(mag_ab: float) -> float:
    """Counts of a source in the whole exposure."""
    return float(10 ** (0.4 * (ZERO_POINT_MAG - mag_ab)))


def lit_radius_deg(instrument: Instrument) -> float:
    """How far from the centre light can fall on the image: to the corners of the square around a circle, too."""
    return circumradius_deg(instrument.footprint) * math.sqrt(2)


def _add(pixels: Floats, column: float, row: float, total: float, sigma_px: float) -> None:
    """Add a round Gaussian; of no width: all in one pixel, as a cosmic ray leaves it."""
    reach = max(0, math.ceil(REACH_SIGMAS * sigma_px))
    height_px, width_px = pixels.shape
    left, low = max(0, round(column) - reach), max(0, round(row) - reach)
    right, high = min(width_px, round(column) + reach + 1), min(height_px, round(row) + reach + 1)
    if left >= right or low >= high:
        return
    if sigma_px == 0.0:
        pixels[low, left] += total
        return
    x = np.exp(-0.5 * ((np.arange(left, right) - column) / sigma_px) ** 2)
    y = np.exp(-0.5 * ((np.arange(low, high) - row) / sigma_px) ** 2)
    pixels[low:high, left:right] += total / (2 * math.pi * sigma_px**2) * np.outer(y, x)
