"""Letters over a real line: signed POSTs to a web server, e-mail to a mail server."""

import email
import json
from datetime import UTC, datetime
from email.policy import default

import pytest
from builders.hook_server import hooked
from builders.mail_server import MailServer
from builders.telling import Night

from coordinator.senders.email_outlet import EmailOutlet
from coordinator.senders.webhook import WebhookOutlet, signature
from coordinator.services.notifier import Letter
from telescopes.description.errors import Refused, RetryLater

NOW = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
LETTER = Letter("shift:event:lvk:S1:7", "new event S1: 90 % in 118 deg²", ("new",), "https://page/?event=S1", ())


def mail_to(server: MailServer, *others: str, **more: str) -> EmailOutlet:
    to = ("shift@example.org", *others)
    return EmailOutlet("127.0.0.1", server.port, "none", "armillary@example.org", to, **more)


def hook_to(url: str) -> WebhookOutlet:
    return WebhookOutlet(url, "a key", lambda: NOW)


async def test_a_webhook_is_signed_with_its_time_and_says_what_it_is_about() -> None:
    with hooked() as hook:
        await hook_to(hook.url).send(LETTER)
    ((headers, body),) = hook.came
    assert headers["armillary-timestamp"] == str(int(NOW.timestamp()))
    assert headers["armillary-signature"] == f"v1={signature('a key', headers['armillary-timestamp'], body)}"
    assert headers["armillary-signature"] != f"v1={signature('another', headers['armillary-timestamp'], body)}"
    said = json.loads(body)
    assert (said["schema"], said["id"], said["text"], said["link"]) == (
        "armillary.notice/1", LETTER.id, LETTER.title, LETTER.link,
    )  # fmt: skip


@pytest.mark.parametrize(("status", "kind"), [(503, RetryLater), (429, RetryLater), (410, Refused), (302, Refused)])
async def test_what_a_host_answers_says_whether_it_is_tried_again(status: int, kind: type[Exception]) -> None:
    with hooked() as hook:
        hook.answers = [status]
        with pytest.raises(kind, match=f"answers {status}"):
            await hook_to(hook.url).send(LETTER)


async def test_a_host_that_is_not_there_is_tried_again_and_its_path_is_not_told() -> None:
    with hooked() as hook:
        url = hook.url
    with pytest.raises(RetryLater, match="cannot be reached") as raised:
        await hook_to(url).send(LETTER)
    assert "/told" not in str(raised.value)


async def test_an_email_is_plain_text_from_and_to_whom_it_is_meant() -> None:
    with MailServer() as server:
        await mail_to(server).send(LETTER)
        await mail_to(server).send(LETTER)
    first, again = (email.message_from_string(text, policy=default) for text in server.messages)
    assert first["Subject"] == "Armillary: new event S1: 90 % in 118 deg²"
    assert (first["From"], first["To"]) == ("armillary@example.org", "shift@example.org")
    assert first["Message-ID"] == again["Message-ID"]
    assert first.get_content_type() == "text/plain"
    assert "https://page/?event=S1" in first.get_content()


async def test_no_text_from_outside_becomes_a_header() -> None:
    letter = Letter("i", "S1\r\nBcc: everybody@example.org\r\n\r\nbody", ("x",), "https://page/", ())
    with MailServer() as server, pytest.raises(Refused, match="was not asked"):
        await mail_to(server).send(letter)
    assert server.messages == []


@pytest.mark.parametrize(
    ("command", "reply", "kind"),
    [
        ("MAIL", "451 busy", RetryLater),
        ("MAIL", "550 never", Refused),
        ("RCPT", "450 later", RetryLater),
        ("RCPT", "550 nobody of that name", Refused),
        ("DATA", "421 going down", RetryLater),
    ],
)
async def test_what_a_mail_server_says_decides_whether_it_is_tried_again(
    command: str, reply: str, kind: type[Exception]
) -> None:
    with MailServer() as server:
        server.refusals = [(command, reply)]
        with pytest.raises(kind):
            await mail_to(server).send(LETTER)
        await mail_to(server).send(LETTER)
    assert len(server.messages) == 1


@pytest.mark.parametrize("reply", ["550 nobody of that name", "450 later"])
async def test_whom_a_mail_server_alone_refuses_is_named_in_the_journal_and_nobody_gets_it_twice(reply: str) -> None:
    night = Night()
    with MailServer() as server:
        server.refusals = [("RCPT TO:<OLGA@", reply)]
        async with night.told({"shift": mail_to(server, "olga@example.org")}):
            await night.event()
            (told,) = await night.settled(1)
    assert (told.kind, told.body["tries"], len(server.messages)) == ("notice_not_told", 1, 1)
    assert f"does not take it for olga@example.org ({reply[:3]}); the others have it" in told.body["because"]


async def test_a_password_is_not_sent_to_a_server_that_does_not_ask_for_it() -> None:
    with MailServer() as server, pytest.raises(Refused, match="cannot do what is asked"):
        await mail_to(server, user="cora", password="secret").send(LETTER)


async def test_from_the_journal_to_letter_box_and_hook_over_faults_of_both() -> None:
    night = Night()
    with MailServer() as server, hooked() as hook:
        server.refusals, hook.answers = [("RCPT", "450 later")], [503]
        async with night.told({"shift": mail_to(server), "chat": hook_to(hook.url)}):
            await night.event("S1\nBcc: everybody@example.org")
            told = await night.settled(2)
    assert {e.body["outlet"]: (e.kind, e.body["tries"]) for e in told} == {
        "shift": ("notice_told", 2), "chat": ("notice_told", 2),
    }  # fmt: skip
    (letter,) = (email.message_from_string(text, policy=default) for text in server.messages)
    assert letter["Bcc"] is None
    assert hook.letters[0]["notices"][0]["subject"] == "lvk:S1"
