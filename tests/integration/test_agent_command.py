"""`armillary agent …` as processes of their own against a real gateway."""

import asyncio
import re
import signal
import socket

import msgspec
import pytest
from builders.agent_commands import MIDNIGHT, SITE, Observatory, command, ended, until, without_clock

from telescopes.description.states import PointingState
from telescopes.drivers.world import SkySource, World

S = PointingState


@pytest.fixture
async def observatory(tmp_path):
    made = Observatory(tmp_path)
    await made.start()
    yield made
    await made.server.stop(grace_s=0.2)


@pytest.mark.slow
async def test_a_simulated_agent_loses_its_link_and_its_truth_comes_late(observatory, tmp_path):
    source = SkySource("s", "supernova", 100.2, 30.3, {"r": ((-10.0, 15.0), (10.0, 15.0))})
    world = tmp_path / "world.json"
    world.write_bytes(msgspec.json.encode(World(1, MIDNIGHT, (source,), bogus_per_image=0.0)))
    drill = ("--lose-link-after-completed", 1, "--lose-link-for-s", 3)
    arguments = ("simulate", "--config", observatory.config, "--world", world, "--state", tmp_path / "state", *drill)
    async with command(*arguments) as process:
        await observatory.telescope.command(observatory.pointing("p1"))
        await until(lambda: S.COMPLETED in observatory.states("p1"))
        await until(lambda: len(observatory.telescope.detections) == 2 and observatory.telescope.epoch == 2)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.communicate(), 120.0)
        assert process.returncode == 0
    ends = {r.state: r for r in observatory.telescope.reports}
    assert (ends[S.ACCEPTED].late, ends[S.COMPLETED].late) == (False, False)
    assert {d.pointing_id for d in observatory.telescope.detections} == {"p1"}


async def test_an_agent_killed_while_observing_goes_on_after_its_restart(observatory, tmp_path):
    arguments = ("run", "--config", observatory.config, "--state", tmp_path / "state")
    async with command(*arguments) as process:
        await observatory.telescope.command(observatory.pointing("p1", exposure_s=300.0))
        await until(lambda: S.EXPOSING in observatory.states("p1"))
        process.send_signal(signal.SIGKILL)
        await process.communicate()
    async with command(*arguments) as process:
        await until(lambda: S.COMPLETED in observatory.states("p1"))
        process.send_signal(signal.SIGINT)
        _, err = await asyncio.wait_for(process.communicate(), 120.0)
        assert process.returncode == 130
        assert b"Traceback" not in err
    assert observatory.states("p1").count(S.ACCEPTED) == 1
    last = observatory.telescope.reports[-1]
    assert [e.exposure_index for e in last.exposures] == [0, 1]


async def test_check_says_what_is_well(observatory):
    status, out, err = await ended("check", "--config", observatory.config)
    assert (status, without_clock(err)) == (0, "")
    assert all(word in out for word in ("site file", "driver simulated", "session 2", "clock", "rate 100"))


@pytest.mark.slow
async def test_check_says_how_long_a_person_has_to_say_yes(observatory):
    text = observatory.config.read_text() + "[policy]\nhuman_approval = true\n"
    observatory.config.write_text(text)
    status, out, err = await ended("check", "--config", observatory.config)
    assert (status, len(without_clock(err).strip().splitlines())) == (0, 1)
    assert "link.acceptance_s: 30 s are short for a person" in err
    assert "rate 100" in out
    observatory.config.write_text(text.replace("[link]\n", '[link]\nkind = "human"\n'))
    status, out, err = await ended("check", "--config", observatory.config)
    assert (status, without_clock(err)) == (0, "")
    assert "a person has 600 s to say yes" in out


@pytest.mark.slow
async def test_check_names_a_program_that_is_not_there(observatory):
    observatory.config.write_text(observatory.config.read_text() + '[reduction]\ncommand = ["no-such-pipeline"]\n')
    status, _, err = await ended("check", "--config", observatory.config)
    assert (status, len(without_clock(err).strip().splitlines())) == (1, 1)
    assert "reduction.command: there is no program 'no-such-pipeline'" in err


async def test_check_names_every_mistake_of_the_site_file(observatory):
    text = observatory.config.read_text()
    text = text.replace("latitude_deg = 30.0", "latitude_deg = 130.0").replace("exposure_s = 60.0\n[link]", "[link]")
    observatory.config.write_text(text.replace('filters = ["r"]', "filters = 7"))
    status, out, err = await ended("check", "--config", observatory.config)
    assert status == 1
    assert all(line.startswith("problem") for line in err.splitlines())
    assert all(key in err for key in ("site.latitude_deg", "observing.exposure_s", "filters"))
    assert "site file" not in out


async def test_a_wrong_clock_is_one_clear_line_and_a_failure(observatory, tmp_path):
    observatory.telescope.server_ahead_s = 60.0
    for arguments in (("check",), ("run", "--state", tmp_path / "state")):
        status, _, err = await ended(*arguments, "--config", observatory.config)
        assert status == 1
        assert len(err.strip().splitlines()) == 1
        # Of the round trip the agent takes the middle; on a busy machine the way there and back differ.
        found = re.search(r"clock is (-?\d+\.\d)", err)
        assert found, err
        assert float(found[1]) == pytest.approx(-60.0, abs=10.0)
        assert "NTP" in err


async def test_no_gateway_is_one_clear_line(observatory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        observatory.config.write_text(SITE.format(port=free.getsockname()[1]))
        status, _, err = await ended("check", "--config", observatory.config)
    assert status == 1
    assert len(err.strip().splitlines()) == 1
    assert "check that the coordinator runs" in err


@pytest.mark.slow
async def test_a_telescope_that_the_coordinator_does_not_know_ends_with_the_mend(observatory, tmp_path):
    observatory.config.write_text(observatory.config.read_text().replace('id = "t1"', 'id = "t9"'))
    status, _, err = await ended("run", "--config", observatory.config, "--state", tmp_path / "state")
    assert status == 1
    assert len(err.strip().splitlines()) == 1
    assert "t9" in err
