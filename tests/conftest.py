"""Fixtures for all tests."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# The same examples in every run: whether a change goes in must not hang on chance. `make properties` draws new ones.
# How long an example takes says nothing on a busy machine.
BUSY: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("same", derandomize=True, **BUSY)
settings.register_profile("new", **BUSY)
settings.load_profile(os.environ.get("ARMILLARY_EXAMPLES", "same"))

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real sky maps, alerts and tables; skips where it is missing."""
    folder = Path(os.environ.get("ARMILLARY_DATA", ROOT / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set ARMILLARY_DATA")
    return folder
