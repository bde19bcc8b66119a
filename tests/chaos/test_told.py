"""A real observatory tells a real web server what happens, and goes on where it was when its notifier is killed."""

from pathlib import Path

import pytest
from builders.hook_server import Hook, hooked
from builders.running import Running, poll

pytestmark = [pytest.mark.chaos, pytest.mark.ray, pytest.mark.long]
RULES = """
[[outlets]]
id = "chat"
url = "{url}"
secret_env = "CHAT_KEY"

[[notify]]
when = ["quarantine"]
to = ["chat"]
again_after_min = 0
"""


def told(hook: Hook, count: int) -> list[int]:
    """The entries that the server was told of, once there are so many."""
    poll(f"{count} letters", lambda: len(hook.came) >= count)
    return [notice["journal_seq"] for letter in hook.letters for notice in letter["notices"]]


def test_a_killed_notifier_tells_what_was_under_way_and_what_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_KEY", "a key")
    with hooked() as hook:
        running = Running.staged(tmp_path / "state", telescopes=1)
        config = running.stage.config
        config.write_text(config.read_text() + RULES.format(url=hook.url))
        try:
            running.up()
            running.hand_in("one.json", b"{ riddle 1")
            first = told(hook, 1)
            hook.answers = [503] * 1000
            running.hand_in("two.json", b"{ riddle 2")
            poll("the server was asked again", lambda: len(hook.answers) < 999)
            running.kill_role("notifier")
            running.hand_in("three.json", b"{ riddle 3")
            hook.answers = []
            every = told(hook, 3)
        finally:
            running.close()
    assert every[:1] == first
    assert len(set(every)) == 3
