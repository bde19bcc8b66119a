"""Short campaigns of three telescopes: the real services and agents, several policies, the same worlds."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from builders.campaigns import Listens, a_setting, a_world, quiet

from coordinator.services.journal import Stored
from coordinator.services.state import ObservatoryState
from coordinator.simulation.campaign.asked import Asked, Point
from coordinator.simulation.campaign.document import Campaign, document, without_timings
from coordinator.simulation.campaign.drawn_world import drawn_world
from coordinator.simulation.campaign.measures import Outcome
from coordinator.simulation.campaign.play import PlayedEvent, played, played_event
from coordinator.simulation.campaign.policy import load_policy
from coordinator.simulation.campaign.skies import skies_of
from coordinator.simulation.night import run_night
from coordinator.simulation.verdict import NightResult

pytestmark = pytest.mark.slow
SEED = 5


def campaign(*events: PlayedEvent, policies: tuple[str, ...] = ("coordinated",)) -> Campaign:
    asked = Asked((SEED,), len(events), policies, (Point({}, a_setting()),))
    return Campaign(asked, events, 1.0)


@pytest.fixture(scope="module")
def night() -> NightResult:
    (only,) = quiet(a_world()).nights(load_policy("coordinated"))
    return run_night(only)


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    world = quiet(a_world())
    return {name: played(world, name, load_policy(name), skies_of(world)) for name in ("coordinated", "independent")}


def test_the_sources_of_even_numbers_are_in_reach() -> None:
    assert [a_world(number).in_reach for number in (0, 2)] == [True, True]


def test_the_same_seed_and_number_give_the_same_world_and_another_number_another() -> None:
    again = drawn_world(a_setting(), SEED, 0)
    assert again.fingerprint() == a_world().fingerprint() != a_world(1).fingerprint()


def test_a_night_of_a_campaign_breaks_no_law(night: NightResult) -> None:
    assert night.broken == ()


def test_a_night_is_the_same_state_when_its_journal_is_folded_anew(night: NightResult) -> None:
    """The journal goes to bytes and comes back, as it does where it is kept."""
    replayed = ObservatoryState()
    for stored in night.entries:
        body = json.loads(json.dumps(stored.entry.body))
        entry = type(stored.entry)(**{**_fields(stored), "body": body})
        replayed.apply(Stored(stored.seq, stored.recorded_at, stored.writer, stored.epoch, entry))
    assert replayed.hash() == night.state_hash


def _fields(stored: Stored) -> dict[str, object]:
    names = ("kind", "body", "sky_time", "event", "telescope", "subject", "cause", "version")
    return {name: getattr(stored.entry, name) for name in names if hasattr(stored.entry, name)}


def test_no_plan_reaches_beyond_the_end_of_an_event() -> None:
    world, policy = quiet(a_world()), Listens()
    (only,) = world.nights(policy)
    run_night(only)
    end = world.start + timedelta(hours=world.hours)
    assert len(policy.requests) > 1
    assert max(r.end for r in policy.requests) - end < timedelta(milliseconds=1)


def test_who_plans_together_repeats_nothing_and_who_plans_alone_does(outcomes: dict[str, Outcome]) -> None:
    assert outcomes["coordinated"].looks > 0 and outcomes["coordinated"].duplicates == 0
    assert outcomes["independent"].duplicates > 0


def test_coverage_grows_with_time_up_to_what_is_covered_in_all(outcomes: dict[str, Outcome]) -> None:
    for one in outcomes.values():
        covered = list(one.covered_after_h.values())
        assert covered == sorted(covered)
        assert covered[-1] <= one.probability_covered + 1e-9 <= 1.0 + 1e-6
        assert 0.0 < one.detection_probability <= one.probability_covered + 1e-9


def test_the_same_seed_gives_the_same_document_but_for_timings() -> None:
    found = [campaign(played_event(a_setting(), SEED, 0, ("coordinated",))) for _ in range(2)]
    one, other = (json.dumps(without_timings(document(c))) for c in found)
    assert one == other


@pytest.fixture
def raising(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of a user that brings a policy with a mistake."""
    package = tmp_path / "theirs-1.0.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (package / "entry_points.txt").write_text("[armillary.policies]\ntheirs = builders.campaigns:Raises\n")
    monkeypatch.syspath_prepend(tmp_path)
    return "theirs"


def test_a_policy_that_raises_fails_that_event_with_its_seed_and_the_others_are_played(raising: str) -> None:
    names = (raising, "coordinated")
    event = played_event(a_setting(), SEED, 0, names)
    (failure,) = event.failures
    assert (failure.policy, failure.seed) == (raising, event.seed)
    assert "a mistake of the policy's own" in failure.reason
    assert [o.policy for o in event.outcomes] == ["coordinated"]
    summed = document(campaign(event, policies=names))
    assert summed["policies"][raising]["failed"] == [
        {"campaign_seed": SEED, "seed": event.seed, "event": 0, "reason": failure.reason, "without": None}
    ]
    assert summed["policies"][raising]["probability_covered"]["mean"] is None
