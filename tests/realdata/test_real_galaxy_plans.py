"""Plans of the real map of S190814bv with real galaxies of GLADE, before the independent judge."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.plan_table.instances import request_for
from benchmarks.plan_table.judging import Judge
from typer.testing import CliRunner

from coordinator.catalogues.build import build
from coordinator.catalogues.index import GalaxyIndex
from coordinator.catalogues.manifest import completeness_of
from coordinator.catalogues.region import catalogue_for
from coordinator.cli.app import build as build_app
from coordinator.planning.document import plan_document
from coordinator.planning.make import plan
from coordinator.planning.plan import PlannedPointing
from coordinator.planning.recipe import visits_for
from coordinator.sky.nested import MAX_ORDER
from coordinator.sky.ranges import RANGE_ORDER
from coordinator.sky.read import read_skymap
from telescopes.description.site_file import default_sites_folder, read_sites
from telescopes.description.telescope import Telescope

pytestmark = pytest.mark.realdata

MAP = "S190814bv.LALInference.v1.multiorder.fits"
A_NIGHT = 12
"""So few pointings a night that those that go to galaxies cannot tile a tenth of the region."""


@pytest.fixture(scope="module")
def index(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> GalaxyIndex:
    folder = tmp_path_factory.mktemp("glade") / "index"
    table = shared_data / "catalogues" / "glade_s190814bv.csv"
    build([table], folder, completeness=completeness_of("B<17.5"))
    return GalaxyIndex.open(folder)


@pytest.fixture(scope="module")
def judge(shared_data: Path) -> Judge:
    script = Path(os.environ.get("ARMILLARY_JUDGE") or shared_data.parent / "tools" / "judge_plan.py")
    if not script.is_file():
        pytest.skip(f"no judge at {script}: set ARMILLARY_JUDGE")
    return Judge(script, default_sites_folder())


def rarely(telescope: Telescope) -> Telescope:
    """The same telescope with few pointings a night, if it goes to galaxies."""
    if telescope.observing.strategy != "galaxies":
        return telescope
    return replace(telescope, observing=replace(telescope.observing, max_pointings_per_night=A_NIGHT))


def without_new(pointings: list[PlannedPointing], pixel: np.ndarray) -> list[str]:
    """Pointings that look at no galaxy that an earlier one has not looked at."""
    seen, found = np.zeros(pixel.size, bool), []
    for p in pointings:
        inside = p.ranges.contains(pixel)
        if not (inside & ~seen).any():
            found.append(p.id)
        seen |= inside
    return found


@pytest.mark.parametrize("visits", [("1",), pytest.param(("1", "2", "3"), marks=pytest.mark.long)])
@pytest.mark.parametrize("objective", [pytest.param("probability", marks=pytest.mark.long), "detection"])
@pytest.mark.slow
def test_galaxy_fields_of_the_shipped_network_break_nothing_and_repeat_nothing(
    shared_data: Path, index: GalaxyIndex, judge: Judge, objective: str, visits: tuple[str, ...]
) -> None:
    skymap = shared_data / "skymaps" / MAP
    sky = read_skymap(skymap.read_bytes(), MAP)
    everybody = [rarely(t) for t in read_sites(default_sites_folder())]
    # by probability the wide telescopes would cover the whole region, and nobody would go to galaxies
    network = [t for t in everybody if objective == "detection" or t.observing.strategy == "galaxies"]
    request = request_for(sky, MAP, network, objective)  # type: ignore[arg-type]
    asked = visits_for(visits, network)
    request = replace(request, events=tuple(replace(e, visits=asked) for e in request.events))
    catalogue = catalogue_for(index, sky)
    made = plan(request, {sky.facts.sha256: sky}, {sky.facts.sha256: catalogue})
    found = judge.judge(plan_document(made.events[0], made.start, made.end, made.timing), skymap, visits)
    assert not found.violations and found.duplicates == 0
    assert found.claim_error is not None and found.claim_error <= 0.005
    pixel = np.concatenate([lot.key for lot in catalogue.lots]) >> 2 * (MAX_ORDER - RANGE_ORDER)
    for visit in visits:
        fields = [p for p in made.pointings if p.visit == visit and p.why.startswith("galaxy field: ")]
        if objective == "probability":  # by detection a deeper telescope may look again
            assert without_new(fields, pixel) == []
    first = [p for p in made.pointings if p.visit == "1" and p.why.startswith("galaxy field: ")]
    assert len(first) > 10 and sum("1 galaxy," not in p.why for p in first) > 5


def test_explaining_a_place_names_the_share_of_its_galaxies(
    shared_data: Path, index: GalaxyIndex, tmp_path: Path
) -> None:
    text = (default_sites_folder() / "trt-sbo.toml").read_text()
    site = tmp_path / "trt-sbo.toml"
    site.write_text(text.replace("max_pointings_per_night = 0", f"max_pointings_per_night = {A_NIGHT}"))
    skymap = shared_data / "skymaps" / MAP
    sky = read_skymap(skymap.read_bytes(), MAP)
    request = request_for(sky, MAP, read_sites(site), "detection")
    made = plan(request, {sky.facts.sha256: sky}, {sky.facts.sha256: catalogue_for(index, sky)})
    place = f"{made.pointings[0].ra_deg},{made.pointings[0].dec_deg}"
    command = ["plan", skymap, "--sites", site, "--catalogue", index.folder, "--explain", place]
    said = " ".join(CliRunner().invoke(build_app(), list(map(str, command))).stdout.split())
    assert "trt-sbo looks at" in said and "% of the starlight-weighted probability" in said
