"""What people may decide on the dashboard: each act with its words, and the decision that it stands for (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from coordinator.dashboard.act_words import WORDS
from coordinator.dispatch.facts import OperatorActed
from coordinator.services.seen_version import SEEN
from telescopes.description.errors import Refused

About = Literal["telescope", "pointing", "event", "candidate", "shift"]
LEAST_REASON, MOST_REASON = 3, 500


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that somebody may decide.

    Attributes
    ----------
    path : str
        Its name in addresses: `POST /api/v1/telescopes/{id}/{path}`.
    action : str
        Its name in the journal, `OperatorActed.action`.
    title, effect : str
        What the button says, and what will come of it.
    asks, takes : tuple of str
        What it needs besides the reason, and what else may be said: names of `act_words.WORDS`.
    fixed : mapping
        Details that follow from the act itself.
    undo : str or None
        The act that takes it back; None: nothing does.
    """

    path: str
    action: str
    about: About
    title: str
    effect: str
    asks: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    fixed: Mapping[str, str] | None = None
    undo: str | None = None


ACTS: tuple[Act, ...] = (
    Act("pause", "pause", "telescope", "Pause", "It gets no further pointing; what runs goes on.", undo="resume"),
    Act("resume", "resume", "telescope", "Resume", "It gets pointings again from the next plan on.", undo="pause"),
    Act(
        "veto-night", "veto_night", "telescope", "Close tonight",
        "It gets no pointing until its next noon; what is open and has not begun is asked back.", undo="resume",
    ),
    Act(
        "veto-event", "veto_event", "telescope", "Keep an event away",
        "What it holds of this event and has not begun is asked back, and it gets no more.", ("event",),
        undo="allow-event",
    ),
    Act(
        "allow-event", "allow_event", "telescope", "Allow an event again",
        "It may search for this event again.", ("event",), undo="veto-event",
    ),
    Act(
        "maintenance", "maintenance", "telescope", "Plan maintenance",
        "It is left alone in this span of time (UTC).", ("start", "end"), undo="cancel-maintenance",
    ),
    Act(
        "cancel-maintenance", "cancel_maintenance", "telescope", "Cancel maintenance",
        "Maintenance that has not begun is forgotten.", undo="maintenance",
    ),
    Act(
        "ask-pointing", "ask_pointing", "telescope", "Ask for a pointing",
        "This telescope looks there once, before its searches; lower pointings make room. What is left out is the "
        "site's own, a candidate's place, or the next 24 hours.",
        ("event",), ("candidate", "ra_deg", "dec_deg", "filter", "exposure_s", "count", "start", "end", "anyway"),
        undo="withdraw-pointing",
    ),
    Act(
        "withdraw-pointing", "withdraw_pointing", "telescope", "Withdraw a pointing",
        "What was asked for by hand is not made; it is asked back where it has not begun.", ("pointing",),
    ),
    Act(
        "revoke", "veto", "pointing", "Veto",
        "It is asked back, running or not; its sky is free for others when the telescope has answered.",
    ),
    Act("approve", "approve_pointing", "pointing", "Say yes", "The telescope may start it at its time."),
    Act("go", "approve", "event", "Go", "The event is searched, whatever the rules say.", undo="stop"),
    Act(
        "stop", "dismiss", "event", "Stop",
        "The search ends: what is open and has not begun is asked back. The event is still listened to.", undo="go",
    ),
    Act(
        "retract", "retract_event", "event", "Retract by hand",
        "The search ends now: everything is asked back, running or not. What its stream says is not touched.",
        undo="go",
    ),
    Act(
        "replan", "limit_event", "event", "Plan with other limits",
        "The next plan keeps these limits; what they forbid and has not begun is asked back. See first what it would "
        "be: the page of its plans says it.",
        (), ("without", "until", "visits", "objective"), undo="lift-limits",
    ),
    Act("lift-limits", "lift_limits", "event", "Lift the limits", "It is planned as its rule says.", undo="replan"),
    Act("comment", "comment_event", "event", "Comment", "The words stand in the log."),
    Act(
        "withdraw-coverage", "withdraw_coverage", "event", "Withdraw coverage",
        "What others were said to have looked at counts no more from the next plan on.", ("coverage",),
    ),
    Act(
        "counterpart", "mark_candidate", "candidate", "It is the counterpart",
        "The candidate is called promising, whatever its odds.", ("event",), (), {"as": "counterpart"}, "withdraw",
    ),
    Act(
        "reject", "mark_candidate", "candidate", "It is not",
        "The candidate is called rejected, and its follow-up ends.", ("event",), (), {"as": "rejected"}, "withdraw",
    ),
    Act(
        "withdraw", "mark_candidate", "candidate", "Take the mark back",
        "The odds alone say what the candidate is called.", ("event",), (), {"as": "withdrawn"},
    ),
    Act(
        "follow-up", "request_follow_up", "candidate", "Ask for another look",
        "The telescope best placed looks at it once, before the searches.", ("event",), ("filter",),
        undo="withdraw-follow-up",
    ),
    Act(
        "withdraw-follow-up", "withdraw_follow_up", "candidate", "Withdraw looks",
        "Looks that people asked for are given up; what has not begun is asked back.", ("event",),
    ),
    Act("comment", "comment_candidate", "candidate", "Comment", "The words stand beside the odds.", ("event",)),
    Act("take-over", "take_shift", "shift", "Take over", "You are on duty from now on; whoever was, is not."),
    Act(
        "hand-over", "hand_over_shift", "shift", "Hand over",
        "It is written down whom you hand to, with your note; you are on duty until they take over.",
        ("to",), ("note",),
    ),
    Act("comment", "comment_shift", "shift", "Edit the note", "What you leave to the next reads so.", (), ("note",)),
    Act("leave", "leave_shift", "shift", "Go off duty", "Nobody is on duty, and every page says so."),
)  # fmt: skip


