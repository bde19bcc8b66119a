"""Which open events are searched as one, in which sky, and what an event becomes by it; pure.

A group has a lead, under whose key the common sky is searched, and members that are not searched on their own. What
is journalled about it names every member's own sky: where one of them is newer, or an event has ended, the words
do not hold any more and each has its own sky back, before anything new is written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf

from coordinator.alerts.alert import Localization, StatedCoincidence
from coordinator.events.coincidence import GW, Pair, kind_of, pairs_among
from coordinator.events.event import Coincidence, Event
from coordinator.events.joint_far import JointFar, joint_far

Skies = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Tie:
    """One coincidence, as it is journalled: `key` is the other event, `dt_s` its time after the lead's.

    `overlap` is None where one of the two has no map; False-alarm rates are joint ones in Hz, None: unknown.
    """

    key: str
    name: str
    kind: str
    dt_s: float
    window_s: tuple[float, float]
    overlap: float | None
    far_temporal_hz: float | None
    far_spacetime_hz: float | None
    stated: bool = False


@dataclass(frozen=True, slots=True)
class CoincidenceFound:
    """A fact: an event is searched together with others, or meets others in time that its map excludes.

    Attributes
    ----------
    lead : str
        The event that is searched.
    partners, excluded : tuple of Tie
        Those that belong to it, and those that are near in time and elsewhere on the sky.
    sky : Localization, optional
        Where all of them may be; None: as the lead's own alerts say.
    own : dict
        The sky that each one's own alerts gave, by event key.
    tell : bool
        Maps exclude each other: a person must look.
    """

    lead: str
    name: str
    partners: tuple[Tie, ...]
    excluded: tuple[Tie, ...]
    sky: Localization | None
    own: dict[str, str | None]
    far_hz: float | None
    because: str
    tell: bool = False


@dataclass(frozen=True, slots=True)
class CoincidenceLost:
    """A fact: what was searched together is searched apart again."""

    lead: str
    partners: tuple[str, ...]
    because: str


@dataclass(frozen=True, slots=True)
class Link:
    """A pair, weighed: the lead first, as far as two can tell."""

    pair: Pair
    lead: Event
    other: Event
    overlap: float | None
    far: JointFar

    @property
    def excludes(self) -> bool:
        """Whether the maps say that these are two events; what the stream states itself stands."""
        if self.overlap is None or self.pair.stated is not None:
            return False
        return self.overlap < self.pair.window.least_overlap


@dataclass(frozen=True, slots=True)
class Group:
    """Events that are searched as one; `stated` is a map that the lead's stream sends itself."""

    lead: Event
    links: tuple[Link, ...]
    excluded: tuple[Link, ...] = ()
    stated: StatedCoincidence | None = None

    @property
    def skies(self) -> tuple[str, ...]:
        """Maps whose product is the group's sky, none of them twice; a stated one stands for those that it holds."""
        named = {link.other.key for link in self.links if self.stated is not None and link.pair.stated is not None}
        own = self.lead.skymap_sha256 if self.stated is None else self.stated.combined_skymap_sha256
        others = (link.other.skymap_sha256 for link in self.links if link.other.key not in named)
        return tuple(sorted({sky for sky in (own, *others) if sky is not None}))

    """What is known of pairs of maps; None: they cannot be compared. A pair that is missing is not weighed yet."""

    overlaps: dict[Skies, float | None] = field(default_factory=dict)


def skies_of(pair: Pair) -> Skies | None:
    """Return the two maps to be compared, in one order; None: one of them is missing."""
    one, other = pair.first.skymap_sha256, pair.second.skymap_sha256
    if one is None or other is None:
        return None
    return (one, other) if one <= other else (other, one)


