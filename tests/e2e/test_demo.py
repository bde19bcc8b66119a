"""`armillary demo`, whole: the real system plays the main job, and what it says of itself is counted again."""

import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import healpy as hp
import numpy as np
import psutil
import pytest

from coordinator.simulation.built_in_map import built_in_map
from coordinator.simulation.weighing import Scales, limit_of
from coordinator.sky.curve import ProbabilityCurve
from coordinator.sky.read import read_skymap
from coordinator.store.replay import fold_journal
from telescopes.description.geometry import circumradius_deg, inside
from telescopes.description.site_file import read_sites
from telescopes.description.states import LATE_TRUTH

NSIDE = 1 << 10
KEYS = {
    "schema", "event", "revisions", "telescopes", "rate", "alert_to_first_command_s", "alert_to_all_commands_s",
    "pointings_offered", "pointings_completed", "probability_covered", "redundancy", "duplicates", "late_repeats",
    "detections_sent", "detections_stored", "injected", "counterpart", "pointings", "state_dir", "state_hash",
    "dashboard_url", "report", "wall_s",
}  # fmt: skip


@pytest.fixture(scope="module", params=["80", pytest.param("200", marks=pytest.mark.long)])
def played(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[dict, Path, str]:
    """A machine that plays other tests beside has no time for the full rate."""
    state = tmp_path_factory.mktemp("demo")
    asked = ["demo", "--rate", request.param, "--json", "-", "--state", str(state)]
    done = subprocess.run(
        [sys.executable, "-m", "coordinator.cli", *asked],
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.stdout.startswith("{"), done.stderr[-3000:]
    return json.loads(done.stdout), state, done.stderr


@pytest.mark.e2e
@pytest.mark.ray
@pytest.mark.slow
@pytest.mark.timeout(1000)
class TestDemo:
    def test_the_summary_has_every_figure_of_its_contract(self, played: tuple[dict, Path, str]) -> None:
        summary, _, _ = played
        assert set(summary) == KEYS
        assert (summary["schema"], summary["revisions"]) == ("armillary.demo/1", 1)
        assert summary["rate"] <= 200

    def test_every_promise_but_the_timed_one_is_kept(self, played: tuple[dict, Path, str]) -> None:
        summary, _, said = played
        assert summary["duplicates"] == 0, said[-3000:]
        assert summary["detections_sent"] == summary["detections_stored"] > 0
        assert summary["counterpart"]["found"], said[-3000:]
        assert summary["counterpart"]["rank"] == 1
        assert any(p["late"] for p in summary["pointings"]), said[-3000:]
        follow_ups = [p for p in summary["pointings"] if p["visit"].startswith("follow-up:")]
        assert any(p["state"] == "completed" for p in follow_ups), said[-3000:]

    def test_coverage_is_what_an_independent_count_finds(self, played: tuple[dict, Path, str]) -> None:
        summary, state, _ = played
        sky = read_skymap(built_in_map())
        density = np.repeat(0.0, 12 * NSIDE**2)
        for order in np.unique(sky.order):
            mine = sky.order == order
            fine = 4 ** (10 - int(order))
            pixels = (sky.ipix[mine][:, None] * fine + np.arange(fine)).ravel()
            density[pixels] = np.repeat(sky.probability[mine] / fine, fine)
        sites = {t.id: t for t in read_sites(state / "sites")}
        seen = np.zeros(density.size, bool)
        for p in summary["pointings"]:
            if p["state"] not in ("completed", "partial"):
                continue
            footprint = sites[p["telescope"]].instrument(p["instrument"]).footprint
            centre = hp.ang2vec(p["ra_deg"], p["dec_deg"], lonlat=True)
            near = hp.query_disc(NSIDE, centre, np.radians(circumradius_deg(footprint) + 0.1), nest=True)
            ra, dec = hp.pix2ang(NSIDE, near, nest=True, lonlat=True)
            seen[near[inside(footprint, p["ra_deg"], p["dec_deg"], p["position_angle_deg"], ra, dec)]] = True
        assert summary["probability_covered"] == pytest.approx(float(density[seen].sum()), abs=0.02)

    def test_redundancy_is_that_of_the_chance_to_see_the_source(self, played: tuple[dict, Path, str]) -> None:
        summary, state, _ = played
        (folded,) = fold_journal(state / "journal.sqlite", None)
        scales = Scales(ProbabilityCurve.of(read_skymap(built_in_map())), by_distance=True)
        own, together, before = 0.0, 0.0, {}  # type: ignore[var-annotated]
        for one in folded.pointings.assignments.values():
            if one.state in LATE_TRUTH:
                look, visit = (folded.pointings.ranges(one), limit_of(one)), one.offered.pointing.visit
                weight = scales.weigh(look, before.setdefault(visit, []))
                own, together = own + weight.own, together + weight.new
                before[visit].append(look)
        assert summary["redundancy"] == pytest.approx(own / together - 1, abs=0.01)

    def test_telescopes_that_find_nothing_new_are_asked_for_the_next_visit(
        self, played: tuple[dict, Path, str]
    ) -> None:
        """The play may end before any of them has done it; that they do is shown by a night on virtual time."""
        summary, _, said = played
        first = {p["telescope"] for p in summary["pointings"] if p["visit"] == "1"}
        again = {p["telescope"] for p in summary["pointings"] if p["visit"] == "2"}
        assert again & first, said[-3000:]

    def test_no_telescope_observed_two_pointings_at_once(self, played: tuple[dict, Path, str]) -> None:
        summary, _, _ = played
        by_telescope: dict[str, list[tuple[str, str]]] = {}
        for p in summary["pointings"]:
            if p["state"] in ("completed", "partial"):
                by_telescope.setdefault(p["telescope"], []).append((p["start"], p["end"]))
        for spans in by_telescope.values():
            spans.sort()
            assert all(a[1] <= b[0] for a, b in pairwise(spans))

    def test_the_report_needs_nothing_else(self, played: tuple[dict, Path, str]) -> None:
        summary, _, _ = played
        page = Path(summary["report"]).read_text()
        assert "SIMULATION" in page
        assert not re.search(r"(src|href)=\"(?!data:)", page)

    def test_nothing_is_left_running(self, played: tuple[dict, Path, str]) -> None:
        _, state, _ = played
        left = [p for p in psutil.process_iter(["cmdline"]) if str(state) in " ".join(p.info["cmdline"] or ())]
        assert left == []
