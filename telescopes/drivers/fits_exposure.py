"""What a FITS header says of the exposure: when, how long, in which filter, and where the telescope looked."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from telescopes.description.bounds import LONGEST_EXPOSURE_S
from telescopes.description.clocks import EARLIEST, LATEST
from telescopes.drivers.driver import Aim
from telescopes.drivers.fits_header import Header, NotFits

SEXAGESIMAL = re.compile(r"([+-]?)(\d{1,3})[: ]+(\d{1,2})[: ]+(\d{1,2}(?:\.\d*)?)$")
J2000 = 2000.0


@dataclass(frozen=True, slots=True)
class FitsExposure:
    """One exposure by its header; None: it does not say. The filter is as the site calls it."""

    start: datetime
    end: datetime
    exposure_s: float
    filter: str | None
    aim: Aim | None
    limiting_mag_ab: float | None = None


def exposure_of(header: Header, limiting_mag_key: str | None = None) -> FitsExposure:
    """Read an exposure off its header.

    Raises
    ------
    NotFits
        It does not say when it began or how long it took, or says it in a way that cannot be understood.
    """
    exposure_s = _exposure_s(header)
    start = _start(header)
    end = start + timedelta(seconds=exposure_s)
    filter_ = header.get("FILTER")
    limit = header.get(limiting_mag_key) if limiting_mag_key else None
    return FitsExposure(
        start=start,
        end=end,
        exposure_s=exposure_s,
        filter=filter_.strip() if isinstance(filter_, str) and filter_.strip() else None,
        aim=aim_of(header),
        limiting_mag_ab=float(limit) if _is_number(limit) and 0 < float(limit) < 40 else None,
    )


def _exposure_s(header: Header) -> float:
    value = header.get("EXPTIME", header.get("EXPOSURE"))
    if not _is_number(value) or not 0 < float(value) <= LONGEST_EXPOSURE_S:
        raise NotFits(f"EXPTIME is {value!r}, not a number of seconds")
    return float(value)


def _start(header: Header) -> datetime:
    text, system = header.get("DATE-OBS"), header.get("TIMESYS", "UTC")
    if system not in ("UTC", "UT", ""):
        raise NotFits(f"TIMESYS is {system!r}, not UTC")
    if not isinstance(text, str) or "T" not in text:
        raise NotFits(f"DATE-OBS is {text!r}, not an instant such as 2026-01-31T04:05:06.7")
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotFits(f"DATE-OBS is {text!r}: {error}") from error
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    if not EARLIEST < when < LATEST:
        raise NotFits(f"DATE-OBS is {text!r}, not of this age")
    return when.astimezone(UTC)


def aim_of(header: Header) -> Aim | None:
    """Return where the middle of the image is: by its WCS, else by the place that the mount wrote; None: not said.

    Only ICRS and J2000 count: a place of another equinox is not known here.
    """
    frame, equinox = header.get("RADESYS", "ICRS"), header.get("EQUINOX", J2000)
    if frame not in ("ICRS", "FK5") or not _is_number(equinox) or float(equinox) != J2000:
        return None
    return _aim_by_wcs(header) or _aim_by_mount(header)


def _aim_by_wcs(header: Header) -> Aim | None:
    """Deproject the middle of the image (gnomonic), and see which way its +y axis points."""
    kinds = str(header.get("CTYPE1", ""))[:8], str(header.get("CTYPE2", ""))[:8]
    if kinds != ("RA---TAN", "DEC--TAN"):
        return None
    names = ("CRVAL1", "CRVAL2", "CRPIX1", "CRPIX2", "NAXIS1", "NAXIS2")
    numbers = [value for name in names if _is_number(value := header.get(name))]
    matrix = _matrix(header)
    if matrix is None or len(numbers) < len(names):
        return None
    ra0, dec0, x0, y0, width, height = numbers
    dx, dy = (width + 1) / 2 - x0, (height + 1) / 2 - y0
    (a, b), (c, d) = matrix
    ra_deg, dec_deg = _deprojected(ra0, dec0, a * dx + b * dy, c * dx + d * dy)
    return Aim(ra_deg, dec_deg, math.degrees(math.atan2(b, d)) % 360) if -90 <= dec_deg <= 90 else None


def _matrix(header: Header) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """Degrees per pixel: the CD matrix, or the PC matrix with its scales, or a turn by CROTA2."""
    cd = [header.get(name) for name in ("CD1_1", "CD1_2", "CD2_1", "CD2_2")]
    if any(value is not None for value in cd):
        a, b, c, d = (float(v) if _is_number(v) else 0.0 for v in cd)
        return (a, b), (c, d)
    sx, sy = header.get("CDELT1"), header.get("CDELT2")
    if not _is_number(sx) or not _is_number(sy):
        return None
    turn = header.get("CROTA2")
    if _is_number(turn):
        angle = math.radians(float(turn))
        return (sx * math.cos(angle), -sy * math.sin(angle)), (sx * math.sin(angle), sy * math.cos(angle))
    pc = [header.get(f"PC{i}_{j}", 1.0 if i == j else 0.0) for i in (1, 2) for j in (1, 2)]
    a, b, c, d = (float(v) if _is_number(v) else 0.0 for v in pc)
    return (sx * a, sx * b), (sy * c, sy * d)


def _deprojected(ra0_deg: float, dec0_deg: float, xi_deg: float, eta_deg: float) -> tuple[float, float]:
    xi, eta = math.radians(xi_deg), math.radians(eta_deg)
    dec0 = math.radians(dec0_deg)
    below = math.cos(dec0) - eta * math.sin(dec0)
    ra = math.radians(ra0_deg) + math.atan2(xi, below)
    dec = math.atan2(math.sin(dec0) + eta * math.cos(dec0), math.hypot(xi, below))
    return math.degrees(ra) % 360, math.degrees(dec)


def _aim_by_mount(header: Header) -> Aim | None:
    """RA and DEC as numbers are degrees; as texts, also OBJCTRA and OBJCTDEC, hours and degrees."""
    for ra_key, dec_key in (("RA", "DEC"), ("OBJCTRA", "OBJCTDEC")):
        ra, dec = header.get(ra_key), header.get(dec_key)
        if _is_number(ra) and _is_number(dec):
            ra_deg, dec_deg = float(ra), float(dec)
        elif isinstance(ra, str) and isinstance(dec, str):
            hours, degrees = sexagesimal(ra), sexagesimal(dec)
            if hours is None or degrees is None:
                continue
            ra_deg, dec_deg = hours * 15, degrees
        else:
            continue
        if 0 <= ra_deg <= 360 and -90 <= dec_deg <= 90:
            return Aim(ra_deg % 360, dec_deg, None)
    return None


def sexagesimal(text: str) -> float | None:
    """Read hours or degrees, minutes and seconds, by colons or blanks; None: it is none."""
    found = SEXAGESIMAL.match(text.strip())
    if found is None:
        return None
    sign, whole, minutes, seconds = found.groups()
    if int(minutes) >= 60 or float(seconds) >= 60:
        return None
    value = int(whole) + int(minutes) / 60 + float(seconds) / 3600
    return -value if sign == "-" else value


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
