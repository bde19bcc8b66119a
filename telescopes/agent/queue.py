"""Which pointing next, and what to answer to an offer: decisions only, nothing is done here."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from telescopes.agent.bounded import MOST_FRAMES, MOST_OPEN
from telescopes.agent.held import WAITING, Held, end_of
from telescopes.agent.people import NOBODY_MINDS, Wishes
from telescopes.agent.safety import No, Violation, forbidden, unfit
from telescopes.description.bounds import INTERRUPTING_PRIORITY
from telescopes.description.clocks import LinkTime
from telescopes.description.durations import slew_s, work_s
from telescopes.description.messages import ListedPointing, Pointing
from telescopes.description.states import STARTED, PointingState, Reason
from telescopes.description.telescope import Telescope

S = PointingState
TOO_MANY = No(Reason.QUOTA, f"{MOST_OPEN} pointings wait here already")
LONGEST_AHEAD = timedelta(days=30)
A_DAY_H = 24.0
Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Everything that a decision depends on besides the pointings.

    `aim`: where the mount looks, None: unknown. `free_from`: when what runs now should end. `closed_because`: why
    nothing may run now. `clock_is_wrong`: the machine's clock is off by more than is tolerated. `wishes`: what people
    at the site want.
    """

    telescope: Telescope
    violation: Violation
    now: datetime
    link_now: LinkTime
    aim: Place | None = None
    free_from: datetime | None = None
    closed_because: Reason | None = None
    clock_is_wrong: bool = False
    started_tonight: int = 0
    used_tonight_s: float = 0.0
    wishes: Wishes = NOBODY_MINDS


@dataclass(frozen=True, slots=True)
class Accept:
    """The telescope means to observe it."""


@dataclass(frozen=True, slots=True)
class AskPerson:
    """A person at the site must say yes before the offer expires."""


Answer = Accept | AskPerson | No


@dataclass(frozen=True, slots=True)
class Start:
    """Begin this one now."""

    held: Held


