"""Bursts, neutrinos, and mergers with a burst: what happens, and what readers of the real streams make of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from coordinator.alerts.message import Alerts
from coordinator.alerts.registry import understand
from coordinator.events.stages import namespace
from coordinator.services.place_map import place_map
from coordinator.simulation.campaign.happened import Happened, MapTold, night_begins
from coordinator.simulation.campaign.in_reach import Reachable
from coordinator.simulation.campaign.mix import Kind
from coordinator.simulation.campaign.population import Population
from coordinator.simulation.campaign.words import HeardWord, words_of_circles
from coordinator.simulation.world.binaries import Binary
from coordinator.simulation.world.cone_light import light_of
from coordinator.simulation.world.cones import PER_YEAR, ConeEvent, Who, cone_at, drawn_cone
from coordinator.simulation.world.make import BEYOND_H
from coordinator.simulation.world.remnant import leaves_something
from coordinator.simulation.world.sequence import SimulatedEvent
from coordinator.sky.read import read_skymap
from telescopes.description.errors import Broken, Refused

TOLD_BY: dict[Kind, tuple[Who, ...]] = {
    "gamma-ray bursts": ("gbm", "swift"),
    "neutrinos": ("gold", "bronze"),
    "supernova neutrinos": ("superk",),
}
CALLED: dict[Who, str] = {
    "gbm": "GRB",
    "swift": "GRB",
    "gold": "neutrino",
    "bronze": "neutrino",
    "superk": "supernova neutrinos",
}
DELAY_S = (0.5, 3.0)
"""A burst comes so long after its merger (assumed; 1.7 s after GW170817)."""

MOST_TRIES = 2000


def drawn_burst(rng: np.random.Generator, kind: Kind, network: Reachable, law: Population, *, near: bool) -> Happened:
    """Draw a burst or a neutrino with what shines there, and what is told of it.

    Parameters
    ----------
    near : bool
        It is drawn until something shines that some telescope could see.

    Raises
    ------
    Refused
        Nothing that is drawn is ever in reach.
    """
    for _ in range(MOST_TRIES):
        event = drawn_cone(rng, _who(rng, TOLD_BY[kind]), law.some_time(rng))
        words = words_of_circles(event)
        start = night_begins(event.t0, words)
        light = light_of(rng, event, start, network.hours + BEYOND_H)
        if not near or (light is not None and network.sees(light, start)):
            key, maps = _as_read(words)
            return Happened(
                key=key,
                kind=CALLED[event.who] if event.is_real else f"{CALLED[event.who]} (noise)",
                t0=event.t0,
                truth=event,
                words=words,
                maps=maps,
                shown=None if light is None else (light, _distance_mpc(event)),
            )
    raise Refused(
        f"none of {MOST_TRIES} {kind} could be reached",
        where="campaign",
        mend="give more or deeper telescopes (--sites), or more --hours, or let in_reach be 0",
    )


def with_burst(rng: np.random.Generator, happened: Happened, share: float) -> Happened:
    """Let a merger that leaves matter outside come with a burst, as often as a share says.

    One number decides, so more bursts are among the same mergers. A burst is told of whatever the angle that its jet is
    seen at, as that of GW170817 was; what its jet shines with is as without it.
    """
    event, decides = happened.truth, rng.random()
    if not isinstance(event, SimulatedEvent) or event.binary is None or not leaves_something(event.binary):
        return happened
    if decides >= share:
        return happened
    burst = _burst_of(rng, event.binary)
    words = words_of_circles(burst, beside="partner")
    key, maps = _as_read(words)
    return replace(
        happened,
        kind=f"{happened.kind}+GRB",
        words=tuple(sorted((*happened.words, *words), key=lambda word: word.issued)),
        partner_key=key,
        partner=burst,
        partner_maps=maps,
    )


def _burst_of(rng: np.random.Generator, binary: Binary) -> ConeEvent:
    at = binary.merged + timedelta(seconds=float(rng.uniform(*DELAY_S)))
    return cone_at(rng, _who(rng, TOLD_BY["gamma-ray bursts"]), at, (binary.ra_deg % 360.0, binary.dec_deg))


def _who(rng: np.random.Generator, of: Sequence[Who]) -> Who:
    rates = np.array([PER_YEAR[one] for one in of])
    return of[int(rng.choice(len(of), p=rates / rates.sum()))]


def _distance_mpc(event: ConeEvent) -> float | None:
    return None if event.distance_kpc is None else event.distance_kpc / 1000.0


def _as_read(words: Sequence[HeardWord]) -> tuple[str, tuple[MapTold, ...]]:
    """Return the event's key and its maps, as the intake reads them out of the notices."""
    read = [_read(word) for word in words]
    return read[0][0], tuple(told for _, told in read)


def _read(word: HeardWord) -> tuple[str, MapTold]:
    meaning = understand(word.data, name=word.name)
    alert = meaning.alerts[0] if isinstance(meaning, Alerts) else None
    made = None if alert is None else place_map(alert.localization, namespace(alert))
    if alert is None or alert.event_key is None or made is None:
        raise Broken(f"a notice of ours is not read: {meaning}", where="campaign", mend="mend cone_notices.py")
    return alert.event_key, MapTold(read_skymap(made.data), made.data)
