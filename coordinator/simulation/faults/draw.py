"""A fault world from a seed: some of everything that may go wrong, more of it in some worlds than in others."""

from collections.abc import Callable, Iterator

import numpy as np

from coordinator.simulation.faults.stage import EVENTS, NAMES, SKIES
from coordinator.simulation.faults.steps import COMMON, OF_AGENTS, OF_THE_COORDINATOR
from coordinator.simulation.faults.trouble import (
    BadLine,
    ClockStep,
    Clouds,
    Clumsy,
    Cut,
    Death,
    FaultWorld,
    Frozen,
    JournalAway,
    News,
    Ordered,
    PlannerAway,
    Strike,
    Trouble,
)
from coordinator.simulation.faulty_link import Faults

LASTS_S = 80.0
STREAM = 20261129
"""Keeps the draws of worlds apart from other draws of the same seed."""
MOST_TELESCOPES = 6
SIZES = (0.0, 0.0, 0.56, 0.26, 0.1, 0.05, 0.03)
"""Chance of a world of so many telescopes: the small ones are the quick ones, and show most."""

Draw = np.random.Generator


def drawn(seed: int) -> FaultWorld:
    """Draw a world; the same seed gives the same world."""
    rng = np.random.default_rng([seed, STREAM])
    telescopes = NAMES[: int(rng.choice(MOST_TELESCOPES + 1, p=SIZES))]
    events = EVENTS[: 2 if rng.random() < 0.2 else 1]
    as_real, shines = bool(rng.random() < 0.75), bool(rng.random() < 0.2)
    troubles = [*_news(rng, events)]
    for chance, draw in KINDS:
        if rng.random() < chance:
            troubles += draw(rng, telescopes)
    return FaultWorld(seed, telescopes, events, LASTS_S, as_real, shines, tuple(troubles))


def _when(rng: Draw) -> float:
    return round(float(rng.uniform(0.5, LASTS_S - 10.0)), 2)


def _span_s(rng: Draw, longest_s: float) -> float:
    """Draw how long something lasts: as often short as long."""
    return round(float(np.exp(rng.uniform(np.log(0.2), np.log(longest_s)))), 2)


def _news(rng: Draw, events: tuple[str, ...]) -> Iterator[Trouble]:
    """Revisions and retractions, also before the first word, and not in the order of their issue."""
    for event in events:
        for number in range(2, 2 + int(rng.choice(3, p=(0.4, 0.4, 0.2)))):
            yield News(event, _when(rng), number, str(rng.choice(SKIES)))
        if rng.random() < 0.3:
            early = rng.random() < 0.15
            yield News(event, 0.0 if early else _when(rng), int(rng.choice((2, 9))), None)


def _service(rng: Draw, telescopes: tuple[str, ...]) -> str:
    one = rng.choice(telescopes)
    return str(rng.choice(("scheduler", "vetter", f"telescope/{one}", f"agent/{one}"), p=(0.35, 0.1, 0.25, 0.3)))


def _deaths(rng: Draw, telescopes: tuple[str, ...]) -> Iterator[Trouble]:
    for _ in range(rng.integers(1, 5)):
        yield Death(_service(rng, telescopes), _when(rng), int(rng.integers(0, 40)), _span_s(rng, 40.0))


def _strikes(rng: Draw, telescopes: tuple[str, ...]) -> Iterator[Trouble]:
    """Steps that every world has, as often as all others together."""
    for _ in range(rng.integers(1, 4)):
        service, before = _service(rng, telescopes), bool(rng.random() < 0.5)
        of_agents, common = not before and rng.random() < 0.3, rng.random() < 0.5
        every = OF_AGENTS if of_agents else OF_THE_COORDINATOR
        steps = [step for step in every if step in COMMON] if common else every
        yield Strike(service, str(rng.choice(steps)), int(rng.geometric(0.6)), before, _span_s(rng, 20.0))


def _bad_lines(rng: Draw, telescopes: tuple[str, ...]) -> Iterator[Trouble]:
    """Each telescope's line for itself; some lose only, some do everything at once."""
    for telescope in telescopes:
        if rng.random() < 0.7:
            most = rng.random() * np.array((0.4, 0.5, 0.5, 0.4))
            lost, repeated, delayed, swapped = (round(float(p), 2) for p in most * (rng.random(4) < 0.6))
            late_s = (0.1, round(float(rng.uniform(1.0, 20.0)), 2))
            yield BadLine(telescope, Faults(lost, repeated, delayed, swapped, late_s))


def _spells(
    make: Callable[[str, float, float], Trouble], most: int, longest_s: float
) -> Callable[[Draw, tuple[str, ...]], Iterator[Trouble]]:
    def draw(rng: Draw, telescopes: tuple[str, ...]) -> Iterator[Trouble]:
        for _ in range(rng.integers(1, most + 1)):
            yield make(str(rng.choice(telescopes)), _when(rng), _span_s(rng, longest_s))

    return draw


def _clock_steps(rng: Draw, telescopes: tuple[str, ...]) -> Iterator[Trouble]:
    for _ in range(rng.integers(1, 3)):
        error_s = round(float(rng.choice((-1.0, 1.0)) * rng.choice((0.5, 1.9, 5.0, 60.0))), 2)
        yield ClockStep(str(rng.choice(telescopes)), 0.0 if rng.random() < 0.2 else _when(rng), error_s)


def _clumsy(rng: Draw, telescopes: tuple[str, ...]) -> Iterator[Trouble]:
    yield Clumsy(str(rng.choice(telescopes)), round(float(rng.uniform(0.05, 0.3)), 2))


def _orders(rng: Draw, telescopes: tuple[str, ...]) -> Iterator[Trouble]:
    one, at_s = str(rng.choice(telescopes)), _when(rng)
    yield Ordered(one, at_s, "pause")
    if rng.random() < 0.8:
        yield Ordered(one, round(at_s + _span_s(rng, 60.0), 2), "resume")


def _journal_away(rng: Draw, telescopes: tuple[str, ...]) -> Iterator[Trouble]:
    yield JournalAway(_when(rng), _span_s(rng, 20.0))


def _planner_away(rng: Draw, telescopes: tuple[str, ...]) -> Iterator[Trouble]:
    yield PlannerAway(_when(rng), _span_s(rng, 60.0))


KINDS: tuple[tuple[float, Callable[[Draw, tuple[str, ...]], Iterator[Trouble]]], ...] = (
    (0.5, _deaths),
    (0.5, _strikes),
    (0.45, _bad_lines),
    (0.35, _spells(Cut, 3, 90.0)),
    (0.2, _spells(Frozen, 2, 60.0)),
    (0.3, _spells(Clouds, 2, 60.0)),
    (0.15, _clock_steps),
    (0.25, _clumsy),
    (0.15, _orders),
    (0.15, _journal_away),
    (0.1, _planner_away),
)
"""Each kind of trouble, and the chance that a world has any of it."""
