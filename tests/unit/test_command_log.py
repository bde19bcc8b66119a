"""A telescope's command log and its session's state do not grow for ever."""

from dataclasses import replace

import pytest
from builders.dispatch import START

from coordinator.dispatch.facts import PointingApproved, PointingMoved, PointingOffered, RevocationRequested
from coordinator.gateway.practice import practice_pointing
from coordinator.services.command_log import CommandLog
from coordinator.services.facts import MOVED_KIND, entry_of
from coordinator.services.journal import Entry, Stored
from coordinator.services.session_state import SessionState, read_session, write_session
from telescopes.description.errors import Refused
from telescopes.description.messages import Command, Revocation
from telescopes.description.states import PointingState, Reason

S = PointingState


def revocations(count: int) -> list[Command]:
    return [Command(i + 1, Revocation(f"p{i}", 1, Reason.SUPERSEDED)) for i in range(count)]


def a_log(count: int, keep: int = 3) -> CommandLog:
    log = CommandLog(keep=keep)
    for command in revocations(count):
        log.add(command)
    return log


def test_the_newest_commands_are_kept_and_their_numbers_stay() -> None:
    log = a_log(20)
    assert (log.head, log.base, [c.seq for c in log.kept]) == (20, 15, [16, 17, 18, 19, 20])
    assert [c.seq for c in log.after(18)] == [19, 20]


@pytest.mark.parametrize(("cursor", "reason"), [(14, "CURSOR_COMPACTED"), (21, "CURSOR_AHEAD")])
def test_a_cursor_that_tells_nothing_is_refused(cursor: int, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        a_log(20).check(cursor, "tca")
    assert refused.value.reason == reason
    a_log(20).check(15, "tca")


def offered(number: int) -> Entry:
    pointing = replace(practice_pointing("tca", "main", START), pointing_id=f"p{number}")
    fact = PointingOffered(pointing, number, pointing.window_end, "", 0.1, 0.1, 0.1, 0.1)
    return entry_of("pointing_offered", fact, sky_time=START, telescope="tca", subject=f"p{number}")


def moved(number: int, to: PointingState) -> Entry:
    fact = PointingMoved(f"p{number}", to)
    return entry_of(MOVED_KIND[to], fact, sky_time=START, telescope="tca", subject=f"p{number}")


def folded(*entries: Entry) -> SessionState:
    state = SessionState(log=CommandLog(keep=2))
    state.apply([Stored(i + 1, START, "scheduler", 1, entry) for i, entry in enumerate(entries)])
    return state


def test_pointings_that_ended_go_with_their_commands_and_live_ones_stay() -> None:
    ended = [e for n in (2, 3, 4) for e in (offered(n), moved(n, S.EXPIRED))]
    asked = entry_of(
        "pointing_revocation_requested",
        RevocationRequested("p1", 1, Reason.RETRACTED, True, command_seq=5),
        sky_time=START,
        telescope="tca",
        subject="p1",
    )
    state = folded(offered(1), *ended, asked, moved(2, S.COMPLETED))
    assert sorted(state.book.assignments) == ["p1", "p3", "p4"]
    assert (state.log.base, state.head) == (2, 5)
    assert (state.book.assignments["p1"].revocation, state.book.assignments["p1"].abort_asked) == (
        Reason.RETRACTED,
        True,
    )


def test_an_offer_that_a_kept_yes_names_is_not_let_go() -> None:
    fact = PointingApproved("p1", 2, "Ada", command_seq=3)
    yes = entry_of("pointing_approved", fact, sky_time=START, telescope="tca", subject="p1")
    state = folded(offered(1), offered(2), yes, moved(1, S.EXPIRED), offered(4))
    assert (state.log.base, [c.seq for c in state.log.kept]) == (2, [3, 4])
    assert read_session(write_session(state, "j"), "j").log.kept == state.log.kept


def test_what_ended_and_was_let_go_can_still_be_asked_back() -> None:
    def asked(number: int, seq: int) -> Entry:
        fact = RevocationRequested(f"p{number}", 1, Reason.LINK_LOST, False, command_seq=seq)
        return entry_of("pointing_revocation_requested", fact, sky_time=START, telescope="tca", subject=f"p{number}")

    expired = [moved(n, S.EXPIRED) for n in (1, 2, 3)]
    state = folded(offered(1), offered(2), offered(3), *expired, asked(3, 4), asked(1, 5))
    assert "p1" not in state.book.assignments
    assert (state.head, state.log.kept[-1].body) == (5, Revocation("p1", 1, Reason.LINK_LOST, False))


def test_a_snapshot_of_a_compacted_log_is_what_was_folded() -> None:
    state = folded(*(e for n in range(1, 8) for e in (offered(n), moved(n, S.EXPIRED))))
    again = read_session(write_session(state, "j"), "j")
    assert (again.log.base, again.log.kept) == (state.log.base, state.log.kept)
    assert again.book.assignments == state.book.assignments
