"""The mix of events that is played, and what their alerts say of them.

What an alert says is drawn first, and the truth after it: of a hundred events that are said to be noise with a chance
of 0.3 thirty are noise. So a vetter that believes its alerts is not wrong by their fault.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from coordinator.alerts.alert import Localization
from coordinator.events.event import Event
from coordinator.simulation.world.binaries import Binary, drawn_binary
from coordinator.simulation.world.detectors import Network
from coordinator.simulation.world.remnant import leaves_something
from coordinator.simulation.world.sequence import SimulatedEvent, Telling, drawn_event

O3 = Network.of(H1=108.0, L1=135.0, V1=50.0)
"""Ranges of that run (arXiv:1304.0670): mergers as far as today's survey cameras see kilonovae."""

SHARES = {"BNS": 0.75, "NSBH": 0.15, "BBH": 0.10}
"""Of what is told (assumed: a search for kilonovae picks events with neutron stars; a few of them have none)."""

RETRACTED = 0.08
"""Taken back before the verdict (assumed; 0.3 of O3's alerts were, mostly before a search began)."""

OFTEN_NOISE, MOSTLY_REAL = 0.3, 0.02
"""Three in ten alerts are doubtful and are noise with a chance even between 0 and 1; of the others one in fifty."""

WITHIN_MPC = 360.0
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_STATED_DRAWS = 100
_STATED_MASS_ERR = 0.15


@dataclass(frozen=True, slots=True)
class Told:
    """A simulated event with what its alerts say: chances by class, and that matter was left outside."""

    event: SimulatedEvent
    terrestrial: float
    kind: str
    has_remnant: float

    def as_heard(self, revision: int, *, retracted: bool) -> Event:
        """Return the event as the vetter knows it: nothing of the truth is in it."""
        issued = self.event.revisions[min(revision, len(self.event.revisions)) - 1].issued
        return Event(
            key=f"sim:{self.event.name}",
            name=self.event.name,
            revision=revision,
            retracted=retracted,
            messenger="gw",
            phase=None,
            stage=None,
            purpose=None,
            t0=self.event.t0,
            t_issued=issued,
            localization=Localization("multiorder"),
            classification={"Terrestrial": self.terrestrial, self.kind: 1.0 - self.terrestrial},
            properties={"HasRemnant": self.has_remnant},
        )


def drawn_told(
    rng: np.random.Generator, name: str, network: Network = O3, merged: datetime | None = None, *, alone: bool = False
) -> Told:
    """Draw an event and its alerts; `merged` None: it is drawn when, too. `alone`: as `Telling` says."""
    merged = merged or FIRST + timedelta(days=float(rng.uniform(0.0, 365.0)))
    kind = str(rng.choice(list(SHARES), p=list(SHARES.values())))
    terrestrial = float(rng.uniform()) if rng.random() < OFTEN_NOISE else MOSTLY_REAL
    telling = Telling(retracted=RETRACTED, standing_false=(1.0 - RETRACTED) * terrestrial, alone=alone)
    drawn: list[Binary] = []

    def draw(chance: np.random.Generator) -> Binary:
        drawn.append(_binary(chance, kind, merged))
        return drawn[-1]

    event = drawn_event(rng, name, network, draw, telling)
    return Told(event, terrestrial, kind, stated_remnant(rng, drawn[-1], kind))


def _binary(rng: np.random.Generator, kind: str, merged: datetime) -> Binary:
    """Draw masses and a place: two stars, a star and a hole of 3 to 12, or two holes of 20 to 40 solar masses."""
    first, second, spin = 1.4, 1.4, 0.0
    if kind == "NSBH":
        first, spin = float(rng.uniform(3.0, 12.0)), float(rng.uniform(0.0, 0.8))
    elif kind == "BBH":
        first, second = np.sort(rng.uniform(20.0, 40.0, 2))[::-1].tolist()
    probe = Binary(0.0, 0.0, 1.0, 0.0, 0.0, merged, first, second, spin)
    placed = drawn_binary(rng, WITHIN_MPC * probe.loudness, merged)
    return replace(placed, mass1_detector_msun=first, mass2_detector_msun=second, spin1=spin)


def stated_remnant(rng: np.random.Generator, binary: Binary, kind: str) -> float:
    """Say how likely matter is left by what an alert knows: masses to 15 %, nothing of the spin."""
    if kind != "NSBH":
        return 1.0 if kind == "BNS" else 0.0
    heard = binary.mass1_detector_msun * float(np.exp(rng.normal(0.0, _STATED_MASS_ERR)))
    masses = heard * np.exp(rng.normal(0.0, _STATED_MASS_ERR, _STATED_DRAWS))
    spins = rng.uniform(0.0, 0.8, _STATED_DRAWS)
    tried = [
        replace(binary, mass1_detector_msun=max(float(m), 3.0), spin1=float(s))
        for m, s in zip(masses, spins, strict=True)
    ]
    return float(np.mean([leaves_something(one) for one in tried]))
