"""A person's word that makes no sense is one clear line, and leaves nothing behind."""

import json
import socket
from pathlib import Path

import pytest
import typer
from builders.agent_commands import SITE
from typer.testing import CliRunner

from coordinator.cli import agent
from telescopes.agent.control import NoAgent, ask
from telescopes.agent.store import Store
from telescopes.description.errors import ArmillaryError, Refused, RetryLater


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site.toml").write_text(SITE.format(port=1))
    return tmp_path


def run(site: Path, *words: str) -> tuple[str, BaseException | None]:
    app = typer.Typer()
    agent.register(app)
    where = ("--config", str(site / "site.toml"), "--state", str(site / "state"))
    result = CliRunner().invoke(app, ("agent", *words, *where))
    return result.stdout, result.exception


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("veto",), "wants one thing to veto"),
        (("veto", "p1", "--night"), "wants one thing to veto"),
        (("veto", "p1"), "p1: was never offered here"),
        (("pause", "--until", "soon"), "--until: 'soon' is no instant"),
        (("pause", "--until", "2001-01-01"), "until: is over"),
        (("veto", "--event", "S190814bv"), "event: 'S190814bv' is no event key; give namespace:id"),
        (("veto", "--event", "lvk:S1\x1b[2J"), "is no event key"),
        (("veto", "--event", f"lvk:{'S' * 300}"), "is no event key"),
        (("resume", "--event", "lvk:S1"), "lvk:S1: is not vetoed here"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused(site: Path, words: tuple[str, ...], said: str) -> None:
    _, error = run(site, *words, "--because", "dome work")
    assert isinstance(error, Refused)
    assert said in str(error)


def test_nobody_can_say_yes_where_no_agent_runs(site: Path) -> None:
    _, error = run(site, "approve", "p1")
    assert isinstance(error, RetryLater)
    assert "no agent runs here; start it with `armillary agent run`" in str(error)


def test_a_word_is_kept_where_an_agent_was_killed_and_its_port_is_nobodys(site: Path) -> None:
    (site / "state").mkdir()
    (site / "state" / "control.json").write_text('{"port": 1, "token": "t", "pid": 1}')
    out, error = run(site, "pause", "--because", "dome work", "--person", "Ada")
    assert (error, "no agent runs" in out) == (None, True)
    store = Store(site / "state" / "agent.sqlite", "t1")
    assert store.wishes().paused is not None
    store.close()


def test_an_agent_that_does_not_answer_is_not_taken_for_none(site: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        (site / "control.json").write_text(json.dumps({"port": silent.getsockname()[1], "token": "t"}))
        with pytest.raises(RetryLater, match=r"the agent does not answer within 0\.2 s") as error:
            ask(site, within_s=0.2)
    assert not isinstance(error.value, NoAgent)


def test_a_memory_that_an_agent_holds_which_does_not_answer_is_left_alone(site: Path) -> None:
    store = Store(site / "state" / "agent.sqlite", "t1")
    try:
        _, error = run(site, "pause", "--because", "dome work")
        assert isinstance(error, ArmillaryError)
        assert "locked" in str(error)
    finally:
        store.close()
