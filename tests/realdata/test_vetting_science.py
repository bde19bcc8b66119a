"""The vetting page's numbers, on real maps, candidates and light curves."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from builders.vetting import an_event
from typer.testing import CliRunner

from coordinator.cli.vet import register
from coordinator.sky.read import read_skymap
from coordinator.sky.regions import credible_areas
from coordinator.sky.skymap import SkyMap
from coordinator.vetting.candidate import Candidate, candidate_of
from coordinator.vetting.case import Atlas
from coordinator.vetting.checks import fade
from coordinator.vetting.combine import Assessed, assess, cases_of, score
from coordinator.vetting.prior import prior_of
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


def test_its_areas_are_the_published_ones(gw190814: Atlas) -> None:
    assert credible_areas(gw190814.sky, (0.5, 0.9, 0.95, 0.99)) == pytest.approx([3.6, 18.5, 26.8, 48.7], abs=0.05)


@pytest.mark.parametrize("form", ["multiorder.fits", "flat.fits.gz"])
def test_on_the_superseded_map_most_levels_are_wrong(
    shared_data: Path, listed: list[dict[str, str]], form: str
) -> None:
    off = off_by(read_skymap((shared_data / "skymaps" / f"S190814bv.LALInference.v1.{form}").read_bytes()), listed)
    assert int((off > 0.01).sum()) == 179
    assert off.max() == pytest.approx(0.19, abs=0.005)


def off_by(sky: SkyMap, listed: list[dict[str, str]]) -> np.ndarray:
    places = Atlas.of(sky).places([float(r["ra"]) for r in listed], [float(r["dec"]) for r in listed])
    return np.abs(np.array([p.credible_level for p in places]) - [float(r["2d_probability"]) for r in listed])


@pytest.mark.slow
@pytest.mark.parametrize(("nside", "least", "most"), [(1024, 1e-6, 2.2e-4), (512, 0.02, 0.046)])
def test_a_flattened_map_is_as_far_off_as_its_pixels_are_wide(
    gw190814: Atlas, listed: list[dict[str, str]], nside: int, least: float, most: float
) -> None:
    assert least < off_by(flattened(gw190814.sky, int(np.log2(nside))), listed).max() <= most


def flattened(sky: SkyMap, order: int) -> SkyMap:
    """Every pixel of one order."""
    even = np.zeros(12 * 4**order)
    for own, ipix, p in zip(sky.order.tolist(), sky.ipix.tolist(), sky.probability.tolist(), strict=True):
        finer = 2 * (order - own)
        if finer < 0:
            even[ipix >> -finer] += p
        else:
            even[ipix << finer : (ipix + 1) << finer] += p / (1 << finer)
    return SkyMap(np.full(even.size, order, np.int64), np.arange(even.size, dtype=np.int64), even, sky.facts)


def vetted(shared_data: Path, table: Path, *options: str) -> dict[str, Any]:
    """What `armillary vet` writes of a table against the list's own map."""
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    skymap = shared_data / "candidates" / "GW190814_skymap.fits.gz"
    result = CliRunner().invoke(app, ["vet", str(table), "--skymap", str(skymap), "--json", "-", *options])
    assert result.exit_code == 0, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def test_the_command_gives_the_published_levels_and_finds_nobody(
    shared_data: Path, listed: list[dict[str, str]], tmp_path: Path
) -> None:
    table = shared_data / "candidates" / "S190814bv_candidates.csv"
    published = {r["name"]: float(r["2d_probability"]) for r in listed}
    told = vetted(shared_data, table, "--t0", S190814BV_T0.isoformat())
    assert {c["id"] for c in told["candidates"]} == published.keys()
    assert max(abs(c["credible_level"] - published[c["id"]]) for c in told["candidates"]) <= 1e-9
    assert nobody(told)
    assert nobody(vetted(shared_data, with_redshifts(tmp_path / "z.csv", listed), "--t0", S190814BV_T0.isoformat()))


def nobody(told: dict[str, Any]) -> bool:
    return told["candidates"][0]["probability"] <= 0.3 and told["p_none"] >= 0.2


def with_redshifts(path: Path, listed: list[dict[str, str]]) -> Path:
    """The list with the redshift that was used of each host."""
    lines = ["name,ra,dec,discovery_date,z,z_err"]
    for r in listed:
        kind = r["use_redshift"]
        z, err = (r[f"{kind}_z"], r[f"{kind}_z_err"]) if kind not in ("", "--") else ("", "")
        lines.append(",".join([r["name"], r["ra"], r["dec"], r["discovery_date"], z, err]))
    path.write_text("\n".join(lines))
    return path


def test_single_detections_of_that_search_are_nobody_either(shared_data: Path, tmp_path: Path) -> None:
    """113 detections with place, time and brightness, joined by place."""
    with (shared_data / "candidates" / "S190814bv_detections.csv").open() as file:
        rows = [r for r in csv.DictReader(file) if r["list"] == "all"]
    table = tmp_path / "detections.csv"
    lines = [
        f"{degrees(r['ra']) * 15},{degrees(r['dec'])},{r['mjd']},{r['filter']},{r['mag']},{r['magerr']}" for r in rows
    ]
    table.write_text("\n".join(["ra,dec,mjd,filter,mag,magerr", *lines]))
    told = vetted(shared_data, table, "--t0", S190814BV_T0.isoformat())
    assert len(rows) == 113
    assert told["candidates"][0]["verdict"] != "promising"


def degrees(sexagesimal: str) -> float:
    whole, minutes, seconds = (float(part) for part in sexagesimal.lstrip("+-").split(":"))
    return (-1 if sexagesimal.startswith("-") else 1) * (whole + minutes / 60 + seconds / 3600)


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
