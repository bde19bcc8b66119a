"""The planner's map of dust tells vetting, too, how much light the Galaxy takes."""

from dataclasses import replace
from pathlib import Path

import healpy
import numpy as np
import pytest
from builders.vetting import a_sighting, a_sky, an_event

from coordinator import factory
from coordinator.catalogues.dust_around import dust_around, dust_read_meanwhile
from coordinator.catalogues.dust_file import read_dust
from coordinator.settings import PlanningSettings, Settings
from coordinator.sky.dust_map import DUST_ORDER, DustMap
from coordinator.vetting.candidate import candidate_of
from coordinator.vetting.case import Atlas
from coordinator.vetting.checks import absolute
from coordinator.vetting.checks.check import Finding
from coordinator.vetting.combine import cases_of
from coordinator.vetting.neighbours import NO_SURROUNDINGS
from telescopes.description.errors import Refused

NOWHERE = (250.0, -60.0)


def a_map(file: Path, reddening_mag: float = 0.5) -> Path:
    """Dusty everywhere, but nothing is known of the south."""
    _, latitude = healpy.pix2ang(64, np.arange(12 * 64**2), lonlat=True)
    healpy.write_map(
        str(file), np.where(latitude < -30, healpy.UNSEEN, reddening_mag), coord="C", dtype=np.float32, overwrite=True
    )
    return file


HERE, SOUTH = candidate_of([a_sighting("a")], id="here"), candidate_of([a_sighting("b", place=NOWHERE)], id="south")


def test_the_dust_before_each_place_is_found_and_what_is_not_known_stays_unknown(tmp_path: Path) -> None:
    around = dust_around(read_dust(a_map(tmp_path / "dust.fits")), [HERE, SOUTH])
    assert around.of("here").reddening_mag == pytest.approx(0.5)
    assert around.of("south").reddening_mag is None
    assert dust_around(DustMap(np.zeros(12 * 4**DUST_ORDER), "none"), []).by_candidate == {}


def finding(reddening_mag: float | None, tmp_path: Path) -> Finding:
    dust = None if reddening_mag is None else a_map(tmp_path / "dust.fits", reddening_mag)
    ask = factory.surroundings(Settings(planning=PlanningSettings(dust=dust)))
    known = NO_SURROUNDINGS if ask is None else ask([HERE])
    (case,) = cases_of([HERE], Atlas.of(a_sky()), an_event(), around=known)
    return absolute.evaluate(case)


def test_the_map_of_the_planner_makes_what_lies_behind_dust_brighter(tmp_path: Path) -> None:
    clear, dusty = finding(0.0, tmp_path), finding(0.5, tmp_path)
    bright, brighter = (float(f.input.split()[1]) for f in (clear, dusty))
    assert bright - brighter == pytest.approx(0.5 * 2.285, abs=0.01)
    assert "dust is not known" not in clear.because
    assert "dust is not known" in finding(None, tmp_path).because


def test_without_a_map_or_catalogues_nobody_is_asked() -> None:
    assert factory.surroundings(Settings()) is None


def test_a_map_that_cannot_be_read_leaves_dust_unknown_and_vetting_alive() -> None:
    def wrong() -> DustMap:
        raise Refused("cannot be read", where="dust.fits", mend="give another")

    assert dust_read_meanwhile(wrong)([HERE]).by_candidate == {}


def test_a_place_between_hours_and_a_place_at_the_pole_have_dust(tmp_path: Path) -> None:
    dust = read_dust(a_map(tmp_path / "dust.fits"))
    edges = [
        replace(HERE, id=str(n), ra_deg=ra, dec_deg=dec) for n, (ra, dec) in enumerate(((0.0, 0.0), (360.0, 90.0)))
    ]
    found = [near.reddening_mag for near in dust_around(dust, edges).by_candidate.values()]
    assert found == [pytest.approx(0.5)] * 2
