"""Events of the past: which words about them there are, when they came, and where the source was, if it was found.

A notice came when it says it was sent. A map counts from the DATE in its file, unless it is known better: the notice
of S190425z came 42 minutes after its first map was made, so that the map counts from the notice. The first map of three
detectors of GW170817 was sent at 17:54:51 (GCN 21513; 31 square degrees); it is not among the data, and the later map
of GWTC-1 (16 square degrees, the same place) stands for it.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from telescopes.description.errors import Refused


@dataclass(frozen=True, slots=True)
class Word:
    """One word about an event: a file of the data folder, and when it came; `event`: which event a bare map is of."""

    file: str
    issued: datetime
    event: str | None = None
    data: bytes = b""

    @property
    def is_map(self) -> bool:
        """Whether it is a sky map by itself, not a notice."""
        return self.event is not None


@dataclass(frozen=True, slots=True)
class Found:
    """Where the source turned out to be; its light is that of AT2017gfo at its distance."""

    name: str
    ra_deg: float
    dec_deg: float
    distance_mpc: float


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event: its own names, when it happened, what was said of it in order, and its source; None: never found."""

    name: str
    also: str
    key: str
    t0: datetime
    words: tuple[Word, ...]
    source: Found | None = None

    def read(self, folder: Path) -> "PastEvent":
        """Return it with the contents of its files.

        Raises
        ------
        Refused
            A file is not in the folder.
        """
        return replace(self, words=tuple(replace(w, data=_read(folder, w.file)) for w in self.words))


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _map(name: str, issued: str, event: str) -> Word:
    return Word(f"skymaps/{name}.multiorder.fits", _utc(issued), event)


PAST = (
    PastEvent(
        "GW170817",
        "G298048",
        "lvk:G298048",
        _utc("2017-08-17T12:41:04.4"),
        (
            Word("alerts/voevent_fermi/GBM_524666471_GRB170817A_Gnd_Pos.xml", _utc("2017-08-17T12:41:43")),
            Word("alerts/lvk_voevent/G298048-1-Initial.xml", _utc("2017-08-17T13:08:15")),
            _map("GW170817.GWTC1", "2017-08-17T17:54:51", "lvk:G298048"),
        ),
        Found("AT2017gfo", 197.450375, -23.3815, 40.7),
    ),
    PastEvent(
        "S190425z",
        "GW190425",
        "lvk:S190425z",
        _utc("2019-04-25T08:18:05.0"),
        (
            Word("alerts/lvk_voevent/S190425z-1-Initial.xml", _utc("2019-04-25T09:00:51")),
            _map("S190425z.bayestar", "2019-04-25T09:00:52", "lvk:S190425z"),
            _map("S190425z.LALInference", "2019-04-26T03:26:13", "lvk:S190425z"),
        ),
    ),
    PastEvent(
        "S190814bv",
        "GW190814",
        "lvk:S190814bv",
        _utc("2019-08-14T21:10:39.0"),
        (
            _map("S190814bv.bayestar.0", "2019-08-14T21:23:40", "lvk:S190814bv"),
            _map("S190814bv.bayestar.1", "2019-08-14T22:39:26", "lvk:S190814bv"),
            _map("S190814bv.LALInference.v1", "2019-08-15T09:07:09", "lvk:S190814bv"),
        ),
    ),
)


def past_event(name: str) -> PastEvent:
    """Find an event by either of its names.

    Raises
    ------
    Refused
        There is none of this name.
    """
    for one in PAST:
        if name.lower() in (one.name.lower(), one.also.lower()):
            return one
    known = ", ".join(f"{one.name} ({one.also})" for one in PAST)
    raise Refused("is no event of the past that is known here", where=name, mend=f"give one of {known}")


def _read(folder: Path, file: str) -> bytes:
    try:
        return (folder / file).read_bytes()
    except OSError as error:
        raise Refused(
            f"cannot be read ({error.strerror})",
            where=str(folder / file),
            mend="set ARMILLARY_DATA to the folder that holds skymaps/ and alerts/, or give --data",
        ) from error
