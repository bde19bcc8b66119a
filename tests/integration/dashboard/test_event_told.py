"""What was told of an event and decided of it: with what it is searched, its timeline, its notices as they came."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from coordinator.alerts.alert import Localization, Phase, Purpose
from coordinator.dispatch.facts import OperatorActed
from coordinator.events.coincidence_facts import CoincidenceFound, CoincidenceLost, Tie
from coordinator.events.event import Coincidence, Event
from coordinator.events.rules import Action, Decision

EVENT, BURST = "lvk:G298048", "fermi.gbm:524666471"
HOSTILE = b'<notice>"><script>alert(1)</script></notice>'
FAR_HZ = 6.4e-16
T0 = datetime(2017, 8, 17, 12, 41, 4, tzinfo=UTC)


async def page(site: httpx.AsyncClient, story: Any, key: str = EVENT) -> str:
    """An event's page as of the newest entry."""
    head = len(story.journal.stored)
    async with asyncio.timeout(60):
        while True:
            answer = await site.get(f"/events/{key}")
            if f'<body data-seq="{head}">' in answer.text:
                return answer.text
            await asyncio.sleep(0.02)


def panel(text: str, id: str) -> str:
    return text.split(f'id="{id}"')[1].split("</section>")[0]


async def rest(site: httpx.AsyncClient, path: str) -> dict[str, Any]:
    answer = await site.get(f"/api/v1/events/{path}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def tie(**said: Any) -> Tie:
    plain = Tie(BURST, "GRB 170817A", "CBC x GRB", 1.74, (-1.0, 5.0), 32.4, 2.1e-14, FAR_HZ)
    return replace(plain, **said)


async def a_pair(story: Any, *, excluded: bool = False) -> CoincidenceFound:
    """A wave and a burst, searched as one, or apart because their maps exclude each other."""
    wave = Event(
        EVENT, "G298048", 1, False, "gw", Phase.INITIAL, "INITIAL", Purpose.OBSERVATION, story.now, story.now,
        Localization("none"),
    )  # fmt: skip
    burst = replace(wave, key=BURST, name="GRB 170817A", messenger="gamma")
    ties = (tie(overlap=0.001, far_spacetime_hz=None),) if excluded else (tie(),)
    why = "GRB 170817A came +1.74 s from G298048."
    own = {EVENT: None} if excluded else {EVENT: None, BURST: None}
    fact = CoincidenceFound(
        EVENT, "G298048", () if excluded else ties, ties if excluded else (), None, own, FAR_HZ, why, tell=excluded
    )
    await story.tell("coincidence_found", fact, event=EVENT, subject=EVENT)
    for one, other in ((wave, BURST), (burst, EVENT)):
        said = None if excluded else Coincidence(EVENT, (other,), FAR_HZ, None, why)
        await story.tell("event_revised", replace(one, coincidence=said), event=one.key, subject=one.key)
    return fact


async def test_a_member_says_under_which_event_it_is_searched_and_why(site: httpx.AsyncClient, story: Any) -> None:
    fact = await a_pair(story)
    lead, member = await page(site, story), await page(site, story, BURST)
    assert "Searched here for GRB 170817A too" in panel(lead, "correlations")
    assert f'Searched as <a href="/events/{EVENT.replace(":", "%3A")}">G298048</a>' in panel(member, "correlations")
    for text in (lead, member):
        assert fact.because in panel(text, "correlations")
        for word in ("6.4e-16 Hz", "2.1e-14", "+1.74", "-1 … +5", "32.4", "searched together"):
            assert word in panel(text, "correlations"), word
    for key in (EVENT, BURST):
        (told,) = (await rest(site, key))["correlations"]
        assert (told["searched_as"], told["far_hz"], told["because"]) == (EVENT, FAR_HZ, fact.because)
        assert (told["ties"][0]["key"], told["ties"][0]["overlap"], told["tell"]) == (BURST, 32.4, False)


async def test_maps_that_exclude_each_other_ask_for_a_person(site: httpx.AsyncClient, story: Any) -> None:
    await a_pair(story, excluded=True)
    for key in (EVENT, BURST):
        shown = panel(await page(site, story, key), "correlations")
        assert "Searched by itself" in shown
        assert "maps exclude each other" in shown
        assert "A person should look" in shown
        (told,) = (await rest(site, key))["correlations"]
        assert (told["searched_as"], told["tell"], told["ties"][0]["excluded"]) == (None, True, True)
        assert told["ties"][0]["far_spacetime_hz"] is None


async def test_what_is_over_is_not_told_as_if_it_were_not(site: httpx.AsyncClient, story: Any) -> None:
    await a_pair(story)
    await story.tell("coincidence_lost", CoincidenceLost(EVENT, (BURST,), "retracted"), event=EVENT, subject=EVENT)
    text = await page(site, story)
    assert "searched by itself" in panel(text, "correlations")
    assert (await rest(site, EVENT))["correlations"] == []
    assert "coincidence lost: retracted" in panel(text, "timeline")


async def test_the_timeline_is_what_the_journal_holds_of_the_event_in_order(
    site: httpx.AsyncClient, story: Any
) -> None:
    seqs = [await story.alert(1)]
    await story.event()
    await story.alert(1, key="lvk:S2")
    decided = Decision(Action.FOLLOW, "significant", "it is rare")
    seqs.append(await story.tell("event_decided", decided, event=EVENT, subject=EVENT))
    acted = OperatorActed("a:1", "dismiss", EVENT, "ada", "noise in one detector", {})
    seqs.append(await story.tell("operator_acted", acted, subject=EVENT))
    seqs.append(await story.alert(2))
    text = panel(await page(site, story), "timeline")
    told = await rest(site, f"{EVENT}/timeline")
    assert [row["seq"] for row in told["items"]] == seqs
    assert [int(part.split('"')[0]) for part in text.split('data-key="')[1:]] == seqs
    for row in told["items"]:
        stored = story.journal.stored[row["seq"] - 1]
        assert row["sky_time"] == stored.entry.sky_time.isoformat().replace("+00:00", "Z")
        assert row["kind"] == stored.entry.kind
        assert f"{stored.entry.sky_time:%Y-%m-%d %H:%M:%S}" in text
        assert f"T0+00:{(stored.entry.sky_time - T0).seconds // 60:02d}:00" in text
    assert told["t0"] == "2017-08-17T12:41:04Z"
    assert "noise in one detector" in text
    assert 'href="/log?event=lvk%3AG298048"' in text


async def test_without_t0_nothing_is_counted_from_it(site: httpx.AsyncClient, story: Any) -> None:
    await story.event(t0=None)
    await story.alert(1)
    assert "T0+" not in panel(await page(site, story), "timeline").split("</thead>")[1]


async def test_a_notice_is_the_bytes_that_came(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    long = b'{"superevent_id": "S1", "x": "' + b"a" * 10_000 + b'"}'
    raws = [HOSTILE, long, b"SIMPLE\x00\xff\xfe"]
    for number, raw in enumerate(raws, 1):
        await story.alert(number, raw)
    text = panel(await page(site, story), "notices")
    listed = (await rest(site, f"{EVENT}/notices"))["items"]
    assert [one["n"] for one in listed] == [1, 2, 3]
    assert {one["source"] for one in listed} == {"gcn"}
    for one, raw in zip(listed, raws, strict=True):
        assert story.journal.stored[one["seq"] - 1].entry.body["raw_sha256"] == one["raw_sha256"]
        answer = await site.get(f"/api/v1/events/{EVENT}/notices/{one['n']}/raw")
        assert answer.content == raw
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith('attachment; filename="lvk-G298048-')
        plain = "octet-stream" if b"\x00" in raw else "text/plain"
        assert plain in answer.headers["content-type"]
        assert str(len(raw)) in text
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "a" * 4000 in text
    assert "a" * 4097 not in text, "its beginning alone"
    assert "its bytes are no text" in text


@pytest.mark.parametrize("path", ["lvk:nobody/notices", f"{EVENT}/notices/2/raw", "lvk:nobody/timeline"])
async def test_what_is_not_there_is_a_404(site: httpx.AsyncClient, story: Any, path: str) -> None:
    await story.event()
    await story.alert(1)
    await page(site, story)
    answer = await site.get(f"/api/v1/events/{path}")
    assert answer.status_code == 404
    assert "mend" in answer.json()


async def test_bytes_that_are_gone_are_said_to_be(site: httpx.AsyncClient, story: Any) -> None:
    await story.event()
    await story.alert(1, HOSTILE)
    story.blobs.data.clear()
    text = panel(await page(site, story), "notices")
    assert "Not shown: " in text
    assert "<dt>bytes</dt><dd>unknown" in text
    assert (await site.get(f"/api/v1/events/{EVENT}/notices/1/raw")).status_code == 404
