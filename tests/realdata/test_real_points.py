"""The real candidates of S190814bv against real extracts of PS1-STRM, ASAS-SN, and lists of known transients."""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial import cKDTree
from typer.testing import CliRunner

from coordinator.catalogues.build_points import PointsToBuild, build_points
from coordinator.catalogues.opened import surroundings_in
from coordinator.catalogues.point_manifest import PointManifest
from coordinator.cli.app import build as app
from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.case import Case
from coordinator.vetting.checks import agn, star, variable
from coordinator.vetting.checks.check import Check
from coordinator.vetting.neighbours import Surroundings
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.tangent import ARCSEC, unit_vectors

pytestmark = pytest.mark.realdata

WISHES = {
    "ps1strm_s190814bv": PointsToBuild("points", complete_to_mag=21.5),
    "asassn_variables_s190814bv": PointsToBuild("variables", complete_to_mag=17.0),
    "known_tde": PointsToBuild("reported", type="TDE"),
    "symbiotic_cataclysmic": PointsToBuild("variables", columns={"type": "source"}),
}


@dataclass(frozen=True)
class Built:
    manifests: dict[str, PointManifest]
    rows: list[dict[str, str]]
    candidates: list[Candidate]
    known: Surroundings

    def failed(self, check: Check) -> set[str]:
        return {c.id for c in self.candidates if self.passed(check, c) is False}

    def passed(self, check: Check, candidate: Candidate) -> bool | None:
        return check.evaluate(Case(candidate, None, None, near=self.known.of(candidate.id))).passed


@pytest.fixture(scope="module")
def built(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    made = tmp_path_factory.mktemp("catalogues")
    tables = shared_data / "catalogues"
    manifests = {name: build_points([tables / f"{name}.csv"], made / name, wish) for name, wish in WISHES.items()}
    with (shared_data / "candidates" / "S190814bv_candidates.csv").open() as file:
        rows = list(csv.DictReader(file))
    candidates = [candidate_of([Sighting(r["name"], float(r["ra"]), float(r["dec"]))], id=r["name"]) for r in rows]
    yield Built(manifests, rows, candidates, surroundings_in([made / name for name in WISHES])(candidates))


def test_every_row_is_kept_or_accounted_for(built: Built) -> None:
    assert {n: (m.rows, m.passed_over, m.bad) for n, m in built.manifests.items()} == {
        "ps1strm_s190814bv": (249, 1445, 0),
        "asassn_variables_s190814bv": (4274, 0, 0),
        "known_tde": (148, 0, 0),
        "symbiotic_cataclysmic": (2846, 0, 11),
    }
    assert built.manifests["ps1strm_s190814bv"].sorts == {"stars": 211, "nuclei": 38}
    assert all("no number" in line for line in built.manifests["symbiotic_cataclysmic"].named_bad)


def test_known_variables_are_those_that_the_published_list_names(built: Built) -> None:
    published = {row["name"]: row["asassn"] for row in built.rows if row["asassn"] != "--"}
    found = {
        c.id: near.name
        for c in built.candidates
        for answer in built.known.of(c.id).variables
        for near in answer.found
        if near.separation_arcsec <= 2.0
    }
    assert found == published
    assert built.failed(variable.CHECK) == set(published)


def test_stars_and_nuclei_are_few_and_none_is_a_supernova_by_its_spectrum(built: Built, shared_data: Path) -> None:
    with (shared_data / "candidates" / "S190814bv_classifications.csv").open() as file:
        supernovae = {row["name"] for row in csv.DictReader(file)}
    stars, nuclei = built.failed(star.CHECK), built.failed(agn.CHECK)
    assert stars == {"2019oay", "2019nyt", "2019npd"}
    assert len(nuclei) == 13
    assert not (stars | nuclei) & supernovae


def test_silence_counts_where_the_extract_holds_something_near_and_nowhere_else(
    built: Built, shared_data: Path
) -> None:
    with (shared_data / "catalogues" / "ps1strm_s190814bv.csv").open() as file:
        rows = [(float(row["raMean"]), float(row["decMean"])) for row in csv.DictReader(file)]
    tree = cKDTree(unit_vectors(*np.array(rows).T))
    chord, _ = tree.query(unit_vectors([c.ra_deg for c in built.candidates], [c.dec_deg for c in built.candidates]))
    passed = [built.passed(star.CHECK, c) for c in built.candidates]
    near, far = chord / ARCSEC < 20, chord / ARCSEC > 20 * 60  # a pixel of coverage is 14 arcmin wide
    assert sum(near) > 100 and sum(far) > 10
    assert all(p is not None for p, its in zip(passed, near, strict=True) if its)
    assert all(p is None for p, its in zip(passed, far, strict=True) if its)


def test_the_command_weighs_what_catalogues_know(shared_data: Path, tmp_path: Path) -> None:
    build_points(
        [shared_data / "catalogues" / "asassn_variables_s190814bv.csv"], tmp_path / "asassn", PointsToBuild("variables")
    )
    folder = shared_data / "candidates"
    words = [str(folder / "S190814bv_candidates.csv"), "--skymap", str(folder / "GW190814_skymap.fits.gz")]
    columns = ["--columns", "id=name,time=discovery_date"]
    result = CliRunner().invoke(
        app(), ["vet", *words, *columns, "--catalogue", str(tmp_path / "asassn"), "--json", "-"]
    )
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    told = {one["id"]: c for one in document["candidates"] for c in one["checks"] if c["name"] == "known variable"}
    weighed = {name: check["log_bayes"] for name, check in told.items() if check["log_bayes"]}
    assert weighed == {"2019nup": variable.LISTED, "2019nqr": variable.LISTED}
    assert told["2019nup"]["source"] == "asassn"
