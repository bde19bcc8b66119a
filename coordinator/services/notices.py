"""What in the journal is news for people who do not watch the page, and which rule tells whom (pure)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import quote

from coordinator.alerts.alert import Purpose
from coordinator.dispatch.facts import TelescopeStatusChanged
from coordinator.events.coincidence_facts import CoincidenceFound
from coordinator.events.event import Event
from coordinator.events.rules import Action, Decision
from coordinator.services.facts import fact_of
from coordinator.services.inbox import Waiting
from coordinator.services.journal import Stored
from coordinator.services.notify_settings import ONCE, News, NotifyRule
from coordinator.services.quarantined import AlertQuarantined
from coordinator.services.state import ObservatoryState
from coordinator.vetting.facts import CandidatesScored

MOST_LINE = 300
SILENT = ("silent", "refused")
"""States of a stream that somebody must look at; one that is away comes back by itself, or falls silent."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that may be told.

    Attributes
    ----------
    about, subject : str
        What kind of news, of what.
    title : str
        It in one line; text from outside is in it as text.
    see : str
        The page's path that shows it.
    seq, at : int, datetime
        The entry of the journal that brought it, and when that was recorded.
    event : str or None
        The event to which it belongs.
    probability : float or None
        Of a candidate.
    """

    about: News
    subject: str
    title: str
    see: str
    seq: int
    at: datetime
    event: str | None = None
    probability: float | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A notice on its way to an outlet, by a rule; `id` is the same whenever it is found due again."""

    rule: str
    outlet: str
    notice: Notice

    @property
    def subject(self) -> tuple[str, str, str]:
        """What of the same is told once, or after a while: whom, and of what."""
        return self.outlet, self.notice.about, self.notice.subject

    @property
    def id(self) -> str:
        """Name of the message."""
        return f"{self.outlet}:{self.notice.about}:{self.notice.subject}:{self.notice.seq}"


def news_in(stored: Stored, state: ObservatoryState) -> Iterator[Notice]:
    """Yield what an entry brings; `state` has it folded in already."""
    fact = fact_of(stored.entry)
    match fact:
        case Event() | Decision() | CoincidenceFound():
            yield from _of_events(stored, fact, state)
        case CandidatesScored():
            for one in fact.candidates:
                title = f"{one.id} may be the counterpart of {fact.event}: probability {one.probability:.2g}"
                see = f"/events/{quote(fact.event, safe='')}/candidates/{quote(one.id, safe='')}"
                yield _notice(
                    stored, "candidate", f"{fact.event}/{one.id}", title, see, fact.event, probability=one.probability
                )
        case TelescopeStatusChanged() if fact.link == "lost":
            mine = stored.entry.telescope or ""
            held = sum(1 for _ in state.pointings.live(telescope=mine))
            title = f"telescope {mine} does not answer; it holds {held} pointings"
            yield _notice(stored, "telescope_lost", mine, title, f"/telescopes/{quote(mine, safe='')}")
        case AlertQuarantined() if not fact.waits:
            title = f"a message from {fact.source or 'an unknown source'} is not understood: {fact.reason or '?'}"
            yield _notice(stored, "quarantine", fact.source, title, "/quarantine")
        case dict() if stored.entry.kind == "stream_state_changed" and fact.get("state") in SILENT:
            title = f"stream {fact['stream']} is {fact['state']}: {fact.get('because') or 'nobody knows why'}"
            yield _notice(stored, "stream_silent", str(fact["stream"]), title, "/system")
        case _:
            pass


def waits_anew(now: Sequence[Waiting], before: Sequence[Waiting], stored: Stored) -> Iterator[Notice]:
    """Yield what waits for a person since an entry and did not before."""
    known = {(one.about, one.subject) for one in before}
    for one in now:
        if (one.about, one.subject) not in known and one.about != "quarantine":  # that has news of its own
            yield _notice(stored, "waiting", f"{one.about}/{one.subject}", one.says, one.see, one.event)


def due_by(
    rules: Sequence[NotifyRule], notice: Notice, state: ObservatoryState, told: Mapping[tuple[str, str, str], datetime]
) -> list[Due]:
    """Say who is to be told of a notice; an outlet that several rules name hears it once.

    Parameters
    ----------
    rules : sequence of NotifyRule
        In their order: the first that fits an outlet tells it.
    notice : Notice
        What there is to tell.
    state : ObservatoryState
        Of which purpose its event is.
    told : mapping
        When each outlet was last told of each subject.
    """
    found: dict[str, Due] = {}
    for number, rule in enumerate(rules):
        if not _fits(rule, notice, state):
            continue
        for outlet in rule.to:
            one = Due(rule.name or f"notify.{number}", outlet, notice)
            if outlet not in found and not _lately(one, told, timedelta(minutes=rule.again_after_min)):
                found[outlet] = one
    return list(found.values())


def one_line(text: str) -> str:
    """Return a text from outside as one line that nothing takes for more than text."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= MOST_LINE else f"{line[: MOST_LINE - 1]}…"


def _of_events(stored: Stored, fact: Event | Decision | CoincidenceFound, state: ObservatoryState) -> Iterator[Notice]:
    match fact:
        case Event():
            yield from _of_event(stored, fact)
        case Decision() if fact.action is Action.FOLLOW and (stored.entry.event or "") in state.events:
            yield from _of_event(stored, replace(state.events[stored.entry.event or ""], significant=True))
        case CoincidenceFound():
            wants = "a person should look at " if fact.tell else ""
            see = f"/events/{quote(fact.lead, safe='')}"
            yield _notice(stored, "coincidence", fact.lead, f"{wants}{fact.name}: {fact.because}", see, fact.lead)


def _of_event(stored: Stored, event: Event) -> Iterator[Notice]:
    see = f"/?event={quote(event.key, safe='')}"
    if event.retracted:
        yield _notice(stored, "retraction", event.key, f"{event.name} is retracted: stop looking", see, event.key)
    elif event.significant and not event.ended:
        area = event.localization.area90_deg2
        kind = ", ".join(f"{k} {p:.2f}" for k, p in sorted(event.classification.items(), key=lambda kp: -kp[1])[:2])
        facts = [fact for fact in (kind, "" if area is None else f"90 % in {area:.0f} deg²") if fact]
        title = f"new event {event.name}: {', '.join(facts) or 'no more is known yet'}"
        yield _notice(stored, "event", event.key, title, see, event.key)


def _notice(
    stored: Stored,
    about: News,
    subject: str,
    title: str,
    see: str,
    event: str | None = None,
    *,
    probability: float | None = None,
) -> Notice:
    return Notice(about, subject, one_line(title), see, stored.seq, stored.recorded_at, event, probability)


def _fits(rule: NotifyRule, notice: Notice, state: ObservatoryState) -> bool:
    if notice.about not in rule.when:
        return False
    if notice.about == "candidate" and (notice.probability or 0.0) < rule.least_probability:
        return False
    event = None if notice.event is None else state.events.get(notice.event)
    # Who does not say what it is for is waited for by a person, and that is for them to hear of.
    return event is None or event.purpose is None or Purpose(event.purpose) in rule.purposes


def _lately(one: Due, told: Mapping[tuple[str, str, str], datetime], pause: timedelta) -> bool:
    last = told.get(one.subject)
    return last is not None and (one.notice.about in ONCE or one.notice.at - last < pause)
