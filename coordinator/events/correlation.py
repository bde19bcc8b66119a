"""Which open events are searched as one, and in which sky; pure.

A group has a lead, under whose key the common sky is searched, and members that are not searched on their own. A pair
whose maps nobody has compared yet leaves all that it could change undecided.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import inf

from coordinator.alerts.alert import Localization, StatedCoincidence
from coordinator.events.coincidence import GW, Pair, kind_of, pairs_among
from coordinator.events.coincidence_facts import CoincidenceFound, Tie
from coordinator.events.event import Event
from coordinator.events.joint_far import JointFar, joint_far

Skies = tuple[str, str]


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
