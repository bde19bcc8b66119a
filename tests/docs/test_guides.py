"""The Python of the guides does what the guides say."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from coordinator.config_file import config_problems, read_settings
from coordinator.services.streams import KEYS
from coordinator.simulation.campaign.words import HeardWord
from telescopes.description.site_file import read_site_file
from telescopes.description.telescope import DriverChoice
from telescopes.drivers.driver import Devices, Driver, ExposureSpec, MountFault, Target

ROOT = Path(__file__).resolve().parents[2]
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
AT = datetime(2026, 6, 1, tzinfo=UTC)


def names_in(guide: str) -> dict[str, Any]:
    """Run the one block of Python in a guide."""
    (block,) = PYTHON.findall((ROOT / "docs" / "guides" / guide).read_text(encoding="utf-8"))
    names: dict[str, Any] = {"__name__": Path(guide).stem}
    exec(compile(block, guide, "exec"), names)
    return names


class StandingSky:
    """A sky clock that stands."""

    def now(self) -> datetime:
        return AT

    async def wait_until(self, when: datetime) -> None:
        raise AssertionError(f"nobody here waits for {when}")


@pytest.fixture
async def controller() -> AsyncIterator[int]:
    """A controller that answers as the guide's driver expects; it does not point south of -80 degrees."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        verb, *words = (await reader.readline()).decode().split()
        answers = {"parked?": "no", "safe?": "yes", "expose": "file image.fits", "slew": f"at {' '.join(words[:2])}"}
        stuck = verb == "slew" and float(words[1]) < -80
        writer.write((answers.get(verb, "done") if not stuck else "limit switch").encode() + b"\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
def driver(controller: int) -> Driver:
    telescope = read_site_file(ROOT / "telescopes" / "sites" / "tca.toml")
    chosen = replace(telescope, driver=DriverChoice("line", {"port": controller}))
    made: Driver = names_in("add-a-driver.md")["LineDriver"](chosen, StandingSky())
    return made


async def test_the_driver_of_the_guide_points_and_exposes(driver: Driver) -> None:
    assert (await driver.safety()).closed_because is None
    aim = await driver.slew(Target(197.45, -23.38, 0.0, "main", "clear"))
    assert (aim.ra_deg, aim.dec_deg) == (197.45, -23.38)
    frame = await driver.expose(ExposureSpec("p", 0, "main", "clear", 60.0))
    assert (frame.image_uri, frame.start) == ("image.fits", AT)
    assert (await driver.status()).aim == aim
    await driver.abort()
    await driver.park()
    assert not driver.capabilities().simulated


async def test_the_driver_of_the_guide_says_why_it_did_not_point(driver: Driver) -> None:
    with pytest.raises(MountFault, match="limit switch"):
        await driver.slew(Target(10.0, -85.0, 0.0, "main", "clear"))


def test_the_driver_of_the_guide_has_everything_that_a_driver_has() -> None:
    made = names_in("add-a-driver.md")["LineDriver"]
    said = {**vars(Devices), **vars(Driver)}
    asked = [name for name, what in said.items() if callable(what) and not name.startswith("_")]
    assert {"safety", "slew"} <= set(asked)
    assert [name for name in asked if not callable(getattr(made, name, None))] == []


TOML = re.compile(r"^```toml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_the_streams_of_the_guide_can_be_connected(tmp_path: Path) -> None:
    blocks = TOML.findall((ROOT / "docs" / "guides" / "connect-a-stream.md").read_text(encoding="utf-8"))
    config = tmp_path / "armillary.toml"
    config.write_text("\n".join(blocks))
    assert config_problems(config) == []
    assert {stream.kind for stream in read_settings(config).streams} == set(KEYS)


def test_the_configuration_of_the_secured_link_is_right(tmp_path: Path) -> None:
    (block,) = TOML.findall((ROOT / "docs" / "guides" / "secure-the-link.md").read_text(encoding="utf-8"))
    config = tmp_path / "armillary.toml"
    config.write_text(block)
    assert config_problems(config) == []
    settings = read_settings(config)
    assert (settings.enrolment_port, settings.authority_folder.name) == (50052, "ca")


@pytest.mark.parametrize(("guide", "tables"), [("ask-others.md", 4), ("follow-up.md", 1)])
def test_the_config_files_of_a_guide_can_be_used(tmp_path: Path, guide: str, tables: int) -> None:
    blocks = TOML.findall((ROOT / "docs" / "guides" / guide).read_text(encoding="utf-8"))
    config = tmp_path / "armillary.toml"
    config.write_text("\n".join(blocks))
    assert config_problems(config) == []
    settings = read_settings(config)
    assert len(settings.remote) + (settings.follow_up.policy == "ask") == tables


def test_the_policy_of_the_guide_waits_for_the_update() -> None:
    policy = names_in("simulate.md")["Patient"]()
    told = [HeardWord(stage, AT, b"") for stage in ("early warning", "preliminary", "update", "retraction")]
    assert [w.stage for w in policy.hears(told)] == ["update", "retraction"]
