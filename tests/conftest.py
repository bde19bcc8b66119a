"""Fixtures for all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run: whether a change goes in must not hang on chance. `make properties` draws new ones.
settings.register_profile("same", derandomize=True)
settings.register_profile("new")
settings.load_profile(os.environ.get("ARMILLARY_EXAMPLES", "same"))

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real sky maps, alerts and tables; skips where it is missing."""
    folder = Path(os.environ.get("ARMILLARY_DATA", ROOT / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set ARMILLARY_DATA")
    return folder
