"""Tells the observer of a pointing in a text to print, and by e-mail."""

import smtplib
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from telescopes.description.messages import Pointing
from telescopes.description.telescope import Telescope
from telescopes.description.whole_file import write_whole
from telescopes.drivers.angles import dms, hms
from telescopes.drivers.filedrop_formats import harmless_name
from telescopes.drivers.whole_pointing import plan_of

SMTP_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Mail:
    """How e-mail is sent; an empty user sends without logging in."""

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    user: str
    password_file: Path | None
    starttls: bool


def letter(telescope: Telescope, pointing: Pointing, url: str) -> str:
    """Write a pointing in words."""
    share = "not known" if pointing.probability is None else f"{pointing.probability:.2%} of the sky map"
    lines = [
        f"Please observe with {telescope.name}:",
        "",
        f"  Where        {hms(pointing.ra_deg)} {dms(pointing.dec_deg)} (J2000)",
        f"               {pointing.ra_deg:.5f} {pointing.dec_deg:+.5f} degrees",
        f"  What         {plan_of(pointing)}",
        f"  Not before   {_time(pointing.window_start)}",
        f"  Not after    {_time(pointing.window_end)}",
        f"  Camera       {pointing.instrument_id}, turned {pointing.position_angle_deg:g} degrees from north to east",
        f"  For          {_line(pointing.event_id)}, visit {_line(pointing.visit)}",
        f"  Probability  {share}",
        f"  Name         {_line(pointing.pointing_id)}",
        "",
        "Say yes or no, and report what was exposed, at the telescope's computer:",
        url,
    ]
    return "\n".join(lines) + "\n"


def called_off(telescope: Telescope, pointing: Pointing) -> str:
    """Write that a pointing is not wanted any more."""
    name = f"{hms(pointing.ra_deg)} {dms(pointing.dec_deg)}"
    return (
        f"Please stop: the pointing of {telescope.name} at {name} is called off.\n"
        "What was exposed until now counts: please report it.\n"
    )


def print_letter(folder: Path, pointing: Pointing, text: str, kind: str) -> None:
    """Write a letter into the folder from which it is printed."""
    path = folder / f"armillary-{harmless_name(pointing)}{kind}.txt"
    write_whole(path, text.encode())


def mail_letter(mail: Mail, telescope: Telescope, text: str) -> None:
    """Send a letter.

    Raises
    ------
    OSError
        The server is not there, or refuses (`smtplib.SMTPException` is one).
    """
    message = EmailMessage()
    message["Subject"] = f"Armillary: {telescope.id}: {text.splitlines()[0]}"
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.to)
    message.set_content(text)
    with smtplib.SMTP(mail.host, mail.port, timeout=SMTP_WITHIN_S) as server:
        if mail.starttls:
            server.starttls(context=ssl.create_default_context())
        if mail.user and mail.password_file is not None:
            server.login(mail.user, mail.password_file.read_text("utf-8").strip())
        server.send_message(message)


def _time(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _line(text: str) -> str:
    """Keep a text from outside on its line."""
    return "".join(c if c.isprintable() else "?" for c in text)[:200]
