"""`armillary simulate --event N -o DIR` plays one event alone and keeps its night as an observatory keeps its own."""

import contextlib
import io
import re
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
import pytest
from builders.campaign_outcomes import an_asked
from builders.campaigns import a_setting
from builders.served import app_served

from coordinator.cli.simulate_asked import OneEvent
from coordinator.cli.simulate_night import play_nights
from coordinator.dashboard.projector import Projector
from coordinator.dashboard.recording import Recording
from coordinator.simulation.campaign.asked import Point
from coordinator.simulation.campaign.play import played_event
from coordinator.simulation.faults.batch import quietly
from coordinator.store.blobs import FolderBlobs
from coordinator.store.replay import fold_journal
from telescopes.description.errors import Refused

pytestmark = pytest.mark.slow
SEED, NUMBER = 5, 2
ONE = OneEvent(SEED, NUMBER, 0, ("coordinated",))
NAMED = re.compile(r'"(\w*sha256)":"([0-9a-f]{64})"')
NO_BLOB = {"config_sha256"}


@dataclass(frozen=True)
class Played:
    """A night that was kept, and what was said of it."""

    folder: Path
    said: str


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Played:
    out = tmp_path_factory.mktemp("my night")
    with quietly(), contextlib.redirect_stdout(io.StringIO()) as said:
        play_nights(an_asked(points=(Point({}, a_setting()),)), ONE, out)
    return Played(out / "coordinated", said.getvalue())


def test_the_state_of_a_kept_night_is_that_of_its_replay_and_of_the_campaign(night: Played) -> None:
    with quietly():
        (outcome,) = played_event(a_setting(), SEED, NUMBER, ("coordinated",)).outcomes
    (folded,) = fold_journal(night.folder / "journal.sqlite", None)
    assert f"state {folded.hash()}" in night.said
    assert f"armillary replay --state '{night.folder}'\n" in night.said
    assert f"armillary replay --state '{night.folder}' --dashboard\n" in night.said
    assert outcome.looks > 0
    assert outcome.looks == sum(a.observed for a in folded.pointings.assignments.values())


def test_a_folder_that_holds_a_night_is_not_written_over(night: Played) -> None:
    with quietly(), pytest.raises(Refused, match="holds a journal"):
        play_nights(an_asked(points=(Point({}, a_setting()),)), ONE, night.folder.parent)


def test_whatever_the_journal_names_is_kept_beside_it(night: Played) -> None:
    recording, blobs = Recording.opened(night.folder), FolderBlobs(night.folder / "blobs")
    named = {
        sha256
        for stored in recording.entries
        for key, sha256 in NAMED.findall(msgspec.json.encode(stored.entry.body).decode())
        if key not in NO_BLOB
    }
    assert len(named) > 3
    for sha256 in named:
        assert blobs.get_now(sha256)
    assert (recording.record.campaign_seed, recording.record.event) == (SEED, NUMBER)


async def test_a_kept_night_opens_on_the_dashboards_screens_with_its_maps_and_plans(night: Played) -> None:
    recording = Recording.opened(night.folder)
    projector = Projector(recording, FolderBlobs(night.folder / "blobs"), time.monotonic)
    async with app_served(projector) as address, httpx.AsyncClient(base_url=address, timeout=60.0) as site:
        (event,) = (await site.get("/api/v1/events")).json()["items"]
        whole = (await site.get(f"/api/v1/events/{event['key']}")).json()
        assert whole["probability_observed"] > 0.0
        contours = (await site.get(f"/api/v1/events/{event['key']}/sky")).json()["contours"]
        assert [one["level"] for one in contours] == [0.5, 0.9]
        plans = (await site.get(f"/api/v1/events/{event['key']}/plans")).json()["items"]
        assert plans
        assert all([(await site.get(f"/api/v1/events/{event['key']}/plans/{p['seq']}")).is_success for p in plans])
        page = await site.get(f"/events/{event['key']}")
        assert "RECORDED SIMULATION" in page.text
        assert recording.begin <= recording.record.start
        assert f"{recording.end:%Y-%m-%d %H:%M:%S}" in page.text
