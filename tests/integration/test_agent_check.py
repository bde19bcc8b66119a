"""`armillary agent check` names mistakes of every kind in one go, each in a line with its mend."""

import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.agent_commands import SITE, Observatory, ended
from builders.secured import SmallAuthority

from coordinator.cli.agent_check_driver import settings_without
from coordinator.gateway.practice import practice_gateway

ALPACA = """
[driver]
name = "alpaca"
server = "http://127.0.0.1:{port}"
telescope = 0
camera = 0
slew_within_s = -1
images = "images"
[driver.filters]
q = "Red"
[driver.weather_limits]
wind_mps = "strong"
[policy]
human_approval = true
[reduction]
command = ["no-such-pipeline"]
"""
COMMAND = """
[driver]
name = "command"
program = ["{python}", "observe.py"]
safety = ["{python}", "-c", "print('all is well')"]
retry_after_s = -1
parc = true
"""


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        yield int(free.getsockname()[1])  # bound, and not listened on: nobody else can


def site(driver: str, port: int) -> str:
    return SITE.format(port=port).replace('[driver]\nname = "simulated"\n', driver)


def problems(err: str) -> list[str]:
    return [line.removeprefix("problem").strip() for line in err.splitlines() if line.startswith("problem")]


def one(lines: list[str], *words: str) -> None:
    """One line says all of it."""
    assert len([line for line in lines if all(word in line for word in words)]) == 1, (words, lines)


async def test_mistakes_of_every_kind_are_named_in_one_go(tmp_path: Path, nobody: int) -> None:
    server, config = practice_gateway("127.0.0.1", 0), tmp_path / "site.toml"
    text = site(ALPACA.format(port=nobody), await server.start())
    text = text.replace("[timing]\n", "[limits]\nmin_altitude_deg = 120.0\n[timing]\nsettle = 3.0\n")
    config.write_text(text.replace("width_deg = 2.0", "width_deg = 0.0"))
    try:
        status, out, err = await ended("check", "--config", config, "--state", tmp_path)
    finally:
        await server.stop(grace_s=0.2)
    said = problems(err)
    assert status == 1
    one(said, "limits.min_altitude_deg", "120 is above 90", "give degrees between 0 and 90")
    one(said, "timing.settle", "no such key", "did you mean settle_s?")
    one(said, "instruments[0].footprint.width_deg", "give degrees, more than 0")
    one(said, "driver.filters.q", "no instrument has that filter", "map one of r")
    one(said, "driver.weather_limits.wind_mps")
    one(said, "driver.slew_within_s", "give seconds")
    one(said, "telescope", str(nobody))
    one(said, "camera", str(nobody))
    one(said, "reduction.command", "give its whole path")
    assert len(said) == 9
    one(err.splitlines(), "warning", "acceptance_s", "30 s are short")
    assert all(word in out for word in ("session 2", "clock", "rate 1"))
    assert "Traceback" not in err


@pytest.mark.slow
async def test_a_wrong_clock_a_fast_sky_and_a_senseless_safety_program_are_named_together(tmp_path: Path) -> None:
    observatory = Observatory(tmp_path)
    await observatory.start()
    observatory.telescope.server_ahead_s = 60.0
    text = observatory.config.read_text().replace(
        '[driver]\nname = "simulated"\n', COMMAND.format(python=sys.executable)
    )
    observatory.config.write_text(text.replace("parc = true\n", "").replace("retry_after_s = -1\n", ""))
    try:
        status, _, err = await ended("check", "--config", observatory.config, "--state", tmp_path)
        observatory.config.write_text(text)
        again, out, worse = await ended("check", "--config", observatory.config, "--state", tmp_path)
    finally:
        await observatory.server.stop(grace_s=0.2)
    assert (status, again, len(problems(err)), len(problems(worse))) == (1, 1, 3, 4)
    one(problems(err), "clock is -", "set it by NTP")
    one(problems(err), "runs at 100 times", "simulated drivers")
    one(problems(err), "says no safety", 'print one line such as {"safe": true}')
    one(problems(worse), "driver.parc", "did you mean park?")
    one(problems(worse), "driver.retry_after_s")
    one(out.splitlines(), "unchecked", "sky clock at 100 times: first mend driver")


async def test_another_telescopes_certificate_and_a_gateway_that_is_away_are_named_together(
    tmp_path: Path, nobody: int
) -> None:
    files = SmallAuthority(tmp_path / "ca").identity(tmp_path / "own", "other")
    config = tmp_path / "site.toml"
    names = f'certificate = "{files.certificate}"\nkey = "{files.key}"\nca = "{files.authority}"\n'
    config.write_text(SITE.format(port=nobody).replace("[driver]", f"{names}[driver]"))
    status, out, err = await ended("check", "--config", config, "--state", tmp_path)
    assert (status, len(problems(err))) == (1, 2)
    one(problems(err), "not telescope t1", "a token of its own")
    one(problems(err), f"gateway 127.0.0.1:{nobody}", "cannot be reached", "that the coordinator runs")
    one(out.splitlines(), "unchecked", "session, clock, sky clock: first mend the certificate")
    config.write_text(
        config.read_text().replace(f"127.0.0.1:{nobody}", "nowhere").replace(f'key = "{files.key}"\n', "")
    )
    status, out, err = await ended("check", "--config", config, "--state", config)
    assert (status, len(problems(err))) == (1, 3)
    one(problems(err), "link.gateway", "give host:port")
    one(problems(err), "link.key", "is missing")
    one(problems(err), "is no folder", "--state")
    one(out.splitlines(), "unchecked", "certificate: first mend link.key")


async def test_what_is_no_toml_leaves_nothing_else_to_look_at(tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text("id = \n")
    status, out, err = await ended("check", "--config", config)
    assert (status, len(problems(err))) == (1, 1)
    one(out.splitlines(), "unchecked", "gateway", str(config))


async def test_what_a_driver_notices_late_is_named_beside_its_wrong_settings(tmp_path: Path, nobody: int) -> None:
    config = tmp_path / "site.toml"
    config.write_text(SITE.format(port=nobody) + 'seed = -1\nworld = "no-such-world.json"\n')
    status, out, err = await ended("check", "--config", config, "--state", tmp_path)
    assert (status, len(problems(err))) == (1, 3)
    one(problems(err), "driver.seed", "-1 is below 0")
    one(problems(err), "no-such-world.json")
    one(problems(err), f"gateway 127.0.0.1:{nobody}")
    one(out.splitlines(), "unchecked", "devices: first mend driver.seed")


SETTINGS: dict[str, object] = {"server": "x", "camera": 0, "filters": {"r": 1.5, "g": 1}, "program": ["a"]}


@pytest.mark.parametrize(
    ("keys", "left"),
    [
        (["driver.filters.r"], {**SETTINGS, "filters": {"g": 1}}),
        (["driver.camera", "driver.filters"], {"server": "x", "program": ["a"]}),
        (["driver.server"], None),
        (["driver.program[0]"], None),
        (["driver.telescope"], None),
    ],
)
def test_devices_are_looked_at_where_the_mistakes_say_nothing_of_them(
    keys: list[str], left: dict[str, object] | None
) -> None:
    assert settings_without(SETTINGS, keys) == left
