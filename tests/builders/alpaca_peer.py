"""A real Alpaca server on this machine: alpaca-simulators, with a sky of its own and a small camera."""

import importlib.util
import json
import sqlite3
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
import yaml

from builders.peers import absent, listens, running
from coordinator.demo.ports import free_port

SIDE_PX = 256
PIXEL_UM, FOCAL_M = 10.0, 1.0
SIDE_DEG = float(np.degrees(SIDE_PX * PIXEL_UM * 1e-6 / FOCAL_M))
STAR_EAST_DEG, STAR_NORTH_DEG = 0.03, 0.05
"""Where a bright star stands from what the contracts of drivers point at."""
FILTERS = ["Red", "Green", "Blue", "Clear", "Luminance"]


@dataclass(frozen=True)
class AlpacaPeer:
    """Where it listens, and what it is."""

    port: int
    process: psutil.Process

    @property
    def server(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def put(self, path: str, **values: object) -> None:
        """Set something that no client would set: whether the site is safe, the weather, a camera's error."""
        data = urllib.parse.urlencode({**values, "ClientTransactionID": 1}).encode()
        asked = urllib.request.Request(f"{self.server}/api/v1/{path}", data=data, method="PUT")
        with urllib.request.urlopen(asked, timeout=60.0) as response:
            response.read()

    def get(self, path: str) -> float:
        """Ask a number, as another client would."""
        with urllib.request.urlopen(f"{self.server}/api/v1/{path}", timeout=60.0) as response:
            return float(json.loads(response.read())["Value"])

    def mount_place(self) -> tuple[float, float]:
        """Where the mount says that it looks, in its own frame: hours and degrees."""
        return self.get("telescope/0/rightascension"), self.get("telescope/0/declination")


@contextmanager
def an_alpaca_peer(folder: Path, stars: tuple[tuple[float, float], ...] = ()) -> Iterator[AlpacaPeer]:
    """Run it; `stars` are (ra_deg, dec_deg) of 8th magnitude."""
    found = importlib.util.find_spec("alpaca_simulators")
    if found is None or not found.submodule_search_locations:
        absent("alpaca-simulators", "pip install 'armillary[dev]'")
    template = Path(found.submodule_search_locations[0]) / "config" / "template.yaml"
    config = folder / "sim.yaml"
    config.write_text(yaml.safe_dump(_config(yaml.safe_load(template.read_text()), folder, stars)))
    port = free_port()
    words = [sys.executable, "-m", "alpaca_simulators.run_simulator", "--host", "127.0.0.1"]
    words += ["--port", str(port), "--config", str(config)]
    with running(words, folder, lambda: listens(port)) as process:
        yield AlpacaPeer(port, psutil.Process(process.pid))


def _config(config: dict, folder: Path, stars: tuple[tuple[float, float], ...]) -> dict:  # type: ignore[type-arg]
    """Change the template: a small camera, a fast mount of the date's equinox, and no look-up over the network."""
    camera, telescope = config["devices"]["camera"][0], config["devices"]["telescope"][0]
    camera |= {"cameraxsize": SIDE_PX, "cameraysize": SIDE_PX, "numx": SIDE_PX, "numy": SIDE_PX}
    camera["pixelsizex"] = camera["pixelsizey"] = PIXEL_UM
    telescope |= {"slew_rate": 60.0, "focallength": FOCAL_M, "aperturediameter": 0.2, "equatorialsystem": 1}
    config["tap_source"] = str(_star_table(folder / "stars.db", stars))
    return config


def _star_table(path: Path, stars: tuple[tuple[float, float], ...]) -> Path:
    """Write the table that the camera's simulator asks instead of Gaia's archive: a bright star near every field."""
    rng = np.random.default_rng(5)
    ra, dec = rng.uniform(0, 360, 2000), np.degrees(np.arcsin(rng.uniform(-1, 1, 2000)))
    rows = [(float(a), float(d), 0.0, 0.0, 14.0) for a, d in zip(ra, dec, strict=True)]
    rows += [(a, d, 0.0, 0.0, 8.0) for a, d in stars]
    with closing(sqlite3.connect(path)) as table:
        table.execute("create table gaia_sources (ra real, dec real, pmra real, pmdec real, phot_g_mean_mag real)")
        table.executemany("insert into gaia_sources values (?, ?, ?, ?, ?)", rows)
        table.execute("create index by_dec on gaia_sources (dec)")
        table.commit()
    return path
