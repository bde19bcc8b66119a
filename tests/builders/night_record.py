"""What a journal tells of a night: who was asked for what, and every exposure that was reported, each once."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from coordinator.dispatch.facts import PointingMoved, PointingNoted, PointingOffered
from coordinator.services.facts import fact_of
from coordinator.services.journal import Stored
from telescopes.description.messages import ExposureResult, Pointing, PointingReport
from telescopes.description.states import PointingState


@dataclass
class Told:
    """One pointing as the journal has it."""

    pointing: Pointing
    reports: list[PointingReport] = field(default_factory=list)
    state: PointingState = PointingState.OFFERED

    @property
    def exposures(self) -> tuple[ExposureResult, ...]:
        """What was exposed, as the last report has it."""
        return self.reports[-1].exposures if self.reports else ()

    @property
    def started(self) -> datetime | None:
        """When the telescope said that it moves; None: it never did."""
        moves = [r.report_time for r in self.reports if r.state is PointingState.SLEWING]
        return min(moves, default=None)

    @property
    def off_arcsec(self) -> float | None:
        """How far from what was asked the telescope says that it looked; None: it does not say."""
        said = [r for r in self.reports if r.actual_ra_deg is not None]
        if not said or said[-1].actual_ra_deg is None or said[-1].actual_dec_deg is None:
            return None
        place = (said[-1].actual_ra_deg, said[-1].actual_dec_deg)
        return apart_arcsec(place, (self.pointing.ra_deg, self.pointing.dec_deg))


def told_by(journal: Iterable[Stored]) -> dict[str, Told]:
    """Read every pointing off a journal; what is said of one exposure is the same in all its reports."""
    found: dict[str, Told] = {}
    for stored in journal:
        match fact_of(stored.entry) if stored.entry.kind.startswith("pointing_") else None:
            case PointingOffered() as offered:
                found[offered.pointing.pointing_id] = Told(offered.pointing)
            case PointingMoved() as moved:
                found[moved.pointing_id].state = moved.to
                _add(found[moved.pointing_id], moved.report)
            case PointingNoted() as noted:
                _add(found[noted.pointing_id], noted.report)
    return found


def _add(told: Told, report: PointingReport | None) -> None:
    if report is None:
        return
    known = {e.exposure_index: e for e in told.exposures}
    said = {e.exposure_index: e for e in report.exposures}
    assert len(said) == len(report.exposures), f"{report.report_id} reports an exposure twice"
    for index in known.keys() & said.keys():
        assert known[index] == said[index], f"{report.report_id} says otherwise of exposure {index}"
    assert not known or known.keys() <= said.keys(), f"{report.report_id} forgets an exposure"
    told.reports.append(report)


def apart_arcsec(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Angle between two places (ra_deg, dec_deg), by the half-angle formula."""
    (ra1, dec1), (ra2, dec2) = (tuple(math.radians(v) for v in one) for one in (a, b))
    half = math.sin((dec1 - dec2) / 2) ** 2
    half += math.cos(dec1) * math.cos(dec2) * math.sin((ra1 - ra2) / 2) ** 2
    return math.degrees(2 * math.asin(math.sqrt(half))) * 3600.0
