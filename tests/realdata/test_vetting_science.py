"""The vetting page's numbers, on real maps, candidates and light curves."""

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from builders.vetting import an_event

from coordinator.lightcurves.cosmology import redshift_at
from coordinator.simulation.draw import distance_from_map, place_from_map
from coordinator.simulation.world import WHOLE_SKY
from coordinator.sky.read import read_skymap
from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.case import Atlas
from coordinator.vetting.checks import fade
from coordinator.vetting.combine import Assessed, Memo, assess, cases_of, score
from coordinator.vetting.prior import Prior, prior_of
from coordinator.vetting.sighting import Sighting
from coordinator.vetting.slopes import slopes_of

pytestmark = pytest.mark.realdata

MJD_EPOCH = datetime(1858, 11, 17, tzinfo=UTC)
GW170817_T0 = datetime(2017, 8, 17, 12, 41, 4, tzinfo=UTC)
AT2017GFO = (197.450375, -23.381500)
S190814BV_T0 = datetime(2019, 8, 14, 21, 10, 39, tzinfo=UTC)


def light_curve(folder: Path, name: str, *, bands: str | None = None, days: float = 6.0) -> list[Sighting]:
    with (folder / "lightcurves" / f"{name}.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["upper_limit"] == "False"]
    points = [
        Sighting(
            id=str(n),
            ra_deg=AT2017GFO[0],
            dec_deg=AT2017GFO[1],
            time=MJD_EPOCH + timedelta(days=float(row["mjd"])),
            filter=row["band"],
            mag_ab=float(row["mag_ab"]),
            mag_err=float(row["mag_err"] or 0.05),
        )
        for n, row in enumerate(rows)
        if bands is None or row["band"] in bands
    ]
    first = min(p.time for p in points if p.time)
    return [p for p in points if p.time and p.time - first < timedelta(days=days)]


def fade_of(points: list[Sighting], t0: datetime, *, known_t0: bool = True) -> float:
    return fade.log_bayes_of(slopes_of(points, t0, known_t0=known_t0))


@pytest.fixture(scope="module")
def gw170817(shared_data: Path) -> Atlas:
    return Atlas.of(read_skymap((shared_data / "skymaps" / "GW170817.GWTC1.multiorder.fits").read_bytes()))


@pytest.fixture(scope="module")
def gw190814(shared_data: Path) -> Atlas:
    return Atlas.of(read_skymap((shared_data / "candidates" / "GW190814_skymap.fits.gz").read_bytes()))


@pytest.fixture(scope="module")
def listed(shared_data: Path) -> list[dict[str, str]]:
    with (shared_data / "candidates" / "S190814bv_candidates.csv").open() as file:
        return list(csv.DictReader(file))


def gfo(atlas: Atlas, limit_mag: float, **more: float) -> Assessed:
    seen = Sighting(
        "gfo",
        *AT2017GFO,
        time=GW170817_T0 + timedelta(days=0.47),
        host_redshift=0.009787,
        host_redshift_err=0.0,
        limiting_mag_ab=limit_mag,
        **more,  # type: ignore[arg-type]
    )
    (case,) = cases_of([candidate_of([seen])], atlas, an_event(t0=GW170817_T0))
    return assess(case)


def test_at2017gfo_on_gw170817(gw170817: Atlas) -> None:
    told = gfo(gw170817, 20.5)
    parts = {c.name: c.log_bayes for c in told.checks}
    assert told.credible_level == pytest.approx(0.383, abs=5e-4)
    assert parts["sky"] == pytest.approx(8.18, abs=0.01)
    assert parts["time"] == pytest.approx(1.58, abs=0.01)
    assert parts["host distance"] == pytest.approx(7.08, abs=0.02)
    assert told.log_bayes == pytest.approx(16.85, abs=0.3)


def test_a_shallower_search_makes_its_distance_less_telling(gw170817: Atlas) -> None:
    shallow = {c.name: c.log_bayes for c in gfo(gw170817, 20.5 + 5 * np.log10(0.4)).checks}
    assert shallow["host distance"] == pytest.approx(4.37, abs=0.02)


@pytest.mark.parametrize(
    ("band", "log_bayes"), [("g", 3.6), ("r", 2.7), ("i", 2.6), ("z", 2.4), ("y", 0.9), ("J", -0.5)]
)
def test_at2017gfo_fades_as_a_kilonova_in_each_band(shared_data: Path, band: str, log_bayes: float) -> None:
    points = light_curve(shared_data, "AT2017gfo", bands=band, days=1.98)
    assert fade_of(points, GW170817_T0) == pytest.approx(log_bayes, abs=0.3)


def test_its_four_bands_together_reach_the_cap(shared_data: Path) -> None:
    assert fade_of(light_curve(shared_data, "AT2017gfo", bands="griz", days=2.0), GW170817_T0) == fade.CAP


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("ZTF20abwysqy", 2.0, 8.0),
        ("ZTF23aaxeacr", 2.0, 8.0),
        ("SN2021gvm_ZTF21aaqjmps", -8.0, -6.0),
        ("iPTF14gqr", -8.0, -5.0),
        ("EclBin_ZTFrlh6cyjh", -1.0, 0.5),
    ],
)
def test_afterglows_fade_and_supernovae_do_not(shared_data: Path, name: str, low: float, high: float) -> None:
    points = light_curve(shared_data, name)
    first = min(p.time for p in points if p.time)
    assert low <= fade_of(points, first, known_t0=False) <= high


