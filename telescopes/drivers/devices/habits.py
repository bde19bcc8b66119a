"""The settings that drivers of devices share: filters, images, patience and weather."""

from dataclasses import dataclass
from pathlib import Path

from telescopes.description.section import Section, Within
from telescopes.description.telescope import Telescope
from telescopes.drivers.devices.weather_limits import WeatherLimits

PATIENCE = Within(0.0, 3600.0, "seconds", positive=True)
TOLERANCE = Within(0.0, 3600.0, "arcseconds", positive=True)
CONNECTING_S = 60.0
AMOUNT = Within(0.0, 1000.0, "a number")


@dataclass(frozen=True, slots=True)
class Habits:
    """How the devices are used; times in seconds of the machine's clock.

    `filters` maps the site file's name of a filter to the wheel's slot, or to the wheel's own name of it.
    `dome_needs_park`: whether the dome may hit a telescope that is not parked; None: a roof may, a dome may not.
    """

    images: Path
    filters: dict[str, int | str]
    weather: WeatherLimits
    tolerance_arcsec: float = 30.0
    answer_within_s: float = 10.0
    slew_within_s: float = 300.0
    readout_within_s: float = 120.0
    park_within_s: float = 240.0
    filter_within_s: float = 60.0
    dome_within_s: float = 240.0
    safety_every_s: float = 5.0
    stale_after_s: float = 300.0
    poll_every_s: float = 0.2
    abort_is_clean: bool = False
    dome_needs_park: bool | None = None
    age_unknown_is_fresh: bool = False

    @property
    def at_rest_within_s(self) -> float:
        """How long it may take until everything is parked and closed, one after the other."""
        return self.park_within_s + self.dome_within_s + CONNECTING_S


def read_habits(section: Section, telescope: Telescope) -> Habits:
    """Read what is common from ``[driver]``."""
    home = Path.home() / ".local" / "state" / "armillary" / "images" / telescope.id
    standard = Habits(home, {}, WeatherLimits())
    waits = {
        name: section.number(name, PATIENCE, getattr(standard, name))
        for name in (
            "answer_within_s",
            "slew_within_s",
            "readout_within_s",
            "park_within_s",
            "filter_within_s",
            "dome_within_s",
            "safety_every_s",
            "stale_after_s",
            "poll_every_s",
        )
    }
    return Habits(
        images=Path(section.text("images", str(home))).expanduser(),
        filters=_filters(section.section("filters"), telescope),
        weather=_limits(section.section("weather_limits")),
        tolerance_arcsec=section.number("tolerance_arcsec", TOLERANCE, standard.tolerance_arcsec),
        abort_is_clean=section.flag("abort_is_clean", standard.abort_is_clean),
        age_unknown_is_fresh=standard.age_unknown_is_fresh,  # a driver that can have such a station reads it
        dome_needs_park=section.flag("dome_needs_park", False) if section.has("dome_needs_park") else None,
        **waits,
    )


def _filters(section: Section, telescope: Telescope) -> dict[str, int | str]:
    """Read the map of filters; a name that no instrument has is a mistake of typing."""
    ours = {name for instrument in telescope.instruments for name in instrument.filters}
    found: dict[str, int | str] = {}
    for name, value in section.rest().items():
        if isinstance(value, bool) or not isinstance(value, int | str):
            section.note(name, f"{value!r} is no slot", "give the wheel's slot, or its own name of the filter")
        elif name not in ours:
            section.note(name, "no instrument has that filter", f"map one of {', '.join(sorted(ours))}")
        else:
            found[name] = value
    return found


def _limits(section: Section) -> WeatherLimits:
    names = ("wind_mps", "humidity_pct", "rain_mm_per_h", "cloud_cover_pct")
    limits = WeatherLimits(**{name: section.optional_number(name, AMOUNT) for name in names})
    section.close()
    return limits