def groups_of(
    events: Iterable[Event], overlaps: Mapping[Skies, float | None]
) -> tuple[list[Group], list[Skies], frozenset[str]]:
    """Say which events belong together.

    Returns
    -------
    groups : list of Group
        Those that can be told, by the lead's key; one with excluded events alone is among them.
    missing : list of (sha256, sha256)
        Maps that must be compared first.
    undecided : frozenset of str
        Events about which nothing can be said until then.
    """
    open_events = [event for event in events if not event.ended]
    pairs = pairs_among(open_events)
    missing = {s: p for p in pairs if (s := skies_of(p)) is not None and s not in overlaps and p.stated is None}
    undecided = _reached({e.key for p in missing.values() for e in (p.first, p.second)}, pairs)
    links = [_link(p, overlaps) for p in pairs if not {p.first.key, p.second.key} & undecided]
    return _gathered(open_events, links, undecided), sorted(missing), undecided


def _reached(keys: set[str], pairs: list[Pair]) -> frozenset[str]:
    """Add whoever is tied to these by pairs, however far round: what is not known of one may change all of them."""
    before = -1
    while before != len(keys):
        before = len(keys)
        keys |= {e.key for p in pairs if {p.first.key, p.second.key} & keys for e in (p.first, p.second)}
    return frozenset(keys)


def _link(pair: Pair, overlaps: Mapping[Skies, float | None]) -> Link:
    skies = skies_of(pair)
    overlap = None if skies is None else overlaps.get(skies)
    lead, other = sorted((pair.first, pair.second), key=_precedence)
    return Link(pair, lead, other, overlap, joint_far(pair, overlap))


def _precedence(event: Event) -> tuple[bool, float, str]:
    """A gravitational wave leads; else the better localised one."""
    area = event.localization.area90_deg2
    return kind_of(event) not in GW, inf if area is None else area, event.key


def _by_chance(link: Link) -> tuple[bool, bool, float, float, str, str]:
    """Put first what chance makes least often."""
    far_hz = link.far.least_hz
    apart = kind_of(link.lead) not in GW, link.pair.stated is None
    return *apart, inf if far_hz is None else far_hz, abs(link.pair.dt_s), link.lead.key, link.other.key


def _gathered(events: list[Event], links: list[Link], undecided: frozenset[str]) -> list[Group]:
    """Give each event to one lead at most; who follows leads nobody."""
    leads: dict[str, list[Link]] = {}
    follows: set[str] = set()
    for link in sorted((one for one in links if not one.excludes), key=_by_chance):
        if link.other.key not in follows and link.other.key not in leads and link.lead.key not in follows:
            leads.setdefault(link.lead.key, []).append(link)
            follows.add(link.other.key)
    apart: dict[str, list[Link]] = {}
    for link in links:
        if link.excludes:
            apart.setdefault(link.lead.key, []).append(link)
    found = [
        Group(e, tuple(leads.get(e.key, ())), tuple(apart.get(e.key, ())), _fresh(e))
        for e in events
        if e.key not in undecided and e.key not in follows
    ]
    return [g for g in found if g.links or g.excluded or g.stated is not None]


def _fresh(event: Event) -> StatedCoincidence | None:
    """Return what the stream states, if its map is made from the newest sky of the event."""
    stated = event.stated_coincidence
    if stated is None or stated.combined_skymap_sha256 is None:
        return None
    return stated if stated.own_skymap_sha256 == event.skymap_sha256 else None


def found(group: Group, sky: Localization | None, tell: str | None = None) -> CoincidenceFound:
    """Write a group down.

    Parameters
    ----------
    sky : Localization, optional
        The product of its maps; None: the lead's own sky stays.
    tell : str, optional
        Why a person must look at it.
    """
    members = [group.lead, *(link.other for link in group.links)]
    rates = [rate for link in group.links if (rate := link.far.least_hz) is not None]
    if group.stated is not None and not group.links:
        stated = JointFar(group.stated.far_temporal_hz, group.stated.far_spacetime_hz).least_hz
        rates += [] if stated is None else [stated]
    return CoincidenceFound(
        lead=group.lead.key,
        name=group.lead.name,
        partners=tuple(_tie(group.lead, link) for link in group.links),
        excluded=tuple(_tie(group.lead, link) for link in group.excluded),
        sky=sky,
        own={event.key: event.skymap_sha256 for event in members},
        far_hz=min(rates, default=None),
        because=" ".join([*_sentences(group, sky), *([tell] if tell else [])]),
        tell=tell is not None or bool(group.excluded),
    )


