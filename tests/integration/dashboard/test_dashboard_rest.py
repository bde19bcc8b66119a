"""REST: what scripts get, each answer as of an entry of the journal."""

import asyncio
from typing import Any

import httpx
from builders.fits_maps import blob, flat_map

from telescopes.description.geometry import CIRCLE_POINTS

T = dict[str, Any]


async def get(site: httpx.AsyncClient, path: str, at_least: int = 0) -> T:
    """Ask until the answer is as of at least an entry."""
    async with asyncio.timeout(60):
        while True:
            answer = await site.get(path)
            assert answer.status_code == 200, answer.text
            document: T = answer.json()
            if document["as_of"]["seq"] >= at_least:
                return document
            await asyncio.sleep(0.02)


async def test_an_empty_journal_shows_unknown_and_never_zero(site: httpx.AsyncClient, story: Any) -> None:
    status = await get(site, "/api/v1/status")
    assert status["as_of"] == {"seq": 0, "time": None}
    for path in ("events", "pointings", "candidates", "log"):
        found = await get(site, f"/api/v1/{path}")
        assert (found["items"], found["next"]) == ([], None)
    for telescope in (await get(site, "/api/v1/telescopes"))["items"]:
        assert telescope["state"] == "offline"
        assert telescope["since"] is None
        assert telescope["safe"] is None
        assert telescope["cloud_cover_pct"] is None
    page = (await site.get("/")).text
    assert "No event yet" in page


