"""Whether a fault world kept the laws: what was found on the way, and what is left when all has ended."""

import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from coordinator.simulation.faults.hands import JOURNAL_AWAY
from coordinator.simulation.faults.parts import AS_SHIPPED, Parts
from coordinator.simulation.faults.scene import Scene
from coordinator.simulation.faults.trouble import FaultWorld
from coordinator.simulation.truth import Happened, untrue
from coordinator.simulation.verdict import is_of_a_wrong_clock
from coordinator.simulation.virtual_loop import VirtualLoop, run_virtual


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a world; `broken` has a sentence for every law that was broken.

    `entries` is the length of its journal, `frames` the exposures that happened, `state_hash` that of the folded state
    at the end; empty: it did not come to its end.
    """

    world: FaultWorld
    broken: tuple[str, ...]
    entries: int
    frames: int
    state_hash: str


def play(world: FaultWorld, parts: Parts = AS_SHIPPED) -> Verdict:
    """Play a world, and hold it against the laws."""
    return run_virtual(lambda loop: _played(loop, world, parts))


async def _played(loop: VirtualLoop, world: FaultWorld, parts: Parts) -> Verdict:
    scene = Scene(loop, world, parts)
    try:
        await scene.play()
        broken = list(_broken(scene))
    except BaseExceptionGroup as group:
        broken = [*scene.laws.broken, *(_in_a_line(error) for error in _leaves(group))]
    finally:
        scene.close()
    return Verdict(world, tuple(broken), len(scene.journal.stored), len(scene.seen.frames), scene.state_hash)


def _broken(scene: Scene) -> Iterator[str]:
    """Yield what was found on the way; where nothing was, what the end shows."""
    scene.journal.tell()
    if not scene.laws.broken:
        scene.laws.at_the_end()
    yield from scene.laws.broken
    if scene.laws.broken:
        return
    error = timedelta(seconds=scene.world.clock_error_s)
    entries = tuple(scene.journal.stored)
    yield from untrue(Happened(entries, scene.seen, scene.telescopes, scene.ended, tuple(scene.lost), error))
    yield from _left_over(scene)
    yield from _own_ends(scene)


def _left_over(scene: Scene) -> Iterator[str]:
    state = scene.laws.state
    if scene.scheduler_hash != scene.state_hash:
        yield "the scheduler's state is not what the journal folds to"
    yield from (f"{one.id} is open at the coordinator when all has ended" for one in state.pointings.live())
    for name, site in scene.sites.items():
        for held in site.store.open_pointings():
            yield f"{held.pointing.pointing_id} is open at {name} when all has ended"
        yield from (f"{item} of {name} was refused with {code} {why}" for item, code, why in site.store.refused())
        if site.store.unsent():
            yield f"{site.store.unsent()} reports and detections of {name} wait when all has ended"
    sent = sum(site.store.detections_ever() for site in scene.sites.values())
    if sent != state.detections:
        yield f"the sites had {sent} detections to send, and the journal holds {state.detections}"


def _own_ends(scene: Scene) -> Iterator[str]:
    """Yield what services ended by without being killed."""
    for name, kept in scene.services().items():
        for failure in kept.failures:
            if not is_of_a_wrong_clock(failure) and JOURNAL_AWAY not in failure.what:
                yield f"{name} ended by itself: {failure}"


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _leaves(each)
    else:
        yield error


def _in_a_line(error: BaseException) -> str:
    where = traceback.extract_tb(error.__traceback__)[-1] if error.__traceback__ else None
    place = f" at {where.filename.rpartition('/')[2]}:{where.lineno}" if where else ""
    return f"nobody foresaw {type(error).__name__}: {error}{place}"
