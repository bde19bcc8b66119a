"""Better maps of a real event come in while it is searched: what is done counts, and what is planned changes little."""

from pathlib import Path

import pytest
from benchmarks.plan_changes.story import Chapter, found, make, maps_in, share_new, tell

from telescopes.description.site_file import read_sites

pytestmark = [pytest.mark.realdata, pytest.mark.slow]

CLOSE = 0.97


@pytest.fixture(scope="module", params=["probability", "detection"])
def story(request: pytest.FixtureRequest, shared_data: Path) -> list[Chapter]:
    """S190814bv's three maps, searched by twenty telescopes."""
    sites = shared_data.parent / "tools" / "sites"
    if not sites.is_dir():
        pytest.skip(f"no reference network at {sites}")
    return list(tell(maps_in(shared_data / "skymaps"), read_sites(sites), request.param))


def test_nothing_that_was_observed_is_pointed_at_again_in_its_visit(story: list[Chapter]) -> None:
    assert all(chapter.request.looks for chapter in story[1:])
    for chapter in story:
        assert all(share_new(chapter, p) >= 0.5 for p in chapter.made.pointings)
        assert chapter.made.figures.duplicates == 0


def test_a_search_that_goes_on_finds_what_one_with_hindsight_would(story: list[Chapter]) -> None:
    for chapter in story:
        ours, hindsight = found(chapter, chapter.made), found(chapter, make(chapter.anew, chapter.sky))
        if chapter.made.objective == "detection":
            assert ours.detection >= CLOSE * hindsight.detection
        assert ours.union >= CLOSE * hindsight.union


def test_what_changes_is_counted(story: list[Chapter]) -> None:
    for chapter in story:
        changes = chapter.made.changes
        assert changes.kept + changes.moved + changes.withdrawn == len(chapter.request.previous)
        assert changes.kept + changes.moved + changes.added == len(chapter.made.pointings)
    assert any(chapter.made.changes.kept for chapter in story)


def test_nothing_that_runs_is_touched(story: list[Chapter]) -> None:
    assert any(chapter.running for chapter in story)
    for chapter in story:
        for runs in chapter.running:
            assert all(p.start >= runs.end for p in chapter.made.pointings if p.telescope == runs.telescope)


def test_a_plan_made_again_with_nothing_new_does_not_change(story: list[Chapter]) -> None:
    for chapter in story:
        changes = make(chapter.again, chapter.sky).changes
        assert (changes.kept, changes.moved, changes.added, changes.withdrawn) == (
            len(chapter.made.pointings), 0, 0, 0,
        )  # fmt: skip
