"""What ends by itself: offers by link time, windows by sky time, leases when the link is lost."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from coordinator.dispatch.assignment import Assignment
from coordinator.dispatch.facts import PointingMoved
from telescopes.description.clocks import LinkTime
from telescopes.description.states import PointingState, Reason

S = PointingState


def closed_windows(held: Iterable[Assignment], now: datetime, grace: timedelta) -> list[PointingMoved]:
    """Expire pointings whose window has closed on sky time; `grace` lets the last report arrive."""
    return [
        PointingMoved(a.id, S.EXPIRED, detail="the window closed without a report")
        for a in held
        if a.live and now > _last_moment(a) + grace
    ]


def _last_moment(one: Assignment) -> datetime:
    window_end = one.offered.pointing.window_end
    if one.state is S.EXPOSING and one.expected_end is not None:
        return max(window_end, one.busy_until)
    return window_end


def unanswered(
    held: Iterable[Assignment], offered_at: dict[str, LinkTime], now: LinkTime, grace_s: float
) -> list[PointingMoved]:
    """Expire offers that nobody answered within their `accept_within_s` of link time, and a grace for the way back."""
    return [
        PointingMoved(a.id, S.EXPIRED, detail="the offer was not answered in time")
        for a in held
        if a.state is S.OFFERED
        and a.id in offered_at
        and now > offered_at[a.id] + a.offered.pointing.accept_within_s + grace_s
    ]


def lost_lease(held: Iterable[Assignment]) -> list[PointingMoved]:
    """Free what a cut-off telescope had not begun to expose.

    A running exposure is kept until its window has closed: it will most likely be finished (law 8).
    """
    return [
        PointingMoved(a.id, S.EXPIRED, reason=Reason.LINK_LOST, detail="the lease ran out")
        for a in held
        if a.live and a.state is not S.EXPOSING
    ]
