"""What a plan is asked for, from the folded state."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders.dispatch import START, a_curve, a_planned, a_telescope, an_alert, cells

from coordinator.alerts.alert import Alert, Purpose
from coordinator.dispatch.facts import OperatorActed, PointingMoved
from coordinator.dispatch.offers import OfferRules, due
from coordinator.events.event import Coincidence, Event
from coordinator.events.fold import EventBook
from coordinator.events.rules import FOLLOW_EVERYTHING, decide
from coordinator.planning.request import PlanRequest, VisitSpec
from coordinator.planning.value import SkyValue
from coordinator.services.agenda import agenda_of, request_of
from coordinator.services.facts import entry_of
from coordinator.services.journal import Stored
from coordinator.services.persons_act import asked_back_by
from coordinator.services.state import ObservatoryState
from coordinator.vetting.facts import FollowUpEnded, FollowUpRequested
from telescopes.description.errors import Refused
from telescopes.description.states import PointingState, Reason

NETWORK = {"tel-a": a_telescope("tel-a")}


def a_state(*alerts: Alert) -> ObservatoryState:
    """A state that knows these alerts' events, each with a candidate that somebody wants looked at again."""
    state, book = ObservatoryState(), EventBook()
    for alert in alerts:
        book.add(alert)
    state.events = dict(book.events)
    state.decisions = {key: decide(event, START, [FOLLOW_EVERYTHING]) for key, event in state.events.items()}
    for key in state.events:
        visit = f"follow-up:{key}:r:1"
        state.follow_ups[visit] = FollowUpRequested(key, key, visit, 10.0, 20.0, ("r",), 19.0, "promising")
    return state


def one_visit(_: Event) -> tuple[VisitSpec, ...]:
    return (VisitSpec(),)


def asked(state: ObservatoryState, hours_later: float = 0.0) -> PlanRequest:
    now = START + timedelta(hours=hours_later)
    return request_of(
        state, NETWORK, (), now, hours=12.0, slack_s=60.0, reaction_s=1.0, objective="auto", visits=one_visit
    )


def test_follow_up_is_asked_for_only_of_events_that_are_searched() -> None:
    real = an_alert(key="lvk:S1")
    mock = replace(an_alert(key="lvk:M1"), purpose=Purpose.MOCK)
    weak = replace(an_alert(key="lvk:S2"), significant=False)
    state = a_state(real, mock, weak)
    assert [t.event for t in asked(state).targets] == ["lvk:S1", "lvk:S2"]
    assert [t.event for t in asked(state, 25.0).targets] == ["lvk:S1"]
    later = START + timedelta(hours=25)
    assert agenda_of(state, NETWORK, later).follow_ups == ("follow-up:lvk:S1:r:1",)


def test_an_event_that_has_run_out_is_searched_again_once_a_person_approves_it() -> None:
    state = a_state(replace(an_alert(key="lvk:S2"), significant=False))
    assert asked(state, 25.0).events == ()
    state.approved["lvk:S2"] = START + timedelta(hours=25)
    assert [e.key for e in asked(state, 25.0).events] == ["lvk:S2"]
    assert asked(state, 50.0).events == ()


def test_a_candidate_of_an_event_that_is_searched_as_another_is_looked_at_under_that_one() -> None:
    state = a_state(an_alert(key="lvk:S1"), an_alert(key="swift:1"))
    said = Coincidence("lvk:S1", ("lvk:S1",), None, None, "a burst in the wave's window")
    state.events["swift:1"] = replace(state.events["swift:1"], coincidence=said)
    targets = asked(state).targets
    assert [(t.event, t.candidate) for t in targets] == [("lvk:S1", "lvk:S1"), ("lvk:S1", "swift:1")]
    assert len(agenda_of(state, NETWORK, START).follow_ups) == 2
    state.events["lvk:S1"] = replace(state.events["lvk:S1"], retracted=True)
    assert asked(state).targets == ()


def test_a_follow_up_that_wants_a_yes_waits_for_it() -> None:
    state = a_state(an_alert(key="lvk:S1"))
    visit = "follow-up:lvk:S1:r:1"
    state.follow_ups[visit] = replace(state.follow_ups[visit], wants_yes=True)
    assert asked(state).targets == ()
    yes = OperatorActed("a1", "approve_pointing", visit, "Ada", "it looks real")
    assert asked_back_by(yes, state, NETWORK) == []
    state.apply(Stored(1, START, "vetter", 1, entry_of("operator_acted", yes, sky_time=START, subject=visit)))
    assert [t.visit for t in asked(state).targets] == [visit]
    with pytest.raises(Refused, match="nobody's yes"):
        asked_back_by(yes, state, NETWORK)


def test_a_follow_up_that_has_ended_is_not_asked_for() -> None:
    state = a_state(an_alert(key="lvk:S1"))
    ended = FollowUpEnded("lvk:S1", "lvk:S1", "follow-up:lvk:S1:r:1", "it is decided")
    state.apply(Stored(1, START, "vetter", 1, entry_of("follow_up_ended", ended, sky_time=START, event="lvk:S1")))
    assert asked(state).targets == ()


def test_what_was_reckoned_to_tell_most_reaches_the_plan() -> None:
    state = a_state(an_alert(key="lvk:S1"))
    visit = "follow-up:lvk:S1:r:1"
    state.follow_ups[visit] = replace(state.follow_ups[visit], telescope="tel-a", depth_mag_ab=20.5)
    (target,) = asked(state).targets
    assert (target.telescope, target.depth_mag_ab) == ("tel-a", 20.5)


@pytest.mark.parametrize(("urgent", "expected"), [(20, 80), (79, 80), (80, 81), (100, 101)])
def test_a_look_at_a_candidate_goes_before_the_search_that_found_it(urgent: int, expected: int) -> None:
    """Its equals keep what they hold, so that in a full night it would wait until the morning."""
    state = a_state(an_alert(key="lvk:S1"))
    state.decisions["lvk:S1"] = replace(state.decisions["lvk:S1"], priority=urgent)
    assert [t.priority for t in asked(state).targets] == [expected]


def tried(state: ObservatoryState, name: str, ended: PointingState, reason: Reason | None = None) -> None:
    """Let a telescope be offered the follow-up, and let that end so."""
    planned = a_planned(name, "tel-a", 100.0, cells(0, 1), visit="follow-up:lvk:S1:r:1")
    skies = {"lvk:S1": SkyValue.of(a_curve([1.0] * 12), "probability")}
    (offered,) = due([planned], "plan", state.pointings, skies, NETWORK, START, OfferRules()).offers
    state.pointings.offer(offered, START)
    state.pointings.move(PointingMoved(name, ended, reason=reason), START)


@pytest.mark.parametrize(
    ("ended", "reason", "goes_on"),
    [
        (PointingState.REJECTED, Reason.FILTER_UNAVAILABLE, False),
        (PointingState.FAILED, Reason.CAMERA_FAULT, False),
        (PointingState.EXPIRED, None, False),
        (PointingState.EXPIRED, Reason.LINK_LOST, True),
        (PointingState.REVOKED, Reason.SUPERSEDED, True),
    ],
    ids=["refused", "failed", "unanswered", "link lost", "taken back"],
)
def test_a_look_that_telescopes_cannot_do_is_given_up_and_one_that_never_reached_them_is_not(
    ended: PointingState, reason: Reason | None, goes_on: bool
) -> None:
    state = a_state(an_alert(key="lvk:S1"))
    for number in range(3):
        assert len(asked(state).targets) == 1
        tried(state, f"p{number}", ended, reason)
    assert len(asked(state).targets) == goes_on
