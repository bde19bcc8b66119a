"""One telescope, one candidate, the log, the quarantine, the system: what the journal says, and empty states."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from coordinator.dispatch.facts import OperatorActed
from coordinator.services.quarantined import AlertQuarantined
from coordinator.vetting.facts import DetectionsStored, StoredDetection
from telescopes.description.messages import Detection
from telescopes.description.site_file import config_sha256

EVENT = "lvk:G298048"
SHADES = ("sun-0", "sun-6", "sun-12", "sun-18")
CENTRE = (197.4, -23.4)


async def page(site: httpx.AsyncClient, path: str, story: Any, status: int = 200) -> str:
    """A page as of the newest entry."""
    head = len(story.journal.stored)
    async with asyncio.timeout(60):
        while True:
            answer = await site.get(path)
            if answer.status_code != 503 and (status != 200 or f'<body data-seq="{head}">' in answer.text):
                assert answer.status_code == status, answer.text
                return answer.text
            await asyncio.sleep(0.02)


async def detections(story: Any) -> None:
    """Two measurements and a limit of the first candidate, and something a degree away."""
    start = (await story.journal.info(), story.now)[1]
    rows = [(0.0, 17.3, "clear", False), (0.5, 18.1, "r", False), (1.0, 19.5, "r", True)]
    kept = [
        StoredDetection(
            Detection(f"d{n}", "pointing-001", *CENTRE, start + timedelta(days=day), band, mag, mag_err=0.1),
            "tca",
            EVENT,
            upper_limit=limit,
        )
        for n, (day, mag, band, limit) in enumerate(rows)
    ]
    away = StoredDetection(Detection("far", "pointing-001", CENTRE[0], CENTRE[1] + 1.0, start, "g", 15.0), "tca", EVENT)
    await story.tell("detections_stored", DetectionsStored((*kept, away)), "vetter", event=EVENT)


async def test_a_telescope_shows_its_weather_and_since_when(site: httpx.AsyncClient, story: Any) -> None:
    await story.clouds("tch")
    await story.weather("tch", temperature_c=-3.0, wind_mps=21.0)
    text = await page(site, "/telescopes/tch", story)
    line = text.split('id="weather">')[1].split("</dd>")[0]
    assert line.startswith("-3 °C, humidity —, wind 21 m/s, rain —, seeing —, sky —; has not moved since ")
    assert "2017-08-17T12:43:04" in line
    assert "weather: temperature -3 °C, wind 21 m/s" in await page(site, "/log", story)


async def test_a_candidate_shows_what_speaks_for_it_and_every_measurement(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    await detections(story)
    text = await page(site, f"/events/{EVENT}/candidates/cand-1", story)
    assert "rank 1 of 2" in text
    assert "well inside the 50 % region" in text
    assert text.count("<circle") == 2
    assert text.count(' upper"') == 1
    assert "17.30" in text
    assert "&gt; " in text or "> " in text
    assert "15.00" not in text, "what lies a degree away is not its brightness"
    assert "+3.20" in text


async def test_what_lies_beside_a_candidate_is_found_in_the_table_too(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    await story.candidates("cand-1", "cand-2", in_journal=1)
    beside = (await page(site, f"/events/{EVENT}/candidates/cand-1", story)).split('id="beside"')[1]
    assert "cand-2" in beside


async def test_a_persons_mark_stands_on_a_candidate_that_lies_in_a_table_too(
    site: httpx.AsyncClient, story: Any
) -> None:
    await story.whole()
    await story.candidates("cand-1", "cand-2", in_journal=1, rejected=("cand-1",))
    text = await page(site, f"/events/{EVENT}/candidates/cand-1", story)
    assert "rejected (marked by a person; the odds alone say promising)" in text
    rows = (await site.get(f"/api/v1/candidates?event={EVENT}")).json()["items"]
    assert [(row["id"], row["verdict"]) for row in rows] == [("cand-1", "rejected"), ("cand-2", "possible")]
    await story.candidates("cand-1", "cand-2", in_journal=1)
    assert "marked by a person" not in await page(site, f"/events/{EVENT}/candidates/cand-1", story)


async def test_a_candidate_nobody_measured_says_so(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    assert "holds no measurement" in await page(site, f"/events/{EVENT}/candidates/cand-2", story)


@pytest.mark.parametrize(
    "path", [f"/events/{EVENT}/candidates/nobody", "/events/lvk:S1/candidates/cand-1", "/telescopes/nowhere"]
)
async def test_what_is_not_there_is_a_404_with_its_mend(site: httpx.AsyncClient, story: Any, path: str) -> None:
    await story.whole()
    assert "mend" in await page(site, path, story, status=404)


async def test_a_telescope_shows_its_state_queue_and_history(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    text = await page(site, "/telescopes/tca", story)
    assert 'data-key="pointing-002"' in text
    assert "<polyline" in text
    history = text.split('id="history"')[1]
    assert 'data-key="pointing-001"' in history
    assert 'data-key="pointing-003"' in history
    assert "weather" in history
    assert "WEATHER" in (closed := await page(site, "/telescopes/tch", story)).upper()
    assert "blocked" in closed
    assert "95 %" in closed


async def test_a_telescope_shows_how_dark_it_is_and_how_thick_the_air(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    chart = (await page(site, "/telescopes/tca", story)).split('id="night"')[1]
    bands = re.findall(r'<rect class="(sun-\d+)" x="[\d.]+" y="10" width="([\d.]+)"', chart)
    wide = [sum(float(width) for name, width in bands if name == shade) for shade in SHADES]
    assert wide[0] > wide[1] > wide[2] > wide[3] > 0, "the lower the Sun, the shorter"
    assert all(word in chart for word in (">30° X2.0<", ">90° X1.0<", ">0°<"))


async def test_a_telescope_with_another_site_file_than_the_one_here_is_named(
    site: httpx.AsyncClient, story: Any
) -> None:
    assert "none has spoken yet" in await page(site, "/telescopes/tca", story)
    await story.session("tca")
    assert "0.1, drivers simulated" in (text := await page(site, "/telescopes/tca", story))
    assert "another site file" in text
    await story.session("tca", config_sha256(story.telescopes["tca"]))
    assert "another site file" not in await page(site, "/telescopes/tca", story)
    agent = (await site.get("/api/v1/telescopes/tca")).json()["agent"]
    assert agent == {"version": "0.1", "drivers": ["simulated"], "site_file": "the same"}


async def test_an_empty_observatory_says_what_will_stand_where(site: httpx.AsyncClient, story: Any) -> None:
    text = await page(site, "/telescopes/tca", story)
    assert "Nothing is asked of it" in text
    assert "<dt>safe</dt><dd>unknown" in text
    assert "Empty: every message was understood" in await page(site, "/quarantine", story)
    assert "No stream has spoken yet" in await page(site, "/system", story)
    assert "The journal is empty" in await page(site, "/log", story)


async def test_the_log_is_filtered_and_goes_on_where_it_stopped(site: httpx.AsyncClient, story: Any) -> None:
    await story.whole()
    head = len(story.journal.stored)
    whole = await page(site, "/log", story)
    assert whole.count("<tr data-key") == head
    assert whole.count("<tr data-key") == whole.count('<td class="n">')
    tch = await page(site, "/log?telescope=tch", story)
    assert 0 < tch.count("<tr data-key") < head
    assert "tca" not in tch.split("<tbody>")[1]
    assert "No such entry" in await page(site, "/log?kind=operator_acted", story)
    for who in ("ada", "adam"):
        acted = OperatorActed(f"{who}:1", "pause", "tca", who, "clouds come up", {})
        await story.tell("operator_acted", acted, subject="tca")
    adas = await page(site, "/log?who=ada", story)
    assert adas.count("<tr data-key") == 1, "nobody is answered for who has a longer name"
    assert "adam" not in adas.split("<tbody>")[1]
    for n in range(300):
        await story.session(f"t{n}")
    newest = await page(site, "/log", story)
    assert newest.count("<tr data-key") == 200
    older = newest.split('rel="next" href="')[1].split('"')[0]
    rest = await page(site, older, story)
    seqs = [int(part.split('"')[0]) for text in (newest, rest) for part in text.split('<tr data-key="')[1:]]
    assert seqs == sorted(seqs, reverse=True)
    assert len(set(seqs)) == len(seqs)
    assert seqs[0] - seqs[-1] == len(seqs) - 1


async def test_a_hostile_message_is_text_wherever_it_is_shown(site: httpx.AsyncClient, story: Any) -> None:
    bad = "<script>alert(1)</script>"
    await story.tell("alert_quarantined", AlertQuarantined("a" * 64, file=bad, reason=bad, source=bad), "source/files")
    for path in ("/quarantine", "/log", f"/log?event={bad}"):
        text = await page(site, path, story)
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text
