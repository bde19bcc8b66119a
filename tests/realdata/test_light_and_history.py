"""Brightness, colour and history on real light curves and alerts. What the laws were fitted on is never what is asked.

Rates of unrelated things come from S190814bv (`candidates/S190814bv_candidates.csv`), colours from ZTF's alerts
(`candidates/ztf_alerts_*_history.csv`); the light curves asked here are those of `lightcurves/`. Only the kilonova's
own law rests on AT2017gfo, of which there is one.
"""

import csv
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from builders.vetting import a_sky, an_event

from coordinator.lightcurves.colours import UNRELATED_COLOURS
from coordinator.lightcurves.ejecta import ejecta_abs_mag
from coordinator.lightcurves.kilonova import DISTANCE_MODULUS_40_MPC
from coordinator.vetting.candidate import Candidate, candidate_of, named
from coordinator.vetting.case import AFTERGLOW_SHARE, Atlas, Case
from coordinator.vetting.checks import earlier, fade, last_limit
from coordinator.vetting.combine import assess, score
from coordinator.vetting.kinds import kinds_of
from coordinator.vetting.prior import prior_of
from coordinator.vetting.rows import read_rows
from coordinator.vetting.slopes import slopes_of

pytestmark = pytest.mark.realdata

MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)
FIRST_D = 6.0
PLACE = (10.0, 34.0)


def at(mjd: float) -> datetime:
    return MJD_EPOCH + timedelta(days=mjd)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def light_curve(folder: Path, name: str, *, days: float = FIRST_D, bands: str | None = None) -> Candidate:
    """Read it through the door for tables, limits included, to so many days after its first detection."""
    rows = rows_of(folder / "lightcurves" / f"{name}.csv")
    first = min(float(row["mjd"]) for row in rows if row["upper_limit"] == "False")
    kept = [r for r in rows if float(r["mjd"]) < first + days and (bands is None or r["band"] in bands)]
    placed = [{"id": name, "ra": str(PLACE[0]), "dec": str(PLACE[1]), **row} for row in kept]
    (found,) = named(read_rows(placed, {}, name).by_id or {})
    return found


def photometry(candidate: Candidate, t0: datetime | None, **more: float) -> float:
    """Sum what all checks say of its brightness, the cap included."""
    told = assess(Case(candidate, None, t0, **more)).checks
    return sum(c.log_bayes for c in told if c.name in ("fade", "rise", "faded below", "colour", "photometry cap"))


@pytest.mark.parametrize(
    ("band", "rms"),
    [("g", 0.21), ("r", 0.33), ("i", 0.40), ("z", 0.43), ("y", 0.29), ("J", 0.37), ("H", 0.33), ("K", 0.29)],
)
def test_the_kilonova_of_ejecta_is_as_far_from_at2017gfo_as_was_measured(
    shared_data: Path, band: str, rms: float
) -> None:
    rows = rows_of(shared_data / "lightcurves" / "AT2017gfo.csv")
    points = [
        (float(r["mjd"]) - 57982.52852, float(r["mag_ab"]))
        for r in rows
        if r["band"] == band and r["upper_limit"] == "False"
    ]
    days, mags = np.array([p for p in points if p[0] <= 5.0]).T
    off = ejecta_abs_mag(band, days) + DISTANCE_MODULUS_40_MPC - mags
    assert float(np.sqrt(np.mean(off**2))) == pytest.approx(rms, abs=0.03)
    assert -0.35 < off.mean() < 0.05


