"""What the sensors of a site say, and when that is news."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteWeather:
    """What a site's sensors say besides the clouds; None: unknown."""

    temperature_c: float | None = None
    humidity_pct: float | None = None
    wind_mps: float | None = None
    rain_mm_per_h: float | None = None
    sky_quality_mag_arcsec2: float | None = None
    seeing_arcsec: float | None = None


UNKNOWN_WEATHER = SiteWeather()
STEPS = SiteWeather(
    temperature_c=2.0,
    humidity_pct=10.0,
    wind_mps=3.0,
    rain_mm_per_h=1.0,
    sky_quality_mag_arcsec2=0.5,
    seeing_arcsec=0.5,
)
"""A change by less is no news: a sensor trembles at every heartbeat, and a journal is kept for ever."""


def is_far(before: float | None, after: float | None, step: float) -> bool:
    """Say whether a figure became known or unknown, or changed by a step or more."""
    if before is None or after is None:
        return before is not after
    return abs(after - before) >= step


def is_news(before: SiteWeather, after: SiteWeather) -> bool:
    """Say whether any sensor has changed by a step or more, or rain has begun or ended."""
    wet = [None if w.rain_mm_per_h is None else w.rain_mm_per_h > 0.0 for w in (before, after)]
    return wet[0] is not wet[1] or any(
        is_far(getattr(before, name), getattr(after, name), getattr(STEPS, name)) for name in SiteWeather.__slots__
    )
