"""Which candidates count as unrelated transients of a search, and what is believed of that search beforehand.

What a check forbids, and what is plainly a body of the solar system, is not counted: the other candidates are not less
likely because many asteroids were recognised beside them.
"""

import numpy as np

from coordinator.events.event import Event
from coordinator.sky.nested import pixel_at
from coordinator.sky.ranges import RANGE_ORDER
from coordinator.vetting.batch import Batch, Flags
from coordinator.vetting.combine import Assessed
from coordinator.vetting.prior import Prior, chance_of_counterpart, prior_of
from coordinator.vetting.reach import Reach
from coordinator.vetting.rule import OddsRule
from coordinator.vetting.terms import NO_VETO, Terms

BODIES = frozenset({"moving object", "minor planet"})
REALITY = "reality"
PLAINLY = -4.0
"""What one of these checks must say at most of something that is plainly a body (1 to 55)."""


def may_be_transients(terms: Terms) -> Flags:
    """Say of each candidate whether it counts; shape (n,)."""
    which = [at for at, name in enumerate(terms.names) if name in BODIES]
    bodies = (terms.log_bayes[:, which] <= PLAINLY).any(axis=1)
    return np.asarray((terms.veto == NO_VETO) & ~bodies, bool)


def counts(assessed: Assessed) -> bool:
    """Say the same of one."""
    body = any(c.name in BODIES and c.log_bayes <= PLAINLY for c in assessed.checks)
    return assessed.vetoed_by is None and not body


def prior_for(event: Event, batch: Batch, terms: Terms, reach: Reach | None, rule: OddsRule) -> Prior:
    """Say what to believe of a search beforehand, from what was looked at and what it found there.

    Parameters
    ----------
    event : Event
        Its newest revision.
    batch, terms : Batch, Terms
        All candidates, and what the checks said of them.
    reach : Reach, optional
        What our own looks reach; None: nobody knows what was searched.
    rule : OddsRule
        What the observatory decided.
    """
    found = may_be_transients(terms)
    if reach is None:
        others, searched_deg2, limit = False, None, None
    else:
        inside = _inside(batch, reach)
        others = bool((found & ~inside).any())
        found, searched_deg2, limit = found & inside, reach.searched.area_deg2, reach.limit_mag_ab
    top = rule.caps[REALITY][1]
    said = np.minimum(terms.of_group(REALITY), top)
    q, because = chance_of_counterpart(event, rule.q, reach, others=others)
    return prior_of(
        q=q,
        density_deg2=rule.density_deg2,
        found=int(found.sum()),
        searched_deg2=searched_deg2,
        limit_mag_ab=limit,
        q_because=because,
        anywhere=_anywhere(event, reach, rule),
        stand_for=None if reach is None else float(np.exp(said[found] - top).sum()),
        confirmed=0.0 if reach is None or rule.density_deg2 is not None else top,
    )


def _anywhere(event: Event, reach: Reach | None, rule: OddsRule) -> float | None:
    """Return the chance that there is a counterpart at all; None where nobody knows what was searched."""
    if reach is None:
        return None
    return chance_of_counterpart(event, rule.q if reach.brighter is None else 1.0)[0]


def _inside(batch: Batch, reach: Reach) -> Flags:
    ra, dec = np.array([c.ra_deg for c in batch.candidates]), np.array([c.dec_deg for c in batch.candidates])
    return reach.searched.contains(pixel_at(RANGE_ORDER, ra, dec)) if ra.size else np.zeros(0, bool)
