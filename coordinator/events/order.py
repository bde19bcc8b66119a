"""In which order the notices of an event count, whatever the order in which they came."""

from datetime import UTC, datetime

from coordinator.alerts.alert import Alert, Phase

RANKS = {
    Phase.EARLY_WARNING: 1,
    Phase.PRELIMINARY: 2,
    Phase.DETECTION: 2,
    Phase.INITIAL: 3,
    Phase.UPDATE: 4,
    Phase.RETRACTION: 9,
}
UNKNOWN_RANK = 0
STREAM_RANKS = {"skymap": RANKS[Phase.UPDATE]}
"""Streams without stages. A bare map joins an event by a person's word, so it counts as much as an update."""

LONG_AGO = datetime.min.replace(tzinfo=UTC)


def rank(alert: Alert) -> int:
    """Return how much an alert counts by its stage; a better stage beats a newer notice."""
    if alert.phase is None:
        return STREAM_RANKS.get(alert.stream, UNKNOWN_RANK)
    return RANKS[alert.phase]


def order(alert: Alert) -> tuple[int, datetime, int, str]:
    """Return the place of an alert among those of its event; the last one is the current word."""
    revision = -1 if alert.revision_number is None else alert.revision_number
    return rank(alert), alert.t_issued or LONG_AGO, revision, alert.notice_id
