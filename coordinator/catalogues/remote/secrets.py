"""Secrets go out with a question and come back in nothing: no error, no log, no answer that is kept."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import quote, quote_plus

from coordinator.catalogues.remote.nonsense import nonsense
from coordinator.services.remote_settings import RemoteSettings
from coordinator.services.web_request import AskedToWait, AskWeb, WebRequest
from telescopes.description.errors import Refused, RetryLater

HIDDEN = "(a secret)"


def named(settings: RemoteSettings) -> tuple[str, ...]:
    """List the environment variables with a source's secrets."""
    first = () if settings.secret_env is None else (settings.secret_env,)
    return tuple(dict.fromkeys((*first, *settings.secret_headers.values())))


@dataclass(frozen=True, slots=True)
class Secretive:
    """Asks with secrets that are looked up for each question, so that one which is mended counts at once.

    Attributes
    ----------
    names : tuple of str
        Of the environment variables.
    held : callable
        Returns what a variable holds; Refused: nothing.
    sender : callable
        Makes what sends a question from the secrets by their names.
    """

    names: tuple[str, ...]
    held: Callable[[str], str]
    sender: Callable[[Mapping[str, str]], AskWeb]

    async def ask(self, request: WebRequest) -> bytes:
        """Ask.

        Raises
        ------
        Refused, RetryLater
            As the sender does, without the secrets; a secret is not set; or the answer repeats one.
        """
        secrets = {name: self._one(name) for name in self.names}
        try:
            body = await self.sender(secrets)(request)
        except (Refused, RetryLater) as error:
            if secrets:
                raise _hidden(error, request.url, secrets.values()) from None  # what it came from may tell it too
            raise
        if any(form.encode() in body for secret in secrets.values() for form in _spelt(secret)):
            raise nonsense("it repeats what it was told in confidence")
        return body

    def _one(self, name: str) -> str:
        try:
            found = self.held(name)
        except Refused as missing:
            said, mend = f"environment variable {name} is not set", "set it where `armillary up` starts"
            raise Refused(said, where=name, mend=mend) from missing
        if not (found.isascii() and found.isprintable()):
            said = f"environment variable {name} holds what cannot be sent"
            raise Refused(said, where=name, mend="give printable ASCII in one line")
        return found


def _spelt(secret: str) -> Collection[str]:
    """List how a secret may be written: as it is, in an address, in a form, in HTML, in JSON as PHP writes it."""
    in_address, in_form = (quote(secret, safe=""), quote(secret)), quote_plus(secret)
    return dict.fromkeys((secret, *in_address, in_form, escape(secret), secret.replace("/", "\\/")))


def _hidden(error: Refused | RetryLater, where: str, secrets: Collection[str]) -> Refused | RetryLater:
    """Make an error again without what a host may have put into its words; it is about what was asked."""
    what, mend = error.what, error.mend
    for secret in secrets:
        for form in _spelt(secret):
            what, mend = what.replace(form, HIDDEN), mend.replace(form, HIDDEN)
    if isinstance(error, AskedToWait):
        return AskedToWait(what, where=where, mend=mend, after_s=error.after_s)
    if isinstance(error, RetryLater):
        return RetryLater(what, where=where, mend=mend, after_s=error.after_s)
    return Refused(what, where=where, mend=mend, reason=error.reason)
