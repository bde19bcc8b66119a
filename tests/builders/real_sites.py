"""Six sites that have night now, each with a driver of its own, and the sky that is over them."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from builders.alpaca_peer import SIDE_DEG, AlpacaPeer
from builders.driver_benches import sidereal_h
from builders.indi_peer import IndiPeer

PROGRAMS = Path(__file__).parent / "programs"
TOKEN = "the-page-of-the-observer"
OVERHEAD_DEC_DEG = 20.0
STRIP_DEG = 1.5


@dataclass(frozen=True)
class Night:
    """The meridian where it is midnight, and the place on the sky that is overhead there."""

    longitude_deg: float
    ra_deg: float
    dec_deg: float = OVERHEAD_DEC_DEG

    @classmethod
    def at(cls, now: datetime) -> "Night":
        hours = now.hour + now.minute / 60 + now.second / 3600
        longitude_deg = (-15.0 * hours + 180.0) % 360.0 - 180.0
        return cls(longitude_deg, sidereal_h(longitude_deg) * 15.0)


@dataclass(frozen=True)
class RealSite:
    """One site as its file says it; `images` None: no image comes of it."""

    id: str
    images: Path | None
    driver: Mapping[str, object]
    filters: Mapping[str, str | int] = field(default_factory=dict)
    side_deg: tuple[float, float] = (0.4, 0.4)
    exposures: tuple[float, int] = (20.0, 2)
    slew_rate_deg_s: float = 20.0
    kind: str = "robotic"

    def text(self, gateway: str, night: Night, n: int) -> str:
        """Write the site file; sites lie some degrees around the meridian of midnight.

        Each has a strip of declination for itself, so that none of them can have all that another could look at.
        """
        south_deg = night.dec_deg + STRIP_DEG * (n - 3)
        longitude_deg = (night.longitude_deg + 3.0 * (n - 2.5) + 180.0) % 360.0 - 180.0
        exposure_s, count = self.exposures
        names = "".join(f"{ours} = {json.dumps(theirs)}\n" for ours, theirs in self.filters.items())
        keys = "".join(f"{key} = {json.dumps(value)}\n" for key, value in self.driver.items())
        return f"""id = "{self.id}"
name = "{self.id} of the night"
[site]
latitude_deg = {12.0 + 3.0 * n}
longitude_deg = {longitude_deg:.4f}
elevation_m = {500.0 + 100.0 * n}
[[instruments]]
id = "main"
filters = ["r", "g"]
[instruments.footprint]
shape = "rectangle"
width_deg = {self.side_deg[0]}
height_deg = {self.side_deg[1]}
[limits]
min_altitude_deg = 30.0
declination_deg = [{south_deg}, {south_deg + STRIP_DEG}]
[timing]
slew_rate_deg_s = {self.slew_rate_deg_s}
settle_s = 1.0
readout_s = 1.0
[observing]
strategy = "tiles"
exposure_s = {exposure_s}
count = {count}
filters = ["r"]
[link]
gateway = "{gateway}"
kind = "{self.kind}"
reaction_s = 2.0
horizon_s = 90.0
[driver]
{keys}{"[driver.filters]" if names else ""}
{names}"""


def the_six(folder: Path, alpaca: AlpacaPeer, indi: IndiPeer, page_port: int) -> tuple[RealSite, ...]:
    """One of each driver that comes with Armillary; makes the folders that they want."""
    images = {name: folder / name / "images" for name in ("alpaca", "indi", "simulated", "command", "filedrop")}
    plans, letters = folder / "filedrop" / "plans", folder / "manual" / "letters"
    for one in (*images.values(), plans, letters):
        one.mkdir(parents=True)
    program = [sys.executable, str(PROGRAMS / "site_camera.py"), str(images["command"])]
    often = {"safety_every_s": 1.0, "poll_every_s": 0.1}
    return (
        RealSite(
            "alpaca",
            images["alpaca"],
            {"name": "alpaca", "server": alpaca.server, "images": str(images["alpaca"]), **often}
            | dict.fromkeys(("telescope", "camera", "filterwheel", "dome", "safetymonitor", "observingconditions"), 0),
            {"r": "Red", "g": 1},
            (SIDE_DEG, SIDE_DEG),
        ),
        RealSite(
            "indi",
            images["indi"],
            {"name": "indi", "server": indi.server, "images": str(images["indi"]), **often}
            | {"telescope": "Telescope Simulator", "camera": "CCD Simulator"}
            | {"filterwheel": "Filter Simulator", "weather": "Weather Simulator"},
            {"r": "Red", "g": 2},
            (0.42, 0.34),
            slew_rate_deg_s=4.0,
        ),
        RealSite("simulated", images["simulated"], {"name": "simulated", "images": str(images["simulated"])}),
        RealSite("command", images["command"], {"name": "command", "program": program, "grace_s": 5.0}),
        RealSite(
            "filedrop",
            images["filedrop"],
            {"name": "filedrop", "format": "acp", "folder": str(plans), "results": str(images["filedrop"])}
            | {"poll_s": 0.2, "late_s": 5.0},
            {"r": "SDSS_r", "g": "SDSS_g"},
            exposures=(8.0, 5),
            kind="filedrop",
        ),
        RealSite(
            "manual",
            None,
            {"name": "manual", "port": page_port, "token": TOKEN, "print_folder": str(letters)},
            kind="human",
        ),
    )
