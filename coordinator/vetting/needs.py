"""What must be known before a check can say anything: where it is not, nobody asks the check.

This spares time and nothing else: one that is named here says exactly 0, and "unknown", where its needs are not met.
Every check has its line here or a column in `quick.QUICK`, else `ASKED_OF_ALL` says why it has none; and it is asked
nothing by a new map, or `OF_THE_MAP` says what it reads there (`tests/property/test_terms_laws.py`).
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

import numpy as np

from coordinator.vetting.batch import Batch, Flags
from coordinator.vetting.checks import gone, last_limit
from coordinator.vetting.slopes import NIGHT_D

Need = Callable[[Batch], Flags]


def has_motion(batch: Batch) -> Flags:
    """It moves."""
    return batch.moves


def seen_again(batch: Batch) -> Flags:
    """There is more than one sighting of it."""
    return batch.counts > 1


def may_have_host(batch: Batch) -> Flags:
    """A host was named with a redshift, or a galaxy or somebody's report is near."""
    return batch.host_redshift_given | batch.found("galaxies") | batch.found("reported")


def galaxy_near(batch: Batch) -> Flags:
    """A catalogue has a galaxy near."""
    return batch.found("galaxies")


def is_reported(batch: Batch) -> Flags:
    """Others report something near."""
    return batch.found("reported")


def looked_at_else(batch: Batch) -> Flags:
    """Somebody observed its place well after it was seen first, or before."""
    looked = batch.when_looked
    return looked.later_than(gone.APART) | looked.before(gone.APART)


def limited_later(batch: Batch) -> Flags:
    """Somebody looked at its place half a day and more after it was seen first."""
    return batch.when_looked.later_than(timedelta(days=NIGHT_D))


def limited_before(batch: Batch) -> Flags:
    """Somebody looked at its place shortly before the event."""
    if batch.t0 is None:
        return np.zeros(len(batch.candidates), bool)
    return batch.when_looked.within(last_limit.WITHIN, batch.t0)


NEEDS: Mapping[str, Need] = {
    "host distance": may_have_host,
    "nuclear": galaxy_near,
    "fade": seen_again,
    "rise": seen_again,
    "colour": seen_again,
    "faded below": limited_later,
    "last non-detection": limited_before,
    "moving object": has_motion,
    "seen again": looked_at_else,
    "reported": is_reported,
}

ASKED_OF_ALL: Mapping[str, str] = {}
"""Why a check is asked about every candidate: it is cheap, or it always has something to say."""

OF_THE_MAP: Mapping[str, str] = {
    "sky": "it is what the map says of the place",
    "host distance": "it compares the host with the map's distance",
    "galaxy": "how many galaxies a catalogue lacks follows from the map's distance",
    "nuclear": "without a redshift the galaxy is as far as the map says",
    "absolute magnitude": "without a host it is as far as the map says",
}
"""What a check reads of the map: a new revision asks it again."""

PLACELESS = frozenset(
    {
        "time",
        "fade",
        "rise",
        "faded below",
        "colour",
        "moving object",
        "minor planet",
        "repeat detection",
        "seen again",
        "real/bogus",
        "earlier activity",
        "star",
        "active nucleus",
        "known variable",
        "reported",
        "last non-detection",
    }
)
"""Checks that say the same whatever the map: a new revision of it asks them nothing."""
