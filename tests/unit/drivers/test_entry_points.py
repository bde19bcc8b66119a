"""Every driver that the project names can be loaded, and does what a driver does."""

import importlib
import tomllib
from pathlib import Path

import pytest

from telescopes.drivers.driver import Devices, Driver
from telescopes.drivers.whole_pointing import WholePointingDriver

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NAMED = PROJECT["entry-points"]["armillary.drivers"]


def asked_of(protocol: type) -> list[str]:
    return [name for name, what in vars(protocol).items() if callable(what) and not name.startswith("_")]


STEP_BY_STEP = [*asked_of(Devices), *asked_of(Driver)]
WHOLE = [*asked_of(Devices), *asked_of(WholePointingDriver)]


@pytest.mark.parametrize("name", NAMED)
def test_a_named_driver_has_everything_that_a_driver_has(name: str) -> None:
    module, _, attribute = NAMED[name].partition(":")
    driver = getattr(importlib.import_module(module), attribute)
    wanted = WHOLE if hasattr(driver, "observe") else STEP_BY_STEP
    assert [one for one in wanted if not callable(getattr(driver, one, None))] == []


@pytest.mark.parametrize("name", NAMED)
def test_a_named_driver_is_described(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs" / "reference" / "drivers.md").read_text(encoding="utf-8")
