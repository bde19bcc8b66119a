"""GCN notices as classic text, read as alerts."""

import re
from dataclasses import replace
from datetime import datetime

from coordinator.alerts.alert import Alert, Link, Localization, Phase, Purpose
from coordinator.alerts.canonical import digest, stamp
from coordinator.alerts.fields import text, web_address
from coordinator.alerts.gcn_text.counterpart import counterpart
from coordinator.alerts.gcn_text.layout import (
    HEAD,
    HEAD_WITHIN,
    Fields,
    angle_deg,
    instant_of,
    issued,
    notices,
    number_in,
    radius_deg,
)
from coordinator.alerts.gcn_text.types import NO_ALERT, SUBTHRESHOLD, Type, type_of
from coordinator.alerts.message import Alerts, Ignored, Message, Rejected, Understood
from coordinator.alerts.place import circle
from coordinator.alerts.purpose import markers_of_transport, purpose_of_id, strictest
from coordinator.alerts.voevent.notice_types import TEST_TRIGGER
from telescopes.description.errors import Refused

FORMAT = "gcn text notice"
SUBJECTS = ("GRB", "SRC", "EVENT", "TRANS", "BURST", "TRIGGER", "DISCOVERY", "OUTBURST", "SOURCE")
"""How the fields of place and time begin, from mission to mission."""

IDS = ("TRIGGER_NUM", "EVENT_ID_NUM", "REF_NUM", "EVENT_TRIG_NUM", "TRIGGER_ID_NUM", "ID_NUM")
YEAR_S = 365.25 * 86400.0
SUB_NUMBER = 2**16
"""INTEGRAL counts revisions in the upper bits of its trigger number."""

TEST_COMMENT = re.compile(
    r"\btest (notice|position|alert|message|submission|coordinates)\b|\bthis is (only )?a test\b", re.I
)
NOT_A_BURST = re.compile(r"\bnot (?:due to )?a GRB\b|\bnot a (?:real|true) (?:burst|event)\b", re.I)
MAYBE_A_BURST = re.compile(r"GRB|unreliable|error|unknown", re.I)
PROBABILITY = re.compile(r"PROB_(\w{1,32})")
CLASSES = {"BNS": "BNS", "NSBH": "NSBH", "BBH": "BBH", "TERRES": "Terrestrial", "MASSGAP": "MassGap"}
FEATURES = {"NS": "HasNS", "REMNANT": "HasRemnant"}


def recognises(message: Message) -> bool:
    """Say whether the message is a text notice, or several."""
    if message.document is not None or message.xml is not None:
        return False
    return HEAD.search(message.body[:HEAD_WITHIN]) is not None


def read(message: Message) -> Understood:
    """Turn each notice of a text into an alert; if one of them cannot be read, none is."""
    try:
        found = notices(message.body)
    except Refused as refusal:
        return Rejected(refusal.what)
    if len(found) == 1 and "COUNTERPART" in found[0].get("TITLE").upper():
        return counterpart(message, found[0])
    wanted = [fields for fields in found if not NO_ALERT.search(fields.get("NOTICE_TYPE"))]
    if not wanted:
        return Ignored("a utility notice: no alert")
    alerts = [_alert(message, fields) for fields in wanted]
    known = tuple(alert for alert in alerts if alert is not None)
    return Alerts(known) if len(known) == len(alerts) else Rejected("GCN text notice without a trigger and a time")


def _alert(message: Message, fields: Fields) -> Alert | None:
    kind = text(fields.get("NOTICE_TYPE"), 64) or ""
    of = type_of(fields.get("TITLE"), kind) or _unknown(fields, kind)
    subject = _subject(fields, "DATE")
    t0 = instant_of(fields, subject) if subject else None
    purpose = _purpose(message, fields, kind)
    key = _event_key(fields, of, t0, test=purpose is Purpose.TEST)
    if key is None:
        return None
    revision = _revision(fields)
    sent = issued(fields.get("NOTICE_DATE"))
    return Alert(
        source=message.source,
        format=FORMAT,
        stream=of.stream,
        notice_id=f"gcn.text:{key}:{of.stage}:{sent.isoformat() if sent else None}:{digest([*fields.lines.items()])}",
        event_key=key,
        name=_name(fields) or key.partition(":")[2],
        messenger=of.messenger,
        phase=of.phase or _phase(of, revision),
        stage=of.stage,
        purpose=purpose,
        t0=t0,
        t_issued=sent,
        raw_sha256=message.raw_sha256,
        native_ids=(key,),
        file=message.name or None,
        revision_number=revision,
        significant=of.significant,
        far_hz=_far_hz(fields.get("FAR")),
        classification=_probabilities(fields, CLASSES),
        properties=_probabilities(fields, FEATURES) | _signalness(fields),
        localization=_where(fields, of),
        links=_links(fields),
        no_event=_no_event(fields),
    )


def _unknown(fields: Fields, kind: str) -> Type:
    """Read a type that no line knows by the common fields, under the name of its mission."""
    title = text(fields.get("TITLE"), 48) or ""
    mission = re.sub(r"[^a-z0-9]+", "_", title.lower().removeprefix("gcn/").removesuffix("notice").strip()).strip("_")
    own = mission or "unknown"
    return Type("", "", f"gcn:{own}", f"gcn.{own}", kind or None)


