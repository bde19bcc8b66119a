"""gwemopt (GPL-3) as another planner: its command line, its own tiles and greedy schedule, one exposure per field."""

from math import radians, sin
from pathlib import Path
from typing import Any

from telescopes.description.ephemeris import utc_of
from telescopes.description.footprint import Circle, Rectangle
from telescopes.description.telescope import Telescope

from .peers import Search, open_s, pointing_of

# Its folders are fixed when it is imported; the first argument is where it shall read and write.
LAUNCHER = """
import sys
from pathlib import Path
import gwemopt.paths as paths
paths.CONFIG_DIR = paths.TESSELATION_DIR = Path(sys.argv[1])
from gwemopt.run import run
run(sys.argv[2:])
"""

MJD_OF_UNIX = 40587.0


class Gwemopt:
    """gwemopt, as GRANDMA and SkyPortal run it."""

    name = "gwemopt"
    module = "gwemopt"
    launcher = LAUNCHER
    imports = "import gwemopt.run"

    def arguments(self, search: Search, folder: Path) -> list[str]:
        """Write a configuration for each telescope; exposures are as long as the site with the longest wants."""
        for telescope in search.telescopes:
            (folder / f"{telescope.id}.config").write_text(configuration(telescope))
        lowest = min(t.limits.min_altitude_deg for t in search.telescopes)
        return [
            str(folder), "--event", str(search.skymap), "--outputDir", str(folder / "out"),
            "--telescopes", ",".join(t.id for t in search.telescopes), "--geometry", "2d",
            "--doTiles", "--doSchedule", "--doSingleExposure", "--filters", "r",
            "--exposuretimes", str(_longest_s(search)), "--scheduleType", "greedy_slew",
            "--timeallocationType", "powerlaw", "--Tobs", "0.0,1.0", "--airmass", f"{1 / sin(radians(lowest)):.3f}",
        ]  # fmt: skip

    def pointings(self, search: Search, folder: Path) -> list[dict[str, Any]]:
        """Read the schedules: field, RA, Dec, start (MJD), limit, exposure, and more that is not needed."""
        found = []
        for telescope in search.telescopes:
            for line in (folder / "out" / f"schedule_{telescope.id}.dat").read_text().splitlines():
                _, ra, dec, mjd, _, exposure_s, *_ = line.split()
                start = utc_of((float(mjd) - MJD_OF_UNIX) * 86400.0)
                found.append(pointing_of(telescope, float(ra), float(dec), start, float(exposure_s)))
        return found


def _longest_s(search: Search) -> float:
    return max(open_s(t) for t in search.telescopes)


def configuration(telescope: Telescope) -> str:
    """Write a site as gwemopt's configuration; it knows squares and circles."""
    site, limits, timing = telescope.site, telescope.limits, telescope.timing
    shape, size = _field(telescope)
    depth = telescope.instruments[0].depth
    lines = {
        "magnitude": depth[0].limit_mag_ab if depth else 18.0,
        "exposuretime": depth[0].exposure_s if depth else 60.0,
        "latitude": site.latitude_deg,
        "longitude": site.longitude_deg,
        "elevation": site.elevation_m,
        "FOV_coverage": size,
        "FOV": size,
        "FOV_coverage_type": shape,
        "FOV_type": shape,
        "tesselationFile": f"{telescope.id}.tess",
        "slew_rate": timing.slew_rate_deg_s or 1000.0,
        "readout": timing.readout_s,
        "filt": "r",
        "horizon": limits.min_altitude_deg,
        "moon_constraint": limits.min_moon_separation_deg,
        "overhead_per_exposure": timing.settle_s + timing.readout_s,
        "filt_change_time": 0.0,
    }
    if limits.declination_deg is not None:
        lines["dec_constraint"] = "{},{}".format(*limits.declination_deg)
    return "".join(f"{key} {value}\n" for key, value in lines.items())


def _field(telescope: Telescope) -> tuple[str, float]:
    footprint = telescope.instruments[0].footprint
    if isinstance(footprint, Circle):
        return "circle", footprint.radius_deg
    if isinstance(footprint, Rectangle):
        return "square", min(footprint.width_deg, footprint.height_deg)
    return "square", 1.0
