"""Colours in bands besides g and r, against what was measured."""

import csv
import math
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from statistics import fmean, median

import pytest

from coordinator.lightcurves.bands import band_of
from coordinator.lightcurves.colours import COLOUR_BANDS, unrelated_colours
from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.case import Case
from coordinator.vetting.checks import colour
from coordinator.vetting.rows import MJD_EPOCH
from coordinator.vetting.sighting import Sighting

pytestmark = pytest.mark.realdata

MERGER_MJD = 57982.52852
BANDS = {"1": "g", "2": "r", "3": "i"}


def at2017gfo(shared_data: Path, until_d: float, bands: tuple[str, ...]) -> Candidate:
    with (shared_data / "lightcurves/AT2017gfo.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["upper_limit"] == "False" and r["band"] in bands]
    times = [(MJD_EPOCH + timedelta(days=float(r["mjd"])), r) for r in rows if float(r["mjd"]) < MERGER_MJD + until_d]
    return candidate_of(
        Sighting(f"{n}", 197.450375, -23.3815, t, r["band"], float(r["mag_ab"]), float(r["mag_err"]))
        for n, (t, r) in enumerate(times)
    )


@pytest.mark.parametrize("until_d", [1.0, 2.0, 4.0])
def test_at2017gfo_is_as_red_as_a_kilonova_in_every_two_bands(shared_data: Path, until_d: float) -> None:
    """It is what the law was drawn from: this shows that no pair of bands is taken the wrong way round."""
    t0 = MJD_EPOCH + timedelta(days=MERGER_MJD)
    for pair in combinations(COLOUR_BANDS, 2):
        finding = colour.evaluate(Case(at2017gfo(shared_data, until_d, pair), None, t0))
        if finding.passed is not None:
            assert finding.input.startswith(f"{pair[0]} - {pair[1]} ")
            assert finding.log_bayes > -0.7, (pair, finding.because)


def ztf_colours(shared_data: Path, blue: str, red: str) -> list[float]:
    """Median colour within six hours of each object that a ZTF telescope saw brighter than before."""
    points: dict[str, list[tuple[float, str, float]]] = defaultdict(list)
    for name in ("ztf_alerts_labelled_history.csv", "ztf_alerts_20240115_history.csv"):
        with (shared_data / "candidates" / name).open() as file:
            for r in csv.DictReader(file):
                if r["magpsf"] and r["isdiffpos"] in ("t", "1"):
                    points[r["objectId"]].append((float(r["jd"]), BANDS[r["fid"]], float(r["magpsf"])))
    for name in ("EclBin_ZTFrlh6cyjh", "iPTF14gqr"):
        with (shared_data / "lightcurves" / f"{name}.csv").open() as file:
            for r in csv.DictReader(file):
                if r["upper_limit"] == "False":
                    points[name].append((float(r["mjd"]), band_of(r["band"]), float(r["mag_ab"])))
    found = []
    for its in points.values():
        near = [
            (one[2], min(others, key=lambda o: abs(o[0] - one[0]))[2])
            for one in its
            if one[1] == blue and (others := [o for o in its if o[1] == red and abs(o[0] - one[0]) < 0.25])
        ]
        found += [median(b - r for b, r in near)] if near else []
    return found


@pytest.mark.parametrize(("blue", "red", "count"), [("g", "i", 6), ("r", "i", 7)])
def test_unrelated_objects_have_the_colours_of_black_bodies_in_i_too(
    shared_data: Path, blue: str, red: str, count: int
) -> None:
    """Nothing of these was fitted: the laws in i follow from those in g - r."""
    found = ztf_colours(shared_data, blue, red)
    laws = unrelated_colours(blue, red)
    assert len(found) == count
    said = [math.log(sum(law.share * math.exp(law.log_density(c, 0.05)) for law in laws)) for c in found]
    flat = -math.log(5.0)  # one value as likely as another within 5 mag
    assert fmean(said) > flat + 0.5 and min(said) > flat - 1.5


def test_a_supernova_s_colours_in_i_do_not_look_like_a_kilonova_at_its_age(shared_data: Path) -> None:
    with (shared_data / "lightcurves/iPTF14gqr.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["upper_limit"] == "False" and r["band"] in ("ztfg", "ztfi")]
    first = min(float(r["mjd"]) for r in rows)
    seen = [
        Sighting(f"{n}", 10.0, 34.0, MJD_EPOCH + timedelta(days=float(r["mjd"])), r["band"], float(r["mag_ab"]), 0.05)
        for n, r in enumerate(rows)
        if float(r["mjd"]) < first + 6
    ]
    case = Case(candidate_of(seen), None, None)
    late = replace(case, t0=MJD_EPOCH + timedelta(days=first - 0.5))
    finding = colour.evaluate(late)
    assert finding.passed is None or finding.log_bayes < 1.0
