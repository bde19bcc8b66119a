"""What one simulated image shows: the depth that it reached, and what an image subtraction finds in it."""

import hashlib
import math
from bisect import bisect_right
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from telescopes.description.durations import altitude_deg
from telescopes.description.footprint import Circle, Footprint
from telescopes.description.geometry import circumradius_deg, inside
from telescopes.description.messages import Detection
from telescopes.description.telescope import Instrument, Site
from telescopes.drivers.driver import Aim, ExposureSpec
from telescopes.drivers.world import SkySource, World

Floats = NDArray[np.float64]
EXTINCTION_MAG_PER_AIRMASS = 0.15
DETECTION_WIDTH_MAG = 0.1
HOPELESS_MAG = 2.0
"""Beyond the limit, where the chance is 2e-9: no dice are thrown."""
FWHM_ARCSEC = 2.0
ASTROMETRIC_FLOOR_ARCSEC = 0.1
SNR_AT_LIMIT = 5.0
BRIGHTEST_ARTEFACT_MAG = 3.0
DEFAULT_FILTER = "r"


def limiting_mag(instrument: Instrument, site: Site, aim: Aim, spec: ExposureSpec, middle: datetime) -> float | None:
    """5-sigma AB limit of an exposure; None: the site file does not say how deep the instrument goes.

    Notes
    -----
    Sky-limited: 1.25 log10 of the exposure time against the nearest tabulated one, less 0.15 mag an airmass.
    """
    rows = instrument.depth_rows(spec.filter)
    if not rows:
        return None
    row = min(rows, key=lambda d: abs(math.log(d.exposure_s / spec.exposure_s)))
    sine = math.sin(math.radians(max(altitude_deg(site, aim.ra_deg, aim.dec_deg, middle), 3.0)))
    dimming = EXTINCTION_MAG_PER_AIRMASS * (1.0 / sine - 1.0)
    return row.limit_mag_ab + 1.25 * math.log10(spec.exposure_s / row.exposure_s) - dimming


def magnitude(source: SkySource, filter_: str, hours: float) -> float | None:
    """AB magnitude so many hours after the world's reference time; None: it is not there."""
    curve = source.light_curve.get(filter_) or source.light_curve.get(DEFAULT_FILTER)
    if not curve or not curve[0][0] <= hours <= curve[-1][0]:
        return None
    after = bisect_right(curve, hours, key=lambda point: point[0])
    if after == len(curve):
        return curve[-1][1]
    (t0, m0), (t1, m1) = curve[after - 1], curve[after]
    return m0 + (m1 - m0) * (hours - t0) / (t1 - t0)


def dice(world: World, telescope_id: str, spec: ExposureSpec) -> np.random.Generator:
    """Chance that depends only on the world, the telescope, the pointing and the exposure."""
    name = f"{world.seed}|{telescope_id}|{spec.pointing_id}|{spec.exposure_index}"
    return np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big"))


class Sky:
    """The world's sources, ready to be looked up by place."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._ra = np.array([s.ra_deg for s in world.sources], np.float64)
        self._dec = np.array([s.dec_deg for s in world.sources], np.float64)
        self._ra_rate = np.array([s.ra_rate_arcsec_h for s in world.sources], np.float64)
        self._dec_rate = np.array([s.dec_rate_arcsec_h for s in world.sources], np.float64)

    def in_field(self, instrument: Instrument, aim: Aim, hours: float) -> list[tuple[SkySource, float, float]]:
        """Return the sources inside the footprint with their places (ra_deg, dec_deg) at that time."""
        return self._covered(instrument.footprint, aim, hours)

    def within(self, aim: Aim, radius_deg: float, hours: float) -> list[tuple[SkySource, float, float]]:
        """Return the sources around a place, as `in_field` does."""
        return self._covered(Circle(radius_deg), aim, hours)

    def _covered(self, footprint: Footprint, aim: Aim, hours: float) -> list[tuple[SkySource, float, float]]:
        if not self.world.sources:
            return []
        dec = np.clip(self._dec + self._dec_rate * hours / 3600, -90.0, 90.0)
        ra = (self._ra + self._ra_rate * hours / 3600 / np.maximum(np.cos(np.radians(dec)), 1e-6)) % 360
        near = np.flatnonzero(np.abs(dec - aim.dec_deg) <= circumradius_deg(footprint) + 1e-6)
        if not near.size:
            return []
        angle = aim.position_angle_deg or 0.0
        covered = near[inside(footprint, aim.ra_deg, aim.dec_deg, angle, ra[near], dec[near])]
        return [(self.world.sources[i], float(ra[i]), float(dec[i])) for i in covered]

    def hours(self, when: datetime) -> float:
        """Hours since the world's reference time."""
        return (when - self.world.t_ref).total_seconds() / 3600


