"""A pointing in the agent's hands, and how it stands."""

from dataclasses import dataclass, replace
from datetime import datetime

from telescopes.description.durations import frames
from telescopes.description.messages import ExposureResult, Pointing, Revocation
from telescopes.description.states import STARTED, PointingState, may_move
from telescopes.drivers.driver import Aim

S = PointingState
WAITING = frozenset({S.OFFERED, S.ACCEPTED})
OPEN = WAITING | STARTED
"""States in which the agent still has something to do."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the agent must remember about a pointing, also when it is killed.

    `confirmed`: the coordinator acknowledged the acceptance. `late`: the lease was lost since then.
    `started`: sky time of the slew; `aim`: where the telescope really looked.
    """

    pointing: Pointing
    state: PointingState
    confirmed: bool = False
    late: bool = False
    started: datetime | None = None
    aim: Aim | None = None
    exposures: tuple[ExposureResult, ...] = ()
    revocation: Revocation | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return self.state in OPEN

    @property
    def fraction_done(self) -> float:
        """Share of the exposure time that was taken."""
        if not self.exposures:
            return 0.0
        wanted_s = sum(exposure_s for _, exposure_s, _ in frames(self.pointing))
        return min(1.0, sum(e.exposure_s for e in self.exposures) / wanted_s)

    @property
    def must_stop(self) -> bool:
        """Whether a revocation ends it: always before the first exposure, later only where it asks for that."""
        if self.revocation is None:
            return False
        return self.revocation.abort_if_started or self.state is not S.EXPOSING


def end_of(held: Held, otherwise: PointingState, *, cut_short: bool = False) -> PointingState:
    """Name the state in which it ends.

    Exposures that were taken are facts; without any it is `otherwise`, or FAILED where that is no legal move. With
    enough of them it is COMPLETED; but what somebody or something ended before its time (`cut_short`) is PARTIAL
    however much was taken, unless nothing was missing: so that why it ended is not lost. Whether enough was taken to
    count as observed its fraction says.
    """
    if not held.exposures:
        return otherwise if may_move(held.state, otherwise) else S.FAILED
    if cut_short and held.fraction_done < 1.0:
        return S.PARTIAL
    return S.COMPLETED if held.fraction_done >= held.pointing.acceptability_threshold else S.PARTIAL


@dataclass(frozen=True, slots=True)
class Depth:
    """How deep and how sharp an image is, as it was measured; None: unknown."""

    limiting_mag_ab: float | None = None
    fwhm_arcsec: float | None = None


def with_depth(held: Held, exposure_index: int, depth: Depth) -> Held:
    """Put what was measured into an exposure; what was not measured stays as the driver said."""
    exposures = tuple(
        replace(
            one,
            limiting_mag_ab=one.limiting_mag_ab if depth.limiting_mag_ab is None else depth.limiting_mag_ab,
            fwhm_arcsec=one.fwhm_arcsec if depth.fwhm_arcsec is None else depth.fwhm_arcsec,
        )
        if one.exposure_index == exposure_index
        else one
        for one in held.exposures
    )
    return replace(held, exposures=exposures)