@pytest.mark.parametrize(
    ("name", "log_bayes"),
    [
        ("ZTF20abwysqy", 3.5),
        ("ZTF23aaxeacr", 7.2),
        ("SN2021gvm_ZTF21aaqjmps", -8.0),
        ("iPTF14gqr", -8.0),
        ("EclBin_ZTFrlh6cyjh", -0.2),
    ],
)
def test_the_bands_one_by_one_add_up_to_the_published_numbers(shared_data: Path, name: str, log_bayes: float) -> None:
    """The published sums take bands for independent; our own law does not, and says less."""
    seen = light_curve(shared_data, name)
    assert seen.first_seen is not None
    slopes = slopes_of(seen.sightings, seen.first_seen, known_t0=False)
    total = sum(fade.log_bayes_of([s], AFTERGLOW_SHARE) for s in slopes)
    assert min(max(total, -8.0), 8.0) == pytest.approx(log_bayes, abs=0.3)
    together = fade.log_bayes_of(slopes, AFTERGLOW_SHARE)
    assert together * log_bayes > 0
    assert abs(together) <= abs(total) + 0.3


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("ZTF20abwysqy", 2.5, 8.0),
        ("ZTF23aaxeacr", 1.5, 8.0),
        ("SN2021gvm_ZTF21aaqjmps", -8.0, -8.0),
        ("iPTF14gqr", -8.0, -8.0),
        ("EclBin_ZTFrlh6cyjh", -1.0, 0.1),  # at no age of its first days a kilonova is as blue for long
    ],
)
def test_all_photometry_together(shared_data: Path, name: str, low: float, high: float) -> None:
    assert low - 1e-9 <= photometry(light_curve(shared_data, name), None) <= high


@pytest.mark.parametrize(
    ("band", "log_bayes"), [("g", 3.6), ("r", 2.7), ("i", 2.6), ("z", 2.4), ("y", 0.9), ("J", -0.5)]
)
def test_at2017gfo_in_one_band_with_afterglows_allowed_for(shared_data: Path, band: str, log_bayes: float) -> None:
    seen = light_curve(shared_data, "AT2017gfo", bands=band, days=1.98)
    told = fade.evaluate(Case(seen, None, at(57982.52852))).log_bayes
    assert told == pytest.approx(log_bayes, abs=0.3)


def test_at2017gfo_in_four_bands_reaches_the_cap_of_all_photometry(shared_data: Path) -> None:
    seen = light_curve(shared_data, "AT2017gfo", bands="griz", days=2.0)
    assert photometry(seen, at(57982.52852)) == pytest.approx(8.0)


BURSTS = [("ZTF20abwysqy", 59087.2), ("ZTF23aaxeacr", 60168.790)]
"""GRB 230812B was at 18:58 UTC; the other burst's time is not known: taken as five hours before the first detection."""


@pytest.mark.parametrize(("name", "t0_mjd"), BURSTS)
def test_an_afterglow_is_possible_or_better_against_a_cone_at_its_place(
    shared_data: Path, name: str, t0_mjd: float
) -> None:
    event = an_event(messenger="EM", t0=at(t0_mjd))
    atlas = Atlas.of(a_sky(ra_deg=PLACE[0], dec_deg=PLACE[1], mu_mpc=None))
    scored = score([light_curve(shared_data, name)], atlas, event, prior_of(density_deg2=0.3))
    assert scored.candidates[0].verdict in ("possible", "promising")


@pytest.mark.parametrize("name", ["SN2021gvm_ZTF21aaqjmps", "iPTF14gqr"])
def test_what_is_no_counterpart_is_never_promising(shared_data: Path, name: str) -> None:
    seen = light_curve(shared_data, name)
    assert seen.first_seen is not None
    for before_d in (0.2, 1.0, 3.0):
        event = an_event(t0=seen.first_seen - timedelta(days=before_d))
        atlas = Atlas.of(a_sky(ra_deg=PLACE[0], dec_deg=PLACE[1]))
        scored = score([seen], atlas, event, prior_of(density_deg2=0.3))
        assert scored.candidates[0].verdict != "promising", before_d


def test_an_eclipsing_binary_that_is_observed_for_years_is_never_promising(shared_data: Path) -> None:
    whole = light_curve(shared_data, "EclBin_ZTFrlh6cyjh", days=4000.0)
    atlas = Atlas.of(a_sky(ra_deg=PLACE[0], dec_deg=PLACE[1]))
    times = [s.time for s in whole.sightings if s.time is not None]
    for n in range(10, len(times), 100):
        event = an_event(t0=times[n] - timedelta(hours=5))
        seen = [s for s in whole.sightings if s.time is not None and s.time < times[n] + timedelta(days=FIRST_D)]
        scored = score([candidate_of(seen)], atlas, event, prior_of(density_deg2=0.3))
        assert scored.candidates[0].probability < 0.01, n