async def test_every_answer_is_as_of_the_last_entry(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    head = (await story.journal.info()).head_seq
    for path in ("status", "events", "events/lvk:G298048", "telescopes", "pointings", "candidates", "log"):
        assert (await get(site, f"/api/v1/{path}", head))["as_of"]["seq"] == head


async def test_an_event_says_where_it_is_and_how_much_was_observed(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    sky = await get(site, "/api/v1/events/lvk:G298048/sky", len(story.journal.stored))
    assert [c["level"] for c in sky["contours"]] == [0.5, 0.9]
    assert sky["frame"] == "icrs"
    inner, outer = sky["contours"]
    assert 0 < inner["area_deg2"] < outer["area_deg2"]
    ra, dec = outer["polygons"][0][0]
    assert abs(ra - 197.4) < 15
    assert abs(dec + 23.4) < 15
    event = await get(site, "/api/v1/events/lvk:G298048")
    assert event["probability_planned"] == 0.81
    assert 0 < event["probability_observed"] < 0.1
    assert event["candidates"] == 2


async def test_an_event_without_a_map_says_why_there_are_no_contours(site: httpx.AsyncClient, story: Any) -> None:
    seq = await story.event()
    sky = await get(site, "/api/v1/events/lvk:G298048/sky", seq)
    assert sky["contours"] is None
    assert "no sky map" in sky["because"]


async def test_a_damaged_map_is_said_and_breaks_nothing_else(site: httpx.AsyncClient, story: Any) -> None:
    seq = await story.event(sky=b"SIMPLE  = a lie")
    sky = await get(site, "/api/v1/events/lvk:G298048/sky", seq)
    assert sky["contours"] is None
    assert "sky map" in sky["because"]
    assert (await get(site, "/api/v1/events/lvk:G298048"))["probability_observed"] is None


async def test_pointings_are_filtered_by_state_and_event(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    head = len(story.journal.stored)
    every = (await get(site, "/api/v1/pointings", head))["items"]
    assert [p["state"] for p in every] == ["completed", "exposing", "failed", "offered", "planned", "planned"]
    some = (await get(site, "/api/v1/pointings?state=planned&state=exposing"))["items"]
    assert [p["state"] for p in some] == ["exposing", "planned", "planned"]
    assert (await get(site, "/api/v1/pointings?event=lvk:other"))["items"] == []
    assert {frozenset(p) for p in every} == {frozenset(every[0])}, "planned and offered ones say the same things"
    for pointing in every:
        assert len(pointing["outline"][0]) == 4
        assert pointing["outline_exact"]


async def test_a_field_of_an_unknown_camera_is_drawn_as_wide_as_its_sky(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    await story.offer("stranger")
    (pointing,) = (await get(site, "/api/v1/pointings", len(story.journal.stored)))["items"]
    assert not pointing["outline_exact"]
    assert len(pointing["outline"][0]) == CIRCLE_POINTS


async def test_telescopes_say_what_they_do_and_why_they_do_not(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    tca, tch = (await get(site, "/api/v1/telescopes", len(story.journal.stored)))["items"]
    assert (tca["state"], tca["doing_state"], tca["open_pointings"]) == ("observing", "exposing", 1)
    assert (tch["state"], tch["closed_because"], tch["cloud_cover_pct"]) == ("blocked", "site closed: weather", 95.0)
    assert (tch["weather"]["wind_mps"], tch["weather_at"]) == (None, None)
    told = await story.weather("tch", wind_mps=21.0)
    _, tch = (await get(site, "/api/v1/telescopes", told))["items"]
    assert (tch["weather"]["wind_mps"], tch["weather"]["humidity_pct"]) == (21.0, None)
    assert tch["weather_at"] is not None


async def test_pages_follow_each_other_without_gap_or_repeat(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    await get(site, "/api/v1/status", len(story.journal.stored))
    for path, key in (("pointings", "id"), ("telescopes", "id"), ("candidates", "id")):
        every = [item[key] for item in (await get(site, f"/api/v1/{path}"))["items"]]
        found: list[str] = []
        after = ""
        while after is not None:
            page = await get(site, f"/api/v1/{path}?limit=1" + (f"&after={after}" if after else ""))
            found += [item[key] for item in page["items"]]
            after = page["next"]
        assert found == every


async def test_pages_of_candidates_go_on_where_two_events_have_one_of_the_same_id(
    site: httpx.AsyncClient, story: Any
) -> None:
    await story.candidates("x", event="lvk:A")
    seq = await story.candidates("x", "z", event="lvk:B")
    found, after = [], ""
    for _ in range(3):
        page = await get(site, f"/api/v1/candidates?limit=1{after}", seq)
        found += [(c["event"], c["id"]) for c in page["items"]]
        after = f"&after={page['next']}"
    assert found == [("lvk:A", "x"), ("lvk:B", "x"), ("lvk:B", "z")]
    assert page["next"] is None


async def test_a_revision_hides_the_plan_only_if_it_brings_new_sky(site: httpx.AsyncClient, story: Any) -> None:
    async def planned() -> int:
        status = await get(site, "/api/v1/status", len(story.journal.stored))
        return int(status["pointings_planned"])

    await story.event(sky=flat_map(blob(16)))
    await story.plan(("tca", 196.0, -21.0), ("tch", 199.0, -25.0))
    await story.event(sky=flat_map(blob(16)), revision=2)
    assert await planned() == 2
    await story.event(sky=flat_map(blob(16, sigma_deg=4.0)), revision=3)
    assert await planned() == 0


async def test_a_map_of_an_event_that_nobody_searches_is_read_when_it_is_asked_for(
    site: httpx.AsyncClient, story: Any
) -> None:
    async def observed() -> dict[str, float | None]:
        events = (await get(site, "/api/v1/events", len(story.journal.stored)))["items"]
        return {e["key"]: e["probability_observed"] for e in events}

    await story.event("A0", sky=flat_map(blob(16, sigma_deg=4.0)))
    await story.event(sky=flat_map(blob(16)))
    await story.plan(("tca", 196.0, -21.0))
    async with asyncio.timeout(60):
        while (known := await observed())["lvk:G298048"] is None:
            await asyncio.sleep(0.02)
    assert known == {"lvk:A0": None, "lvk:G298048": 0.0}
    assert (await get(site, "/api/v1/events/lvk:A0"))["probability_observed"] == 0.0
    assert (await observed())["lvk:A0"] == 0.0


async def test_the_log_goes_on_from_any_entry(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    first = await get(site, "/api/v1/log?limit=5", 5)
    rest = await get(site, f"/api/v1/log?since={first['next']}")
    seqs = [row["seq"] for row in first["items"] + rest["items"]]
    assert seqs == list(range(1, len(story.journal.stored) + 1))
    assert all(row["text"] and row["recorded_at"] for row in first["items"])


async def test_wrong_questions_are_problems_with_a_mend(site: httpx.AsyncClient) -> None:
    for path, status in (
        ("/api/v1/events/nobody", 404),
        ("/?event=nobody", 404),
        ("/api/v1/pointings?state=lost", 400),
        ("/api/v1/telescopes?after=gone", 400),
        ("/api/v1/log?since=yesterday", 400),
        ("/api/v1/nothing", 404),
    ):
        answer = await site.get(path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["mend"]


async def test_answers_carry_the_security_headers_and_foreign_hosts_are_refused(site: httpx.AsyncClient) -> None:
    for path in ("/", "/api/v1/status", "/static/live.js", "/nothing"):
        policy = (await site.get(path)).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
    page, worker = (await site.get("/")).headers, (await site.get("/static/stream-worker.js")).headers
    assert (page["referrer-policy"], page["cross-origin-opener-policy"]) == ("no-referrer", "same-origin")
    allowed = set(page["content-security-policy"].split("; "))
    assert set(worker["content-security-policy"].split("; ")) < allowed, "a file is allowed less than a page"
    assert worker["x-content-type-options"] == "nosniff"
    assert (await site.get("/", headers={"Host": "evil.example"})).status_code == 400
    assert (await site.get("/docs")).status_code == 404
    assert (await site.get("/api/v1/openapi.json")).status_code == 200


async def test_candidates_in_a_table_are_all_served(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    seq = await story.candidates("cand-1", "cand-2", "cand-3", in_journal=1)
    assert [c["id"] for c in (await get(site, "/api/v1/candidates", seq))["items"]] == ["cand-1", "cand-2", "cand-3"]
    event = await get(site, "/api/v1/events/lvk:G298048")
    assert event["candidates"] == 3
    page = (await site.get("/")).text
    assert "cand-1" in page
    assert "cand-2" not in page
    assert "the others are in" in page


async def test_a_snapshot_spares_the_folding_and_changes_nothing(story: Any, serve_story: Any) -> None:
    await story.whole()
    answers = []
    for from_snapshot in (False, True):
        story.snapshot_at = 12 if from_snapshot else 0
        async with serve_story(story) as address, httpx.AsyncClient(base_url=address) as site:
            found = [
                await get(site, f"/api/v1/{path}", len(story.journal.stored))
                for path in ("pointings", "telescopes", "candidates", "log")
            ]
            answers.append((found, (await site.get("/")).text.count("<tr data-key")))
    assert answers[0] == answers[1]
