"""Answers that cannot be meant: said in one way, in words that can be shown."""

from telescopes.description.errors import RetryLater

MOST_ROWS = 500
"""More is not what was asked for: a cone of seconds of arc holds a handful."""


def nonsense(what: str) -> RetryLater:
    """An answer that cannot be meant: the source may mend itself, nothing in it is used."""
    return RetryLater(f"answered nonsense: {what}", where="answer", mend="ask again later", after_s=60.0)


def printable(text: str, most: int = 100) -> str:
    """Return words from elsewhere so that they can be shown in a line."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())[:most]