def test_supernovae_are_told_apart_by_their_rates(shared_data: Path) -> None:
    def likeliest(name: str) -> str:
        leans = fade.evaluate(Case(light_curve(shared_data, name), None, None)).leans
        kinds = kinds_of(0.0, [leans] if leans else [])
        rates_speak_of = ("supernova", "agn", "variable")
        return max(rates_speak_of, key=lambda kind: kinds[kind])

    assert likeliest("SN2021gvm_ZTF21aaqjmps") == "supernova"
    assert likeliest("iPTF14gqr") == "supernova"


def test_an_afterglows_place_was_empty_before(shared_data: Path) -> None:
    """ZTF20abwysqy: limits of the nights before reach no magnitude below 20.7, the first detection's own."""
    seen = light_curve(shared_data, "ZTF20abwysqy")
    finding = last_limit.evaluate(Case(seen, None, at(59087.2)))
    assert len(seen.limits) > 10
    assert finding.passed is None
    assert "too shallow" in finding.because or "nobody looked" in finding.because


def test_limits_of_the_published_curves_are_read_as_limits(shared_data: Path) -> None:
    seen = light_curve(shared_data, "iPTF14gqr", days=4000.0)
    rows = {tuple(r.values()) for r in rows_of(shared_data / "lightcurves" / "iPTF14gqr.csv")}
    assert len(seen.limits) == sum(r[-1] == "True" for r in rows)
    assert len(seen.sightings) == sum(r[-1] == "False" for r in rows) == 257


@pytest.mark.parametrize(("share", "low", "high"), [(0, -1.0, 0.45), (1, 0.45, 1.3), (2, 1.3, 9.0)])
def test_colours_of_the_unrelated_are_those_of_ztfs_alerts(
    shared_data: Path, share: int, low: float, high: float
) -> None:
    medians = ztf_colours(shared_data / "candidates")
    assert len(medians) == 64
    found = sum(low <= c < high for c in medians) / len(medians)
    assert UNRELATED_COLOURS[share].share == pytest.approx(found, abs=0.05)


def ztf_colours(folder: Path) -> list[float]:
    """Median g - r within six hours of each object that ZTF saw brighter than before."""
    found = []
    for file in ("ztf_alerts_labelled_history.csv", "ztf_alerts_20240115_history.csv"):
        points: dict[str, list[tuple[float, str, float]]] = defaultdict(list)
        for r in rows_of(folder / file):
            if r["magpsf"] and r["isdiffpos"] in ("t", "1"):
                points[r["objectId"]].append((float(r["jd"]), r["fid"], float(r["magpsf"])))
        for its in points.values():
            red = [p for p in its if p[1] == "2"]
            near = [(g, [r for r in red if abs(r[0] - g[0]) < 0.25]) for g in its if g[1] == "1"]
            colours = [g[2] - others[0][2] for g, others in near if others]
            found += [median(colours)] if colours else []
    return found


def test_variables_and_nuclei_of_ztf_were_active_before(shared_data: Path) -> None:
    """Of an event a day before each alert: stars were seen often before it."""
    folder = shared_data / "candidates"
    kinds = {r["objectId"]: r["set"] for r in rows_of(folder / "ztf_alerts_labelled.csv")}
    last = {r["objectId"]: float(r["jd"]) for r in rows_of(folder / "ztf_alerts_labelled.csv")}
    table = read_rows(rows_of(folder / "ztf_alerts_labelled_history.csv"), {}, "history")
    said: dict[str, list[float]] = defaultdict(list)
    for candidate in named(table.by_id or {}):
        t0 = at(last[candidate.id] - 2400000.5 - 1.0)
        said[kinds[candidate.id]].append(earlier.evaluate(Case(candidate, None, t0)).log_bayes)
    active = {kind: sum(x == earlier.OFTEN for x in its) / len(its) for kind, its in said.items()}
    assert min(active["yso"], active["symbiotic_cv"]) > 0.5, active