def _tie(lead: Event, link: Link) -> Tie:
    turned = link.pair.first.key != lead.key
    window = link.pair.window
    low_s, high_s = (-window.high_s, -window.low_s) if turned else (window.low_s, window.high_s)
    return Tie(
        key=link.other.key,
        name=link.other.name,
        kind=f"{window.first} x {window.second}",
        dt_s=round(-link.pair.dt_s if turned else link.pair.dt_s, 6),
        window_s=(low_s, high_s),
        overlap=link.overlap,
        far_temporal_hz=link.far.temporal_hz,
        far_spacetime_hz=link.far.spacetime_hz,
        stated=link.pair.stated is not None,
    )


def _sentences(group: Group, sky: Localization | None) -> Iterable[str]:
    for tie in (_tie(group.lead, link) for link in group.links):
        yield f"{tie.name} came {tie.dt_s:+.2f} s from {group.lead.name} ({_in_words(tie)})."
    if group.stated is not None:
        seen = " ".join(filter(None, (group.stated.observatory, group.stated.search))) or "another event"
        yield f"Its stream states a coincidence with {seen} and sends the map of both."
    if sky is not None and sky.area90_deg2 is not None and len(group.skies) > 1:
        yield f"Searched together, 90 % in {sky.area90_deg2:.1f} deg2."
    for tie in (_tie(group.lead, link) for link in group.excluded):
        yield (
            f"{tie.name} came {tie.dt_s:+.2f} s from {group.lead.name}, but their maps exclude each other "
            f"(overlap {tie.overlap:.2g}): each is searched on its own, and a person should look."
        )


def _in_words(tie: Tie) -> str:
    said = [f"window {tie.window_s[0]:+g} to {tie.window_s[1]:+g} s"]
    if tie.overlap is not None:
        said.append(f"overlap {tie.overlap:.3g}")
    rate = tie.far_temporal_hz if tie.far_spacetime_hz is None else tie.far_spacetime_hz
    if rate is not None:
        said.append(f"by chance {rate:.2g} Hz")
    return ", ".join(said)


def holds(fact: CoincidenceFound, events: Mapping[str, Event]) -> bool:
    """Say whether a fact still fits what the alerts say of everybody in it."""
    members = [events.get(key) for key in fact.own]
    known = [event for event in members if event is not None]
    if len(known) != len(members) or len({event.purpose for event in known}) > 1:
        return False
    return all(not event.ended and event.skymap_sha256 == fact.own[event.key] for event in known)


def correlated(event: Event, fact: CoincidenceFound | None) -> Event:
    """Return an event as it is searched; `fact` is one that holds and has the event in it."""
    if fact is None or not (fact.partners or fact.sky):
        return event
    alone = fact.sky is None and event.skymap_sha256 not in (None, fact.own[fact.lead])
    if alone and event.key != fact.lead:
        return event  # maps that could not be combined: nobody else searches this one's sky
    members = tuple(key for key in fact.own if key != event.key)
    said = Coincidence(fact.lead, members, fact.far_hz, event.skymap_sha256, fact.because)
    where = event.localization if fact.sky is None or event.key != fact.lead else fact.sky
    return replace(event, localization=where, coincidence=said)


def all_correlated(events: Mapping[str, Event], facts: Mapping[str, CoincidenceFound]) -> dict[str, Event]:
    """Return all events as they are searched, by what is journalled of their coincidences (by lead)."""
    of_member = {key: fact for fact in facts.values() if holds(fact, events) for key in fact.own}
    return {key: correlated(event, of_member.get(key)) for key, event in events.items()}


def why_lost(fact: CoincidenceFound, events: Mapping[str, Event]) -> str:
    """Say in a sentence what ended a coincidence."""
    retracted = [events[key].name for key in fact.own if key in events and events[key].retracted]
    if retracted:
        return f"{', '.join(retracted)} is retracted: the others have their own sky back."
    closed = [events[key].name for key in fact.own if key in events and events[key].closed is not None]
    if closed:
        return f"{', '.join(closed)} is taken for no event: the others have their own sky back."
    return "The newest alerts do not place them together any more: each has its own sky back."