@dataclass(frozen=True, slots=True)
class Found:
    """A detection of a source, and which one it is of."""

    source_id: str
    detection: Detection


def detections(
    sky: Sky, telescope_id: str, instrument: Instrument, aim: Aim, spec: ExposureSpec, middle: datetime, limit: float
) -> tuple[Detection, ...]:
    """Return what is found in one image, in the order and with the names that `named` gives them."""
    real, odd = found_in_one(sky, telescope_id, instrument, aim, spec, middle, limit)
    return named(telescope_id, spec, [*(one.detection for one in real), *odd])


def named(telescope_id: str, spec: ExposureSpec, found: Iterable[Detection]) -> tuple[Detection, ...]:
    """Give detections their identifiers, which say nothing about what is what: they count along right ascension."""
    ordered = sorted(found, key=lambda d: (d.ra_deg, d.dec_deg))
    prefix = f"{telescope_id}:{spec.pointing_id}:{spec.exposure_index}"
    return tuple(replace(d, detection_id=f"{prefix}:{n}") for n, d in enumerate(ordered))


def artefacts(
    sky: Sky, telescope_id: str, instrument: Instrument, aim: Aim, spec: ExposureSpec, middle: datetime, limit: float
) -> tuple[Detection, ...]:
    """Return what of the detections shows nothing in the sky."""
    return tuple(found_in_one(sky, telescope_id, instrument, aim, spec, middle, limit)[1])


def found_in_one(
    sky: Sky, telescope_id: str, instrument: Instrument, aim: Aim, spec: ExposureSpec, middle: datetime, limit: float
) -> tuple[list[Found], list[Detection]]:
    """Draw what is found in one image: sources near or above its limit by chance, and artefacts; always the same."""
    rng = dice(sky.world, telescope_id, spec)
    hours = sky.hours(middle)
    real = []
    for source, ra_deg, dec_deg in sky.in_field(instrument, aim, hours):
        mag = magnitude(source, spec.filter, hours)
        if mag is not None and rng.random() < _chance(mag, limit):
            real.append(Found(source.id, _seen(source, ra_deg, dec_deg, mag, spec, middle, limit, rng)))
    odd = [_artefact(instrument, aim, spec, middle, limit, rng) for _ in range(rng.poisson(sky.world.bogus_per_image))]
    return real, odd


def found_in_all(
    sky: Sky,
    telescope_id: str,
    instrument: Instrument,
    aim: Aim,
    spec: ExposureSpec,
    middle: datetime,
    limit: float,
    known: Container[str],
) -> list[Found]:
    """Draw what the images of a pointing show together up to this exposure, without sources that are known.

    Chance is drawn once for each source of a pointing, so that what a sum shows a longer one shows as well.
    """
    hours = sky.hours(middle)
    found = []
    for source, ra_deg, dec_deg in sky.in_field(instrument, aim, hours):
        mag = magnitude(source, spec.filter, hours)
        if mag is None or source.id in known or mag - limit > HOPELESS_MAG:
            continue
        its_own = replace(spec, pointing_id=f"{spec.pointing_id}|{source.id}", exposure_index=-2)
        rng = dice(sky.world, telescope_id, its_own)
        if rng.random() < _chance(mag, limit):
            found.append(Found(source.id, _seen(source, ra_deg, dec_deg, mag, spec, middle, limit, rng)))
    return found


