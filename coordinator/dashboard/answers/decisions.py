"""Answers to what people and scripts decide, and to questions that are refused."""

from msgspec import UNSET, Struct, UnsetType

from coordinator.dashboard.answers.base import AsOf, Resource, SeenVersion


class Decided(Resource, kw_only=True):
    """A decision that is committed as entry `seq`; `undo`: where one is sent that takes it back."""

    seq: int
    text: str
    version: SeenVersion | None
    undo: str | None
    pointing: str | UnsetType = UNSET


class CoverageTaken(Resource, kw_only=True):
    """What others have observed is committed, and taken into account from now on."""

    seq: int
    text: str
    coverage: str
    looks: int
    area_deg2: float
    notes: list[str]
    undo: str


class Problem(Struct, kw_only=True):
    """Why nothing else is answered (RFC 9457), with the mend; `as_of`: the thing may be known in a later entry."""

    status: int
    title: str
    mend: str | UnsetType = UNSET
    instance: str | UnsetType = UNSET
    detail: str | UnsetType = UNSET
    as_of: AsOf | UnsetType = UNSET
