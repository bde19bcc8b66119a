"""Who is at this machine: the name that goes with a decision where none is given."""

import getpass
import os
from collections.abc import Callable


def this_person(login: Callable[[], str] = getpass.getuser) -> str:
    """Return the name of the user of this machine; in a container it may have none, and then it is a number."""
    try:
        name = login()
    except (ImportError, KeyError, OSError):  # Which one depends on the system and on Python's version.
        name = ""
    if name.isprintable() and name:
        return name
    return f"user {os.getuid()}" if hasattr(os, "getuid") else "unknown user"
