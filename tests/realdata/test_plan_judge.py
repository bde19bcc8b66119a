"""Plans of real maps before the independent judge: a program that shares no code with the planner."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks.plan_table.instances import TableObjective, request_for
from benchmarks.plan_table.judging import Judge
from benchmarks.plan_table.row import Judged

from coordinator.planning.document import plan_document
from coordinator.planning.make import plan
from coordinator.planning.recipe import Wish, visits_for
from coordinator.planning.work import MOST_LENGTHENING
from coordinator.sky.read import read_skymap
from telescopes.description.site_file import default_sites_folder, read_sites

pytestmark = pytest.mark.realdata

# a near one, a small one that capacity does not bind, and one that takes every telescope's time
FLOORS = {
    "GW170817.GWTC1.multiorder.fits": 0.9996,
    "S190814bv.LALInference.v1.multiorder.fits": 0.996,
    "S190425z.LALInference.multiorder.fits": 0.615,
}
LEAST_DETECTION = dict(zip(FLOORS, (0.90, 0.165, 0.12), strict=True))
MOST_CLAIM_ERROR = 0.005


@pytest.fixture(scope="module")
def tools(shared_data: Path) -> Path:
    """Folder of the judge and of the network that plans are compared with."""
    return shared_data.parent / "tools"


@pytest.fixture(scope="module")
def script(tools: Path) -> Path:
    """The judge: named by ARMILLARY_JUDGE, or beside the data."""
    found = Path(os.environ.get("ARMILLARY_JUDGE") or tools / "judge_plan.py")
    if not found.is_file():
        pytest.skip(f"no judge at {found}: set ARMILLARY_JUDGE")
    return found


@pytest.fixture(scope="module")
def reference(tools: Path) -> Path:
    """Site files of the network that plans are compared with."""
    if not (tools / "sites").is_dir():
        pytest.skip(f"no reference network at {tools / 'sites'}")
    return tools / "sites"


def judged(script: Path, sites: Path, skymap: Path, objective: TableObjective = "probability") -> Judged:
    """Plan one visit with every telescope of a folder, 24 hours from the event, and ask the judge."""
    sky = read_skymap(skymap.read_bytes(), skymap.name)
    request = request_for(sky, skymap.name, read_sites(sites), objective)
    made = plan(request, {sky.facts.sha256: sky})
    document = plan_document(made.events[0], made.start, made.end, made.timing)
    return Judge(script, sites).judge(document, skymap)


def is_clean(found: Judged) -> bool:
    """Say whether the judge finds no broken limit, no duplicate, and every claim as it is claimed."""
    assert found.claim_error is not None
    return not found.violations and found.duplicates == 0 and found.claim_error <= MOST_CLAIM_ERROR


@pytest.mark.parametrize("name", FLOORS)
def test_the_reference_network_finds_more_than_the_floor_and_breaks_nothing(
    shared_data: Path, script: Path, reference: Path, name: str
) -> None:
    found = judged(script, reference, shared_data / "skymaps" / name)
    assert is_clean(found), found
    assert found.union > FLOORS[name]


@pytest.mark.parametrize("name", FLOORS)
def test_by_detection_the_reference_network_would_see_the_source_as_often_as_is_promised(
    shared_data: Path, script: Path, reference: Path, name: str
) -> None:
    found = judged(script, reference, shared_data / "skymaps" / name, "detection")
    assert is_clean(found), found
    assert found.detection >= LEAST_DETECTION[name]


@pytest.mark.parametrize("name", ["GW170817.GWTC1.multiorder.fits", "S190814bv.LALInference.v1.multiorder.fits"])
def test_exposures_for_a_kilonova_break_nothing_in_any_visit_and_claim_no_more_than_a_dark_sky_gives(
    shared_data: Path, script: Path, reference: Path, name: str
) -> None:
    skymap, network = shared_data / "skymaps" / name, read_sites(reference)
    sky = read_skymap(skymap.read_bytes(), name)
    visits = visits_for(["1", "2", "3"], network, wish=Wish(source="kilonova"))
    request = request_for(sky, name, network, "detection")
    request = replace(request, events=tuple(replace(e, visits=visits) for e in request.events))
    made = plan(request, {sky.facts.sha256: sky})
    document = plan_document(made.events[0], made.start, made.end, made.timing)
    found = Judge(script, reference).judge(document, skymap, [v.name for v in visits])
    assert is_clean(found), found
    own = {t.id: t.observing.count for t in network}
    assert all(own[p.telescope] <= p.count <= MOST_LENGTHENING * own[p.telescope] for p in made.pointings)
    assert any(p.count > own[p.telescope] for p in made.pointings)


@pytest.mark.parametrize("name", ["GW170817.GWTC1.multiorder.fits", "S230518h.preliminary.bayestar.multiorder.fits"])
def test_the_shipped_network_breaks_nothing(shared_data: Path, script: Path, name: str) -> None:
    found = judged(script, default_sites_folder(), shared_data / "skymaps" / name)
    assert is_clean(found), found
    assert found.redundancy <= 0.10
