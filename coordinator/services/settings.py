"""What can be set about the services; figures ending in `_s` are link time unless their name says `sky`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from coordinator.events.age import OLDEST
from coordinator.events.expiry import AFTER
from coordinator.events.rules import FOLLOW_EVERYTHING, Rule
from coordinator.planning.recipe import AUTO, NO_WISH, Wish
from coordinator.planning.request import Objective


@dataclass(frozen=True, slots=True)
class FastSky:
    """A sky clock that runs fast, for demonstrations: it stands at `start` when the first alert comes in.

    `may_jump`: hours in which nobody has work are jumped over, those of more than `jump_over_s` of sky time.
    """

    start: datetime
    rate: float
    may_jump: bool = True
    jump_over_s: float = 1800.0


@dataclass(frozen=True, slots=True)
class SchedulerSettings:
    """How the scheduler works.

    Attributes
    ----------
    plan_hours, near_hours : float
        Sky hours of a plan, and of the one that is made in a hurry when there is new sky.
    plan_until : datetime, optional
        Sky time at which every plan ends at the latest, and after which none is made; None: plans go on for ever.
    start_slack_s : float
        A start may slip by this much link time and still be inside its window.
    reaction_s : float
        Least link time between an offer and its start, besides the site's own reaction.
    answer_grace_s, report_grace_s : float
        What an answer or a last report may take on its way.
    restart_grace_s : float
        What telescopes may take to be there again after the scheduler started; open offers count from then.
    least_share : float
        A pointing that holds less than this share of what it held when it was offered is asked back.
    own_share : float
        Share of a pointing's own value that must be new when it is offered; its floor is one half (law 2).
    objective : str
        What searches make most of; auto: detection where an event's map knows a distance, else probability.
    visits : tuple of str
        Passes over the sky of an event, in order, by name (`coordinator.planning.recipe`).
    wish : Wish
        What all of them are for: a source or a depth that exposures are to reach, and bands of watches.
    rules : tuple of Rule
        What is done with an event, in order; here whatever may be searched is.
    expire_after : timedelta
        Sky time after which a low-significance event ends by itself.
    oldest : timedelta
        How old an event may be when it is first heard of, and still be searched by itself.
    fast_sky : FastSky, optional
        How the sky clock runs in a demonstration; None: sky time is the machine's UTC.
    """

    plan_hours: float = 24.0
    near_hours: float = 2.0
    plan_until: datetime | None = None
    tick_s: float = 0.25
    least_plan_interval_s: float = 1.0
    idle_plan_interval_s: float = 30.0
    start_slack_s: float = 5.0
    reaction_s: float = 0.5
    answer_grace_s: float = 2.0
    report_grace_s: float = 10.0
    restart_grace_s: float = 60.0
    least_share: float = 0.2
    own_share: float = 0.55
    objective: Objective = "auto"
    visits: tuple[str, ...] = (AUTO,)
    wish: Wish = NO_WISH
    rules: tuple[Rule, ...] = (FOLLOW_EVERYTHING,)
    expire_after: timedelta = AFTER
    oldest: timedelta = OLDEST
    fast_sky: FastSky | None = None


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """How a telescope's session works; None: as the site file says."""

    heartbeat_s: float = 10.0
    lease_s: float | None = None
