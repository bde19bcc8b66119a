"""Every recorded message against the manifest: outcome, purpose, phase, times, place, links."""

import asyncio
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from builders.manifest import differences, outcome_is_right, outcome_of

from coordinator.alerts.avro_schema import Schema
from coordinator.alerts.message import Alerts, Understood
from coordinator.services.assess import Delivery, MapSummary, assess
from coordinator.services.map_summary import summarise_map
from coordinator.sources.schema_folder import schemas_in
from coordinator.sources.sidecar import read_headers_beside

pytestmark = pytest.mark.realdata

FOLDERS = (
    "alerce",
    "ampel_babamul_pittgoogle_boom",
    "antares",
    "atlas",
    "circulars",
    "fink",
    "gcn_json",
    "gcn_json_live",
    "gcn_json_schema",
    "gracedb_igwn_alert",
    "hermes",
    "hopskotch",
    "lasair",
    "lvk",
    "lvk_schema",
    "lvk_voevent",
    "rubin",
    "rubin_schema",
    "snews",
    "tns",
    "voevent_agile",
    "voevent_amon",
    "voevent_fermi",
    "voevent_icecube",
    "voevent_integral",
    "voevent_misc",
    "voevent_snews",
    "voevent_svom",
    "voevent_swift",
    "ztf",
    "ztf_schema",
)
"""Folders of recorded messages that are all read as the manifest says."""

MISTAKEN: dict[str, dict[str, Any]] = {
    # its map is the text "hhhh...", which stands for one
    "gcn_json/swift.bat.guano.loc_map.json": {"localization": {"kind": "none"}},
    # a whole classic notice of IceCube, so it is read as the one that it is
    "hopskotch/example_gcn.txt": {"outcome": "alert", "purpose": "observation", "event": "icecube:139279_10803235"},
    # Param Test_Notice is true inside a group, under role="observation"
    "voevent_integral/000000_Wakeup_edited.xml": {"purpose": "test"},
    # the place of the observatory was taken for that of the neutrino
    "voevent_misc/Antares_1438351269.xml": {"localization": {"ra_deg": 156.957, "dec_deg": -21.274}},
    "voevent_misc/Antares_1439919723.xml": {"localization": {"ra_deg": 27.815, "dec_deg": -54.201}},
}
"""Where the bytes say something else than the manifest."""


async def read_map(data: bytes) -> MapSummary:
    return summarise_map(data)


@cache
def rubin_schemas(alerts: Path) -> dict[int, Schema]:
    """The registry of these messages: schemas by the ids under which they name them."""
    return schemas_in(alerts / "rubin_schema") if (alerts / "rubin_schema").is_dir() else {}


def meaning_of(path: Path) -> Understood:
    delivery = Delivery(path.read_bytes(), path.name, "test", headers=read_headers_beside(path))
    return asyncio.run(assess(delivery, read_map, rubin_schemas(path.parents[1])))


def wrong_with(path: Path, expect: dict[str, Any]) -> list[str]:
    meaning = meaning_of(path)
    if not outcome_is_right(meaning, expect):
        return [f"{outcome_of(meaning)} instead of {expect['outcome']}: {meaning}"]
    if not isinstance(meaning, Alerts) or expect["outcome"] != "alert":
        return []
    records = expect.get("records", 1)
    wrong = [] if len(meaning.alerts) == records else [f"{len(meaning.alerts)} alerts instead of {records}"]
    return wrong + list(differences(meaning.alerts[0], expect))


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_message_of_a_folder_is_read_as_the_manifest_says(shared_data: Path, folder: str) -> None:
    alerts = shared_data / "alerts"
    files = json.loads((alerts / "manifest.json").read_text())["files"]
    mine = [entry for entry in files if entry["file"].startswith(f"{folder}/")]
    right = {e["file"]: e["expect"] | MISTAKEN.get(e["file"], {}) for e in mine}
    wrong = {file: found for file, expect in right.items() if (found := wrong_with(alerts / file, expect))}
    assert mine and not wrong, json.dumps(wrong, indent=1)


def test_every_odd_message_is_read_as_the_manifest_says(shared_data: Path) -> None:
    alerts = shared_data / "alerts"
    files = json.loads((alerts / "manifest.json").read_text())["files"]
    odd = [entry for entry in files if entry["file"].startswith("odd/")]
    wrong = {e["file"]: found for e in odd if (found := wrong_with(alerts / e["file"], e["expect"]))}
    assert odd and not wrong, json.dumps(wrong, indent=1)
    (claimed,) = [entry for entry in odd if "never_event" in entry["expect"]]
    meaning = meaning_of(alerts / claimed["file"])
    assert not isinstance(meaning, Alerts) or meaning.alerts[0].event_key != claimed["expect"]["never_event"]
