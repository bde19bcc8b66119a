"""Events as they are told: an early warning, a preliminary map, an update, and what is taken back.

Shares of false alarms are real ones: 24 of the 80 superevents of O3 were retracted; the 249 significant alerts of O4
that stand give themselves a chance of 0.023 in the mean to be terrestrial. When words come and how much surer each is
than the one before is assumed, and marked so.

While one detector alone is up, what it hears with 12 is an event, too, where `Telling.alone` says so. Its map is the
whole sky by how well that detector hears: 24,200 square degrees hold 90 %, which is the area of 13 of the 249 maps of
O4's table (5.2 %, 24,218 to 24,222 each); of what the network of O4 finds here 5.5 % is of this kind. Nobody warns of
it before the merger. What two hear of which only one is above 4 stays unheard.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from coordinator.simulation.world.binaries import Binary
from coordinator.simulation.world.detectors import DUTY, Network
from coordinator.simulation.world.heard import Heard, hear
from coordinator.simulation.world.ring import facts_of, ring_map
from coordinator.sky.skymap import SkyMap
from telescopes.description.errors import Refused

Stage = Literal["early warning", "preliminary", "update", "retraction"]
DrawBinary = Callable[[np.random.Generator], Binary]

RETRACTED_SHARE = 24 / 80
STANDING_FALSE_SHARE = 0.023

EARLY_SHARE = 0.4
EARLY_BANDWIDTH_HZ = 20.0
EARLY_SNR = 10.0
"""Half a minute before the merger: share of its loudness, bandwidth, and how loud it must be; all assumed."""

PRELIMINARY_BLUR = 1.5
"""How much worse the first map knows the times than the update; assumed."""

_MOST_TRIES = 3000


@dataclass(frozen=True, slots=True)
class Revision:
    """One word about an event; a retraction has no map."""

    stage: Stage
    issued: datetime
    sky: SkyMap | None


@dataclass(frozen=True, slots=True)
class SimulatedEvent:
    """An event with its truth.

    `binary` None: nothing merged, whatever is told of it. `heard` None: nobody heard it, its map was given.
    """

    name: str
    t0: datetime
    binary: Binary | None
    heard: Heard | None
    revisions: tuple[Revision, ...]

    @property
    def instruments(self) -> tuple[str, ...]:
        """Detectors that heard it; those that its map names where that is given."""
        return self.best_map.facts.instruments if self.heard is None else self.heard.network.names

    @property
    def is_retracted(self) -> bool:
        """Whether it is taken back in the end."""
        return self.revisions[-1].stage == "retraction"

    @property
    def best_map(self) -> SkyMap:
        """Return the last map that is told."""
        return next(r.sky for r in reversed(self.revisions) if r.sky is not None)


@dataclass(frozen=True, slots=True)
class Telling:
    """How events are told.

    Attributes
    ----------
    retracted, standing_false : float
        Share of events that nothing real is behind: those taken back, and those that stand.
    duty : float
        Share of time that each detector is up.
    alone : bool
        Whether what is loud enough while one detector alone is up is told, too.
    """

    retracted: float = RETRACTED_SHARE
    standing_false: float = STANDING_FALSE_SHARE
    duty: float = DUTY
    alone: bool = False


def drawn_event(
    rng: np.random.Generator, name: str, network: Network, draw: DrawBinary, telling: Telling | None = None
) -> SimulatedEvent:
    """Draw mergers until one is heard, and tell it; some of what is told never merged.

    Parameters
    ----------
    rng : numpy Generator
        All chance.
    draw : callable
        Gives a merger, from `binaries.drawn_binary` or `binaries.drawn_from`.

    Raises
    ------
    Refused
        Nothing that is drawn is ever heard.
    """
    how = telling or Telling()
    binary, heard = found_merger(rng, network, draw, how)
    fate = rng.random()
    retracted = fate < how.retracted
    real = fate >= how.retracted + how.standing_false
    told = _told(rng, name, binary, heard, real=real)
    if retracted:
        after = timedelta(minutes=float(40.0 * np.exp(rng.normal(0.0, 0.9))))
        taken_back = Revision("retraction", told[0].issued + after, None)
        told = (*(r for r in told if r.issued < taken_back.issued), taken_back)
    return SimulatedEvent(name, binary.merged, binary if real else None, heard, told)


def found_merger(rng: np.random.Generator, network: Network, draw: DrawBinary, how: Telling) -> tuple[Binary, Heard]:
    """Draw mergers, and which detectors are up, until one is heard.

    Raises
    ------
    Refused
        Nothing that is drawn is ever heard.
    """
    at_one = rng.spawn(1)[0]  # so that what two hear is the same whether or not one is asked
    for _ in range(_MOST_TRIES):
        up = network.up(rng, how.duty)
        binary = draw(rng)
        if len(up.names) < (1 if how.alone else 2):
            continue
        heard = hear(at_one if len(up.names) == 1 else rng, up, binary)
        if heard.is_found:
            return binary, heard
    raise Refused(
        f"none of {_MOST_TRIES} mergers was heard by {', '.join(network.names)}",
        where="drawn_event",
        mend="draw nearer mergers, or give detectors that hear farther",
    )


def _told(rng: np.random.Generator, name: str, binary: Binary, heard: Heard, *, real: bool) -> tuple[Revision, ...]:
    t0 = binary.merged
    told = []
    early = _early(rng, binary, heard) if real else None
    if early is not None:
        issued = t0 - timedelta(seconds=float(rng.uniform(5.0, 25.0)))
        told.append(Revision("early warning", issued, ring_map(early, facts_of(early, name, t0, issued))))
    first = t0 + timedelta(seconds=float(60.0 * np.exp(rng.normal(0.0, 0.7))))
    blurred = heard.blurred(rng, PRELIMINARY_BLUR)
    told.append(Revision("preliminary", first, ring_map(blurred, facts_of(heard, name, t0, first))))
    last = first + timedelta(hours=float(3.0 * np.exp(rng.normal(0.0, 0.8))))
    told.append(Revision("update", last, ring_map(heard, facts_of(heard, name, t0, last))))
    return tuple(told)


def _early(rng: np.random.Generator, binary: Binary, heard: Heard) -> Heard | None:
    """What is known half a minute before; None: too little. Heard apart: most of the signal is still to come."""
    if len(heard.network.names) < 2:
        return None
    quiet = Network(tuple((name, its * EARLY_SHARE) for name, its in heard.network.range_mpc))
    early = hear(rng, quiet, binary, EARLY_BANDWIDTH_HZ)
    return early if np.sqrt((np.maximum(early.snr, 0.0) ** 2).sum()) > EARLY_SNR else None
