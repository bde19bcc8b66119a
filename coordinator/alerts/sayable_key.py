"""Event keys as people can say them: what a sender calls its event may hold blanks, any letter, and no end."""

import hashlib
import re
from dataclasses import replace

from coordinator.alerts.leads import Leads
from coordinator.alerts.message import Alerts, Reports, Understood
from telescopes.description.event_key import EVENT_KEY

LONGEST_ID = 200
DIGEST = 12


def with_sayable_keys(understood: Understood) -> Understood:
    """Let every event that a message speaks of have a key that `EVENT_KEY` knows."""
    match understood:
        case Alerts():
            if all(EVENT_KEY.fullmatch(one.event_key) for one in understood.alerts):
                return understood  # nearly always, and surveys bring a thousand a second
            alerts = tuple(replace(one, event_key=sayable(one.event_key)) for one in understood.alerts)
            return replace(understood, alerts=alerts)
        case Reports():
            return replace(understood, leads=tuple(_of_lead(lead) for lead in understood.leads))
        case Leads():
            return _of_lead(understood)
        case _:
            return understood


def sayable(key: str) -> str:
    """Return a key that can be said; one that had to be changed ends in a hash of what it was, so that none meet."""
    if EVENT_KEY.fullmatch(key):
        return key
    namespace, _, native = key.partition(":")
    plain = re.sub(r"[^!-~]+", "_", native)[:LONGEST_ID]
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:DIGEST]
    return f"{namespace}:{plain}~{digest}"


def _of_lead(lead: Leads) -> Leads:
    return lead if lead.event_key is None else replace(lead, event_key=sayable(lead.event_key))