def _chance(mag: float, limit: float) -> float:
    return 1.0 / (1.0 + math.exp(min((mag - limit) / DETECTION_WIDTH_MAG, 500.0)))


def _seen(
    source: SkySource,
    ra_deg: float,
    dec_deg: float,
    mag: float,
    spec: ExposureSpec,
    middle: datetime,
    limit: float,
    rng: np.random.Generator,
) -> Detection:
    mag_err = 0.2 * 10 ** (0.4 * (mag - limit))
    snr = SNR_AT_LIMIT * 10 ** (0.4 * (limit - mag))
    pos_err = math.hypot(ASTROMETRIC_FLOOR_ARCSEC, FWHM_ARCSEC / 2.355 / snr)
    east, north = rng.normal(0.0, pos_err / 3600, 2).tolist()
    return Detection(
        detection_id="",
        pointing_id=spec.pointing_id,
        ra_deg=(ra_deg + east / max(math.cos(math.radians(dec_deg)), 1e-6)) % 360,
        dec_deg=max(-90.0, min(90.0, dec_deg + north)),
        mid_exposure=middle,
        filter=spec.filter,
        mag_ab=mag + float(rng.normal(0.0, mag_err)),
        mag_err=mag_err,
        pos_err_arcsec=pos_err,
        limiting_mag_ab=limit,
        real_bogus=float(np.clip(source.real_bogus + rng.normal(0.0, 0.05), 0.0, 1.0)),
        snr=snr,
        host_separation_arcsec=source.host_separation_arcsec,
        host_redshift=source.host_redshift,
        host_redshift_err=source.host_redshift_err,
    )


def _artefact(
    instrument: Instrument, aim: Aim, spec: ExposureSpec, middle: datetime, limit: float, rng: np.random.Generator
) -> Detection:
    ra_deg, dec_deg = _place_in(instrument, aim, rng)
    mag = limit - float(rng.uniform(0.0, BRIGHTEST_ARTEFACT_MAG))
    return Detection(
        detection_id="",
        pointing_id=spec.pointing_id,
        ra_deg=ra_deg,
        dec_deg=dec_deg,
        mid_exposure=middle,
        filter=spec.filter,
        mag_ab=mag,
        mag_err=0.2 * 10 ** (0.4 * (mag - limit)),
        pos_err_arcsec=FWHM_ARCSEC / 2,
        limiting_mag_ab=limit,
        real_bogus=float(rng.beta(1.5, 6.0)),
        snr=SNR_AT_LIMIT * 10 ** (0.4 * (limit - mag)),
    )


def _place_in(instrument: Instrument, aim: Aim, rng: np.random.Generator) -> tuple[float, float]:
    """Draw a place inside the footprint: on the cap around it, until one is covered."""
    cap = math.cos(math.radians(min(circumradius_deg(instrument.footprint), 89.0)))
    for _ in range(1000):
        cosine, angle = rng.uniform(cap, 1.0), rng.uniform(0.0, 2 * math.pi)
        ra_deg, dec_deg = _offset(aim, math.acos(cosine), angle)
        if inside(instrument.footprint, aim.ra_deg, aim.dec_deg, aim.position_angle_deg or 0.0, ra_deg, dec_deg).all():
            return ra_deg, dec_deg
    return aim.ra_deg, aim.dec_deg


def _offset(aim: Aim, distance: float, bearing: float) -> tuple[float, float]:
    """Go so many radians from the field's centre in a direction (from north through east)."""
    dec = math.radians(aim.dec_deg)
    sine = math.sin(dec) * math.cos(distance) + math.cos(dec) * math.sin(distance) * math.cos(bearing)
    new_dec = math.asin(max(-1.0, min(1.0, sine)))
    east = math.sin(bearing) * math.sin(distance) * math.cos(dec)
    ra = math.radians(aim.ra_deg) + math.atan2(east, math.cos(distance) - math.sin(dec) * math.sin(new_dec))
    return math.degrees(ra) % 360, math.degrees(new_dec)
