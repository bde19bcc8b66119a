"""Which events belong together by time, and which pairs must not be counted; pure, and the same in any order.

Windows are relative to the first of a pair. Those with gravitational waves are RAVEN's, as the LVK's public alerts
guide and gwcelery's ``raven_coincidence_windows`` give them.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from coordinator.alerts.alert import StatedCoincidence
from coordinator.events.event import Event

YEAR_S = 365.0 * 86400.0


class Kind(StrEnum):
    """What an event is to others, by its stream."""

    CBC = "CBC"
    BURST = "Burst"
    GRB = "GRB"
    SUBTHRESHOLD_GRB = "sub-threshold GRB"
    TARGETED_GRB = "targeted GRB"
    SUPERNOVA_NEUTRINOS = "supernova neutrinos"
    NEUTRINO = "neutrino"
    OPTICAL = "optical transient"


@dataclass(frozen=True, slots=True)
class Window:
    """How far apart in time two events may be, in seconds of the second after the first.

    Attributes
    ----------
    second_rate_hz, first_rate_hz : float, optional
        How often events of that kind come; None: unknown. For the first it counts only where its event has no
        false-alarm rate of its own.
    least_overlap : float
        Maps that agree less exclude each other. In a long window chance meetings are common, so there the maps have to
        agree better than unrelated ones do.
    """

    first: Kind
    second: Kind
    low_s: float
    high_s: float
    second_rate_hz: float | None = None
    first_rate_hz: float | None = None
    least_overlap: float = 0.01


GRB_RATE_HZ = 325 / YEAR_S
"""Fermi 236, Swift 65, SVOM ECLAIRs 25 a year, what two of them see counted once: RAVEN (LIGO-T2400116)."""
SUBTHRESHOLD_RATE_HZ = GRB_RATE_HZ + 65 / YEAR_S
"""Bursts, and those below the threshold: RAVEN (LIGO-T1900297)."""
NEUTRINO_RATE_HZ = 26 / YEAR_S
"""IceCube gold and bronze tracks; RAVEN counts gold ones alone, 13.91 a year (arXiv 2304.01174)."""

DAY_S = 86400.0
UNRELATED = 1.0
WINDOWS = (
    Window(Kind.CBC, Kind.GRB, -1, 5, GRB_RATE_HZ),
    Window(Kind.BURST, Kind.GRB, -60, 600, GRB_RATE_HZ),
    Window(Kind.CBC, Kind.SUBTHRESHOLD_GRB, -1, 11, SUBTHRESHOLD_RATE_HZ),
    Window(Kind.BURST, Kind.SUBTHRESHOLD_GRB, -1, 11, SUBTHRESHOLD_RATE_HZ),
    Window(Kind.CBC, Kind.TARGETED_GRB, -10, 20),
    Window(Kind.BURST, Kind.TARGETED_GRB, -10, 20),
    Window(Kind.CBC, Kind.SUPERNOVA_NEUTRINOS, -10, 10),
    Window(Kind.BURST, Kind.SUPERNOVA_NEUTRINOS, -10, 10),
    Window(Kind.CBC, Kind.NEUTRINO, -500, 500, NEUTRINO_RATE_HZ, least_overlap=UNRELATED),
    Window(Kind.BURST, Kind.NEUTRINO, -500, 500, NEUTRINO_RATE_HZ, least_overlap=UNRELATED),
    # The rest is ours: no public rule was found.
    Window(Kind.GRB, Kind.NEUTRINO, -500, 500, NEUTRINO_RATE_HZ, GRB_RATE_HZ, UNRELATED),
    Window(Kind.GRB, Kind.GRB, -60, 60, GRB_RATE_HZ, GRB_RATE_HZ, UNRELATED),
    Window(Kind.CBC, Kind.OPTICAL, 0, 3 * DAY_S),
    Window(Kind.BURST, Kind.OPTICAL, 0, 3 * DAY_S),
)
CANDIDATES = frozenset({Kind.OPTICAL})
"""An optical transient inside the region is a candidate, which vetting weighs; it is never part of the sky itself."""

BY_NAMESPACE = {
    "fermi.gbm": Kind.GRB,
    "fermi.gbm.subthresh": Kind.SUBTHRESHOLD_GRB,
    "swift": Kind.GRB,
    "swift.guano": Kind.TARGETED_GRB,
    "integral": Kind.GRB,
    "agile": Kind.GRB,
    "svom": Kind.GRB,
    "konus": Kind.GRB,
    "burstcube": Kind.GRB,
    "snews": Kind.SUPERNOVA_NEUTRINOS,
    "snews.gcn": Kind.SUPERNOVA_NEUTRINOS,
    "superk": Kind.SUPERNOVA_NEUTRINOS,
    "icecube": Kind.NEUTRINO,
    "icecube.lvk_nu": Kind.NEUTRINO,
    "amon": Kind.NEUTRINO,
    "antares": Kind.NEUTRINO,
    "km3net": Kind.NEUTRINO,
    "boom": Kind.OPTICAL,
    "ztf.object": Kind.OPTICAL,
    "rubin.dia_object": Kind.OPTICAL,
    "atlas.object": Kind.OPTICAL,
    "winter.object": Kind.OPTICAL,
    "tns": Kind.OPTICAL,
}
USED_ALREADY = {
    "icecube.lvk_nu": "the search for this neutrino began from the gravitational wave",
    "swift.guano": "the search for this burst began from another trigger",
    "boom": "the match was made from the gravitational wave's map",
}
"""Streams whose notices have used the other event already: it must not count for them again."""

GW = frozenset({Kind.CBC, Kind.BURST})


@dataclass(frozen=True, slots=True)
class Pair:
    """Two events that may be one: the second came `dt_s` after the first, inside the window."""

    first: Event
    second: Event
    dt_s: float
    window: Window
    stated: StatedCoincidence | None = None


def namespace(event: Event) -> str:
    """Return the stream's part of an event's key."""
    return event.key.partition(":")[0]


def kind_of(event: Event) -> Kind | None:
    """Say what an event is to others; None: nothing that this module knows.

    A gravitational wave whose group nobody said counts as a CBC: its window is the narrower one, which holds for both.
    """
    if namespace(event) == "lvk":
        return Kind.BURST if (event.group or "").lower() == "burst" else Kind.CBC
    return BY_NAMESPACE.get(namespace(event))


def why_never(one: Event, other: Event) -> str | None:
    """Say why two events must not be counted as a coincidence, however close they are; None: they may."""
    if one.purpose is None or one.purpose is not other.purpose:
        return "a rehearsal, or what nobody called an observation, never coincides with an observation"
    if one.ended or other.ended:
        return "one of them is retracted, or taken for no event"
    if namespace(one) == namespace(other):
        return "both are of one stream, which would have said so itself"
    if _states(one, other) or _states(other, one):
        return None
    return USED_ALREADY.get(namespace(one)) or USED_ALREADY.get(namespace(other))


def pair_of(one: Event, other: Event) -> Pair | None:
    """Return the pair that two events make, the first one first, if they may be one; None: they may not."""
    if why_never(one, other) is not None:
        return None
    for first, second in sorted([(one, other), (other, one)], key=lambda both: both[0].key):
        window = _window(first, second)
        if window is None or first.t0 is None or second.t0 is None:
            continue
        dt_s = (second.t0 - first.t0).total_seconds()
        if _states(first, second):
            return Pair(first, second, dt_s, window, first.stated_coincidence)
        if window.low_s <= dt_s <= window.high_s:
            return Pair(first, second, dt_s, window)
    return None


def names(stated: StatedCoincidence, event: Event) -> bool:
    """Say whether a coincidence that a stream states is with this very event: then it is not counted again."""
    if stated.notice is None or event.key.partition(":")[2] != stated.notice:
        return False
    mission = (stated.observatory or "").lower()
    return not mission or namespace(event).partition(".")[0] == mission


def _states(one: Event, other: Event) -> bool:
    return one.stated_coincidence is not None and names(one.stated_coincidence, other)


def pairs_among(events: Iterable[Event]) -> list[Pair]:
    """Find all pairs whose skies may be one sky, in an order that does not depend on who came first."""
    timed = sorted((e for e in events if e.t0 is not None and _has_a_sky(e)), key=lambda e: (e.t0, e.key))
    found = {_keys(p): p for p in (pair_of(a, b) for a, b in _near(timed)) if p is not None}
    found |= {_keys(p): p for p in (pair_of(a, b) for a, b in _stated(timed)) if p is not None}
    return [found[keys] for keys in sorted(found)]


def _keys(pair: Pair) -> tuple[str, str]:
    return pair.first.key, pair.second.key


def _has_a_sky(event: Event) -> bool:
    kind = kind_of(event)
    return kind is not None and kind not in CANDIDATES


LONGEST_S = max(max(abs(w.low_s), abs(w.high_s)) for w in WINDOWS if w.second not in CANDIDATES)


def _near(timed: list[Event]) -> Iterator[tuple[Event, Event]]:
    """Yield pairs of events that no window parts."""
    for at, one in enumerate(timed):
        for other in timed[at + 1 :]:
            if one.t0 is None or other.t0 is None or (other.t0 - one.t0).total_seconds() > LONGEST_S:
                break
            yield one, other


def _stated(timed: list[Event]) -> Iterator[tuple[Event, Event]]:
    """Yield pairs that a stream names, at whatever time."""
    by_id = sorted((e.key.partition(":")[2], e.key, e) for e in timed)
    for one in timed:
        notice = None if one.stated_coincidence is None else one.stated_coincidence.notice
        at = bisect_left(by_id, (notice or "",))
        while notice and at < len(by_id) and by_id[at][0] == notice:
            yield one, by_id[at][2]
            at += 1


def _window(first: Event, second: Event) -> Window | None:
    kinds = kind_of(first), kind_of(second)
    return next((w for w in WINDOWS if (w.first, w.second) == kinds), None)
