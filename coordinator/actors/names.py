"""What the actors are called."""

NAMESPACE = "armillary"
JOURNAL = "journal"
SCHEDULER = "scheduler"
VETTER = "vetter"
MAPS = "maps"
NOTIFIER = "notifier"
GATEWAY = "gateway"
SUPERVISOR = "supervisor"
READ_MODELS = "read_models"
PLANNER = "planner"
LOOKUP = "lookup"
"""A second planner for what is asked in a hurry: it never waits behind a plan."""


def telescope(telescope_id: str) -> str:
    """Name of a telescope's actor."""
    return f"telescope/{telescope_id}"


def source(stream_id: str) -> str:
    """Name of an alert source's actor."""
    return f"source/{stream_id}"
