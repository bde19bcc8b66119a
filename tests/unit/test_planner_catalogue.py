"""The planner at work with the catalogue that the settings name."""

import hashlib
from datetime import timedelta
from pathlib import Path

import numpy as np
from builders.fits_maps import blob, multiorder_map
from builders.plans import T0, a_busy_telescope

from coordinator.catalogues.build import build
from coordinator.catalogues.manifest import completeness_of
from coordinator.factory import galaxies
from coordinator.planning.request import EventToPlan, PlanRequest, TelescopeToPlan
from coordinator.services.planner import PlannerWork
from coordinator.settings import PlanningSettings, Settings

ORDER = 6


def a_map() -> bytes:
    """A map of the southern sky, 100 +- 20 Mpc away."""
    ipix = np.arange(12 * 4**ORDER)
    return multiorder_map(
        np.full(ipix.size, ORDER), ipix, blob(1 << ORDER, 20.0, -25.0, 8.0), DISTMEAN=100.0, DISTSTD=20.0
    )


def a_catalogue(folder: Path) -> Path:
    """Sixty galaxies in and around the map's region, ten of them far behind it."""
    rng = np.random.default_rng(1)
    rows = [f"{rng.uniform(12, 28)},{rng.uniform(-33, -17)},{rng.uniform(80, 120)}" for _ in range(50)]
    rows += [f"{rng.uniform(12, 28)},{rng.uniform(-33, -17)},900" for _ in range(10)]
    table = folder / "galaxies.csv"
    table.write_text("ra,dec,dist\n" + "\n".join(rows) + "\n")
    build([table], folder / "index", completeness=completeness_of("50:1,300:0.5"))
    return folder / "index"


def test_the_planner_finds_the_galaxies_of_each_map_in_the_catalogue_of_the_settings(tmp_path: Path) -> None:
    settings = Settings(planning=PlanningSettings(a_catalogue(tmp_path)))
    data = a_map()
    sha256 = hashlib.sha256(data).hexdigest()
    narrow = a_busy_telescope(size_deg=0.12, strategy="galaxies")
    event = EventToPlan("lvk:S1", 1, sha256, T0)
    request = PlanRequest((event,), (TelescopeToPlan(narrow, T0),), T0, T0 + timedelta(hours=24))

    made = PlannerWork({sha256: data}.__getitem__, galaxies(settings)).plan(request)
    assert made.pointings and all(p.why.startswith("galaxy field: ") for p in made.pointings)
    assert any("of 50 galaxies kept" in note.said for note in made.events[0].notes)

    without = PlannerWork({sha256: data}.__getitem__, galaxies(Settings())).plan(request)
    assert without.pointings == ()
    assert "no galaxy catalogue" in (without.events[0].telescopes[0].idle_because or "")
