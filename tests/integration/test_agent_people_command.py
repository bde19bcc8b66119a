"""`armillary agent status|veto|pause|resume|approve`, with an agent in a process of its own and without one."""

import json
import signal

import pytest
from builders.agent_commands import Observatory, command, ended, until

from telescopes.description.states import PointingState, Reason

S = PointingState


@pytest.fixture
async def observatory(tmp_path):
    made = Observatory(tmp_path)
    await made.start()
    yield made
    await made.server.stop(grace_s=0.2)


def at(observatory, *words):
    return (*words, "--config", observatory.config, "--state", observatory.folder / "state")


def because(observatory, *words):
    return at(observatory, *words, "--because", "dome work", "--person", "Ada")


async def agent_is_up(observatory):
    await until(lambda: observatory.telescope.statuses)


@pytest.mark.slow
async def test_a_pause_is_obeyed_told_survives_a_kill_and_is_taken_back(observatory):
    arguments = at(observatory, "run")
    async with command(*arguments) as process:
        await agent_is_up(observatory)
        await observatory.telescope.command(observatory.pointing("p1", exposure_s=6500.0))
        await until(lambda: S.EXPOSING in observatory.states("p1"))
        status, out, _ = await ended(*because(observatory, "pause"))
        assert (status, out) == (0, "t1: paused until somebody resumes it; p1 is being stopped\n")
        await until(lambda: observatory.states("p1")[-1] in (S.PARTIAL, S.FAILED))
        assert observatory.telescope.reports[-1].reason is Reason.VETOED_BY_OPERATOR
        vetoed = [(Reason.VETOED_BY_OPERATOR,)]
        await until(lambda: [s.blocking_reasons for s in observatory.telescope.statuses[-1:]] == vetoed)
        process.send_signal(signal.SIGKILL)
        await process.wait()
    async with command(*arguments):
        await observatory.telescope.command(observatory.pointing("p2"))
        await until(lambda: observatory.states("p2") == [S.REJECTED])
        status, out, _ = await ended(*at(observatory, "status", "--json", "-"))
        assert (status, json.loads(out)["paused"]["because"]) == (0, "dome work (Ada)")
        status, _, _ = await ended(*at(observatory, "resume"))
        assert status == 0
        await until(lambda: [s.blocking_reasons for s in observatory.telescope.statuses[-1:]] == [()])
        await observatory.telescope.command(observatory.pointing("p3"))
        await until(lambda: S.COMPLETED in observatory.states("p3"))


@pytest.mark.slow
async def test_without_an_agent_a_word_is_written_down_and_the_next_one_obeys(observatory):
    status, out, err = await ended(*because(observatory, "veto", "--event", "lvk:S1"))
    assert (status, err) == (0, "")
    assert "no agent runs" in out and "written down" in out
    status, out, err = await ended(*at(observatory, "status"))
    assert status != 0
    assert "event vetoed: lvk:S1: dome work (Ada)" in out
    assert len(err.strip().splitlines()) == 1 and "armillary agent run" in err
    async with command(*at(observatory, "run")):
        await observatory.telescope.command(observatory.pointing("p1"))
        await until(lambda: observatory.states("p1") == [S.REJECTED])
        await until(lambda: [s.vetoed_events for s in observatory.telescope.statuses[-1:]] == [("lvk:S1",)])


@pytest.mark.slow
async def test_a_person_says_yes(observatory):
    observatory.config.write_text(observatory.config.read_text() + "[policy]\nhuman_approval = true\n")
    async with command(*at(observatory, "run")):
        await agent_is_up(observatory)
        await observatory.telescope.command(observatory.pointing("p1", accept_within_s=600.0))
        await until(lambda: [s.acked_seq for s in observatory.telescope.statuses[-1:]] == [1])
        status, out, _ = await ended(*at(observatory, "status"))
        assert (status, "armillary agent approve p1" in out) == (0, True)
        status, out, _ = await ended(*at(observatory, "approve", "p1"))
        assert (status, "p1 is accepted" in out) == (0, True)
        await until(lambda: S.COMPLETED in observatory.states("p1"))
