"""Drivers: one file per way to move a telescope, found by the entry points `armillary.drivers`."""