def test_credible_levels_are_those_of_the_published_list(gw190814: Atlas, listed: list[dict[str, str]]) -> None:
    places = gw190814.places([float(r["ra"]) for r in listed], [float(r["dec"]) for r in listed])
    level = np.array([p.credible_level for p in places])
    assert np.abs(level - [float(r["2d_probability"]) for r in listed]).max() <= 1e-12
    assert [int((level <= at).sum()) for at in (0.5, 0.9, 0.95, 0.99)] == [29, 119, 146, 189]


def test_distances_are_those_of_the_published_list(gw190814: Atlas, listed: list[dict[str, str]]) -> None:
    places = gw190814.places([float(r["ra"]) for r in listed], [float(r["dec"]) for r in listed])
    for ours, theirs in (("dist_mean_mpc", "dl"), ("dist_spread_mpc", "dl_err")):
        told = np.array([getattr(p, ours) for p in places])
        assert np.abs(told - [float(r[theirs]) for r in listed]).max() <= 1e-9
    assert max(abs((p.dist_mu_mpc or 0.0) - float(r["dl"])) for p, r in zip(places, listed, strict=True)) > 10.0


def real_list(listed: list[dict[str, str]]) -> Iterator[Candidate]:
    """The 189 candidates with their redshifts and the slopes that were really measured, as two-night light curves."""
    for row in listed:
        time = datetime.fromisoformat(row["discovery_date"]).replace(tzinfo=UTC)
        redshift = float(row[f"{row['use_redshift']}_z"]) if row["use_redshift"] not in ("", "--") else None
        # A redshift from colours is never better than 0.02 (1 + z).
        floor = 0.0 if row["use_redshift"] == "spec" else 0.02 * (1 + (redshift or 0.0))
        error = max(float(row[f"{row['use_redshift']}_z_err"] or 0), floor) if redshift is not None else None
        first = Sighting(
            f"{row['name']}-1",
            float(row["ra"]),
            float(row["dec"]),
            time=time,
            host_redshift=redshift if redshift and redshift > 0 else None,
            host_redshift_err=error,
            limiting_mag_ab=20.5,
        )
        yield candidate_of([first, *slopes(row, first)], id=row["name"])


def slopes(row: dict[str, str], first: Sighting) -> Iterator[Sighting]:
    for band in "irz":
        slope, err = row.get(f"{band}_var") or "", row.get(f"{band}_var_err") or ""
        if not slope or not err or float(slope) == 1.0 or first.time is None:
            continue
        for n in (0, 2):
            yield Sighting(
                f"{row['name']}-{band}{n}",
                first.ra_deg,
                first.dec_deg,
                time=first.time + timedelta(days=n),
                filter=band,
                mag_ab=20.0 + n * float(slope),
                mag_err=max(float(err), 0.01) * 2 / np.sqrt(2),
            )


def test_nobody_is_promising_in_a_list_without_the_counterpart(gw190814: Atlas, listed: list[dict[str, str]]) -> None:
    event = an_event(t0=S190814BV_T0)
    scored = score(list(real_list(listed)), gw190814, event, prior_of(density_deg2=3.88))
    assert scored.candidates[0].probability <= 0.3
    assert scored.p_none >= 0.2


def test_injections_into_the_real_list_are_ranked_first(gw190814: Atlas, listed: list[dict[str, str]]) -> None:
    """Place, distance, one r slope +- 0.15 mag/d, for six in ten a host redshift: rank 1 >= 60 %, top five >= 78 %."""
    event, prior, rng = an_event(t0=S190814BV_T0), Prior(0.5, 3.88, "a test"), np.random.default_rng(1)
    others = list(real_list(listed))
    ranks = []
    memo: Memo = {}
    for _ in range(120):
        place = place_from_map(rng, gw190814.sky, WHOLE_SKY)
        assert place is not None
        distance = distance_from_map(rng, gw190814.sky, *place)
        time = S190814BV_T0 + timedelta(days=rng.uniform(0.5, 1.5))
        fade_mag = 2.0 * rng.normal(0.83, 0.15)
        z = float(redshift_at(distance or 1.0)) if rng.random() < 0.6 else None
        seen = [
            Sighting(f"x{n}", *place, time + timedelta(days=2 * n), "r", 20 + n * fade_mag, 0.2, 20.5, host_redshift=z)
            for n in range(2)
        ]
        injected = candidate_of(seen, id="injected")
        scored = score([*others, injected], gw190814, event, prior, memo=memo)
        ranks.append([c.id for c in scored.candidates].index("injected") + 1)
    first, five = np.mean(np.array(ranks) == 1), np.mean(np.array(ranks) <= 5)
    assert first >= 0.60, f"rank 1 in {first:.2f}, top five in {five:.2f}"
    assert five >= 0.78, f"rank 1 in {first:.2f}, top five in {five:.2f}"
