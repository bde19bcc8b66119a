"""Simulated campaigns on the dashboard: what is kept, how far it is, what it came to, and how its nights are opened."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders.acting_story import an_office
from builders.kept_campaigns import COMMANDS, finished, half_way
from builders.kept_nights import a_night

from coordinator.client import Observatory, Simulation
from coordinator.dashboard.simulations.routes import CAMPAIGN_ROWS
from coordinator.dashboard.simulations.shelf import Shelf
from coordinator.simulation.campaign.folder import DOCUMENT, nights_of

HASH = "0" * 64
OF_ONE_TEAM = hashlib.sha256(HASH.encode()).hexdigest()


@pytest.fixture
def campaigns(tmp_path: Path) -> Path:
    return tmp_path / "campaigns"


@pytest.fixture
async def site(story: Any, serve_story: Any, campaigns: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serve_story(story, campaigns=campaigns) as address,
        httpx.AsyncClient(base_url=address, timeout=60.0) as client,
    ):
        yield client


async def asked(site: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await site.get(f"/api/v1/simulations{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def kept(campaign: Path, policy: str = "coordinated", **changes: Any) -> Path:
    """Keep a night beside its campaign; without a journal, for only its description is looked at here."""
    folder = nights_of(campaign, 0, 5, 0) / policy
    folder.mkdir(parents=True)
    a_night(policy=policy.partition("/")[0], **changes).write(folder)
    return folder


def with_hashes(campaign: Path, said: str) -> None:
    file = campaign / DOCUMENT
    file.write_text(file.read_text().replace(HASH, said))


async def test_without_a_campaign_the_page_says_how_to_make_one(site: httpx.AsyncClient, campaigns: Path) -> None:
    assert (await asked(site, ""))["items"] == []
    page = (await site.get("/simulations")).text
    assert f"armillary simulate --events 20 --compare -o {campaigns}/first" in page
    assert 'href="/simulations"' in page


async def test_campaigns_are_listed_with_how_far_they_are(site: httpx.AsyncClient, campaigns: Path) -> None:
    half_way(campaigns / "running")
    finished(campaigns / "done")
    (campaigns / "holiday").mkdir()
    found = {one["id"]: one for one in (await asked(site, ""))["items"]}
    assert {name: one["state"] for name, one in found.items()} == {
        "running": "unfinished",
        "done": "finished",
        "holiday": "unreadable",
    }
    assert (found["running"]["parts_done"], found["running"]["parts"], found["running"]["made_at"]) == (1, 2, None)
    assert found["done"]["policies"] == ["coordinated", "independent"]
    assert "no campaign.json" in found["holiday"]["wrong"]
    page = (await site.get("/simulations")).text
    assert "1 of 2" in page
    assert "no campaign.json" in page


async def test_a_folder_that_is_none_is_said_on_the_page(story: Any, serve_story: Any) -> None:
    async with (
        serve_story(story, campaigns=Path(__file__)) as address,
        httpx.AsyncClient(base_url=address, timeout=60.0) as client,
    ):
        page = await client.get("/simulations")
        assert page.status_code == 200
        assert "test_simulations.py: cannot be looked into" in page.text
        assert (await client.get("/api/v1/simulations")).status_code == 400


async def test_a_script_reads_them_by_the_client(story: Any, serve_story: Any, campaigns: Path) -> None:
    finished(campaigns / "done")

    def read(address: str) -> tuple[list[Simulation], dict[str, Any], list[dict[str, Any]]]:
        with Observatory(address) as sky:
            return list(sky.simulations()), sky.simulation("done"), list(sky.simulated_events("done"))

    async with serve_story(story, campaigns=campaigns) as address:
        (one,), whole, events = await asyncio.to_thread(read, address)
    assert (one.id, one.state, one.parts_done, one.parts) == ("done", "finished", 2, 2)
    assert list(whole["points"][0]["policies"]) == ["coordinated", "independent"]
    assert len(events) == 5


async def test_the_list_is_paged(site: httpx.AsyncClient, campaigns: Path) -> None:
    for name in ("a", "b", "c"):
        half_way(campaigns / name)
    first = await asked(site, "?limit=2")
    rest = await asked(site, f"?limit=2&after={first['next']}")
    assert [one["id"] for one in (*first["items"], *rest["items"])] == ["c", "b", "a"]
    assert rest["next"] is None


async def test_parts_that_come_are_seen_at_the_next_look(site: httpx.AsyncClient, campaigns: Path) -> None:
    half_way(campaigns / "one")
    assert (await asked(site, "/one"))["state"] == "unfinished"
    page = (await site.get("/simulations/one")).text
    assert f"{COMMANDS.whole} -o {campaigns}/one" in page
    assert "stands here when all parts are played" in page
    finished(campaigns / "one")
    now = await asked(site, "/one")
    assert (now["state"], now["parts_done"]) == ("finished", 2)


async def test_a_campaign_says_what_came_of_each_policy_with_intervals(
    site: httpx.AsyncClient, campaigns: Path
) -> None:
    finished(campaigns / "one")
    whole = await asked(site, "/one")
    (point,) = whole["points"]
    covered = point["policies"]["coordinated"]["figures"]["probability_covered"]
    assert covered["low"] <= covered["mean"] <= covered["high"]
    assert whole["command"] == f"{COMMANDS.whole} -o {campaigns}/one"
    page = (await site.get("/simulations/one")).text
    assert "probability covered" in page
    assert "0.533 (0.500 to 0." in page
    assert "0.300 (0.300 to 0.300) [2]" in page, "of two events alone"
    assert "may be chance" in page
    assert "ValueError: &lt;script&gt;" in page, "text of others shows as text"
    assert "<script>alert" not in page


async def test_a_night_that_is_not_kept_comes_with_the_command_that_keeps_it_where_it_is_found(
    site: httpx.AsyncClient, campaigns: Path
) -> None:
    campaign = finished(campaigns / "one")
    rows = (await asked(site, "/one/events"))["items"]
    assert [row["id"] for row in rows][:2] == ["0-5-0-coordinated", "0-5-0-independent"]
    into = nights_of(campaign, 0, 5, 0)
    assert rows[0]["night"] == {
        "open": [],
        "same_state": None,
        "make": f"{COMMANDS.night} --seed 5 --event 0 --policy coordinated -o {into}",
        "wrong": None,
    }
    folder = kept(campaign)
    row = (await asked(site, "/one/events?limit=1"))["items"][0]
    assert row["night"]["open"] == [f"armillary replay --state {folder} --dashboard"]
    assert row["night"]["make"] is None
    assert f"armillary replay --state {folder} --dashboard" in (await site.get("/simulations/one")).text


async def test_a_source_within_the_galaxy_is_not_said_to_be_at_no_distance(
    site: httpx.AsyncClient, campaigns: Path
) -> None:
    file = finished(campaigns / "one") / DOCUMENT
    file.write_text(file.read_text().replace('"distance_mpc": 40.0', '"distance_mpc": 0.0083', 1))
    page = (await site.get("/simulations/one")).text
    assert ", 8.3 kpc" in page
    assert ", 40 Mpc" in page
    assert ", 0 Mpc" not in page


async def test_a_kept_night_is_held_against_what_the_campaign_said(site: httpx.AsyncClient, campaigns: Path) -> None:
    campaign = finished(campaigns / "one")
    kept(campaign)
    assert (await asked(site, "/one/events"))["items"][0]["night"]["same_state"] is False
    with_hashes(campaign, OF_ONE_TEAM)
    assert (await asked(site, "/one/events"))["items"][0]["night"]["same_state"] is True


async def test_teams_that_know_nothing_of_each_other_have_a_night_each(
    site: httpx.AsyncClient, campaigns: Path
) -> None:
    campaign = finished(campaigns / "one")
    kept(campaign, "independent/tca", team=0, teams=2)
    row = (await asked(site, "/one/events"))["items"][1]
    assert row["night"]["same_state"] is None, "one of them is missing"
    kept(campaign, "independent/tre", team=1, teams=2)
    with_hashes(campaign, hashlib.sha256((HASH + HASH).encode()).hexdigest())
    row = (await asked(site, "/one/events"))["items"][1]
    assert (len(row["night"]["open"]), row["night"]["same_state"]) == (2, True)


async def test_a_night_that_claims_more_teams_than_there_are_is_not_taken_for_whole(
    site: httpx.AsyncClient, campaigns: Path
) -> None:
    kept(finished(campaigns / "one"), teams=10**12)
    assert (await asked(site, "/one/events"))["items"][0]["night"]["same_state"] is None


@pytest.mark.parametrize("said", ["no JSON", "{}"])
async def test_a_night_that_cannot_be_read_says_why_and_breaks_nothing(
    site: httpx.AsyncClient, campaigns: Path, said: str
) -> None:
    campaign = finished(campaigns / "one")
    (kept(campaign) / "night.json").write_text(said)
    row = (await asked(site, "/one/events"))["items"][0]
    assert "cannot be read" in row["night"]["wrong"]
    assert row["night"]["open"] == []
    assert "cannot be opened" in (await site.get("/simulations/one")).text


async def test_another_events_night_in_its_place_is_not_taken_for_it(site: httpx.AsyncClient, campaigns: Path) -> None:
    campaign = finished(campaigns / "one")
    kept(campaign, campaign_seed=6)
    row = (await asked(site, "/one/events"))["items"][0]
    assert "holds another night" in row["night"]["wrong"]


@pytest.mark.parametrize("id", ["nowhere", "%2e%2e", "a%2Fb", ".hidden", "a" * 300])
async def test_nothing_outside_the_folder_is_a_campaign(site: httpx.AsyncClient, campaigns: Path, id: str) -> None:
    finished(campaigns / "one")
    finished(campaigns / ".hidden")
    for path in (f"/simulations/{id}", f"/api/v1/simulations/{id}", f"/api/v1/simulations/{id}/events"):
        assert (await site.get(path)).status_code in (200, 404)
    assert (await site.get(f"/api/v1/simulations/{id}/events")).status_code == 404


async def test_a_policys_name_that_is_a_path_leads_nowhere(site: httpx.AsyncClient, campaigns: Path) -> None:
    campaign = finished(campaigns / "one")
    a_night(policy="../secret").write(_made(nights_of(campaign, 0, 5, 0) / "secret"))
    file = campaign / DOCUMENT
    file.write_text(file.read_text().replace('"policy": "coordinated"', '"policy": "../secret"'))
    row = (await asked(site, "/one/events"))["items"][0]
    assert row["night"]["open"] == []


async def test_a_policys_name_that_no_disk_takes_is_said_and_breaks_nothing(
    site: httpx.AsyncClient, campaigns: Path
) -> None:
    campaign = finished(campaigns / "one")
    _made(nights_of(campaign, 0, 5, 0))
    file = campaign / DOCUMENT
    file.write_text(file.read_text().replace('"policy": "coordinated"', f'"policy": "{"x" * 300}"'))
    row = (await asked(site, "/one/events"))["items"][0]
    assert row["night"]["wrong"] == "its nights cannot be looked for (File name too long)"
    assert (await site.get("/simulations/one")).status_code == 200


async def test_a_damaged_campaign_stands_beside_the_others(site: httpx.AsyncClient, campaigns: Path) -> None:
    finished(campaigns / "good")
    (finished(campaigns / "bad") / DOCUMENT).write_bytes(b"\x00" * 100)
    found = {one["id"]: one["state"] for one in (await asked(site, ""))["items"]}
    assert found == {"good": "finished", "bad": "unreadable"}
    page = await site.get("/simulations/bad")
    assert page.status_code == 200
    assert "bad/simulation.json: cannot be understood" in page.text
    assert "when all parts are played" not in page.text
    assert (await asked(site, "/bad/events"))["items"] == []


async def test_a_page_that_is_looked_at_again_reads_no_campaign_again(tmp_path: Path) -> None:
    for n in range(CAMPAIGN_ROWS):
        (tmp_path / f"{n}").mkdir()
    shelf = Shelf(tmp_path)
    first, again = [await shelf.read(await shelf.folders()) for _ in range(2)]
    assert len(first) == CAMPAIGN_ROWS
    assert all(one is same for one, same in zip(first, again, strict=True))


async def test_a_campaign_that_is_removed_is_gone(site: httpx.AsyncClient, campaigns: Path) -> None:
    finished(campaigns / "one")
    assert (await asked(site, "/one"))["state"] == "finished"
    shutil.rmtree(campaigns / "one")
    assert (await site.get("/api/v1/simulations/one")).status_code == 404


async def test_a_viewer_may_look_and_nobody_else(story: Any, serve_story: Any, tmp_path: Path, campaigns: Path) -> None:
    finished(campaigns / "one")
    office = await an_office(story, tmp_path)
    async with (
        serve_story(story, desk=office.desk(), campaigns=campaigns) as address,
        httpx.AsyncClient(base_url=address, timeout=60.0) as client,
    ):
        for path in ("/api/v1/simulations", "/api/v1/simulations/one", "/simulations", "/simulations/one"):
            assert (await client.get(path)).status_code == 401
            assert (await client.get(path, headers=office.token("vera"))).status_code == 200


async def test_where_no_folder_is_named_there_is_no_such_page(story: Any, serve_story: Any) -> None:
    async with serve_story(story) as address, httpx.AsyncClient(base_url=address, timeout=60.0) as client:
        assert (await client.get("/simulations")).status_code == 404
        assert 'href="/simulations"' not in (await client.get("/system")).text


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder
