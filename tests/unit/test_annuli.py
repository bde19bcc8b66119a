"""Annuli that a person hands over: where several of them meet, under the event that the person names."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from coordinator.alerts.alert import Purpose
from coordinator.alerts.message import Alerts, Rejected, Understood
from coordinator.alerts.persons_word import PersonsWord
from coordinator.cli import ingest
from coordinator.services.assess import Delivery, assess
from coordinator.services.map_summary import summarise_map
from coordinator.sky.read import read_skymap

WORD = PersonsWord(Purpose.OBSERVATION, "konus:2026-11-22T19:40:05.50Z")
ONE = {"ra_deg": 30.0, "dec_deg": 10.0, "radius_deg": 60.0, "half_width_deg": 3.0}
OTHER = {"ra_deg": 100.0, "dec_deg": -40.0, "radius_deg": 70.0, "half_width_deg": 3.0, "sigmas": 3}


def a_file(*annuli: Any, **changes: Any) -> bytes:
    said = {"schema": "armillary.annuli/1", "name": "GRB 261122B", "t0": "2026-11-22T19:40:05.5Z", "annuli": annuli}
    return json.dumps(said | changes).encode()


def meaning(raw: bytes, word: PersonsWord = WORD) -> Understood:
    async def read_map(data: bytes) -> Any:
        return summarise_map(data)

    return asyncio.run(assess(Delivery(raw, "ipn.json", "files", word=word), read_map))


def test_two_annuli_become_the_sky_on_which_they_meet_under_the_event_that_a_person_names() -> None:
    found = meaning(a_file(ONE, OTHER))
    assert isinstance(found, Alerts), found
    (alert,) = found.alerts
    assert (alert.event_key, alert.purpose, alert.stream) == (WORD.event_key, Purpose.OBSERVATION, "skymap")
    where = alert.localization
    assert where.kind == "annuli" and [a.sigmas for a in where.annuli] == [3.0, 3.0]
    assert where.area90_deg2 is not None and where.area90_deg2 < 200
    sky = read_skymap(found.maps[where.skymap_sha256 or ""])
    assert sky.probability.sum() == pytest.approx(1.0)


def test_nobody_searches_annuli_of_which_nobody_says_what_for() -> None:
    found = meaning(a_file(ONE), PersonsWord())
    assert isinstance(found, Alerts)
    assert found.alerts[0].purpose is None and found.alerts[0].event_key.startswith("skymap:")


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (a_file(), "1 to 16"),
        (a_file(*[ONE] * 17), "1 to 16"),
        (a_file(ONE, schema="armillary.annuli/2"), "another version"),
        (a_file(ONE | {"dec_deg": 95.0}), "annuli.0: position: declination 95"),
        (a_file(ONE, {"ra_deg": 1.0}), "annuli.1: position: no declination"),
        (a_file(ONE | {"radius_deg": None}), "radius_deg"),
        (a_file(ONE | {"half_width_deg": 0}), "half_width_deg"),
        (a_file(ONE | {"sigmas": -1}), "sigmas"),
        (a_file("30 10 60"), "annuli.0"),
        (
            a_file(ONE | {"half_width_deg": 0.1, "radius_deg": 5.0}, OTHER | {"half_width_deg": 0.1, "radius_deg": 5}),
            "no sky",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said(raw: bytes, reason: str) -> None:
    found = meaning(raw)
    assert isinstance(found, Rejected) and reason in found.reason


def test_armillary_ingest_says_what_they_mean(tmp_path: Path) -> None:
    file = tmp_path / "ipn.json"
    file.write_bytes(a_file(ONE, OTHER))
    commands = typer.Typer()
    ingest.register(commands)
    commands.callback()(lambda: None)
    words = ["ingest", str(file), "--dry-run", "--purpose", "observation", "--event", "ipn:GRB261122B", "--json", "-"]
    result = CliRunner().invoke(commands, [*words, "--at", "2026-11-22T20:00:00Z"])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert document["alerts"][0]["localization"]["kind"] == "annuli"
    assert document["decisions"][0]["rule"] == "a map that a person handed over"
