"""The program and the settings that stand in the reference of the drivers for whole pointings work as they stand."""

import re
import sys
import tomllib
from pathlib import Path

import pytest
from builders.whole_pointings import a_clock, a_request, a_site, now

from telescopes.description.messages import Exposure
from telescopes.drivers import command, command_settings, filedrop_settings, manual_settings
from telescopes.drivers.filedrop_settings import PLACEHOLDERS
from telescopes.drivers.whole_pointing import Asked, Took

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "reference" / "drivers-whole-pointings.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def settings_of(name: str) -> dict:
    tables = [tomllib.loads(block)["driver"] for block in blocks("toml")]
    (found,) = [table for table in tables if table["name"] == name]
    return {key: value for key, value in found.items() if key != "name"}


async def test_the_program_of_the_reference_observes(tmp_path: Path) -> None:
    (code,) = blocks("python")
    program = tmp_path / "observe.py"
    program.write_text(code)
    site = a_site("command", program=[sys.executable, str(program)])
    heard: list = []
    asked = Asked(a_request(exposures=(Exposure("r", 0.1, 2), Exposure("g", 0.1, 1))), now())
    await command.CommandDriver(site, a_clock()).observe(asked, heard.append)
    assert [one.filter for news in heard if isinstance(news, Took) for one in news.taken] == ["r", "r", "g"]


def test_the_settings_of_command_are_read(tmp_path: Path) -> None:
    words = {key: [sys.executable] for key in ("program", "safety", "park")}
    assert set(words) <= set(settings_of("command"))
    said = command_settings.read_settings(a_site("command", **{**settings_of("command"), **words}))
    assert (said.grace_s, said.retry_after_s, said.safety_every_s, said.answer_within_s) == (10.0, 30.0, 15.0, 20.0)


def test_the_settings_of_filedrop_are_read(tmp_path: Path) -> None:
    settings = {**settings_of("filedrop"), "folder": str(tmp_path), "results": str(tmp_path)}
    said = filedrop_settings.read_settings(a_site("filedrop", **settings))
    assert said.filters == {"r": "SDSS_r", "g": "g"}


def test_the_settings_of_manual_are_read(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("secret")
    settings = settings_of("manual")
    settings |= {"print_folder": str(tmp_path), "mail": {**settings["mail"], "password_file": str(password)}}
    said = manual_settings.read_settings(a_site("manual", **settings))
    assert said.mail is not None and said.mail.to == ("observer@example.org",)


@pytest.mark.parametrize("name", sorted(PLACEHOLDERS))
def test_every_placeholder_is_named(name: str) -> None:
    assert f"${name}" in TEXT
