"""What `[driver]` says for `manual`: where the page is, and how the observer is told."""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from telescopes.description.section import Section, Within
from telescopes.description.telescope import Telescope
from telescopes.drivers.manual_letter import Mail
from telescopes.drivers.settings import optional_folder, settings_of

PORT = Within(0, 65535, "a port, 0 for any that is free,")
ADDRESS = re.compile(r"[^@\s<>\",;:]+@[^@\s<>\",;:]+$")
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}$")


@dataclass(frozen=True, slots=True)
class ManualSettings:
    """The page's port and token, the folder for letters, and the e-mail; None: there is none."""

    port: int
    token: str
    print_folder: Path | None
    mail: Mail | None


def read_settings(telescope: Telescope) -> ManualSettings:
    """Read the driver's settings.

    Raises
    ------
    Refused
        Naming every problem.
    """
    with settings_of(telescope) as section:
        token = section.text("token", secrets.token_urlsafe(24))
        if not TOKEN.match(token):
            section.note("token", "is no token", "give at least 16 letters, digits, _ and -, or leave it out")
        return ManualSettings(
            port=section.whole_number("port", PORT, 8766),
            token=token,
            print_folder=optional_folder(section, "print_folder", "into which letters are written"),
            mail=_mail(section.section("mail")) if section.has("mail") else None,
        )


def _mail(section: Section) -> Mail:
    to = section.texts("to", ())
    if not to:
        section.note("to", "there is nobody", 'give a list such as ["observer@example.org"]')
    sender = section.text("from", "")
    for key, address in [("from", sender), *(("to", one) for one in to)]:
        if not ADDRESS.match(address):
            section.note(key, f"{address!r} is no address", "give one such as observer@example.org")
    host = section.text("host", "")
    if not host:
        section.note("host", "is missing", "give the name of the mail server")
    password = section.optional_text("password_file")
    if password is not None and not Path(password).is_file():
        section.note("password_file", f"there is no file {password!r}", "write the password into a file of its own")
    user = section.text("user", "")
    if user and password is None:
        section.note("password_file", "is missing", "name the file with the password of that user")
    mail = Mail(
        host=host,
        port=section.whole_number("port", Within(1, 65535, "a port"), 587),
        sender=sender,
        to=to,
        user=user,
        password_file=None if password is None else Path(password),
        starttls=section.flag("starttls", True),
    )
    section.close()
    return mail
