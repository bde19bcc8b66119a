"""``python -m coordinator.cli`` is the command `armillary`."""

from coordinator.cli import main

main()
