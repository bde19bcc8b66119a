"""Letters as e-mail by SMTP: plain text, no header of which anything but one clean line comes from outside."""

import asyncio
import hashlib
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP

from coordinator.services.notifier import Letter
from telescopes.description.errors import Refused, RetryLater

WITHIN_S = 20.0
FOR_NOW = range(400, 500)
"""Replies of a mail server after which the same letter may be taken later (RFC 5321, 4.2.1)."""


@dataclass(frozen=True, slots=True)
class EmailOutlet:
    """One server and those who get its letters; no user: without logging in."""

    host: str
    port: int
    tls: str
    sender: str
    to: tuple[str, ...]
    user: str | None = None
    password: str | None = None

    async def send(self, letter: Letter) -> None:
        """Send a letter.

        Raises
        ------
        RetryLater
            The server is away, or does not take it now.
        Refused
            It takes it never, or not for everybody: the others have it, and would get it twice if it went again.
        """
        await asyncio.to_thread(self._send, letter)

    def _send(self, letter: Letter) -> None:
        try:
            with self._server() as server:
                if self.user is not None and self.password is not None:
                    server.login(self.user, self.password)
                without = server.send_message(written(letter, self.sender, self.to), self.sender, list(self.to))
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _ in error.recipients.values()}
            raise self._wrong("takes none of the addresses", any(code in FOR_NOW for code in codes)) from error
        except smtplib.SMTPResponseException as error:
            raise self._wrong(f"answers {error.smtp_code}", error.smtp_code in FOR_NOW) from error
        except smtplib.SMTPNotSupportedError as error:
            raise self._wrong(f"cannot do what is asked: {error}", False) from error
        except OSError as error:  # smtplib's own errors are such, too
            raise self._wrong(f"cannot be reached ({type(error).__name__}: {error})", True) from error
        except ValueError as error:  # a letter that no server would take
            raise self._wrong(f"was not asked: {error}", False) from error
        if without:
            who = ", ".join(f"{address} ({code})" for address, (code, _) in without.items())
            raise self._wrong(f"does not take it for {who}; the others have it", False)

    def _server(self) -> smtplib.SMTP:
        tls = None if self.tls == "none" else ssl.create_default_context()
        if self.tls == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=WITHIN_S, context=tls)
        server = smtplib.SMTP(self.host, self.port, timeout=WITHIN_S)
        if tls is not None:
            try:
                server.starttls(context=tls)
            except BaseException:
                server.close()
                raise
        return server

    def _wrong(self, what: str, may_go: bool) -> Refused | RetryLater:
        where = f"{self.host}:{self.port}"
        if may_go:
            return RetryLater(f"{where} {what}", where=where, mend="wait", after_s=1.0)
        return Refused(f"{where} {what}", where=where, mend="look at [[outlets]]", reason="OUTLET")


def written(letter: Letter, sender: str, to: tuple[str, ...]) -> EmailMessage:
    """Write the letter; a repetition has the same Message-ID."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"Armillary: {letter.title}"
    message["From"] = sender
    message["To"] = ", ".join(to)
    message["Message-ID"] = f"<{hashlib.sha256(letter.id.encode()).hexdigest()[:32]}@armillary>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join([*letter.lines, "", letter.link, "", "Told by a rule in [[notify]] of Armillary."]))
    return message
