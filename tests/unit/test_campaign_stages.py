"""How long stages took, out of a journal."""

from datetime import UTC, datetime, timedelta

from coordinator.services.facts import entry_of
from coordinator.services.journal import Entry, Stored
from coordinator.simulation.campaign.stages import stage_medians
from coordinator.vetting.facts import CandidatesScored, DetectionsStored

EVENT, START = "lvk:MS260301a", datetime(2026, 3, 1, tzinfo=UTC)


def kept(after_s: float) -> Entry:
    return entry_of("detections_stored", DetectionsStored(()), sky_time=START + timedelta(seconds=after_s))


def scored(after_s: float, cause: int | None, event: str = EVENT) -> Entry:
    fact, at = CandidatesScored(event, 1, 0.5, ()), START + timedelta(seconds=after_s)
    return entry_of("candidates_scored", fact, sky_time=at, event=event, cause=cause)


def kept_to_odds(*entries: Entry) -> float | None:
    journal = [Stored(seq, START, "vetter", 1, entry) for seq, entry in enumerate(entries, start=1)]
    return stage_medians(EVENT, [journal], [])["kept_to_odds"]


def test_every_batch_behind_a_list_counts_and_not_the_newest_alone() -> None:
    """Batches wait 300, 200 and 10 s for one list."""
    assert kept_to_odds(kept(0), kept(100), kept(290), scored(300, cause=3)) == 200.0


def test_each_batch_counts_once_by_the_first_list_that_weighs_it() -> None:
    """60 s for the first; the second came too late for that list and waits 400 s for the next."""
    assert kept_to_odds(kept(0), kept(50), scored(60, cause=1), scored(450, cause=2)) == (60.0 + 400.0) / 2.0


def test_lists_of_nothing_kept_and_of_another_event_take_no_time() -> None:
    assert kept_to_odds(kept(0), scored(60, cause=None), scored(70, cause=1, event="lvk:MS260301b")) is None
