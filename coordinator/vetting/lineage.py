"""What became of candidates from one weighing to the next: joined with others, or taken apart.

A candidate's id is that of its first detection, so nothing is ever rewritten: that two became one is a fact of its own.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from coordinator.vetting.candidate import Candidate
from coordinator.vetting.facts import CandidatesRegrouped

Groups = Mapping[str, str]
"""The candidate of each detection, both by id."""

MOST_NAMES = 1000


def groups_of(candidates: Iterable[Candidate]) -> dict[str, str]:
    """Say which candidate each detection belongs to; what was measured at a place given beforehand makes none."""
    return {s.id: c.id for c in candidates for s in c.sightings if s.places}


def changes(event: str, before: Groups, now: Groups, at: datetime | None = None) -> list[CandidatesRegrouped]:
    """Say which candidates were joined and which were taken apart.

    A candidate that only gets an earlier first detection, and so another id, is neither.

    Parameters
    ----------
    event : str
        Whose candidates they are.
    before, now : mapping of detection id to candidate id
        At both times; a detection that is not in both changes nothing.
    at : datetime, optional
        When that was seen, sky time.

    Returns
    -------
    list
        Merges, then splits, each by id.
    """
    pairs = {(old, now[detection]) for detection, old in before.items() if detection in now}
    olds, news = Counter(old for old, _ in pairs), Counter(new for _, new in pairs)
    came_from: dict[str, set[str]] = {}
    went_to: dict[str, set[str]] = {}
    for old, new in pairs:
        if news[new] > 1:
            came_from.setdefault(new, set()).add(old)
        if olds[old] > 1:
            went_to.setdefault(old, set()).add(new)
    merged = [
        CandidatesRegrouped(event, some, (new,), at) for new, old in sorted(came_from.items()) for some in _pieces(old)
    ]
    split = [
        CandidatesRegrouped(event, (old,), some, at) for old, new in sorted(went_to.items()) for some in _pieces(new)
    ]
    return [*merged, *split]


def _pieces(ids: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Cut names, by id, into as many as an entry has room for; never one alone."""
    every = sorted(ids)
    for begin in range(0, max(len(every) - 1, 1), MOST_NAMES):
        yield tuple(every[begin : begin + MOST_NAMES + 1])
