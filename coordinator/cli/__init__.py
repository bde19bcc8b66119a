"""The command `armillary`."""

from coordinator.cli.app import main

__all__ = ["main"]
