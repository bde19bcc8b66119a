"""What must restart fast does not import what is slow to import (law of the lean actors, design §5)."""

import importlib.util
import json
import subprocess
import sys

import pytest

LEAN = (
    "coordinator.services.journal",
    "coordinator.services.state",
    "coordinator.services.scheduler",
    "coordinator.services.telescope_session",
    "coordinator.services.vetter",
    "coordinator.actors.journal",
    "coordinator.actors.scheduler",
    "coordinator.actors.telescope",
    "coordinator.actors.vetter",
    "coordinator.actors.gateway",
    "coordinator.gateway",
    "coordinator.store",
    "coordinator.cli",
)
SITE = (
    "telescopes.description.telescope",
    "telescopes.agent",
    "telescopes.drivers.simulated",
    "telescopes.drivers.command",
    "telescopes.drivers.filedrop",
    "telescopes.drivers.manual",
)
HEAVY = ("astropy", "healpy", "astroplan", "matplotlib", "scipy")
NOT_AT_THE_SITE = (*HEAVY, "ray", "sqlalchemy", "fastapi", "coordinator")

PROBE = """
import importlib, json, sys
first = {}
for name in sys.argv[2].split(","):
    importlib.import_module(name)
    for heavy in sys.argv[1].split(","):
        if heavy in sys.modules:
            first.setdefault(heavy, name)
print(json.dumps(first))
"""


def exists(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def first_to_import(unwanted: tuple[str, ...], names: tuple[str, ...]) -> dict[str, str]:
    """Import the modules one after the other in a process of their own; say which of them brought what is unwanted."""
    there = [name for name in names if exists(name)]
    if not there:
        pytest.skip(f"not written yet: {', '.join(names)}")
    command = [sys.executable, "-c", PROBE, ",".join(unwanted), ",".join(there)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_what_restarts_fast_imports_nothing_heavy() -> None:
    assert first_to_import(HEAVY, LEAN) == {}


def test_the_site_imports_nothing_of_the_coordinators() -> None:
    assert first_to_import(NOT_AT_THE_SITE, SITE) == {}
