"""What goes wrong when on a bad link: drawn from a seed, one kind of trouble at a time, and all of them together."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from coordinator.simulation.faulty_link import Faults

TELESCOPES = ("tel-a", "tel-b")
LASTS_S = 700.0
"""What is planned is over by then; trouble ends here, and everything comes to its end."""

NO_FAULTS = Faults()
VICTIMS = ("gateway", "scheduler", "agent")
COMMON = (
    ">offered",
    "offered>accepted",
    "accepted>slewing",
    "slewing>exposing",
    "exposing>exposing",
    "exposing>completed",
    "offered>expired",
    "held_accepted",
    "held_slewing",
    "held_exposing",
    "held_completed",
    "session_opened",
)
"""What happens in most scenes."""


@dataclass(frozen=True, slots=True)
class Kill:
    """A service dies at an instant, so many steps of the loop later; it is away for a while."""

    victim: str
    telescope: str
    at_s: float
    steps: int
    away_s: float


@dataclass(frozen=True, slots=True)
class Strike:
    """A service dies at the n-th transition of a kind: as it is committed, or just before; at an agent, as it is noted.

    Transitions are named as `builders.chaos.Scene.transitions` counts them.
    """

    victim: str
    kind: str
    nth: int
    before: bool
    away_s: float


@dataclass(frozen=True, slots=True)
class Spell:
    """Something lasts for a while at a telescope."""

    telescope: str
    at_s: float
    for_s: float


@dataclass(frozen=True, slots=True)
class ClockStep:
    """A site's machine sets its clock wrong."""

    telescope: str
    at_s: float
    error_s: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """Everything that happens in a scene besides the search itself."""

    seed: int
    faults: Faults = NO_FAULTS
    kills: tuple[Kill, ...] = ()
    strikes: tuple[Strike, ...] = ()
    freezes: tuple[Spell, ...] = ()
    cuts: tuple[Spell, ...] = ()
    clouds: tuple[Spell, ...] = ()
    full_sites: tuple[Spell, ...] = ()
    full_journal: tuple[Spell, ...] = ()
    clock_steps: tuple[ClockStep, ...] = ()
    old_cursor: tuple[str, int] | None = None
    clumsiness: float = 0.0
    revised_at_s: float | None = None
    retracted_at_s: float | None = None
    journal_on_disk: bool = False
    as_real: bool = True

    @property
    def clock_error_s(self) -> float:
        """How wrong a site's sky clock may be: a simulated telescope takes the time from what it hears."""
        steps = [abs(c.error_s) for c in self.clock_steps]
        heard = [self.faults.delay_s[1], *(f.for_s for f in self.freezes)] if not self.as_real else []
        return max([*steps, *heard], default=0.0)


Draw = np.random.Generator


def _when(rng: Draw) -> float:
    return float(rng.uniform(5.0, LASTS_S - 100.0))


def _telescope(rng: Draw) -> str:
    return str(rng.choice(TELESCOPES))


def _spells(rng: Draw, most: int, longest_s: float) -> tuple[Spell, ...]:
    return tuple(
        Spell(_telescope(rng), _when(rng), float(rng.uniform(1.0, longest_s))) for _ in range(rng.integers(1, most + 1))
    )


def _background(seed: int, rng: Draw) -> Schedule:
    """Draw what happens in every scene: a revision, sometimes a cloud, a clumsy telescope, a retraction."""
    return Schedule(
        seed,
        clouds=_spells(rng, 1, 60.0) if rng.random() < 0.4 else (),
        clumsiness=0.1 if rng.random() < 0.4 else 0.0,
        revised_at_s=_when(rng) if rng.random() < 0.7 else None,
        retracted_at_s=float(rng.uniform(300.0, 600.0)) if rng.random() < 0.2 else None,
        as_real=bool(rng.random() < 0.75),
    )


def _kills(rng: Draw, victim: str) -> tuple[Kill, ...]:
    return tuple(
        Kill(victim, _telescope(rng), _when(rng), int(rng.integers(0, 30)), float(rng.uniform(0.01, 40.0)))
        for _ in range(rng.integers(2, 7))
    )


def _strikes(rng: Draw, victim: str) -> tuple[Strike, ...]:
    return tuple(
        Strike(
            victim,
            str(rng.choice(COMMON)),
            int(rng.integers(1, 6)),
            bool(rng.random() < 0.5),
            float(rng.uniform(0.01, 20.0)),
        )
        for _ in range(rng.integers(1, 4))
    )


def _killed(victim: str) -> Callable[[Schedule, Draw], Schedule]:
    return lambda base, rng: replace(base, kills=_kills(rng, victim), strikes=_strikes(rng, victim))


def _on_the_line(**chances: float) -> Callable[[Schedule, Draw], Schedule]:
    def draw(base: Schedule, rng: Draw) -> Schedule:
        share = float(rng.uniform(0.3, 1.0))
        longest_s = float(rng.uniform(1.0, 25.0))
        return replace(
            base,
            faults=Faults(**{k: v * share for k, v in chances.items()}, delay_s=(0.2, longest_s)),  # type: ignore[arg-type]
        )

    return draw


def _all_together(base: Schedule, rng: Draw) -> Schedule:
    return replace(
        base,
        faults=Faults(0.1, 0.1, 0.2, 0.1, (0.1, 12.0)),
        kills=tuple(k for v in VICTIMS for k in _kills(rng, v)[:2]),
        strikes=_strikes(rng, str(rng.choice(VICTIMS))),
        freezes=_spells(rng, 1, 40.0),
        cuts=_spells(rng, 2, 60.0),
    )


KINDS: dict[str, Callable[[Schedule, Draw], Schedule]] = {
    "lost": _on_the_line(lost=0.4),
    "repeated": _on_the_line(repeated=0.6),
    "delayed": _on_the_line(delayed=0.6),
    "reordered": _on_the_line(swapped=0.4, delayed=0.4, repeated=0.2),
    "gateway killed": _killed("gateway"),
    "scheduler killed": _killed("scheduler"),
    "agent killed": _killed("agent"),
    "link cut": lambda base, rng: replace(base, cuts=_spells(rng, 4, 120.0)),
    "peer frozen": lambda base, rng: replace(base, freezes=_spells(rng, 3, 90.0)),
    "disk full at the agent": lambda base, rng: replace(base, full_sites=_spells(rng, 3, 60.0)),
    "disk full at the coordinator": lambda base, rng: replace(
        base, full_journal=_spells(rng, 3, 60.0), journal_on_disk=True
    ),
    "clock wrong": lambda base, rng: replace(
        base,
        clock_steps=tuple(
            ClockStep(t, 0.0 if rng.random() < 0.3 else _when(rng), float(rng.choice([-5.0, 5.0]))) for t in TELESCOPES
        ),
    ),
    "cursor of another journal": lambda base, rng: replace(
        base,
        old_cursor=(str(rng.choice(["another", "memory"])), int(rng.integers(1, 60))),
        kills=_kills(rng, str(rng.choice(VICTIMS))),
    ),
    "everything": _all_together,
}


def drawn(kind: str, seed: int) -> Schedule:
    """Draw a schedule of a kind."""
    rng = np.random.default_rng([seed, list(KINDS).index(kind), 20261129])
    return KINDS[kind](_background(seed, rng), rng)
