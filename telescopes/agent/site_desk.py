"""Where people at the site say what they want: durable before it is answered, obeyed at once, link or no link."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from telescopes.agent.executor import Executor
from telescopes.agent.held import Held
from telescopes.agent.ledger import Ledger
from telescopes.agent.people import Act, Wishes, Word, heard
from telescopes.agent.queue import Accept, answer_offer
from telescopes.agent.safety import No
from telescopes.agent.site import SiteState
from telescopes.agent.sky_time import AgentSky, wait_for_bell
from telescopes.agent.store import Store
from telescopes.description.clocks import LinkClock
from telescopes.description.durations import noon_after
from telescopes.description.errors import Refused
from telescopes.description.states import PointingState

S = PointingState
log = logging.getLogger(__name__)


def remember(store: Store, wishes: Wishes, word: Word, now: datetime, longitude_deg: float) -> Wishes:
    """Make a person's word durable; return what people want now."""
    wanted = heard(wishes, word, now, noon_after(now, longitude_deg))
    store.keep_wishes(wanted)
    log.info("%s %s: %s", word.act, word.subject or "the telescope", word.said)
    return wanted


class SiteDesk:
    """Takes people's words while the agent runs, and ends what ends by itself."""

    def __init__(
        self,
        telescope_id: str,
        longitude_deg: float,
        *,
        store: Store,
        ledger: Ledger,
        executor: Executor,
        site: SiteState,
        sky: AgentSky,
        link_clock: LinkClock,
        utc_now: Callable[[], datetime],
        lease_held: Callable[[], bool],
    ) -> None:
        self._telescope_id = telescope_id
        self._longitude_deg = longitude_deg
        self._store = store
        self._ledger = ledger
        self._executor = executor
        self._site = site
        self._sky = sky
        self._link_clock = link_clock
        self._utc_now = utc_now
        self._lease_held = lease_held
        self._news = asyncio.Event()
        site.wishes = store.wishes()

    def take(self, word: Word) -> str:
        """Take a person's word and obey it; return a sentence about what became of it.

        Raises
        ------
        Refused
            There is nothing of that name, or it is too late.
        """
        held = self._open_pointing(word) if word.act in (Act.VETO_POINTING, Act.APPROVE) else None
        now = self._sky.now() if self._sky.known else self._utc_now()
        self._site.wishes = remember(self._store, self._site.wishes, word, now, self._longitude_deg)
        before = {h.pointing.pointing_id: h.pointing.event_id for h in self._ledger.open_pointings()}
        runs = self._executor.active_pointing_id
        if held is not None and word.act is Act.APPROVE:
            return self._accept(held)
        self._executor.obey_people(now, stop_running=not word.let_finish)
        self._site.changed.set()
        self._news.set()
        after = {h.pointing.pointing_id for h in self._ledger.open_pointings()}
        said = _sentence(word, len(before.keys() - after), self._site.wishes)
        if word.act is Act.VETO_EVENT and word.subject not in before.values():
            said += "; nothing of it was here"
        return f"{said}; {runs} is being stopped" if self._executor.is_stopping and runs else said

    def _open_pointing(self, word: Word) -> Held:
        held = self._ledger.find(word.subject)
        if held is None:
            raise Refused("was never offered here", where=word.subject, mend="see `armillary agent status`")
        if not held.is_open:
            raise Refused(f"is {held.state} already", where=word.subject, mend="nothing to do")
        if word.act is Act.APPROVE and held.state is not S.OFFERED:
            raise Refused(f"is {held.state}: nobody need say yes", where=word.subject, mend="nothing to do")
        return held

    def _accept(self, held: Held) -> str:
        """Answer an offer that waited for a person, if it can still be done."""
        others = [h for h in self._executor.queue() if h.pointing.pointing_id != held.pointing.pointing_id]
        answer = answer_offer(held.pointing, others, self._executor.circumstances())
        if isinstance(answer, Accept):
            self._ledger.move(held, S.ACCEPTED)
            return f"{held.pointing.pointing_id} is accepted; it starts at {held.pointing.planned_start:%H:%M:%S} UTC"
        no = answer if isinstance(answer, No) else None
        self._ledger.move(held, S.REJECTED, no=no)
        raise Refused(
            f"cannot be done any more: {no.reason if no else 'unknown'} {no.detail if no else ''}".rstrip(),
            where=held.pointing.pointing_id,
            mend="nothing to do: the coordinator was told, and looks for another telescope",
        )

    async def watch(self) -> None:
        """Give the telescope back when a pause or a night ends by itself; for ever."""
        await self._sky.wait_until_known()
        while True:
            self._news.clear()
            change = self._site.wishes.next_change(self._sky.now())
            await wait_for_bell(self._news, None if change is None else self._sky.link_s_until(change))
            self._site.changed.set()
            self._ledger.work.set()

    def status(self) -> dict[str, Any]:
        """Say how everything stands, for people."""
        now = self._sky.now() if self._sky.known else None
        safety, waiting = self._site.safety, self._ledger.open_pointings()
        return {
            "telescope": self._telescope_id,
            "sky_time": None if now is None else now.isoformat(timespec="seconds"),
            "link": "up" if self._lease_held() else "lost",
            "safe": None if safety is None else safety.safe,
            "blocking": [str(r) for r in self._site.blocking],
            "running": self._executor.active_pointing_id or None,
            "unsent_reports": self._store.unsent(),
            "pointings": [self._row(h) for h in waiting],
            **wishes_document(self._site.wishes),
        }

    def _row(self, held: Held) -> dict[str, Any]:
        pointing = held.pointing
        answer_by = self._ledger.answer_by.get(pointing.pointing_id)
        asks = held.state is S.OFFERED and answer_by is not None
        return {
            "id": pointing.pointing_id,
            "event": pointing.event_id,
            "state": str(held.state),
            "start": pointing.planned_start.isoformat(timespec="seconds"),
            "ra_deg": pointing.ra_deg,
            "dec_deg": pointing.dec_deg,
            "priority": pointing.priority,
            "answer_within_s": max(0.0, answer_by - self._link_clock.now()) if asks and answer_by else None,
        }


def wishes_document(wishes: Wishes) -> dict[str, Any]:
    """What people want, for people."""
    closings = {"paused": wishes.paused, "night_vetoed": wishes.night}
    return {
        **{
            name: None
            if one is None
            else {"because": one.said, "until": one.until and one.until.isoformat(timespec="seconds")}
            for name, one in closings.items()
        },
        "events_vetoed": dict(wishes.events),
    }


def _sentence(word: Word, given_back: int, wishes: Wishes) -> str:
    back = f"; {given_back} pointing{'s' * (given_back > 1)} given back" if given_back else ""
    match word.act:
        case Act.PAUSE:
            until = f"until {word.until:%Y-%m-%dT%H:%M:%SZ}" if word.until else "until somebody resumes it"
            return f"paused {until}{back}"
        case Act.VETO_NIGHT:
            end = wishes.night.until if wishes.night else None
            return f"nothing more tonight, until {end:%Y-%m-%dT%H:%M:%SZ}{back}"
        case Act.RESUME:
            return "resumed: the coordinator may send pointings again"
        case Act.VETO_EVENT:
            return f"nothing more of {word.subject}{back}"
        case Act.ALLOW_EVENT:
            return f"{word.subject} is welcome again"
        case Act.VETO_POINTING:
            return f"{word.subject} is vetoed"
        case Act.APPROVE:
            return f"{word.subject} is approved"
