"""What a command does here: an offer is answered, a revocation kept; each once, whatever is repeated."""

from dataclasses import replace

from telescopes.agent.bounded import MOST_OPEN, trimmed, trimmed_revocation
from telescopes.agent.executor import Executor
from telescopes.agent.held import Held
from telescopes.agent.ledger import Cursor, Ledger
from telescopes.agent.queue import TOO_MANY, answer_listed, answer_offer
from telescopes.description.messages import Command, ListedPointing, Pointing, Revocation
from telescopes.description.states import LIVE, STARTED, PointingState, Reason
from telescopes.description.telescope import Telescope

S = PointingState


class Inbox:
    """Apply commands in order, each in one transaction with the cursor."""

    def __init__(self, telescope: Telescope, ledger: Ledger, executor: Executor) -> None:
        self._telescope = telescope
        self._ledger = ledger
        self._executor = executor

    def apply(self, journal_id: str, command: Command) -> None:
        """Make a command durable together with the answer to it."""
        at = Cursor(journal_id, command.seq)
        match command.body:
            case Pointing() as pointing:
                self._offer(pointing, at)
            case Revocation() as revocation:
                self._revoke(revocation, at)

    def _offer(self, pointing: Pointing, at: Cursor | None) -> None:
        pointing, strange = trimmed(pointing)
        known = self._ledger.find(pointing.pointing_id)
        begun = known is not None and (known.state in STARTED or known.started is not None)
        if known is not None and (begun or known.pointing.revision >= pointing.revision):
            self._ledger.pass_over(at)
            return
        others = [h for h in self._executor.queue() if h.pointing.pointing_id != pointing.pointing_id]
        answer = strange or answer_offer(pointing, others, self._executor.circumstances())
        self._ledger.receive(pointing, answer, at)

    def _revoke(self, revocation: Revocation, at: Cursor | None) -> None:
        revocation = trimmed_revocation(revocation)
        known = self._ledger.find(revocation.pointing_id)
        revocation = self._as_allowed(revocation)
        if known is None:
            self._ledger.disown(revocation, at)
        elif not known.is_open or known.pointing.revision > revocation.revision:
            self._ledger.pass_over(at)
        else:
            self._executor.revoke(self._ledger.note_revocation(known, revocation, at))

    def _as_allowed(self, revocation: Revocation) -> Revocation:
        """What runs is stopped for something more urgent only where the site's own file allows it."""
        if revocation.reason is Reason.BUSY_HIGHER_PRIORITY and not self._telescope.policy.may_interrupt:
            return replace(revocation, abort_if_started=False)
        return revocation

    def reconcile(self, listed: list[ListedPointing], as_of: Cursor) -> None:
        """Bring what is in hand in line with what the coordinator lists as open.

        What it no longer counts on and has not started is let go; what it offers and is unknown here is answered;
        what it thinks runs here, and is unknown here, has failed; what it thinks was accepted here, and is unknown
        here, is taken over if it could have been accepted. What it asked back is given back, as it asked.
        """
        there = {trimmed(p.pointing)[0].pointing_id for p in listed}
        for held in self._ledger.open_pointings():
            if held.pointing.pointing_id not in there and held.state not in STARTED:
                self._ledger.let_go(held, S.EXPIRED)
        for item in listed:
            self._reconcile_one(item)
        self._ledger.pass_over(as_of)

    def _reconcile_one(self, item: ListedPointing) -> None:
        pointing = item.pointing
        if item.state is S.OFFERED:
            self._offer(pointing, None)
        elif item.state in LIVE and self._ledger.find(pointing.pointing_id) is None:
            self._take_over(item)
        if item.revocation is not None:
            self._revoke(item.revocation, None)

    def _take_over(self, item: ListedPointing) -> None:
        pointing, strange = trimmed(item.pointing)
        item = replace(item, pointing=pointing)
        end = (S.REJECTED, strange) if strange else answer_listed(item, self._telescope)
        if end is None and len(self._ledger.open_pointings()) < MOST_OPEN:
            self._ledger.adopt(item.pointing)
        else:
            self._ledger.end(Held(item.pointing, item.state), *(end or (S.REJECTED, TOO_MANY)))
