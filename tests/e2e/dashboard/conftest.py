"""The story of the dashboard's other tests, shown in a real browser."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from builders.browser import CHROMIUM
from builders.running import Running, poll


def _story_module() -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "integration" / "dashboard" / "conftest.py"
    spec = importlib.util.spec_from_file_location("armillary_dashboard_story", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def telling() -> ModuleType:
    """`Story` and `serving`."""
    return _story_module()


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Running]:
    """An observatory of real processes whose agents are connected and whose dashboard answers."""
    made = Running.staged(tmp_path, dashboard=True)
    try:
        made.up()
        made.agents_up()
        poll("the dashboard answers", made.dashboard_answers)
        yield made
    finally:
        made.close()
    poll("nothing that was started runs", lambda: not made.left())


@pytest.fixture(autouse=True)
def _needs_chromium() -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: install Debian's chromium")
