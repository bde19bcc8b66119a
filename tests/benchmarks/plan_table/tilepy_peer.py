"""tilepy (LGPL-3) as another planner: its universal scheduler over several observatories, in two dimensions."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from math import pi, sqrt
from pathlib import Path
from typing import Any

from telescopes.description.footprint import Circle, Rectangle
from telescopes.description.telescope import Telescope

from .peers import Search, open_s, pointing_of

LAUNCHER = """
import sys
from datetime import datetime
from tilepy.include.CampaignDefinition import ObservationParameters
from tilepy.include.ObservationScheduler import GetUniversalSchedule
skymap, start, out = sys.argv[1:4]
sites = []
for file in sys.argv[4:]:
    site = ObservationParameters()
    site.add_parsed_args(skymap, datetime.fromisoformat(start), "", "", out, None, eventName="event")
    site.from_configfile(file)
    sites.append(site)
GetUniversalSchedule(sites)
"""

SETTINGS = """[observatory]
name = {name}
lat = {latitude}
lon = {longitude}
height = {elevation}
[visibility]
sundown = {sun}
moondown = 90
[operations]
maxzenith = {zenith}
fov = {radius}
maxruns = 500
maxnights = 1
duration = {minutes}
minduration = {minutes}
usegreytime = False
[tiling]
minprobcut = 0.0001
distcut = -1
doplot = False
secondround = False
percentagemoc = 0.99
reducednside = 64
hrnside = 512
mangrove = False
algorithm = 2D
dorank = False
"""


class Tilepy:
    """tilepy, several observatories at once."""

    name = "tilepy"
    module = "tilepy"
    launcher = LAUNCHER
    imports = "import tilepy.include.ObservationScheduler"

    def arguments(self, search: Search, folder: Path) -> list[str]:
        """Write a configuration for each telescope."""
        files = []
        for telescope in search.telescopes:
            file = folder / f"{telescope.id}.ini"
            file.write_text(configuration(telescope))
            files.append(str(file))
        start = search.start.replace(tzinfo=None, microsecond=0).isoformat(sep=" ")
        return [str(search.skymap), start, str(folder / "out"), *files]

    def pointings(self, search: Search, folder: Path) -> list[dict[str, Any]]:
        """Read the suggested pointings of all observatories; none were written where it found nothing to do."""
        by_id = {t.id: t for t in search.telescopes}
        files = sorted(folder.glob("out/**/SuggestedPointings_GWOptimisation.txt"))
        return [_pointing(by_id, row) for file in files for row in _table(file)]


def _table(file: Path) -> Iterator[dict[str, str]]:
    """Read a table of words; times are in quotes."""
    with file.open(newline="") as lines:
        yield from csv.DictReader(lines, delimiter=" ")


def _pointing(telescopes: dict[str, Telescope], row: dict[str, str]) -> dict[str, Any]:
    telescope = telescopes[row["ObsName"]]
    start = datetime.fromisoformat(row["Time[UTC]"]).replace(tzinfo=UTC)
    return pointing_of(telescope, float(row["RA[deg]"]), float(row["DEC[deg]"]), start, open_s(telescope))


def configuration(telescope: Telescope) -> str:
    """Write a site as tilepy's configuration; it knows circles alone, so a square is one of the same area."""
    timing, observing = telescope.timing, telescope.observing
    occupied_s = open_s(telescope) + observing.count * timing.readout_s + timing.settle_s
    return SETTINGS.format(
        name=telescope.id,
        latitude=telescope.site.latitude_deg,
        longitude=telescope.site.longitude_deg,
        elevation=telescope.site.elevation_m,
        sun=int(telescope.limits.max_sun_altitude_deg),
        zenith=90.0 - telescope.limits.min_altitude_deg,
        radius=_radius_deg(telescope),
        minutes=occupied_s / 60.0,
    )


def _radius_deg(telescope: Telescope) -> float:
    footprint = telescope.instruments[0].footprint
    if isinstance(footprint, Circle):
        return footprint.radius_deg
    area = footprint.width_deg * footprint.height_deg if isinstance(footprint, Rectangle) else 1.0
    return sqrt(area / pi)
