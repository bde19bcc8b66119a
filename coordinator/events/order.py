"""In which order the notices of an event count, whatever the order in which they came."""

from datetime import UTC, datetime

from coordinator.alerts.alert import Alert
from coordinator.events.stages import rank

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def order(alert: Alert) -> tuple[int, datetime, int, str]:
    """Return the place of an alert among those of its event; the last one is the current word.

    By stage in its stream, then issue time, then the stream's own count.
    """
    revision = -1 if alert.revision_number is None else alert.revision_number
    return rank(alert), alert.t_issued or LONG_AGO, revision, alert.notice_id
