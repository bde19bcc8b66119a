"""What `<sky-view>` is told: every field as the other routes have it, what is new alone, and how it was before."""

import asyncio
import struct
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest
from astropy.coordinates import ICRS, AltAz, EarthLocation, SkyCoord, get_body
from astropy.time import Time
from builders.served import caught_up

from coordinator.services.journal import InMemoryBlobs
from telescopes.description.geometry import outline
from telescopes.description.states import PointingState

EVENT = "lvk:G298048"
BASE = f"/api/v1/events/{EVENT}"
T = dict[str, Any]


async def get(site: httpx.AsyncClient, path: str, story: Any) -> T:
    head = len(story.journal.stored)
    async with asyncio.timeout(60):
        while True:
            answer = await site.get(path)
            assert answer.status_code == 200, answer.text
            told: T = answer.json()
            if told.get("as_of", {"seq": head})["seq"] >= head:
                return told
            await asyncio.sleep(0.02)


def unpacked(columns: T, packed: T) -> T:
    """Columns as they were before they were packed, as the guide says how."""
    made = dict(columns)
    for name in packed["steps"]:
        last = 0
        made[name] = [None if step is None else (last := last + step) for step in made[name]]
    for name, many in packed["parts"].items():
        if name in made:
            made[name] = [None if part is None else part / many for part in made[name]]
    return made


def known_by(cameras: list[T], row: T) -> tuple[str, int] | int:
    """What a field without an id is known by: its telescope's command, or its row in the plan."""
    offered = row["command_seq"] is not None
    return (cameras[row["camera"]]["telescope"], row["command_seq"]) if offered else row["plan_row"]


def by_row(columns: T) -> list[T]:
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def rows(told: T, names: T | None = None) -> dict[str, T]:
    """Fields by id, with words in place of numbers; `names`: of a document without ids."""
    named = {} if names is None else {known_by(names["cameras"], n): n["id"] for n in by_row(names["names"])}
    found = {}
    for row in by_row(unpacked(told["fields"], told["packed"])):
        id = row["id"] if names is None else named[known_by(told["cameras"], row)]
        words = {"camera": told["cameras"][row["camera"]], "state": told["states"][row["state"]]}
        found[id] = row | words | {"end_s": row["start_s"] + row["length_s"]}
    return found


