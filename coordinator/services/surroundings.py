"""What is known around candidates, asked once for each candidate and place."""

from collections.abc import Callable, Sequence

from coordinator.vetting.candidate import Candidate
from coordinator.vetting.neighbours import Neighbours, Surroundings

Around = Callable[[Sequence[Candidate]], Surroundings]
"""Looks up many candidates at once, from what lies on this machine: it neither waits nor fails."""

Remembered = dict[str, tuple[float, float, Neighbours]]
"""What was found by candidate, and the place in degrees that it was found around."""


def look_around(around: Around, candidates: Sequence[Candidate], remembered: Remembered) -> Surroundings:
    """Look up what is new or has moved, and remember it.

    Parameters
    ----------
    around : callable
        Asked once, for all that is not remembered; not at all if there is nothing.
    candidates : sequence of Candidate
        An event's candidates, as they are now.
    remembered : dict
        Filled here and asked next time; it holds no more than these candidates.
    """
    fresh = [c for c in candidates if remembered.get(c.id, ())[:2] != (c.ra_deg, c.dec_deg)]
    found = around(fresh) if fresh else Surroundings()
    kept = {c.id: remembered[c.id] for c in candidates if c.id in remembered}
    kept |= {c.id: (c.ra_deg, c.dec_deg, found.of(c.id)) for c in fresh}
    remembered.clear()
    remembered.update(kept)
    return Surroundings({candidate_id: near for candidate_id, (_, _, near) in kept.items()})
