"""The table `[weather]` of a campaign file: how often it is clear, and how long at a time."""

from collections.abc import Sequence

from coordinator.simulation.world.weather import WeatherLaw
from telescopes.description.section import Section, Within

CLEAR_H = Within(6.0, 1000.0, "hours")
SHARE = Within(0.05, 0.9, "a share of the time")
"""Within both the chain of ten minutes has the share that it is asked for, to a hundredth."""


def read_weather(section: Section, telescopes: Sequence[str]) -> WeatherLaw:
    """Read the table; what is left out is as it is measured or assumed at each site.

    Parameters
    ----------
    telescopes : sequence of str
        Ids of those that may have a share of their own; empty where no site could be read, and any is taken.
    """
    usual, own = WeatherLaw(), section.section("clear_at")
    for name in own.keys:
        if telescopes and name not in telescopes:
            own.note(name, "is no telescope of the network", f"name one of {', '.join(telescopes)}")
    shares = {name: own.number(name, SHARE, 0.5) for name in own.keys}
    found = WeatherLaw(
        clear_h=section.number("clear_h", CLEAR_H, usual.clear_h),
        happens=section.flag("happen", True),
        clear=section.optional_number("clear", SHARE),
        clear_at=tuple(sorted(shares.items())),
    )
    section.close()
    return found
