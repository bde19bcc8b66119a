"""How often chance brings two such events together."""

from dataclasses import dataclass

from coordinator.events.coincidence import Pair


@dataclass(frozen=True, slots=True)
class JointFar:
    """False-alarm rates of a coincidence in Hz, by time alone and with the maps; None: unknown.

    They count one search: no trials factor is in them. The LVK multiplies by n (n - 1), n its number of searches,
    before it compares with its threshold for alerts (gwcelery, `trigger_raven_alert`).
    """

    temporal_hz: float | None
    spacetime_hz: float | None

    @property
    def least_hz(self) -> float | None:
        """The one that is to be heeded: with the maps where there are maps."""
        return self.temporal_hz if self.spacetime_hz is None else self.spacetime_hz


def temporal_far_hz(window_s: float, first_hz: float, second_hz: float) -> float:
    """Rate of chance meetings in a window.

    Parameters
    ----------
    window_s : float
        Length of the window, seconds.
    first_hz : float
        False-alarm rate of the first event (a gravitational wave), Hz.
    second_hz : float
        How often events like the second come, Hz.

    Notes
    -----
    RAVEN's untargeted method (``ligo.raven.search.coinc_far``): (th - tl) * ext_rate * se_far.
    """
    return window_s * first_hz * second_hz


def joint_far(pair: Pair, overlap: float | None) -> JointFar:
    """Say how often chance makes such a pair; what its stream states itself comes first.

    Parameters
    ----------
    overlap : float, optional
        The overlap I of the two maps; None: one of them has none. The space-time rate is the temporal one over I.
    """
    if pair.stated is not None and pair.stated.far_temporal_hz is not None:
        return JointFar(pair.stated.far_temporal_hz, pair.stated.far_spacetime_hz)
    window = pair.window
    first_hz = window.first_rate_hz if pair.first.far_hz is None else pair.first.far_hz
    if first_hz is None or window.second_rate_hz is None:
        return JointFar(None, None)
    temporal_hz = temporal_far_hz(window.high_s - window.low_s, first_hz, window.second_rate_hz)
    return JointFar(temporal_hz, temporal_hz / overlap if overlap else None)
