"""The story of the dashboard's other tests, shown in a real browser."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from builders.browser import CHROMIUM


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


@pytest.fixture(autouse=True)
def _needs_chromium() -> None:
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}: install Debian's chromium")
