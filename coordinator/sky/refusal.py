"""How a sky map is refused."""

from telescopes.description.errors import Refused

FETCH_AGAIN = "fetch the map again from its source"
SMALLER = "use the multi-order map of the same event, or one of a lower resolution"


def refusal(what: str, mend: str = FETCH_AGAIN) -> Refused:
    """Say why a sky map cannot be used; `read_skymap` adds where it came from."""
    return Refused(what, where="sky map", mend=mend, reason="SKYMAP")
