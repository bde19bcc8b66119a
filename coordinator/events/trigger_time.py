"""When it happened: the time of the trigger, not of a later observation of it."""

from collections.abc import Sequence
from datetime import datetime

from coordinator.alerts.alert import Alert
from coordinator.events.stages import FROM_THE_TRIGGER, UNKNOWN, namespace, rank


def trigger_time(notices: Sequence[Alert]) -> datetime | None:
    """Return T0 of an event from its notices in their order; None: nobody says.

    The best notice's time holds, but in streams whose later stages state the time of their own observation (Swift XRT
    and UVOT, SVOM MXT and VT): there the first stage's does. Where a notice cut the time to whole seconds, another
    one's of the same second is taken.
    """
    dated = [n for n in notices if n.t0 is not None]
    if not dated:
        return None
    chosen = dated[-1]
    if namespace(chosen) in FROM_THE_TRIGGER:
        chosen = next((n for n in dated if rank(n) != UNKNOWN), chosen)
    t0 = chosen.t0
    assert t0 is not None
    finer = [n.t0 for n in dated if n.t0 is not None and n.t0.replace(microsecond=0) == t0]
    return max(finer, default=t0)