async def test_the_scene_has_every_pointing_as_the_list_has_it(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    told = await get(site, f"{BASE}/scene", story)
    listed = {p["id"]: p for p in (await site.get(f"/api/v1/pointings?event={EVENT}")).json()["items"]}
    drawn = rows(told, await get(site, f"{BASE}/names", story))
    assert "id" not in told["fields"], "they are half of all bytes, and asked for by whoever needs them"
    assert {id: f["state"] for id, f in drawn.items()} == {id: p["state"] for id, p in listed.items()}
    epoch = datetime.fromisoformat(told["epoch"])
    for id, field in drawn.items():
        asked = listed[id]
        assert (field["ra_deg"], field["dec_deg"]) == (pytest.approx(asked["ra_deg"]), pytest.approx(asked["dec_deg"]))
        assert epoch + timedelta(seconds=field["start_s"]) == datetime.fromisoformat(asked["start"])
        assert epoch + timedelta(seconds=field["end_s"]) == datetime.fromisoformat(asked["end"])
        assert field["limit_mag_ab"] == asked["limit_mag_ab"]
        assert field["camera"]["telescope"] == asked["telescope"]
        assert field["new_probability"] == pytest.approx(asked["new_probability"])
        footprint = story.telescopes[asked["telescope"]].instruments[0].footprint
        corners = outline(footprint, asked["ra_deg"], asked["dec_deg"], field["position_angle_deg"])
        assert np.allclose(corners, asked["outline"], atol=1e-4)
        assert field["camera"]["polygons"] == [[[-0.95, -0.95], [0.95, -0.95], [0.95, 0.95], [-0.95, 0.95]]]
    assert told["candidates"]["id"] == ["cand-1", "cand-2"]


async def test_only_what_is_new_is_told_after_an_entry(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    seq = (await get(site, f"{BASE}/scene", story))["as_of"]["seq"]
    assert rows(await get(site, f"{BASE}/scene?after={seq}", story)) == {}
    await story.move("pointing-002", PointingState.COMPLETED)
    fresh = await get(site, f"{BASE}/scene?after={seq}", story)
    assert not fresh["whole"]
    assert {id: f["state"] for id, f in rows(fresh).items()} == {"pointing-002": "completed"}
    assert fresh["candidates"] is None
    await story.candidates("cand-9")
    assert (await get(site, f"{BASE}/scene?after={seq}", story))["candidates"]["id"] == ["cand-9"]
    await story.plan(("tca", 196.0, -21.0))
    assert (await get(site, f"{BASE}/scene?after={seq}", story))["whole"], "a new plan takes fields away"


async def test_what_is_offered_of_the_plan_is_told_by_its_row_there(site: httpx.AsyncClient, story: Any) -> None:
    """By that a page that knows no names sees that it is the field which was planned."""
    await story.whole()
    told = await get(site, f"{BASE}/scene", story)
    asked = await story.offer("tch", id="plan-1")
    (fresh,) = rows(await get(site, f"{BASE}/scene?after={told['as_of']['seq']}", story)).values()
    assert (fresh["id"], fresh["plan_row"], fresh["state"]) == ("plan-1", 1, "offered")
    assert asked in {n["id"] for n in by_row((await get(site, f"{BASE}/names", story))["names"])}


class HeldBlobs(InMemoryBlobs):
    """Holds one file back until it may go."""

    held = ""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may_go = asyncio.Event(), asyncio.Event()

    async def get(self, sha256: str) -> bytes:
        if sha256 == self.held:
            self.asked.set()
            await self.may_go.wait()
        return await super().get(sha256)


@pytest.fixture
def held(story: Any) -> HeldBlobs:
    held = story.blobs = HeldBlobs()
    return held


async def hold_the_table(story: Any, held: HeldBlobs) -> int:
    """Weigh candidates into a table that cannot be read yet; return the entry."""
    seq: int = await story.candidates("cand-1", "cand-2", "cand-3", in_journal=1)
    held.held = story.journal.stored[-1].entry.body["table_sha256"]
    return seq


async def test_what_comes_while_a_table_is_read_is_part_of_the_scene(
    held: HeldBlobs, site: httpx.AsyncClient, story: Any
) -> None:
    """Else it would never be told: the next question begins after it."""
    await story.whole()
    await caught_up(site, await hold_the_table(story, held))
    asking = asyncio.create_task(site.get(f"{BASE}/scene"))
    await held.asked.wait()
    await story.candidates("cand-9", "cand-8", in_journal=1)
    await caught_up(site, await story.event(revision=2, retracted=True))
    held.may_go.set()
    told = (await asking).json()
    assert told["as_of"]["seq"] == len(story.journal.stored)
    assert (told["revision"], told["retracted"]) == (2, True)
    assert told["candidates"]["id"] == ["cand-9", "cand-8"]


async def test_a_page_is_as_of_what_was_known_when_it_was_asked_for(
    held: HeldBlobs, site: httpx.AsyncClient, story: Any
) -> None:
    """What comes while it is gathered, the page's stream tells it."""
    await story.whole()
    seq = await hold_the_table(story, held)
    await caught_up(site, seq)
    asking = asyncio.create_task(site.get(f"/events/{EVENT}/candidates/cand-2"))
    await held.asked.wait()
    await caught_up(site, await story.event(revision=2, retracted=True))
    held.may_go.set()
    assert f'<body data-seq="{seq}"' in (await asking).text


async def test_after_an_entry_that_is_no_longer_kept_the_whole_is_told(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    for n in range(510):
        await story.clouds("tca", n % 100)
    assert (await get(site, f"{BASE}/scene?after=3", story))["whole"]
    assert (await get(site, f"{BASE}/scene?after=99999", story))["whole"], "a number of another journal"


async def test_a_scene_that_is_known_is_not_sent_again(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    await get(site, f"{BASE}/scene", story)
    first = await site.get(f"{BASE}/scene")
    again = await site.get(f"{BASE}/scene", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await story.clouds("tca", 1.0)
    await get(site, f"{BASE}/scene", story)
    assert (await site.get(f"{BASE}/scene", headers={"If-None-Match": first.headers["etag"]})).status_code == 200


async def test_a_field_of_an_unknown_camera_is_a_circle_as_wide_as_its_sky(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    await story.offer("stranger")
    (field,) = rows(await get(site, f"{BASE}/scene", story), await get(site, f"{BASE}/names", story)).values()
    (polygon,) = field["camera"]["polygons"]
    assert not field["camera"]["exact"]
    assert np.hypot(*np.array(polygon).T) == pytest.approx(0.129, abs=0.002), "of the area of a pixel of order 8"


async def test_the_history_tells_every_move_with_its_time(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    told = await get(site, f"{BASE}/history", story)
    epoch = datetime.fromisoformat(told["epoch"])
    moves = [
        (told["pointings"][p], epoch + timedelta(seconds=at), told["states"][state])
        for p, at, state in zip(*(told["moves"][name] for name in ("pointing", "at_s", "state")), strict=True)
    ]
    written = [
        (e.subject, e.sky_time, e.body.get("to", "offered"))
        for e in (s.entry for s in story.journal.stored)
        if e.kind.startswith("pointing_")
    ]
    assert moves == written
    (plan,) = told["plans"]
    meant = await get(site, f"{BASE}/planned/{plan['plan_sha256']}", story)
    assert sorted(rows(meant)) == ["plan-0", "plan-1"]
    assert (await site.get(f"{BASE}/planned/{'0' * 64}")).status_code == 404


async def test_a_plan_is_told_anew_when_a_revision_moves_t0(site: httpx.AsyncClient, story: Any, some_map: Any) -> None:
    await story.whole()
    (plan,) = (await get(site, f"{BASE}/history", story))["plans"]
    path = f"{BASE}/planned/{plan['plan_sha256']}"
    before = await site.get(path)
    assert before.headers["cache-control"] == "no-store"
    t0 = datetime.fromisoformat((await get(site, f"{BASE}/scene", story))["t0"])
    await story.event(revision=2, sky=some_map(), t0=t0 + timedelta(seconds=90))
    await get(site, f"{BASE}/scene", story)
    old, new = rows(before.json()), rows((await site.get(path)).json())
    assert {id: f["start_s"] - new[id]["start_s"] for id, f in old.items()} == {"plan-0": 90, "plan-1": 90}


async def test_maps_of_all_revisions_are_told_for_ever_and_no_other_file_is(
    site: httpx.AsyncClient, story: Any, some_map: Any
) -> None:
    await story.event(sky=some_map())
    await story.event(revision=2, sky=some_map(width_deg=6.0))
    old, new = [r["skymap_sha256"] for r in (await get(site, f"{BASE}/history", story))["revisions"]]
    areas = []
    for sha256 in (old, new):
        answer = await site.get(f"/api/v1/skies/{sha256}/contours")
        assert "immutable" in answer.headers["cache-control"]
        areas.append(answer.json()["contours"][1]["area_deg2"])
    told, drawn = answer.json(), (await get(site, f"{BASE}/sky", story))["contours"]
    lines = [[list(unpacked(p, told["packed"]).values()) for p in c["polygons"]] for c in told["contours"]]
    assert lines == [[[list(of) for of in zip(*p, strict=True)] for p in c["polygons"]] for c in drawn]
    assert areas[0] < areas[1]
    other = await story.blobs.put(b"something else")
    assert (await site.get(f"/api/v1/skies/{other}/contours")).status_code == 404


async def test_cells_give_the_region_of_every_level(site: httpx.AsyncClient, story: Any, some_map: Any) -> None:
    await story.event(sky=some_map())
    sha256 = (await get(site, f"{BASE}/scene", story))["skymap_sha256"]
    data = (await site.get(f"/api/v1/skies/{sha256}/cells")).content
    (count,) = struct.unpack_from("<I", data)
    widths = np.frombuffer(data, "<u4", count, 8).astype(np.int64)
    levels = np.frombuffer(data, "u1", count, 4 * (count + 2))
    pixel_deg2 = 41252.96125 / (12 * 4**12)
    told = (await site.get(f"/api/v1/skies/{sha256}/contours")).json()["contours"]
    for contour in told:
        inside = widths[levels <= 250 * contour["level"]].sum() * pixel_deg2
        assert inside == pytest.approx(contour["area_deg2"], rel=0.05)
    assert (levels == 255).any(), "where the map has nothing"


async def test_coverage_only_grows_and_ends_at_what_the_event_says(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    await story.move("pointing-002", PointingState.COMPLETED)
    told = await get(site, f"{BASE}/coverage", story)
    shares = [share for _, share in told["observed"]]
    assert shares == sorted(shares)
    assert len(shares) == 2
    assert shares[-1] == (await get(site, BASE, story))["probability_observed"]
    assert told["planned"][-1][1] == 0.81
    assert told["bound"] is None, "the plan of this story does not say"


async def test_without_a_catalogue_there_are_no_galaxies_and_that_is_said(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    told = await get(site, f"{BASE}/galaxies", story)
    assert told["items"] == []
    assert "no catalogue" in told["because"]


async def test_sites_turn_with_the_earth_where_times_count_from_1970(site: httpx.AsyncClient, story: Any) -> None:
    await story.event(t0=None)
    told = await get(site, f"{BASE}/scene", story)
    (now,) = told["almanacs"]
    ours = now["rotation_deg"] + now["rotation_deg_s"] * now["begin_s"]
    when = Time(datetime.fromisoformat(told["epoch"]) + timedelta(seconds=now["begin_s"]), scale="ut1")
    apart = (ours - when.earth_rotation_angle("tio").deg + 180.0) % 360.0 - 180.0
    assert abs(apart) < 1e-3


@pytest.mark.slow
async def test_sun_moon_and_horizon_are_where_astropy_has_them(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    told = await get(site, f"{BASE}/scene", story)
    search, now = told["almanacs"]
    assert now["begin_s"] > search["begin_s"]
    row = 30
    at_s = search["begin_s"] + row * search["step_s"]
    when = Time(datetime.fromisoformat(told["epoch"]).astimezone(UTC) + timedelta(seconds=at_s))
    for body, limit in (("sun", 0.01), ("moon", 0.02)):
        theirs = get_body(body, when)
        apart = SkyCoord(*search[body][row], unit="deg").separation(SkyCoord(theirs.ra, theirs.dec)).deg
        assert apart < limit
    site_told = told["telescopes"][0]
    place = EarthLocation(lat=site_told["latitude_deg"], lon=site_told["longitude_deg"])
    zenith = SkyCoord(alt=90, az=0, unit="deg", frame=AltAz(obstime=when, location=place)).transform_to(ICRS())
    theta = np.radians(search["rotation_deg"] + search["rotation_deg_s"] * at_s + site_told["longitude_deg"])
    lat = np.radians(site_told["latitude_deg"])
    up = np.array([np.cos(lat) * np.cos(theta), np.cos(lat) * np.sin(theta), np.sin(lat)]) @ np.array(search["to_cirs"])
    ours = SkyCoord(np.arctan2(up[1], up[0]), np.arcsin(up[2]), unit="rad")
    assert ours.separation(zenith).deg < 0.02
