"""Which versions the dashboard's own process runs."""

import platform
import sqlite3
from functools import cache
from importlib.metadata import PackageNotFoundError, version

PACKAGES = ("armillary", "ray", "astropy", "healpy", "numpy", "sqlalchemy", "fastapi")


@cache
def versions() -> dict[str, str | None]:
    """Return versions by name; None: it is not installed."""
    return {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version} | {p: _of(p) for p in PACKAGES}


def _of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
