"""A campaign as its folder tells it: how far it is and what it came to; foreign and damaged files are refused."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from coordinator.simulation.campaign.folder import DOCUMENT, MARK, PARTS, SCHEMA, Mark, parts_in
from coordinator.simulation.campaign.results import (
    CampaignResult,
    EventRow,
    Failed,
    Figure,
    Gap,
    PointFigures,
    PolicyFigures,
    Worlds,
)
from coordinator.simulation.campaign.words_of_figures import SHOWN
from telescopes.description.errors import Refused

T = TypeVar("T")
MEND = "give the campaign's command again: nothing is played twice, and its document is written anew"
MARK_MEND = "put it back from a copy, or play the campaign into another folder"
MOST_BYTES = 128 * 2**20
"""Of a document: 676 events under ten policies have 20 MiB."""


@dataclass(frozen=True, slots=True)
class KeptCampaign:
    """A folder of a campaign, or of what is none.

    Attributes
    ----------
    mark : Mark or None
        What it was begun with; None: `wrong` says why that is not known.
    parts_done : int
        Batches that are kept, the last at `kept_at` (machine UTC).
    result : CampaignResult or None
        What it came to, as written at `made_at`; None: it is not finished, or `wrong` says what is wrong.
    """

    id: str
    folder: Path
    mark: Mark | None = None
    parts_done: int = 0
    kept_at: datetime | None = None
    result: CampaignResult | None = None
    made_at: datetime | None = None
    wrong: str = ""

    @property
    def state(self) -> str:
        """In one word how it stands."""
        if self.wrong:
            return "unreadable"
        return "unfinished" if self.result is None else "finished"


def campaign_folders(folder: Path) -> list[Path]:
    """Return the folders in one, the one that changed last first; none: nothing is kept yet.

    Hidden ones are passed over, and those whose names are no text: no address leads to them.

    Raises
    ------
    Refused
        It cannot be looked into.
    """
    try:
        found = [one for one in folder.iterdir() if one.is_dir() and _has_a_name(one)]
    except FileNotFoundError:
        return []
    except OSError as error:
        mend = "name a folder that this user may read: [dashboard] simulations"
        raise Refused(f"cannot be looked into ({error.strerror})", where=str(folder), mend=mend) from error
    return sorted(found, key=lambda one: (-max(stamp_of(one)), one.name))


def _has_a_name(folder: Path) -> bool:
    try:
        folder.name.encode()
    except UnicodeEncodeError:
        return False
    return not folder.name.startswith(".")


def stamp_of(folder: Path) -> tuple[int, ...]:
    """Return numbers that change when a campaign's files do: times and sizes of what is written, and of its parts."""
    found: list[int] = []
    for name in (MARK, DOCUMENT, PARTS):
        try:
            its = (folder / name).stat()
        except OSError:
            found.append(-1)
        else:
            found += [its.st_mtime_ns, its.st_size]
    return tuple(found)


def read_campaign_folder(folder: Path) -> KeptCampaign:
    """Read what a folder tells; what is wrong with it is said and not raised."""
    try:
        mark = _mark(folder)
        parts = parts_in(folder)
        kept_at = max((_changed(file) for file in parts), default=None)
    except (Refused, OSError) as error:
        return KeptCampaign(folder.name, folder, wrong=_one_line(error))
    begun = KeptCampaign(folder.name, folder, mark, len(parts), kept_at)
    file = folder / DOCUMENT
    if not file.is_file():
        return begun
    try:
        return replace(begun, result=_result(file), made_at=_changed(file))
    except (Refused, OSError) as error:
        return replace(begun, wrong=_one_line(error))


@dataclass(frozen=True, slots=True)
class _Policy:
    duplicates: int
    offers: int
    brier: float | None
    broken: tuple[str, ...]
    failed: tuple[Failed, ...]


@dataclass(frozen=True, slots=True)
class _Point:
    events: int
    worlds: Worlds
    policies: dict[str, dict[str, Any]]
    differences: dict[str, dict[str, Gap]]
    point: int = 0
    at: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Document:
    schema: str
    worlds_sha256: str
    sweep: tuple[_Point, ...]
    per_event: tuple[EventRow, ...]
    versions: dict[str, str]


def _mark(folder: Path) -> Mark:
    file = folder / MARK
    if not file.is_file():
        what = f"is no campaign's folder (no {MARK})"
        raise Refused(what, where=folder.name, mend="move it elsewhere, or look whether its campaign was ever begun")
    return _decoded(file, Mark, MARK_MEND)


def _result(file: Path) -> CampaignResult:
    whole = _decoded(file, _Document)
    if whole.schema != SCHEMA:
        raise Refused(f"is {whole.schema[:40]!r}, not {SCHEMA}", where=_named(file), mend=MEND)
    points = whole.sweep or (_decoded(file, _Point),)
    return CampaignResult(tuple(_point(p, file) for p in points), whole.per_event, whole.versions, whole.worlds_sha256)


def _point(one: _Point, file: Path) -> PointFigures:
    policies = {name: _policy(its, file, name) for name, its in one.policies.items()}
    try:
        for gaps in one.differences.values():
            for key, gap in gaps.items():
                _require_whole(key, gap)
    except msgspec.ValidationError as error:
        raise Refused(f"differences: {error}", where=_named(file), mend=MEND) from error
    return PointFigures(one.point, one.at, one.events, one.worlds, policies, one.differences)


def _policy(its: dict[str, Any], file: Path, name: str) -> PolicyFigures:
    try:
        plain = msgspec.convert(its, _Policy)
        figures = {shown.key: msgspec.convert(its.get(shown.key), Figure) for shown in SHOWN}
        for key, figure in figures.items():
            _require_whole(key, figure)
    except msgspec.ValidationError as error:
        raise Refused(f"policy {name[:40]!r}: {error}", where=_named(file), mend=MEND) from error
    return PolicyFigures(figures, plain.duplicates, plain.offers, plain.brier, plain.broken, plain.failed)


def _require_whole(key: str, figure: Figure) -> None:
    """Refuse a mean without its interval."""
    if figure.mean is not None and (figure.low is None or figure.high is None):
        raise msgspec.ValidationError(f"{key[:40]} has a mean and no interval")


def _decoded(file: Path, kind: type[T], mend: str = MEND) -> T:
    """Decode a file of ours.

    Raises
    ------
    Refused
        It cannot be read, or is something else.
    """
    try:
        if file.stat().st_size > MOST_BYTES:
            raise Refused("is too large for a campaign's", where=_named(file), mend=mend)
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except OSError as error:
        raise Refused(f"cannot be read ({error.strerror})", where=_named(file), mend=mend) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(f"cannot be understood ({error})", where=_named(file), mend=mend) from error


def _named(file: Path) -> str:
    return f"{file.parent.name}/{file.name}"


def _changed(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def _one_line(error: Refused | OSError) -> str:
    return " ".join(str(error).split())
