"""The search network that is played where no folder of sites is given: wide cameras that kilonovae are found with.

Four sites with the fields and depths of today's survey cameras, rounded. The network that is shipped sees AT2017gfo out
to some 50 Mpc, which a search may wait years for: hundreds of events with nothing in them calibrate nothing.
"""

from telescopes.description.footprint import Rectangle
from telescopes.description.telescope import Depth, Instrument, Limits, Observing, Site, Telescope, Timing

LIMITS = Limits(min_altitude_deg=25.0, max_sun_altitude_deg=-12.0, min_moon_separation_deg=20.0)
TIMING = Timing(slew_rate_deg_s=4.0, settle_s=4.0, readout_s=10.0, filter_change_s=30.0)


def search_network() -> tuple[Telescope, ...]:
    """Return the telescopes, in order of id."""
    return (
        _telescope("wide-east", Site(-31.27, 149.07, 1150.0), 6.0, 21.0, "r"),
        _telescope("wide-north", Site(33.36, -116.86, 1700.0), 6.8, 20.8, "r"),
        _telescope("wide-south", Site(-29.26, -70.73, 2375.0), 4.4, 21.4, "r"),
        _telescope("wide-west", Site(28.76, -17.88, 2300.0), 6.0, 20.8, "r"),
    )


def _telescope(id: str, site: Site, side_deg: float, limit_mag_ab: float, filter_name: str) -> Telescope:
    camera = Instrument(
        "main",
        ("g", "r"),
        Rectangle(side_deg, side_deg),
        (Depth(limit_mag_ab, 180.0, filter_name), Depth(limit_mag_ab, 180.0, "g")),
    )
    observing = Observing(exposure_s=180.0, count=1, filters=(filter_name,), strategy="tiles")
    return Telescope(id, id.replace("-", " "), site, (camera,), observing, LIMITS, TIMING)
