"""Events of the past, played again with their real words by the network that is shipped."""

from pathlib import Path
from typing import Any

import pytest

from coordinator.settings import default_rules
from coordinator.simulation.night import run_night
from coordinator.simulation.past.events import PAST, past_event
from coordinator.simulation.past.replay import past_night
from coordinator.simulation.past.told import past_document
from coordinator.sky.read import read_skymap
from telescopes.description.errors import Refused
from telescopes.description.site_file import default_sites_folder, read_sites

pytestmark = pytest.mark.realdata

HOUR_S = 3600.0
SOUTHERN = ("tch", "fram-auger")


@pytest.fixture(scope="module")
def played(shared_data: Path) -> dict[str, Any]:
    """Return GW170817 for telescopes in Chile and on La Reunion, for half a day."""
    event = past_event("gw170817").read(shared_data)
    telescopes = [t for t in read_sites(default_sites_folder()) if t.id in (*SOUTHERN, "tre")]
    return past_document(event, telescopes, 12.0, run_night(past_night(event, telescopes, 12.0, default_rules())))


def test_every_word_is_there_and_in_its_order(shared_data: Path) -> None:
    for one in PAST:
        words = one.read(shared_data).words
        assert [w.issued for w in words] == sorted(w.issued for w in words)
        assert words[0].issued > one.t0
        for sky in (read_skymap(w.data) for w in words if w.is_map):
            assert sky.facts.t0 is not None and abs((sky.facts.t0 - one.t0).total_seconds()) < 0.1


def test_a_folder_without_the_files_says_how_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="set ARMILLARY_DATA"):
        past_event("GW190425").read(tmp_path)


@pytest.mark.slow
def test_the_burst_alone_is_searched_from_la_reunion_before_there_is_a_map(played: dict[str, Any]) -> None:
    map_came_s = played["words"][-1]["after_s"]
    first = {t["id"]: t["first_look_after_s"] for t in played["telescopes"]}
    assert played["first_look_after_s"] == first["tre"] < map_came_s
    assert all(first[t] > map_came_s for t in SOUTHERN)


@pytest.mark.slow
def test_the_place_of_at2017gfo_is_seen_in_the_first_hours_of_the_chilean_night(played: dict[str, Any]) -> None:
    """The Swope telescope took its first image at 23:33, 10.87 hours after the merger."""
    first = played["source"]["looks"][0]
    assert first["telescope"] == "tch" and 10.0 * HOUR_S < first["after_s"] < 11.5 * HOUR_S
    assert first["limit_mag_ab"] > first["source_mag_ab"] == pytest.approx(17.5, abs=0.2)
    assert first["after_s"] <= played["source"]["detected_after_s"] < 12.0 * HOUR_S
    assert played["source"]["rank"] == 1


@pytest.mark.slow
def test_what_is_covered_only_grows_and_no_law_is_broken(played: dict[str, Any]) -> None:
    marks = played["covered"]
    for key in ("probability", "detection", "area_deg2"):
        assert [m[key] for m in marks] == sorted(m[key] for m in marks)
    assert marks[-1]["after_h"] == 12.0 and marks[-1]["probability"] > 0.9
    assert all(m["detection"] <= m["probability"] for m in marks)
    assert played["broken"] == []
