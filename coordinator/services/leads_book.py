"""What people report of events: leads beside the events that they name, for people; they change no event."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coordinator.alerts.leads import Leads, in_words
from coordinator.events.event import Event
from coordinator.events.names import keys_named

MOST = 2000
"""The newest; older ones are in the journal."""

MOST_NAMES = 8


@dataclass(frozen=True, slots=True)
class Lead:
    """One report, in a sentence.

    Attributes
    ----------
    notice_id : str
        Its identity and version.
    key : str or None
        The event's key, where the report holds one.
    names : tuple of str
        What it calls the event, the best one first.
    says : str
        Who reports what where.
    event : str or None
        The known event that it names; None: none yet, or several.
    """

    notice_id: str
    key: str | None
    names: tuple[str, ...]
    says: str
    event: str | None = None


@dataclass
class LeadBook:
    """Leads by their identity, each beside its event as soon as that is known, whichever comes first."""

    leads: dict[str, Lead] = field(default_factory=dict)

    def add(self, said: Leads, events: Mapping[str, Event]) -> Lead:
        """Take a report; a newer version takes its own place beside the older one."""
        names = tuple(dict.fromkeys(name for name in (said.name, *said.names) if name))[:MOST_NAMES]
        lead = Lead(said.notice_id, said.event_key, names, in_words(said))
        self.leads[lead.notice_id] = lead = replace(lead, event=_event_of(lead, events))
        if len(self.leads) > MOST:
            self._let_one_go()
        return lead

    def _let_one_go(self) -> None:
        """Let the oldest go, of those that name no event first: a survey's table must not push out what people said."""
        oldest = next(iter(self.leads))
        del self.leads[next((id_ for id_, lead in self.leads.items() if lead.event is None), oldest)]

    def hear(self, event: Event, before: Event | None, events: Mapping[str, Event]) -> None:
        """Take note of an event: reports may have named it before anybody knew it, or by another name."""
        if before is not None and (before.name, before.t0) == (event.name, event.t0):
            return
        for id_, lead in self.leads.items():
            if lead.event == event.key or _event_of(lead, {event.key: event}) is not None:
                self.leads[id_] = replace(lead, event=_event_of(lead, events))

    def of(self, event_key: str) -> list[Lead]:
        """Return the leads of an event, the newest first."""
        return [lead for lead in reversed(self.leads.values()) if lead.event == event_key]

    def counts(self) -> Counter[str]:
        """Count leads by event."""
        return Counter(lead.event for lead in self.leads.values() if lead.event is not None)


def _event_of(lead: Lead, events: Mapping[str, Event]) -> str | None:
    """Return the one known event that a report names: by its key, else by the first name that means one."""
    if lead.key in events:
        return lead.key
    for name in lead.names:
        found = [key for key in keys_named(name, events.values()) if key in events]
        if len(found) == 1:
            return found[0]
    return None
