"""The templates of all pages, with the words and numbers that they write."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from coordinator.dashboard import text
from coordinator.dashboard.recording import Showing


def read_templates(*, has_campaigns: bool = False, showing: Showing | None = None) -> Environment:
    """Return the pages' templates; whatever they are handed is text and never markup.

    Parameters
    ----------
    has_campaigns : bool
        Whether there is a page of simulated campaigns.
    showing : Showing, optional
        The recorded night that all pages show; None: they show an observatory.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=text.number,
        probability=text.probability,
        word=text.word,
        clock=text.clock,
        mjd=text.mjd,
        age=text.age,
        since=text.since,
    )
    environment.globals.update(place=text.place, has_campaigns=has_campaigns, showing=showing)
    return environment
