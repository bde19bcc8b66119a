"""Surveys' messages on their way into vetting: by the same door as our own telescopes' detections."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from coordinator.alerts.alert import Alert, Phase, Purpose
from coordinator.alerts.leads import Leads
from coordinator.alerts.points.point import SurveyPoint
from coordinator.events.event import Event
from coordinator.vetting.facts import StoredDetection
from telescopes.description.detection_rules import why_not
from telescopes.description.messages import Detection

BEFORE = timedelta(days=60)
"""History before the event that counts: what was active then is no counterpart."""

AFTER = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class SurveyPacket:
    """A survey's or broker's message that nobody has taken measurements from yet: where it points, and its bytes.

    `observed` False: it says of itself that it is a test, or that what it shows was put there.
    """

    id: str
    survey: str
    raw_sha256: str
    ra_deg: float
    dec_deg: float
    seen: datetime | None
    observed: bool


def packet_of(fact: Alert | Leads) -> SurveyPacket | None:
    """Return what an alert or a broker's record points to; None: it is no survey's."""
    if isinstance(fact, Leads):
        return _of_leads(fact)
    where = fact.localization
    if fact.phase is not Phase.DETECTION or where is None or where.ra_deg is None or where.dec_deg is None:
        return None
    observed = fact.purpose in (None, Purpose.OBSERVATION)
    return SurveyPacket(fact.notice_id, fact.stream, fact.raw_sha256, where.ra_deg, where.dec_deg, fact.t0, observed)


def _of_leads(fact: Leads) -> SurveyPacket | None:
    key = fact.event_key or ""
    if not key.startswith(OBJECTS) or not fact.positions:
        return None
    place = fact.positions[0]
    return SurveyPacket(
        fact.notice_id,
        key.partition(".")[0],
        fact.raw_sha256,
        place.ra_deg,
        place.dec_deg,
        fact.t_issued,
        not fact.test,
    )


OBJECTS = ("ztf.object:", "rubin.dia_object:")
"""How brokers' records name the surveys' objects."""


def may_belong(packet: SurveyPacket, event: Event, t0: datetime | None) -> bool:
    """Say whether a packet may tell of an event's counterpart, wherever it points; a test tells of a test alone."""
    if event.ended or (not packet.observed and event.purpose is Purpose.OBSERVATION):
        return False
    return in_time(packet.seen, t0)


def in_time(seen: datetime | None, t0: datetime | None) -> bool:
    """Say whether a measurement of this time counts for an event; what is not known may."""
    return seen is None or t0 is None or t0 - BEFORE <= seen <= t0 + AFTER


def stored_of(points: Iterable[SurveyPoint], survey: str) -> list[StoredDetection]:
    """Turn measurements into detections of a telescope named as the survey; what cannot be kept is left out."""
    every = (
        StoredDetection(_detection(p), survey, None, None, p.kind == "limit", p.kind == "forced", p.bodies)
        for p in points
    )
    return [one for one in every if why_not(one.detection) is None]


def _detection(point: SurveyPoint) -> Detection:
    return Detection(
        detection_id=point.id,
        pointing_id="",
        ra_deg=point.ra_deg,
        dec_deg=point.dec_deg,
        mid_exposure=point.seen,
        filter=point.band,
        mag_ab=point.mag_ab,
        mag_err=point.mag_err,
        pos_err_arcsec=point.pos_err_arcsec,
        limiting_mag_ab=point.limit_mag_ab,
        real_bogus=point.real_bogus,
        snr=point.snr,
    )
