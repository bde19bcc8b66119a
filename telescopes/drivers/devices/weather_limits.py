"""When the weather closes a site, by its own sensors."""

from dataclasses import dataclass, fields

from telescopes.description.states import Reason
from telescopes.drivers.driver import Safety, Weather


@dataclass(frozen=True, slots=True)
class WeatherLimits:
    """The most that each sensor may show; None: it does not matter. Named as in `Weather`."""

    wind_mps: float | None = None
    humidity_pct: float | None = None
    rain_mm_per_h: float | None = None
    cloud_cover_pct: float | None = None


def closed_by(weather: Weather, limits: WeatherLimits) -> tuple[Reason, ...]:
    """Say what closes the site: weather beyond a limit, or a sensor with a limit that says nothing."""
    reasons: dict[Reason, None] = {}
    for one in fields(limits):
        limit, value = getattr(limits, one.name), getattr(weather, one.name)
        if limit is not None and (value is None or value > limit):
            reasons[Reason.UNSAFE if value is None else Reason.WEATHER] = None
    return tuple(reasons)


def judged(safe: bool, weather: Weather, limits: WeatherLimits) -> Safety:
    """Put the word of a safety switch and the weather together."""
    blocking = (() if safe else (Reason.UNSAFE,)) + closed_by(weather, limits)
    return Safety(safe=not blocking, blocking=tuple(dict.fromkeys(blocking)), weather=weather)
