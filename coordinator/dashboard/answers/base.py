"""What every answer has, and how one is written: `told` sends only what its type says."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from fastapi import Response
from msgspec import UNSET, Meta, Struct, UnsetType

from telescopes.description.errors import Broken

T = TypeVar("T")
Cursor = Annotated[str | int | None, Meta(description="`after` of the next page (of the log: `since`); null: no more")]
Instant = Annotated[datetime, Meta(tz=True)]
Degrees = Annotated[float, Meta(description="ICRS, degrees")]
SeenVersion = Annotated[str, Meta(description="what a decision sends back as `expected_version`")]
Line = list[tuple[float, float]]
"""Places (right ascension, declination), ICRS degrees."""


class AsOf(Struct, forbid_unknown_fields=True):
    """Up to which entry of the journal an answer is told, and when that was recorded (machine UTC)."""

    seq: int
    time: Instant | None


class Resource(Struct, kw_only=True, forbid_unknown_fields=True):
    """A thing; `as_of` stands with what is answered and not with each item of a page."""

    as_of: AsOf | UnsetType = UNSET


class Page(Struct, Generic[T], forbid_unknown_fields=True):
    """A page of a list."""

    as_of: AsOf
    items: list[T]
    next: Cursor = None


def told(kind: Any, view: Mapping[str, Any]) -> Response:
    """Answer with a view, as the type has it.

    Raises
    ------
    Broken
        The view is not what the type says.
    """
    try:
        value = msgspec.convert(view, kind)
    except msgspec.ValidationError as error:
        mend = "report it: the journal is right, and this answer of it is not what is described"
        raise Broken(f"is not as described: {error}", where=str(getattr(kind, "__name__", kind)), mend=mend) from error
    return Response(msgspec.json.encode(value), media_type="application/json")