def _event_key(fields: Fields, of: Type, t0: datetime | None, *, test: bool) -> str | None:
    """Name the event as the same notice in other formats does; tests share numbers and are keyed by their time."""
    number = next((found for key in IDS if (found := _id(fields.get(key))) is not None), None)
    if of.namespace == "icecube":
        run, event = fields.number("RUN_NUM"), fields.number("EVENT_NUM")
        number = None if run is None or event is None else f"{run:.0f}_{event:.0f}"
    elif of.namespace == "integral":
        plain = int(number) % SUB_NUMBER if number and number.isdigit() else 0
        number = str(plain) if plain else None
    elif of.namespace == SUBTHRESHOLD:
        number = None
    timed = None if t0 is None else stamp(t0)
    if of.namespace == "snews.gcn" and number is not None:
        return f"{of.namespace}:{number}{'.test' if test else ''}"
    if number is None or number == "0" or number == TEST_TRIGGER:
        own = f"{of.namespace}.test" if number == TEST_TRIGGER else of.namespace
        return None if timed is None else f"{own}:{timed}"
    return f"{of.namespace}:{number}"


def _id(words: str) -> str | None:
    found = re.match(r"\s*(-?[A-Za-z0-9][A-Za-z0-9_.+-]{0,40})", words)
    if found is None:
        return None
    number = found[1].rstrip(".-+")
    return number.lstrip("0") or "0" if number.isdigit() else number


def _subject(fields: Fields, ending: str) -> str:
    """Return how the fields of this notice begin that end so."""
    return next((subject for subject in SUBJECTS if f"{subject}_{ending}" in fields.lines), "")


def _where(fields: Fields, of: Type) -> Localization:
    link = web_address(fields.get("SKYMAP_FITS_URL"))
    if not of.has_position or of.phase is Phase.RETRACTION:
        return Localization("none")
    subject = _subject(fields, "RA")
    prefix = f"{subject}_" if subject else ""
    error = fields.get(f"{prefix}ERROR") or fields.get("SRC_ERROR90") or fields.get("SRC_ERROR")
    stated = re.search(r"(\d{2}(?:\.\d+)?)\s?%", error)
    contained = float(stated[1]) / 100.0 if stated else of.containment
    found = circle(
        angle_deg(fields, f"{prefix}RA"), angle_deg(fields, f"{prefix}DEC"), radius_deg(error), containment=contained
    )
    if found.kind == "none" and link and not found.refused:
        return Localization("link", url=link)
    if found.kind != "cone":
        return replace(found, url=link)
    return replace(found, url=link, systematic_included=_systematic(error.lower(), of))


def _systematic(error: str, of: Type) -> bool | None:
    """Say whether a radius holds the systematic error, by its words, else as the stream does."""
    if re.search(r"stat(istical|istics)?[ -]only|no systematic", error):
        return False
    return True if "systematic" in error else of.systematic_included


def _purpose(message: Message, fields: Fields, kind: str) -> Purpose | None:
    comments = " ".join(fields.comments)
    marked = "test" in re.split(r"[^a-z]+", kind.lower()) or TEST_COMMENT.search(comments) is not None
    tests = [Purpose.TEST] if marked or _id(fields.get("TRIGGER_NUM")) == TEST_TRIGGER else []
    named = purpose_of_id(_id(fields.get("TRIGGER_NUM")) or "") if "LV" in fields.get("TITLE") else None
    names = [] if named is None else [named]
    searches = [Purpose.MOCK] if re.search(r"\bMDC\b", fields.get("SEARCH_TYPE"), re.I) else []
    groups = [Purpose.TEST] if re.search(r"\btest\b", fields.get("GROUP_TYPE"), re.I) else []
    return strictest([Purpose.OBSERVATION, *tests, *names, *searches, *groups, *markers_of_transport(message)])


def _phase(of: Type, revision: int | None) -> Phase | None:
    """Say it for the streams that count revisions of one event from 0."""
    if of.namespace != "icecube" or revision is None:
        return None
    return Phase.INITIAL if revision == 0 else Phase.UPDATE


def _revision(fields: Fields) -> int | None:
    key = fields.first("REVISION", "SEQUENCE_NUM", "RECORD_NUM")
    found = fields.number(key)
    return int(found) if found is not None and 0 <= found < 10**6 else None


def _no_event(fields: Fields) -> str | None:
    """Say why the notice itself takes its event for none: a comment, or the most likely class of a GBM trigger."""
    comment = next((one for one in fields.comments if NOT_A_BURST.search(one)), None)
    if comment is not None:
        return text(comment, 96)
    likely = text(re.sub(r"^\s*\d{1,3}%\s*", "", fields.get("MOST_LIKELY")), 64)
    return None if likely is None or MAYBE_A_BURST.search(likely) else f"most likely {likely}, says the flight software"


def _far_hz(words: str) -> float | None:
    rate = number_in(words)
    if rate is None or rate < 0:
        return None
    if "yr" in words or "year" in words.split("(")[0]:
        return rate / YEAR_S
    return rate if "Hz" in words else None


def _probabilities(fields: Fields, names: dict[str, str]) -> dict[str, float]:
    found = {at[1].upper(): fields.number(key) for key in fields.lines if (at := PROBABILITY.fullmatch(key))}
    return {names[key]: value for key, value in found.items() if key in names and value is not None}


def _signalness(fields: Fields) -> dict[str, float]:
    found = fields.number("SIGNALNESS")
    return {} if found is None else {"p_astro": found}


def _name(fields: Fields) -> str | None:
    return text(fields.get("SOURCE_OBJ") or fields.get("SRC_NAME") or fields.get("SOURCE_NAME"), 64)


def _links(fields: Fields) -> tuple[Link, ...]:
    pages = (web_address(fields.get(key)) for key in ("EVENTPAGE_URL", "LC_URL", "LOC_URL"))
    return tuple(Link("page", page) for page in pages if page is not None)