@dataclass(frozen=True, slots=True)
class Finish:
    """Nothing more can be done about this one: report its end."""

    held: Held
    state: PointingState
    no: No


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before sky time `until` or link time `link_until`; None: before something changes."""

    until: datetime | None = None
    link_until: LinkTime | None = None


Step = Start | Finish | Wait


def answer_offer(offer: Pointing, accepted: Sequence[Held], now: Circumstances) -> Answer:
    """Accept an offer, ask a person, or refuse it with the first reason found."""
    no = unfit(offer, now.telescope) or _unwilling(offer, accepted, now)
    if no is not None:
        return no
    approved = offer.pointing_id in now.wishes.approved
    return AskPerson() if _needs_person(offer, now.telescope) and not approved else Accept()


def answer_listed(item: ListedPointing, telescope: Telescope) -> tuple[PointingState, No] | None:
    """Say how something ends that the coordinator lists as accepted or running, and of which nothing is known here.

    None: it may be taken over; its limits are looked at when it starts, as those of every pointing.
    """
    no = unfit(item.pointing, telescope)
    if no is not None:
        return S.REJECTED, no
    if item.state in STARTED:
        return S.FAILED, No(Reason.INTERNAL, "it does not run here, and nothing of it is known")
    if _needs_person(item.pointing, telescope):
        return S.REJECTED, No(Reason.INTERNAL, "nothing is known here of a person's yes")
    return None


def _needs_person(pointing: Pointing, telescope: Telescope) -> bool:
    policy = telescope.policy
    if pointing.approved_by and policy.coordinator_may_approve:
        return False
    return pointing.require_human_approval or policy.human_approval


def _unwilling(offer: Pointing, accepted: Sequence[Held], now: Circumstances) -> No | None:
    if now.clock_is_wrong:
        return No(Reason.INTERNAL, "this machine's clock is wrong, windows mean nothing")
    refused = _beyond_measure(offer, accepted, now) or now.wishes.veto_of(offer, now.now)
    if refused is not None:
        return refused
    start, end = _earliest(offer, now)
    if end > offer.window_end:
        return No(Reason.WINDOW_TOO_SHORT, "the window closes before the exposures could be done")
    if now.closed_because is not None and offer.planned_start <= now.now:
        return No(now.closed_because, "the site is closed now")
    no = _over_quota(offer, accepted, now) or forbidden(offer, now.telescope, start, end, now.violation)
    waiting = [h.pointing for h in accepted if h.state is not S.OFFERED]
    return no or _crowded(offer, waiting, now)


def _beyond_measure(offer: Pointing, accepted: Sequence[Held], now: Circumstances) -> No | None:
    """Refuse what no sound coordinator would ask for."""
    if len(accepted) >= MOST_OPEN:
        return TOO_MANY
    if sum(e.count for p in (offer, *(h.pointing for h in accepted)) for e in p.exposures) > MOST_FRAMES:
        return No(Reason.QUOTA, f"more than {MOST_FRAMES} exposures would wait here")
    if max(offer.window_start, offer.planned_start) > now.now + LONGEST_AHEAD:
        return No(Reason.INTERNAL, f"lies more than {LONGEST_AHEAD.days} days ahead")
    return None


def _over_quota(offer: Pointing, accepted: Sequence[Held], now: Circumstances) -> No | None:
    quota = now.telescope.observing.max_pointings_per_night
    if quota and now.started_tonight + len(accepted) >= quota:
        return No(Reason.QUOTA, f"{quota} pointings a night are enough")
    if _too_many_hours(offer, accepted, now):
        return No(Reason.QUOTA, f"{now.telescope.policy.max_hours_per_day:g} hours a day are enough")
    return None


def _too_many_hours(offer: Pointing, accepted: Sequence[Held], now: Circumstances) -> bool:
    hours = now.telescope.policy.max_hours_per_day
    if hours >= A_DAY_H:
        return False
    wanted_s = sum(work_s(p, now.telescope.timing) for p in (offer, *(h.pointing for h in accepted)))
    return now.used_tonight_s + wanted_s > hours * 3600.0


def _earliest(offer: Pointing, now: Circumstances) -> tuple[datetime, datetime]:
    """When it would start and end if nothing else were in the queue."""
    timing = now.telescope.timing
    arrival = now.now + timedelta(seconds=_slew_s(offer, now.aim, now))
    start = max(arrival, offer.window_start, offer.planned_start)
    useful_end = start + timedelta(seconds=work_s(offer, timing, offer.acceptability_threshold))
    end = start + timedelta(seconds=work_s(offer, timing))
    return start, useful_end if end > offer.window_end else end


def _crowded(offer: Pointing, accepted: Sequence[Pointing], now: Circumstances) -> No | None:
    """Refuse what does not fit between the accepted ones, or would push one of them out of its window."""
    late_before = late_in(accepted, now)
    late_with = late_in([*accepted, offer], now)
    if offer.pointing_id in late_with:
        return No(Reason.BUSY_HIGHER_PRIORITY, "no time left between what was accepted")
    pushed = sorted(late_with - late_before)
    return No(Reason.BUSY_HIGHER_PRIORITY, f"would push out {pushed[0]}") if pushed else None


def late_in(pointings: Iterable[Pointing], now: Circumstances) -> set[str]:
    """Run the queue on paper; return the pointings that would miss their windows."""
    late: set[str] = set()
    at, aim = max(now.now, now.free_from or now.now), now.aim
    timing = now.telescope.timing
    for pointing in sorted(pointings, key=order):
        arrival = at + timedelta(seconds=_slew_s(pointing, aim, now))
        start = max(arrival, pointing.window_start, pointing.planned_start)
        useful_s = work_s(pointing, timing, pointing.acceptability_threshold)
        if start + timedelta(seconds=useful_s) > pointing.window_end:
            late.add(pointing.pointing_id)
            continue
        at, aim = start + timedelta(seconds=work_s(pointing, timing)), (pointing.ra_deg, pointing.dec_deg)
    return late


def order(pointing: Pointing) -> tuple[datetime, int, str]:
    """Sort key of the queue: as planned, then by rank."""
    return pointing.planned_start, pointing.rank, pointing.pointing_id


def next_step(open_: Sequence[Held], answer_by: dict[str, LinkTime], now: Circumstances) -> Step:
    """Say what the telescope does next.

    Parameters
    ----------
    open_ : sequence of Held
        Everything not ended, and not running now.
    answer_by : dict
        Until when (link time) an acceptance must be acknowledged, by pointing.
    now : Circumstances
        The site and both clocks.
    """
    for held in open_:
        if (finish := _hopeless(held, answer_by, now)) is not None:
            return finish
    ready = [h for h in open_ if h.state is not S.OFFERED and (h.confirmed or h.state is not S.ACCEPTED)]
    due = [h for h in ready if begin(h.pointing, now) <= now.now]
    if not due:
        return _wait(open_, ready, answer_by, now)
    held = min(due, key=lambda h: (h.pointing.priority < INTERRUPTING_PRIORITY, *order(h.pointing)))
    no = _not_now(held, now)
    return Start(held) if no is None else Finish(held, end_of(held, S.REJECTED, cut_short=True), no)


def begin(pointing: Pointing, now: Circumstances) -> datetime:
    """When to leave for it: so that the first exposure starts as planned."""
    wanted = max(pointing.planned_start, pointing.window_start)
    return wanted - timedelta(seconds=_slew_s(pointing, now.aim, now))


def _hopeless(held: Held, answer_by: dict[str, LinkTime], now: Circumstances) -> Finish | None:
    """End what was revoked, was never acknowledged in time, or cannot be done inside its window any more."""
    pointing = held.pointing
    if held.must_stop and held.revocation is not None:
        return Finish(held, end_of(held, S.REVOKED, cut_short=True), No(held.revocation.reason))
    vetoed = now.wishes.veto_of(pointing, now.now)
    if vetoed is not None:
        return Finish(held, end_of(held, S.REJECTED, cut_short=True), vetoed)
    unanswered = held.state in WAITING and not held.confirmed
    if unanswered and now.link_now >= answer_by.get(pointing.pointing_id, now.link_now):
        return Finish(held, S.EXPIRED, No(Reason.LINK_LOST, "not agreed with the coordinator in time"))
    useful_s = work_s(pointing, now.telescope.timing, pointing.acceptability_threshold, len(held.exposures))
    if now.now + timedelta(seconds=useful_s) > pointing.window_end:
        no = No(Reason.WINDOW_TOO_SHORT, "the window closes before it could be done")
        return Finish(held, end_of(held, S.EXPIRED), no)
    return None


def _not_now(held: Held, now: Circumstances) -> No | None:
    if now.closed_because is not None:
        return No(now.closed_because, "the site is closed")
    left_s = work_s(held.pointing, now.telescope.timing, done=len(held.exposures))
    start = max(now.now + timedelta(seconds=_slew_s(held.pointing, now.aim, now)), held.pointing.window_start)
    end = min(start + timedelta(seconds=left_s), held.pointing.window_end)
    return forbidden(held.pointing, now.telescope, start, end, now.violation)


def _wait(open_: Sequence[Held], ready: Sequence[Held], answer_by: dict[str, LinkTime], now: Circumstances) -> Wait:
    link = [answer_by[h.pointing.pointing_id] for h in open_ if h not in ready and h.pointing.pointing_id in answer_by]
    return Wait(
        until=min((begin(h.pointing, now) for h in ready), default=None),
        link_until=min(link, default=None),
    )


def _slew_s(pointing: Pointing, aim: Place | None, now: Circumstances) -> float:
    here = (pointing.ra_deg, pointing.dec_deg)
    return slew_s(now.telescope.timing, now.telescope.site, aim, here, now.now)
