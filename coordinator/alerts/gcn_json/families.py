"""The families of the unified schema: a line for each mission that has its own namespace of event ids."""

import re
from dataclasses import dataclass
from typing import Any

from coordinator.alerts.fields import text

SCHEMA_PATH = re.compile(r"/gcn/notices/(?P<path>[\w./-]{1,120}?)\.schema\.json$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Family:
    """One family.

    Attributes
    ----------
    path : str
        How the path of its schemas begins, as `plain` spells it.
    stream, namespace : str
        Names of the stream, and of its event ids.
    messenger : str
        What it hears of, where the notice does not say.
    missions, instruments : tuple of str
        Beginnings of what its notices call themselves, as `plain` spells them.
    """

    path: str
    stream: str
    namespace: str
    messenger: str = "EM"
    missions: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()


FAMILIES = (
    Family("boom/", "boom", "boom", missions=("boom",)),
    Family("burstcube/", "burstcube", "burstcube", missions=("burstcube",)),
    Family("chime/", "chime", "chime", missions=("chime", "canadianhydrogen")),
    Family("dsa110/", "dsa110", "dsa110", missions=("dsa110", "deepsynopticarray")),
    Family("einsteinprobe/", "einstein_probe", "einstein_probe", "EM", ("einsteinprobe",), ("wxt", "fxt")),
    Family("fermi/", "fermi", "fermi", "EM", ("fermi",)),
    Family("fermi/gbm/", "fermi.gbm", "fermi.gbm", "EM", ("fermi",), ("gbm",)),
    Family("fermi/lat/", "fermi.lat", "fermi.lat", "EM", ("fermi",), ("lat",)),
    Family("glowbug/", "glowbug", "glowbug", missions=("glowbug",)),
    Family("heasarc/", "heasarc.archive", "heasarc", missions=("heasarc",)),
    Family("icecube/", "icecube", "icecube", "NU", ("icecube",), ("ic",)),
    Family("icecube/lvknutracksearch", "icecube.lvk_nu_track_search", "icecube.lvk_nu", "NU", ("icecube",), ("ic",)),
    Family("km3net/", "km3net", "km3net", "NU", ("km3net",), ("arca", "orca")),
    Family("maxi/", "maxi", "maxi", "EM", ("maxi",), ("gsc",)),
    Family("superk/", "superk", "superk", "NU", ("superk",)),
    Family("svom/", "svom", "svom", "EM", ("svom",), ("eclairs", "grm", "mxt", "vt")),
    Family("swift/", "swift", "swift", "EM", ("swift",), ("bat", "xrt", "uvot")),
    Family("swift/bat/guano", "swift.guano", "swift.guano", "EM", ("swift",), ("bat",)),
)
"""A mission without a word about its instrument is the first of its lines."""

TAKEN = frozenset({"lvk", "skymap", "ivorn", "tns", "gcn", "snews"}) | {family.namespace for family in FAMILIES}
"""Namespaces that a mission of any name cannot claim."""


def schema_path(notice: Any) -> str | None:
    """Return what the notice says it follows: the path below `gcn/notices/`, without version and ending."""
    schema = notice.get("$schema")
    found = SCHEMA_PATH.search(schema) if isinstance(schema, str) else None
    return found["path"] if found else None


def plain(word: Any) -> str:
    """Spell a name with lower-case letters, digits and slashes alone, so that its spellings are alike."""
    return re.sub(r"[^a-z0-9/]", "", (text(word, 128) or "").lower())


def by_schema(path: str | None) -> Family | None:
    """Return the family of a schema."""
    spelt = plain(path)
    found = [family for family in FAMILIES if spelt.startswith(family.path)]
    return max(found, key=lambda family: len(family.path), default=None)


def by_content(mission: Any, instrument: Any) -> tuple[Family, ...]:
    """Return the families that mission and instrument speak of; none: they speak of nobody known."""
    named = [family for family in FAMILIES if _begins(plain(mission), family.missions)]
    heard = [family for family in FAMILIES if _begins(plain(instrument), family.instruments)]
    if not named:
        return tuple(heard) if not plain(mission) else ()
    return tuple(family for family in named if family in heard) or tuple(named)


def namespace_of(mission: Any) -> str:
    """Return the namespace of a mission that nobody knows; never one that is taken."""
    own = re.sub(r"[^a-z0-9]+", "_", (text(mission, 24) or "").lower()).strip("_")
    if not own:
        return "gcn"
    return f"gcn.{own}" if own in TAKEN else own


def _begins(spelt: str, words: tuple[str, ...]) -> bool:
    return bool(spelt) and any(spelt.startswith(word) for word in words)
