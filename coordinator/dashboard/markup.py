"""The templates of all pages, with the words and numbers that they write."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from coordinator.dashboard import text


def read_templates() -> Environment:
    """Return the pages' templates; whatever they are handed is text and never markup."""
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
    )
    environment.globals["place"] = text.place
    return environment
