"""What is done with every event: the rules, with a person's word over them, written down when it changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from coordinator.dispatch.facts import OperatorActed
from coordinator.events.age import OLDEST, handed_in, old_news
from coordinator.events.event import Event
from coordinator.events.rules import FOLLOW_EVERYTHING, Action, Decision, Rule, changes_at, decide
from coordinator.services.facts import entry_of
from coordinator.services.journal import Entry
from coordinator.services.state import ObservatoryState

APPROVE, DISMISS, RETRACT = "approve", "dismiss", "retract_event"
VERDICTS = {APPROVE: Action.FOLLOW, DISMISS: Action.WATCH, RETRACT: Action.WATCH}
"""What a person may say of an event; it holds until they say otherwise, but not against a retraction or a closing."""
RULES = {
    APPROVE: "a person approved it",
    DISMISS: "a person dismissed it",
    RETRACT: "a person retracted it",
}


@dataclass
class Decider:
    """Says what has to be written about what is done with events; looks again only where something has changed.

    What was older than `oldest` when it was first heard of waits for a person, whatever the rules say.
    """

    rules: tuple[Rule, ...] = (FOLLOW_EVERYTHING,)
    oldest: timedelta = OLDEST
    _seen: dict[str, tuple[Event, OperatorActed | None, datetime | None]] = field(default_factory=dict)

    def entries(self, events: Mapping[str, Event], state: ObservatoryState, now: datetime) -> Iterator[Entry]:
        """Yield an entry for every event of which something else is to be done than the journal says."""
        for key, event in sorted(events.items()):
            verdict, before = state.verdicts.get(key), self._seen.get(key)
            # After a start: what is journalled was decided on the event as it is journalled.
            same = state.events.get(key) == event if before is None else before[0] == event and before[1] is verdict
            if before is not None and same and not _passed(before[2], now):
                continue
            self._seen[key] = (event, verdict, changes_at(event, now, self.rules))
            stale = self._old_news(event, state, now)
            made, known = decision_for(event, verdict, now, self.rules, stale), state.decisions.get(key)
            if known is None or (_acts(known) != _acts(made) if same else known != made):
                yield entry_of("event_decided", made, sky_time=now, event=key, subject=key)

    def _old_news(self, event: Event, state: ObservatoryState, now: datetime) -> str | None:
        if handed_in(state.alerts.alerts.get(event.key, ())):
            return None
        return old_news(event, state.known_since.get(event.key, now), self.oldest)


def decision_for(
    event: Event, verdict: OperatorActed | None, now: datetime, rules: tuple[Rule, ...], stale: str | None = None
) -> Decision:
    """Say what to do with an event; a person's word goes before every rule, and old news is asked, not followed."""
    made = decide(event, now, rules)
    if stale is not None and made.action is Action.FOLLOW:
        made = replace(made, action=Action.ASK, because=f"{stale} (by rule {made.rule!r}: {made.action})")
    if verdict is None or event.retracted or event.closed is not None:
        return made
    because = f"{verdict.operator}: {verdict.reason} (by rule {made.rule!r}: {made.action})"
    return replace(made, action=VERDICTS[verdict.action], rule=RULES[verdict.action], because=because)


def _acts(made: Decision) -> tuple[object, ...]:
    """What of a decision telescopes notice; its reason may speak of an age, which changes all the time."""
    return made.action, made.rule, made.visits, made.priority


def _passed(at: datetime | None, now: datetime) -> bool:
    return at is not None and now >= at
