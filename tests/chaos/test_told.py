"""A real observatory tells a real web server what happens, and goes on where it was when its notifier is killed."""

from pathlib import Path

import pytest
from builders.hook_server import Hook, hooked
from builders.running import Running, poll

from coordinator.operator_link import Operator, Submission

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


def puzzle(running: Running, data: bytes) -> None:
    """Hand in what nobody understands."""
    with Operator(running.stage.gateway) as operator:
        assert operator.submit(Submission("riddle.json", data)).outcome == "rejected"


def test_a_killed_notifier_tells_what_was_under_way_and_what_came_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_KEY", "a key")
    with hooked() as hook:
        running = Running.staged(tmp_path, telescopes=1)
        config = running.stage.config
        config.write_text(config.read_text() + RULES.format(url=hook.url))
        try:
            running.up()
            puzzle(running, b"{ riddle 1")
            first = told(hook, 1)
            hook.answers = [503] * 1000
            puzzle(running, b"{ riddle 2")
            poll("the server was asked again", lambda: len(hook.answers) < 999)
            running.kill_role("notifier")
            puzzle(running, b"{ riddle 3")
            hook.answers = []
            every = told(hook, 3)
        finally:
            running.close()
    assert every[:1] == first
    assert len(set(every)) == 3
