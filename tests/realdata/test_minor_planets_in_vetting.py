"""Real bodies through the whole of vetting: the command, and the vetter that a running observatory builds."""

import asyncio
import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from builders.fits_maps import blob, multiorder_map
from builders.vetting import an_event
from typer.testing import CliRunner

from coordinator import factory
from coordinator.alerts.alert import Localization
from coordinator.catalogues.minor_planets.observer import when_of
from coordinator.cli.minor_planets import register as minor_planets
from coordinator.cli.vet import register as vet
from coordinator.config_file import config_problems, read_settings
from coordinator.services.facts import entry_of
from coordinator.services.journal import InMemoryJournal, Writer
from coordinator.settings import Settings
from telescopes.description.messages import Detection

pytestmark = pytest.mark.realdata

EPOCH = datetime(2017, 9, 4, tzinfo=UTC)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open() as file:
        return list(csv.DictReader(file))


def command(*words: str) -> str:
    app = typer.Typer()
    vet(app)
    minor_planets(app)
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def bodies(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty days about the epoch of Horizons' elements."""
    folder = tmp_path_factory.mktemp("bodies") / "positions"
    command("minor-planets", "build", str(shared_data / "minor_planets/horizons_elements.csv"), "-o", str(folder))
    return folder


@pytest.fixture(scope="module")
def skymap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A map that knows next to nothing."""
    order = np.full(12 * 16**2, 4, np.int64)
    path = tmp_path_factory.mktemp("maps") / "map.fits"
    wide = blob(16, sigma_deg=200.0)
    path.write_bytes(multiorder_map(order, np.arange(order.size, dtype=np.int64), wide))
    return path


def checks(document: dict[str, Any], name: str = "minor planet") -> dict[str, dict[str, Any]]:
    return {c["id"]: next(k for k in c["checks"] if k["name"] == name) for c in document["candidates"]}


def vetted(table: Path, skymap: Path, *options: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(command("vet", str(table), "--skymap", str(skymap), "--json", "-", *options))
    return document


def sightings(shared_data: Path) -> list[dict[str, str]]:
    """Where Horizons sees bodies from Palomar, within a month of their elements."""
    rows = rows_of(shared_data / "minor_planets/horizons_ephemeris.csv")
    return [
        row
        for row in rows
        if row["observatory_code"] == "I41"
        and abs(float(row["mjd_utc"]) - 58000.0) < 28
        and not row["targetname"].startswith("1I/")
    ]


def test_the_command_takes_bodies_for_what_they_are_and_leaves_the_rest(
    shared_data: Path, bodies: Path, skymap: Path, tmp_path: Path
) -> None:
    rows = sightings(shared_data)
    table = tmp_path / "seen.csv"
    with table.open("w") as file:
        out = csv.writer(file)
        out.writerow(["id", "ra", "dec", "mjd", "telescope"])
        for n, row in enumerate(rows):
            out.writerow([f"body{n}", row["RA"], row["DEC"], row["mjd_utc"], "ztf"])
            out.writerow([f"late{n}", row["RA"], row["DEC"], float(row["mjd_utc"]) + 4.0, "ztf"])
    document = vetted(table, skymap, "--minor-planets", str(bodies))
    found = checks(document)
    assert len(rows) > 400
    for n, row in enumerate(rows):
        check = found[f"body{n}"]
        assert (check["log_bayes"], check["passed"]) == (-8.0, False) and row["targetname"][:32] in check["because"]
        assert float(check["input"].split()[0]) <= 1.0
        assert check["as_of"].startswith("2017-09-04") and "27 bodies" in check["source"]
    still_there = sum(found[f"late{n}"]["passed"] is False for n in range(len(rows)))
    assert still_there < 0.02 * len(rows)  # those far out beyond Neptune hardly move
    kinds = {c["id"]: max(c["kinds"], key=c["kinds"].__getitem__) for c in document["candidates"]}
    assert all(kinds[f"body{n}"] == "asteroid" for n in range(len(rows)))


def test_what_trove_found_years_later_is_not_answered_with_old_elements(
    shared_data: Path, bodies: Path, skymap: Path
) -> None:
    table = shared_data / "minor_planets/trove_matches.csv"
    found = checks(vetted(table, skymap, "--minor-planets", str(bodies), "--columns", "time=minor_planet_date"))
    assert len(found) == len({row["name"] for row in rows_of(table)})
    for check in found.values():
        assert (check["log_bayes"], check["passed"]) == (0.0, None)
        assert "did not answer: elements are of 2017-09-04" in check["because"] and "more than 30" in check["because"]


def test_a_night_of_ztf_in_a_table_flags_the_known_asteroids_and_nothing_else(shared_data: Path, skymap: Path) -> None:
    table = shared_data / "candidates/ztf_alerts_20240115.csv"
    found = checks(vetted(table, skymap))
    known = {row["objectId"] for row in rows_of(table) if 0 <= float(row["ssdistnr"]) < 10}
    assert len(known) == 93
    assert {name for name, check in found.items() if check["passed"] is False} == known
    assert all(found[name]["log_bayes"] == -8.0 for name in known)


class Clock:
    """Some days after the bodies were seen."""

    def now(self) -> datetime:
        return EPOCH + timedelta(days=30)


def test_the_observatory_s_vetter_knows_the_bodies_of_its_settings(
    shared_data: Path, bodies: Path, skymap: Path, tmp_path: Path
) -> None:
    rows = sightings(shared_data)[:40]
    (tmp_path / "armillary.toml").write_text(f'[catalogues]\nminor_planets = "{bodies}"\n')
    assert config_problems(tmp_path / "armillary.toml") == []
    settings = read_settings(tmp_path / "armillary.toml", state=tmp_path / "state")
    scored = asyncio.run(through_the_factory(settings, skymap.read_bytes(), [detection_of(row) for row in rows]))
    said = [next(c for c in one["checks"] if c["name"] == "minor planet") for one in scored["candidates"]]
    told = {(c["log_bayes"], c["because"].split(" (")[0]) for c in said}
    assert scored["weighed"] == len(rows) and len(said) >= 10  # of many, an entry tells the best
    assert {log_bayes for log_bayes, _ in told} == {-8.0}
    assert all(any(row["targetname"].startswith(name) for row in rows) for _, name in told)


def detection_of(row: dict[str, str]) -> Detection:
    seen = when_of(float(row["mjd_utc"]))
    return Detection(f"{row['targetname']} {row['mjd_utc']}", "", float(row["RA"]), float(row["DEC"]), seen, "r", 20.5)


async def through_the_factory(settings: Settings, skymap: bytes, seen: list[Detection]) -> dict[str, Any]:
    """Let the vetter that an observatory's actor builds take detections of Palomar; return its last word."""
    journal = InMemoryJournal()
    vetter = await factory.vetter(settings, journal, Clock())
    running = asyncio.create_task(vetter.run())
    sha256 = await factory.blobs(settings).put(skymap)
    event = an_event(t0=EPOCH - timedelta(days=30), localization=Localization("multiorder", skymap_sha256=sha256))
    scheduler = await Writer.elected(journal, "scheduler")
    await scheduler.append([entry_of("event_revised", event, sky_time=EPOCH, event=event.key)])
    await vetter.store("ztf", seen)
    async with asyncio.timeout(150):
        while not (said := [s.entry.body for s in journal.stored if s.entry.kind == "candidates_scored"]):
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return dict(said[-1])
