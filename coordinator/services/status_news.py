"""Which of a site's words are worth an entry of the journal."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coordinator.dispatch.facts import TelescopeStatusChanged
from coordinator.dispatch.site_weather import UNKNOWN_WEATHER, SiteWeather, is_far, is_news
from telescopes.description.messages import StatusReport

PAUSE = timedelta(minutes=5)
"""Sky time between two entries about one site's weather: wind comes in gusts, and what closes it is told at once."""


def matters(before: TelescopeStatusChanged, after: TelescopeStatusChanged) -> bool:
    """Say whether a status is worth an entry: small drifts of the clock and of the clouds are not."""
    return (
        (before.link, before.safe, before.blocking_reasons, before.unavailable_until, before.vetoed_events)
        != (after.link, after.safe, after.blocking_reasons, after.unavailable_until, after.vetoed_events)
        or is_far(before.cloud_cover_pct, after.cloud_cover_pct, 20.0)
        or is_far(before.clock_offset_s, after.clock_offset_s, 0.1)
    )


@dataclass(frozen=True, slots=True)
class WeatherWritten:
    """What was last written of a site's weather, and when (sky time); after a restart it is written again."""

    last: SiteWeather = UNKNOWN_WEATHER
    at: datetime | None = None

    def news_in(self, report: StatusReport, now: datetime) -> SiteWeather | None:
        """Return what is to be written; None: nothing moved by a step, or there was an entry a moment ago."""
        said = SiteWeather(
            report.temperature_c,
            report.humidity_pct,
            report.wind_mps,
            report.rain_mm_per_h,
            report.sky_quality_mag_arcsec2,
            report.seeing_arcsec,
        )
        if not is_news(self.last, said) or (self.at is not None and abs(now - self.at) < PAUSE):
            return None
        return said
