"""A person observes: told on a page of this machine, on paper and by e-mail; asked for a yes or no, and a report."""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from http import HTTPStatus

from telescopes.description.states import Reason
from telescopes.description.telescope import Telescope
from telescopes.drivers.driver import Declined, DriverCapabilities, DriverFault, DriverStatus, Safety, SkyTime
from telescopes.drivers.manual_desk import OPEN, Desk, Request, Stand
from telescopes.drivers.manual_form import read_report
from telescopes.drivers.manual_letter import called_off, letter, mail_letter, print_letter
from telescopes.drivers.manual_page import REASONS, page
from telescopes.drivers.manual_server import PageServer, Reply
from telescopes.drivers.manual_settings import read_settings
from telescopes.drivers.whole_pointing import Asked, Heard

log = logging.getLogger(__name__)

ANSWER_WITHIN_S = 10.0


class ManualDriver:
    """Asks a person; what they report is believed, what they do not report did not happen."""

    def __init__(self, telescope: Telescope, sky: SkyTime) -> None:
        self._telescope = telescope
        self._sky = sky
        self._settings = read_settings(telescope)
        self._desk = Desk()
        self._server: PageServer | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._request: Request | None = None
        self._said = ""

    @property
    def url(self) -> str:
        """The address of the page; empty: it is not served yet."""
        return self._server.url if self._server else ""

    def capabilities(self) -> DriverCapabilities:
        """A person may move something real, and reports when they come to it."""
        return DriverCapabilities(("manual",), simulated=False, tells_later=True)

    async def status(self) -> DriverStatus:
        """Nothing is known of the mount."""
        return DriverStatus(None, None, parked=False)

    async def safety(self) -> Safety:
        """Say what the person says of the site; the page is there from the first question on."""
        self._serve()
        return self._desk.safety

    async def safety_after(self, known: Safety) -> Safety:
        """Wait until the person opens or closes the site."""
        while (now := self._desk.safety) == known:
            self._desk.changed.clear()
            await self._desk.changed.wait()
        return now

    async def observe(self, asked: Asked, heard: Heard) -> None:
        """Ask the person, and wait for the report until the window closes; one that comes later still counts."""
        self._serve()
        request = self._request = Request(asked, heard)
        self._desk.put(request)
        await self._tell(request, letter(self._telescope, asked.pointing, self.url), "")
        closing = asyncio.ensure_future(self._sky.wait_until(asked.pointing.window_end))
        answered = asyncio.ensure_future(request.answered.wait())
        try:
            await asyncio.wait((closing, answered), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (closing, answered):
                task.cancel()
            await asyncio.gather(closing, answered, return_exceptions=True)
        self._request = None
        if request.no is not None:
            reason, words = request.no
            where, mend = f"{self._telescope.id}: the observer", "ask the observer"
            raise Declined(words or REASONS.get(reason, reason.value), where=where, mend=mend, reason=reason)
        if request.stand in OPEN:
            request.stand = Stand.CLOSED

    async def abort(self) -> None:
        """Tell the person to stop; what was exposed until then can still be reported."""
        if (request := self._request) is not None:
            self._request = None
            if request.stand in OPEN:
                request.stand = Stand.CALLED_OFF
                await self._tell(request, called_off(self._telescope, request.asked.pointing), "-called-off")

    async def park(self) -> None:
        """The person parks; nothing is asked of them meanwhile."""
        await self.abort()

    async def close(self) -> None:
        """Take the page away."""
        if (server := self._server) is not None:
            self._server = None
            await asyncio.to_thread(server.close)

    def _serve(self) -> None:
        if self._server is not None:
            return
        self._loop = asyncio.get_running_loop()
        port = self._settings.port
        try:
            self._server = PageServer(port, self._settings.token, self._answer_elsewhere)
        except OSError as error:
            what = f"the page cannot be served on port {port} ({error.strerror or error})"
            mend = "give another [driver] port, or 0"
            raise DriverFault(what, where=self._telescope.id, mend=mend) from error
        log.warning("%s: the observer's page is %s", self._telescope.id, self._server.url)

    async def _tell(self, request: Request, text: str, kind: str) -> None:
        """Print and send a letter; where that fails the page says so, and goes on."""
        folder, mail = self._settings.print_folder, self._settings.mail
        try:
            if folder is not None:
                await asyncio.to_thread(print_letter, folder, request.asked.pointing, text, kind)
            if mail is not None:
                await asyncio.to_thread(mail_letter, mail, self._telescope, text)
        except (OSError, UnicodeError) as error:  # names of hosts and passwords may be no text that can be sent
            request.letter_fault = f"No letter could be written or sent: {error}"
            log.error("%s: no letter could be written or sent: %s", self._telescope.id, error)

    def _answer_elsewhere(self, form: Mapping[str, str] | None) -> Reply:
        """Answer on the agent's loop, where everything else happens, and wait for that on the server's thread."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return Reply("The agent ends.", HTTPStatus.SERVICE_UNAVAILABLE)
        try:
            return asyncio.run_coroutine_threadsafe(self._answer(form), loop).result(ANSWER_WITHIN_S)
        except FutureTimeout:
            return Reply("The agent does not answer. Please try again.", HTTPStatus.SERVICE_UNAVAILABLE)

    async def _answer(self, form: Mapping[str, str] | None) -> Reply:
        """Show the page; a form that did something leads back to it, so that nothing is sent twice by looking again."""
        if form is None:
            said, self._said = self._said, ""
            return Reply(page(self._telescope, self._desk, self._sky.now(), said, (), {}))
        self._said, wrong = self._do(form)
        if not wrong:
            return Reply("", HTTPStatus.SEE_OTHER)
        html = page(self._telescope, self._desk, self._sky.now(), "", wrong, form)
        return Reply(html, HTTPStatus.UNPROCESSABLE_ENTITY)

    def _do(self, form: Mapping[str, str]) -> tuple[str, list[str]]:
        """Do what a form asks for; return what to say, or the mistakes."""
        act, key = form.get("act", ""), form.get("key", "")
        reason = next((known for known in REASONS if known.value == form.get("reason")), None)
        if key == self._desk.key and act in ("open", "close"):
            if act == "close" and reason is None:
                return "", ["Choose why the site is closed."]
            return self._desk.open_site(reason if act == "close" else None), []
        request = self._desk.find(key)
        if request is None:
            return "", ["This form is from before the agent was started. Look at the page again."]
        match act:
            case "accept":
                return self._desk.accept(request), []
            case "veto":
                words = "".join(c for c in form.get("words", "") if c.isprintable())[:200]
                return self._desk.veto(request, reason or Reason.VETOED_BY_OPERATOR, words), []
            case "report":
                took, wrong = read_report(form, request.asked, self._sky.now())
                return ("", wrong) if took is None else (self._desk.report(request, took), [])
        return "", ["This page has no such button."]
