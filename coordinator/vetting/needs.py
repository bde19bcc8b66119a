"""What must be known before a check can say anything: where it is not, nobody asks the check.

This spares time and nothing else: a check that is not named here is asked about every candidate, and one that is named
says exactly 0 where its needs are not met (`tests/property/test_terms_laws.py`).
"""

from collections.abc import Callable, Mapping

import numpy as np

from coordinator.vetting.batch import Batch, Flags
from coordinator.vetting.neighbours import NOBODY_LOOKED

Need = Callable[[Batch], Flags]


def has_motion(batch: Batch) -> Flags:
    """It moves."""
    return np.array([c.motion is not None for c in batch.candidates], bool)


def seen_again(batch: Batch) -> Flags:
    """There is more than one sighting of it."""
    return np.diff(batch.starts, append=len(batch.sightings)) > 1


def was_looked_at(batch: Batch) -> Flags:
    """Somebody observed its place."""
    return np.array([bool(looks) for looks in batch.looks], bool)


def seen_before(batch: Batch) -> Flags:
    """It was seen before the event."""
    return batch.any_of(batch.days < 0)


def has_score(batch: Batch) -> Flags:
    """A reduction says how real it is."""
    return batch.any_of([s.real_bogus is not None for s in batch.sightings])


def has_host_redshift(batch: Batch) -> Flags:
    """A host galaxy's redshift was given with it."""
    return batch.any_of([s.host_redshift is not None for s in batch.sightings])


def may_name_host(batch: Batch) -> Flags:
    """A telescope that names host galaxies saw it."""
    looking = batch.looking
    flags = [s.host_separation_arcsec is not None or s.telescope in looking for s in batch.sightings]
    return batch.any_of(flags)


def near_is_known(batch: Batch) -> Flags:
    """Somebody looked up what is known at its place."""
    return np.array([batch.around.of(c.id) != NOBODY_LOOKED for c in batch.candidates], bool)


def either(*needs: Need) -> Need:
    """One of several is enough."""
    return lambda batch: np.logical_or.reduce([need(batch) for need in needs])


NEEDS: Mapping[str, Need] = {
    "host distance": either(has_host_redshift, near_is_known),
    "galaxy": either(may_name_host, near_is_known),
    "reported": near_is_known,
    "star": near_is_known,
    "active nucleus": near_is_known,
    "known variable": near_is_known,
    "minor planet": near_is_known,
    "nuclear": either(may_name_host, near_is_known),
    "rise": seen_again,
    "colour": seen_again,
    "fade": seen_again,
    "moving object": has_motion,
    "repeat detection": seen_again,
    "seen again": was_looked_at,
    "real/bogus": has_score,
    "earlier activity": either(seen_before, near_is_known),
}

PLACELESS = frozenset({"time", "moving object", "repeat detection", "seen again", "real/bogus", "earlier activity"})
"""Checks that say the same whatever the map: a new revision of it asks them nothing."""
