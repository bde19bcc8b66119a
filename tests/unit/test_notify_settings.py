"""`armillary check` names every mistake in who is told of what, and a good file is read as it says."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from coordinator import factory
from coordinator.actors import names
from coordinator.actors.roster import roster
from coordinator.config_file import config_problems, read_settings
from coordinator.services.journal import InMemoryJournal
from coordinator.services.notify_settings import NotifyRule
from telescopes.description.errors import Refused

GOOD = """
[[outlets]]
id = "shift"
kind = "email"
host = "mail.example.org"
sender = "armillary@example.org"
to = ["shift@example.org", "chief@example.org"]
user_env = "MAIL_USER"
password_env = "MAIL_PASSWORD"

[[outlets]]
id = "chat"
url = "https://chat.example.org/hook?room=1"
secret_env = "CHAT_KEY"

[[notify]]
when = ["event", "retraction", "candidate"]
to = ["shift", "chat"]
least_probability = 0.3

[[notify]]
name = "trouble"
when = ["telescope_lost", "stream_silent", "quarantine", "waiting"]
to = ["chat"]
quiet_hours = "22:00-06:30"
again_after_min = 120
"""
WRONG = """
[[outlets]]
id = "Shift!"
kind = "email"
host = "no host"
sender = "armillary"
to = ["a@b\\nBcc: c@d"]
url = "https://chat.example.org"
user_env = "MAIL_USER"

[[outlets]]
id = "chat"
url = "http://chat.example.org/hook"
secret_env = "the key itself"
retries = 3

[[outlets]]
id = "chat"

[[notify]]
when = ["event"]
to = ["nobody"]
least_probability = 2
quiet_hours = "late"
purposes = ["play"]

[[notify]]
"""


def file(folder: Path, text: str) -> Path:
    path = folder / "observatory.toml"
    path.write_text(text)
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = file(tmp_path, GOOD)
    assert config_problems(path) == []
    settings = read_settings(path)
    assert [one.id for one in settings.outlets] == ["shift", "chat"]
    assert settings.notify[0] == NotifyRule(("event", "retraction", "candidate"), ("shift", "chat"), "", 0.3)


def test_every_mistake_is_named_at_once_with_its_key_and_no_secret(tmp_path: Path) -> None:
    problems = config_problems(file(tmp_path, WRONG))
    assert {p.key for p in problems} == {
        "outlets.0.id", "outlets.0.host", "outlets.0.sender", "outlets.0.to", "outlets.0.url", "outlets.0.user_env",
        "outlets.1.url", "outlets.1.secret_env", "outlets.1.retries",
        "outlets.2.id", "outlets.2.url", "outlets.2.secret_env",
        "notify.0.to", "notify.0.least_probability", "notify.0.quiet_hours", "notify.0.purposes",
        "notify.1.when", "notify.1.to",
    }  # fmt: skip
    assert all(p.mend for p in problems)
    assert "the key itself" not in "".join(p.what + p.mend for p in problems)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ("22:00-06:30", "23:00", "2026-11-30T06:30"),
        ("22:00-06:30", "06:29", "2026-11-29T06:30"),
        ("22:00-06:30", "06:30", None),
        ("22:00-06:30", "21:59", None),
        ("12:00-13:00", "12:00", "2026-11-29T13:00"),
        ("12:00-13:00", "13:00", None),
        (None, "12:00", None),
    ],
)
def test_quiet_hours_may_go_over_midnight(hours: str | None, now: str, until: str | None) -> None:
    found = NotifyRule(quiet_hours=hours).quiet_until(datetime.fromisoformat(f"2026-11-29T{now}").replace(tzinfo=UTC))
    assert found == (None if until is None else datetime.fromisoformat(until).replace(tzinfo=UTC))


def test_a_notifier_lives_where_somebody_is_to_be_told_and_says_which_secret_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = read_settings(file(tmp_path, GOOD), state=tmp_path / "state")
    assert names.NOTIFIER in [place.name for place in roster(settings, {})]
    assert names.NOTIFIER not in [place.name for place in roster(read_settings(None), {})]
    monkeypatch.setenv("MAIL_USER", "armillary")
    monkeypatch.setenv("MAIL_PASSWORD", "a secret")
    monkeypatch.delenv("CHAT_KEY", raising=False)
    journal = InMemoryJournal()
    with pytest.raises(Refused, match="CHAT_KEY"):
        asyncio.run(factory.notifier(settings, journal, factory.sky_clock()))
