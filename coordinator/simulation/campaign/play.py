"""One event under some policies, on the same world; what goes wrong in one of them is told, and the others go on."""

import hashlib
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass

from coordinator.simulation.campaign.drawn_world import DrawnWorld, Setting, drawn_world
from coordinator.simulation.campaign.measures import Outcome, Skies, measured, skies_of
from coordinator.simulation.campaign.policy import Policy, load_policy
from coordinator.simulation.night import run_night


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that could not be played under a policy, and why: its seed plays it again."""

    number: int
    policy: str
    seed: int
    reason: str


@dataclass(frozen=True, slots=True)
class PlayedEvent:
    """An event under all policies.

    Attributes
    ----------
    fingerprint : str
        Of the world: the same for everybody who plays this number of this seed.
    in_reach : bool or None
        Whether the network could see the source, weather and faults left out; None: nothing shines.
    """

    number: int
    seed: int
    fingerprint: str
    kind: str
    retracted: bool
    in_reach: bool | None
    distance_mpc: float | None
    outcomes: tuple[Outcome, ...]
    failures: tuple[Failure, ...]


def played_event(setting: Setting, seed: int, number: int, policies: Sequence[str]) -> PlayedEvent:
    """Draw the event of a number and play it under each policy."""
    world = drawn_world(setting, seed, number)
    skies = skies_of(world)
    told = [_told(world, name, skies) for name in policies]
    return PlayedEvent(
        number=number,
        seed=world.seed,
        fingerprint=world.fingerprint(),
        kind=world.told.kind if world.told.event.binary else "noise",
        retracted=world.told.event.is_retracted,
        in_reach=world.in_reach,
        distance_mpc=None if world.injected is None else world.injected.distance_mpc,
        outcomes=tuple(o for o in told if isinstance(o, Outcome)),
        failures=tuple(f for f in told if isinstance(f, Failure)),
    )


def _told(world: DrawnWorld, name: str, skies: Skies) -> Outcome | Failure:
    """Play one policy; the outermost loop of a campaign, so that whatever a policy raises ends this event alone."""
    try:
        return played(world, name, load_policy(name), skies)
    except Exception as error:  # noqa: BLE001 (told with its seed; the campaign goes on)
        cause = _cause(error)
        where = traceback.extract_tb(cause.__traceback__)[-1]
        reason = f"{type(cause).__name__}: {cause} ({where.name}, line {where.lineno})"
        return Failure(world.number, name, world.seed, " ".join(reason.split()))


def played(world: DrawnWorld, name: str, policy: Policy, skies: Skies) -> Outcome:
    """Play one event under a policy and measure it."""
    began_s = time.process_time()
    results = [run_night(night) for night in world.nights(policy)]
    cpu_s = time.process_time() - began_s
    return Outcome(
        number=world.number,
        policy=name,
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
