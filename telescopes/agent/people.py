"""What people at the site want: vetoes, pauses, approvals; they win over whatever the coordinator says (pure)."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from telescopes.agent.safety import No
from telescopes.description.errors import Refused
from telescopes.description.event_key import EVENT_KEY, require_event_key
from telescopes.description.messages import Pointing
from telescopes.description.states import Reason


class Act(StrEnum):
    """What a person may do."""

    PAUSE = "pause"
    RESUME = "resume"
    VETO_POINTING = "veto_pointing"
    VETO_EVENT = "veto_event"
    VETO_NIGHT = "veto_night"
    ALLOW_EVENT = "allow_event"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Word:
    """A person's word.

    `subject` is a pointing's or an event's id, where the act is about one; `until` ends a pause by itself (sky time).
    `let_finish`: what runs comes to its end.
    """

    act: Act
    person: str
    because: str = ""
    subject: str = ""
    until: datetime | None = None
    let_finish: bool = False

    @property
    def said(self) -> str:
        """Why, and who says so."""
        return f"{self.because} ({self.person})" if self.because else self.person


@dataclass(frozen=True, slots=True)
class Closed:
    """The telescope takes nothing; `until` None: until somebody resumes it."""

    said: str
    until: datetime | None = None

    def holds_at(self, when: datetime) -> bool:
        """Whether it still holds at an instant of sky time."""
        return self.until is None or when < self.until


@dataclass(frozen=True, slots=True)
class Wishes:
    """Everything that people want and that still holds; why, by the id of what it is about."""

    paused: Closed | None = None
    night: Closed | None = None
    events: dict[str, str] = field(default_factory=dict)
    pointings: dict[str, str] = field(default_factory=dict)
    approved: dict[str, str] = field(default_factory=dict)

    @property
    def vetoed_events(self) -> tuple[str, ...]:
        """The vetoed events, sorted, as far as a coordinator can know them: an older memory may hold other words."""
        return tuple(sorted(event for event in self.events if EVENT_KEY.fullmatch(event)))

    def closed_at(self, when: datetime) -> Closed | None:
        """The closing that holds at an instant, of two the one that lasts longer; None: the telescope is open."""
        holding = [c for c in (self.paused, self.night) if c is not None and c.holds_at(when)]
        return max(holding, key=lambda c: (c.until is None, c.until or when), default=None)

    def veto_of(self, pointing: Pointing, now: datetime) -> No | None:
        """Say why a pointing is not wanted; None: nobody minds. One that starts after a closing's end is welcome."""
        said = self.pointings.get(pointing.pointing_id) or self.events.get(pointing.event_id)
        if said is not None:
            return No(Reason.VETOED_BY_OPERATOR, said)
        closed = self.closed_at(max(now, pointing.planned_start))
        return None if closed is None else No(Reason.VETOED_BY_OPERATOR, closed.said)

    def next_change(self, now: datetime) -> datetime | None:
        """When something ends by itself; None: never."""
        ends = (c.until for c in (self.paused, self.night) if c is not None and c.until is not None)
        return min((end for end in ends if end > now), default=None)


NOBODY_MINDS = Wishes()
MOST_KEPT = 1000
"""Of vetoed events, and of vetoed and approved pointings, the newest so many are kept: older ones are long over."""


def heard(wishes: Wishes, word: Word, now: datetime, night_ends: datetime) -> Wishes:
    """Say what people want after a word.

    Raises
    ------
    Refused
        It asks for a pause that is over, names what can be no event, or welcomes one that nobody vetoed.
    """
    match word.act:
        case Act.PAUSE:
            if word.until is not None and word.until <= now:
                raise Refused(f"is over: it is {now:%Y-%m-%dT%H:%M:%SZ}", where="until", mend="give a later time")
            return replace(wishes, paused=Closed(word.said, word.until))
        case Act.VETO_NIGHT:
            return replace(wishes, night=Closed(word.said, night_ends))
        case Act.RESUME:
            return replace(wishes, paused=None, night=None)
        case _:
            return _heard_of_one(wishes, word)


def _heard_of_one(wishes: Wishes, word: Word) -> Wishes:
    """Say what people want after a word about one event or one pointing."""
    match word.act:
        case Act.VETO_EVENT:
            require_event_key(word.subject, "event")
            return replace(wishes, events=_with(wishes.events, word))
        case Act.ALLOW_EVENT:
            _require_vetoed(wishes, word.subject)
            return replace(wishes, events={k: v for k, v in wishes.events.items() if k != word.subject})
        case Act.VETO_POINTING:
            return replace(wishes, pointings=_with(wishes.pointings, word))
        case _:
            return replace(wishes, approved=_with(wishes.approved, word))


def _require_vetoed(wishes: Wishes, event: str) -> None:
    if event not in wishes.events:
        require_event_key(event, "event")
        raise Refused("is not vetoed here", where=event, mend="see `armillary agent status` for what is")


def _with(known: dict[str, str], word: Word) -> dict[str, str]:
    both = known | {word.subject: word.said}
    return dict(list(both.items())[-MOST_KEPT:])
