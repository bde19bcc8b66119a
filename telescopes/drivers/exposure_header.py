"""The header of an exposure, the same whatever the driver: what was asked, when the shutter was open, and where."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from telescopes.description.footprint import Rectangle
from telescopes.description.geometry import circumradius_deg
from telescopes.description.telescope import Instrument, Telescope
from telescopes.drivers.driver import Aim, ExposureSpec
from telescopes.drivers.fits_file import Card, wcs_cards

ARCSEC_PER_DEG = 3600.0
LONGEST_NAME = 80
MJD_ZERO = datetime(1858, 11, 17, tzinfo=UTC)


def image_path(folder: Path, spec: ExposureSpec, start: datetime) -> Path:
    """Name an image's file: a folder a day, and nothing of the pointing's id that could lead out of it."""
    at = start.astimezone(UTC)
    pointing = re.sub(r"[^A-Za-z0-9._-]", "_", spec.pointing_id)[:LONGEST_NAME]
    name = f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03d}-{pointing}-{spec.exposure_index:03d}.fits"
    return (folder / f"{at:%Y-%m-%d}" / name).absolute()


def exposure_cards(
    telescope: Telescope, spec: ExposureSpec, *, start: datetime, end: datetime, exposure_s: float
) -> list[Card]:
    """Say what an image is: whose, of what, through which filter, and from when to when."""
    return [
        ("OBJECT", spec.pointing_id, "pointing"),
        ("EXPINDEX", spec.exposure_index, "exposure of the pointing, from 0"),
        ("TELESCOP", telescope.id, ""),
        ("INSTRUME", spec.instrument_id, ""),
        ("FILTER", spec.filter, ""),
        ("EXPTIME", float(exposure_s), "seconds"),
        ("TIMESYS", "UTC", ""),
        ("DATE-OBS", start, "start of the exposure"),
        ("DATE-END", end, "end of the exposure"),
        ("MJD-OBS", _mjd(start), "the same in days"),
        ("MJD-END", _mjd(end), "the same in days"),
        ("SITELAT", telescope.site.latitude_deg, "degrees, north positive"),
        ("SITELONG", telescope.site.longitude_deg, "degrees, east positive"),
        ("SITEELEV", telescope.site.elevation_m, "metres above the sea"),
    ]


def aim_cards(aim: Aim, instrument: Instrument, width_px: int, height_px: int) -> list[Card]:
    """Say where an image lies, if it fills the instrument's footprint and looks where the mount says."""
    angle = instrument.position_angle_deg if aim.position_angle_deg is None else aim.position_angle_deg
    return wcs_cards(aim.ra_deg, aim.dec_deg, angle, width_px, height_px, scale_arcsec(instrument, width_px, height_px))


def scale_arcsec(instrument: Instrument, width_px: int, height_px: int) -> tuple[float, float]:
    """Arcseconds per pixel, along x and along y, of an image that fills the instrument's footprint."""
    footprint = instrument.footprint
    if isinstance(footprint, Rectangle):
        width_deg, height_deg = footprint.width_deg, footprint.height_deg
    else:
        width_deg = height_deg = 2 * circumradius_deg(footprint)
    return width_deg * ARCSEC_PER_DEG / width_px, height_deg * ARCSEC_PER_DEG / height_px


def _mjd(when: datetime) -> float:
    """Days of UTC as the header's date says it: to the millisecond."""
    cut = when.replace(microsecond=when.microsecond // 1000 * 1000)
    return (cut - MJD_ZERO) / timedelta(days=1)
