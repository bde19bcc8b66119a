"""One event under some policies, on the same world; what goes wrong in one of them is told, and the others go on."""

import hashlib
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from coordinator.simulation.campaign.asked import Asked, Batch
from coordinator.simulation.campaign.drawn_world import DrawnWorld, Setting, drawn_world
from coordinator.simulation.campaign.measures import Outcome, measured
from coordinator.simulation.campaign.policy import Policy, load_policy
from coordinator.simulation.campaign.skies import Skies, skies_of
from coordinator.simulation.night import run_night
from telescopes.description.errors import Refused


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that could not be played under a policy, and why: its seed plays it again."""

    number: int
    policy: str
    seed: int
    reason: str
    without: str | None = None


@dataclass(frozen=True, slots=True)
class PlayedEvent:
    """An event under all policies.

    Attributes
    ----------
    number, campaign_seed : int
        What it is drawn from; `seed` is all chance of its nights.
    fingerprint : str
        Of the world: the same for everybody who plays this number of this seed; empty: none could be drawn.
    kind : str or None
        What happened, as `Happened` says, such as BNS, noise, BNS+GRB or GRB; None: no world could be drawn.
    in_reach : bool or None
        Whether the network could see the source, weather and faults left out; None: nothing shines.
    distance_mpc : float or None
        Of the source; None: nothing shines, or how far it is has no part in how bright it is.
    left_out : tuple of Outcome
        The same event without one telescope each, under the first policy.
    """

    number: int
    campaign_seed: int
    seed: int
    point: int
    fingerprint: str
    kind: str | None
    retracted: bool
    in_reach: bool | None
    distance_mpc: float | None
    outcomes: tuple[Outcome, ...]
    left_out: tuple[Outcome, ...]
    failures: tuple[Failure, ...]


def played_batch(asked: Asked, batch: Batch) -> tuple[PlayedEvent, ...]:
    """Play the events of a batch."""
    setting = asked.points[batch.point].setting
    return tuple(
        played_event(setting, batch.seed, number, asked.policies, asked.worth_of, batch.point)
        for number in batch.events
    )


def played_event(
    setting: Setting,
    seed: int,
    number: int,
    policies: Sequence[str],
    worth_of: Sequence[str] = (),
    point: int = 0,
) -> PlayedEvent:
    """Draw the event of a number and play it under each policy.

    Under the first one it is played without each telescope of `worth_of`, too.
    """
    try:
        world = drawn_world(setting, seed, number)
    except Refused as error:
        return _undrawn(seed, number, point, [Failure(number, name, seed, str(error)) for name in policies])
    skies = skies_of(world)
    told = [_told(world, name, skies) for name in policies]
    lacking = list(_left_out(world, told[0], skies, worth_of))
    return PlayedEvent(
        number=number,
        campaign_seed=seed,
        seed=world.seed,
        point=point,
        fingerprint=world.fingerprint(),
        kind=world.happened.kind,
        retracted=world.happened.retracted,
        in_reach=world.in_reach,
        distance_mpc=None if world.injected is None else world.injected.distance_mpc,
        outcomes=tuple(o for o in told if isinstance(o, Outcome)),
        left_out=tuple(o for o in lacking if isinstance(o, Outcome)),
        failures=tuple(f for f in (*told, *lacking) if isinstance(f, Failure)),
    )


def _undrawn(seed: int, number: int, point: int, failures: Sequence[Failure]) -> PlayedEvent:
    """Tell of an event that is no event: nothing that was drawn is in reach."""
    return PlayedEvent(number, seed, seed, point, "", None, False, None, None, (), (), tuple(failures))


def _left_out(
    world: DrawnWorld, whole: Outcome | Failure, skies: Skies, worth_of: Sequence[str]
) -> Iterator[Outcome | Failure]:
    """Play it without each telescope that was offered anything; who was not is taken as no loss, and not played.

    An offer that came to no look counts: while it stood it kept others off that sky.

    Which telescopes these are is a fact of the whole network's night, so everybody who plays it leaves out the same.
    """
    if isinstance(whole, Failure) or len(world.telescopes) == 1:
        return
    for one in worth_of:
        if one in whole.telescopes and whole.telescopes[one].offers:
            yield _told(world.without(one), whole.policy, skies, one)


def _told(world: DrawnWorld, name: str, skies: Skies, without: str | None = None) -> Outcome | Failure:
    """Play one policy; the outermost loop of a campaign, so that whatever a policy raises ends this event alone."""
    try:
        return played(world, name, load_policy(name), skies, without)
    except Exception as error:  # noqa: BLE001 (told with its seed; the campaign goes on)
        cause = _cause(error)
        where = traceback.extract_tb(cause.__traceback__)[-1]
        reason = f"{type(cause).__name__}: {cause} ({where.name}, line {where.lineno})"
        return Failure(world.number, name, world.seed, " ".join(reason.split()), without)


def played(world: DrawnWorld, name: str, policy: Policy, skies: Skies, without: str | None = None) -> Outcome:
    """Play one event under a policy and measure it."""
    began_s = time.process_time()
    results = [run_night(night) for night in world.nights(policy)]
    cpu_s = time.process_time() - began_s
    return Outcome(
        number=world.number,
        policy=name,
        without=without,
        **measured(world, results, skies),
        broken=tuple(said for r in results for said in r.broken),
        state_hash=hashlib.sha256("".join(r.state_hash for r in results).encode()).hexdigest(),
        planning_cpu_s=sum(r.planning_cpu_s for r in results),
        cpu_s=cpu_s,
    )


def _cause(error: BaseException) -> BaseException:
    """Find what a group of errors began with."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