def act_named(about: str, path: str) -> Act:
    """Return an act.

    Raises
    ------
    Refused
        There is none of that name.
    """
    found = next((act for act in ACTS if act.about == about and act.path == path), None)
    if found is None:
        known = ", ".join(act.path for act in ACTS if act.about == about)
        mend = f"use one of {known}" if known else f"use {', '.join(get_args(About))}"
        raise Refused(f"no such act: {path[:40]!r}", where=f"{about[:40]} …", mend=mend, reason="NOT_FOUND")
    return found


def decision_of(act: Act, subject: str, said: Mapping[str, str], seen: str, who: str, action_id: str) -> OperatorActed:
    """Put together what will stand in the journal.

    Parameters
    ----------
    act : Act
        What is decided.
    subject : str
        The telescope's or pointing's id, the event's key, the candidate's id.
    said : mapping
        The reason, and what the act asks for.
    seen : str
        The version of the subject that the person saw.
    who : str
        The person.
    action_id : str
        The same for every repetition of the request.

    Raises
    ------
    Refused
        Something is left out, or cannot be.
    """
    reason = reason_of(said.get("reason", ""))
    details = {SEEN: seen, **(act.fixed or {})}
    for name in (*act.asks, *act.takes):
        value, word = said.get(name, "").strip(), WORDS[name]
        if value or (word.kind == "area" and name in said):  # what has lines may be emptied
            details[name] = word.read(name, value)
        elif name in act.asks:
            raise Refused("is left out", where=name, mend=word.mend)
    return OperatorActed(action_id, act.action, subject, who, reason, details)


def reason_of(text: str) -> str:
    """Read a reason.

    Raises
    ------
    Refused
        It says too little, or too much.
    """
    reason = " ".join(text.split())
    if not LEAST_REASON <= len(reason) <= MOST_REASON:
        mend = f"say why in {LEAST_REASON} to {MOST_REASON} characters"
        raise Refused("needs a reason", where="reason", mend=mend)
    return reason
