"""Who is told of what when nobody watches the page, as the config file names it; by default nobody is."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

News = Literal[
    "event", "retraction", "coincidence", "candidate", "waiting", "telescope_lost", "stream_silent", "quarantine"
]  # fmt: skip
"""What may be told: an event that is significant or followed, its retraction, events that coincide, a candidate,
something that waits for a person, a telescope that no longer answers, a stream that is silent, a message that nobody
understands."""

ONCE: frozenset[News] = frozenset({"event", "retraction", "candidate"})
"""What happens to a subject once; the rest may happen to it again, and is then told again after a while."""


@dataclass(frozen=True, slots=True)
class OutletSettings:
    """Where messages go.

    Attributes
    ----------
    id : str
        By which rules name it.
    kind : str
        `webhook`: a signed POST of JSON; `email`: a letter by SMTP.
    url, secret_env : str
        Of a webhook: its address, and the environment variable with the key that signs.
    host, port, tls, sender, to : str, int, str, str, tuple of str
        Of e-mail: the server, how the line is secured, from whom and to whom.
    user_env, password_env : str, optional
        Environment variables with what e-mail is sent as; None: without logging in.
    """

    id: str = ""
    kind: Literal["webhook", "email"] = "webhook"
    url: str | None = None
    secret_env: str | None = None
    host: str = ""
    port: int = 587
    tls: Literal["starttls", "tls", "none"] = "starttls"
    sender: str = ""
    to: tuple[str, ...] = ()
    user_env: str | None = None
    password_env: str | None = None


@dataclass(frozen=True, slots=True)
class NotifyRule:
    """One rule: what is told to whom.

    Attributes
    ----------
    when : tuple of str
        Kinds of news.
    to : tuple of str
        Outlets.
    name : str
        What the rule is called in the journal; empty: by its place.
    least_probability : float
        Candidates below it are not told of.
    purposes : tuple of str
        Events of another purpose are not told of, nor what belongs to them.
    quiet_hours : str, optional
        A span of every day, UTC, such as 22:00-06:30, in which nothing is sent: it comes when the span is over.
    again_after_min : float
        What happens to the same subject again is told again when so many minutes have passed since it was.
    """

    when: tuple[News, ...] = ()
    to: tuple[str, ...] = ()
    name: str = ""
    least_probability: float = 0.5
    purposes: tuple[str, ...] = ("observation",)
    quiet_hours: str | None = None
    again_after_min: float = 60.0

    def quiet_until(self, now: datetime) -> datetime | None:
        """Return when the quiet hours in which `now` lies are over; None: it lies in none."""
        if self.quiet_hours is None:
            return None
        begins, ends = span_of(self.quiet_hours)
        until = datetime.combine(now.date(), ends, now.tzinfo)
        if begins < ends:
            return until if begins <= now.time() < ends else None
        if now.time() < ends:
            return until
        return until + timedelta(days=1) if now.time() >= begins else None


def span_of(text: str) -> tuple[time, time]:
    """Read a span of the day.

    Raises
    ------
    ValueError
        It is none.
    """
    begins, dash, ends = text.partition("-")
    first, last = time.fromisoformat(begins.strip()), time.fromisoformat(ends.strip())
    if not dash or first == last or first.tzinfo or last.tzinfo:
        raise ValueError(text)
    return first, last
