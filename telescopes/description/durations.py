"""How long things take at a telescope, from its site file; seconds of sky time, angles in degrees."""

import math
from datetime import UTC, datetime, timedelta

from telescopes.description.messages import Pointing
from telescopes.description.telescope import Site, Timing

J2000_S = datetime(2000, 1, 1, 12, tzinfo=UTC).timestamp()
SKY_TURNS_DEG_S = 360.98564736629 / 86400


def separation_deg(ra1_deg: float, dec1_deg: float, ra2_deg: float, dec2_deg: float) -> float:
    """Great-circle distance."""
    dec1, dec2 = math.radians(dec1_deg), math.radians(dec2_deg)
    half_ra = math.radians(ra2_deg - ra1_deg) / 2
    haversine = math.sin((dec2 - dec1) / 2) ** 2 + math.cos(dec1) * math.cos(dec2) * math.sin(half_ra) ** 2
    return math.degrees(2 * math.asin(min(1.0, math.sqrt(haversine))))


def hour_angle_deg(site: Site, ra_deg: float, when: datetime) -> float:
    """Mean hour angle, -180 to 180; good to a fraction of a degree, enough for durations and airmass."""
    return _hour_angle_deg(site, ra_deg, when.timestamp())


def _hour_angle_deg(site: Site, ra_deg: float, when_s: float) -> float:
    sidereal = 280.46061837 + SKY_TURNS_DEG_S * (when_s - J2000_S) + site.longitude_deg
    return (sidereal - ra_deg + 180) % 360 - 180


def altitude_deg(site: Site, ra_deg: float, dec_deg: float, when: datetime) -> float:
    """Geometric altitude, good to a fraction of a degree."""
    hour_angle, dec = math.radians(hour_angle_deg(site, ra_deg, when)), math.radians(dec_deg)
    latitude = math.radians(site.latitude_deg)
    sine = math.sin(latitude) * math.sin(dec) + math.cos(latitude) * math.cos(dec) * math.cos(hour_angle)
    return math.degrees(math.asin(max(-1.0, min(1.0, sine))))


def slew_s(
    timing: Timing, site: Site, from_: tuple[float, float] | None, to: tuple[float, float], when: datetime
) -> float:
    """Seconds from one place (ra, dec; None: unknown, taken as near) to another, settled."""
    if from_ is None:
        return timing.settle_s
    when_s = when.timestamp()
    return move_s(timing, from_, to) + flip_s(timing, site, from_[0], to[0], when_s, when_s)


def move_s(timing: Timing, from_: tuple[float, float], to: tuple[float, float]) -> float:
    """Seconds from one place (ra, dec) to another, settled; on the same side of the pier."""
    moving_s = 0.0
    if timing.axis_rates_deg_s is not None:
        ra_apart = abs((to[0] - from_[0] + 180) % 360 - 180)
        ra_rate, dec_rate = timing.axis_rates_deg_s
        moving_s = max(ra_apart / ra_rate, abs(to[1] - from_[1]) / dec_rate)
    elif timing.slew_rate_deg_s is not None:
        moving_s = separation_deg(*from_, *to) / timing.slew_rate_deg_s
    return moving_s + timing.settle_s


def flip_s(
    timing: Timing, site: Site, from_ra_deg: float, to_ra_deg: float, leaves_s: float, arrives_s: float
) -> float:
    """Seconds to change the side of the pier, where two places lie on different sides of the meridian.

    So they do if at any instant from the one to the other, seconds since 1970, one of them is on another side: who
    waits in between needs not know when the mount sets out.
    """
    if not timing.meridian_flip_s:
        return 0.0
    turns = (arrives_s - leaves_s) * SKY_TURNS_DEG_S
    angles = [_hour_angle_deg(site, ra_deg, leaves_s) for ra_deg in (from_ra_deg, to_ra_deg)]
    sides = {math.floor(at / 180.0) for angle in angles for at in (angle, angle + turns)}
    return timing.meridian_flip_s if len(sides) > 1 else 0.0


def frames(pointing: Pointing) -> list[tuple[str, float, int]]:
    """Every single exposure in order: filter, seconds, binning."""
    return [(e.filter, e.exposure_s, e.binning) for e in pointing.exposures for _ in range(e.count)]


def work_s(pointing: Pointing, timing: Timing, share: float = 1.0, done: int = 0) -> float:
    """Seconds from the first shutter to the last read-out, of as many exposures as make `share` of the time.

    `done` exposures are taken already.
    """
    all_frames = frames(pointing)
    wanted_s = max(share * sum(exposure_s for _, exposure_s, _ in all_frames), 1e-6) - 1e-9  # one at the least
    total_s, taken_s, filter_before = 0.0, 0.0, None
    for index, (filter_, exposure_s, _) in enumerate(all_frames):
        if taken_s >= wanted_s:
            break
        taken_s += exposure_s
        if index < done:
            continue
        if filter_before is not None and filter_ != filter_before:
            total_s += timing.filter_change_s
        filter_before = filter_
        total_s += exposure_s + timing.readout_s
    return total_s


def noon_before(when: datetime, longitude_deg: float) -> datetime:
    """Start of the site's night: the last local noon by longitude."""
    noon = when.replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(hours=longitude_deg / 15)
    while noon > when:
        noon -= timedelta(days=1)
    while noon + timedelta(days=1) <= when:
        noon += timedelta(days=1)
    return noon


def noon_after(when: datetime, longitude_deg: float) -> datetime:
    """End of the site's night: the next local noon by longitude."""
    return noon_before(when, longitude_deg) + timedelta(days=1)
