"""Reports that are too long for a journal entry: the whole lies in a blob, what the rules look at in the entry."""

from dataclasses import replace

import msgspec

from coordinator.dispatch.facts import PointingMoved, PointingNoted
from coordinator.services.journal import Blobs
from telescopes.description.depths import reached_mag_ab
from telescopes.description.messages import ExposureResult, PointingReport

MOST_BYTES = 24 * 1024
"""Of a report as JSON, so that with the rest of its entry it stays well below the journal's limit."""


async def fitted(fact: PointingMoved | PointingNoted, blobs: Blobs) -> PointingMoved | PointingNoted:
    """Return the fact with a report that fits.

    `exposures_sha256` then names the blob that holds every exposure, and `reached_mag_ab` is what they reach together.
    """
    report = fact.report
    if report is None or len(msgspec.json.encode(report)) <= MOST_BYTES:
        return fact
    sha256 = await blobs.put(msgspec.json.encode(report.exposures))
    return replace(
        fact,
        report=replace(report, exposures=_telling(report)),
        exposures_sha256=sha256,
        reached_mag_ab=reached_mag_ab(report.exposures),
    )


def _telling(report: PointingReport) -> tuple[ExposureResult, ...]:
    """Keep the first, the last and the deepest exposure: from when to when, and how deep."""
    first = min(report.exposures, key=lambda e: e.start)
    last = max(report.exposures, key=lambda e: e.end)
    deepest = max(report.exposures, key=lambda e: -99.0 if e.limiting_mag_ab is None else e.limiting_mag_ab)
    chosen = {e.exposure_index: e for e in (first, deepest, last)}
    return tuple(sorted(chosen.values(), key=lambda e: e.start))
