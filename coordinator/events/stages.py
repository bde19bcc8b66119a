"""How much a stage counts within its stream: the one table of every stream's stages (law 5)."""

import re

from coordinator.alerts.alert import Alert, Phase

PHASES: dict[Phase, int] = {
    Phase.EARLY_WARNING: 1,
    Phase.PRELIMINARY: 2,
    Phase.DETECTION: 2,
    Phase.INITIAL: 3,
    Phase.UPDATE: 4,
}
"""Streams whose notices say their phase: LVK, IceCube, MAXI, GUANO, CHIME and most of the unified schema."""

RETRACTION = 99
UNKNOWN = 0
"""A stage that nobody knows ranks below all others, and is kept."""

STAGES: dict[str, tuple[tuple[str, ...], ...]] = {
    "fermi.gbm": (
        ("GBM ALERT", "GBM TRANS", "GBM LIGHTCURVE", "INITIAL_ALERT"),
        ("GBM SUBTHRESH",),
        ("GBM FLT_POS", "GBM FLT_INTERNAL", "FLIGHT_POSITION"),
        ("GBM GND_POS", "GBM GND_INTERNAL", "GROUND_POSITION"),
        ("GBM FIN_POS", "GBM FIN_INTERNAL", "FINAL_POSITION"),
    ),
    "fermi.lat": (
        ("LAT MONITOR", "LAT TRANS"),
        ("LAT POS_INI",),
        ("LAT POS_UPD",),
        ("LAT POS_DIAG",),
        ("LAT GND", "LAT OFFLINE"),
    ),
    "swift": (
        ("BAT_ALERT", "BAT_SUBSUB", "BAT_SUBTHRESHOLD", "BAT_MONITOR", "BAT_TRANS", "BAT_SLEW_POS"),
        ("BAT_QUICKLOOK",),
        ("BAT_POS", "BAT_KNOWN", "BAT_NACK", "BAT_LIGHTCURVE", "BAT_SCALEDMAP", "FOM", "SC_SLEW"),
        ("XRT_CENTROID", "XRT_NACK", "XRT_IMAGE", "XRT_SPECTRUM", "XRT_LIGHTCURVE", "XRT_THRESHPIX", "XRT_SPER"),
        ("XRT_POS",),
        ("UVOT_NACK", "UVOT_IMAGE", "UVOT_SRC_LIST", "UVOT_DBURST", "UVOT_FCHART"),
        ("UVOT_POS",),
    ),
    "svom": (
        ("GRM TRIGGER", "GRM"),
        ("ECLAIRS WAKE-UP", "WAKEUP"),
        ("ECLAIRS PRELIMINARY", "ECLAIRS CATALOGUE", "CATALOG", "SLEWING", "NOT SLEWING"),
        ("MXT INITIAL",),
        ("MXT UPDATE", "MXT"),
        ("VT INITIAL", "VT"),
        ("VT UPDATE",),
    ),
    "integral": (("SPIACS", "SPI-ACS"), ("WEAK",), ("WAKEUP",), ("REFINED",), ("OFFLINE",)),
}  # fmt: skip
"""By the namespace of the event's key, worst first; stages of one row count alike, and then the newer holds."""

OF_PHASE: dict[str, dict[Phase, str]] = {
    "fermi.gbm": {Phase.INITIAL: "GBM ALERT", Phase.UPDATE: "GBM GND_POS"},
    "svom": {Phase.INITIAL: "ECLAIRS WAKE-UP", Phase.UPDATE: "SLEWING"},
}
"""What a phase means among stages, where a notice of the stream says no stage that is known."""

COMPANIONS = {
    "swift": re.compile(
        "^(FOM|SC_|SLEW)|NACK|LIGHTCURVE|SPECTRUM|IMAGE|SRC_?LIST|DBURST|FCHART|THRESHPIX|CENTROID|SCALEDMAP|SPER"
        "|ALARM|EMERGENCY"
    ),
    "fermi.gbm": re.compile("LIGHTCURVE|TRANS"),
}
"""Stages that tell of an event but not where it is; the position that they repeat has no error."""

FROM_THE_TRIGGER = frozenset({"swift", "svom"})
"""Streams in which a later stage states the time of its own observation, not that of the trigger."""


def namespace(alert: Alert) -> str:
    """Return whose event it is: what stands before the colon of its key."""
    return alert.event_key.partition(":")[0]


def rank(alert: Alert) -> int:
    """Return how much an alert counts by its stage; a better stage beats a newer notice.

    Ranks are of one event's stream: they do not compare across streams. A retraction has its own rank; a bare map
    joins an event by a person's word and counts as much as the best that the stream itself sends.
    """
    table = _RANKS.get(namespace(alert))
    if alert.phase is Phase.RETRACTION:
        return RETRACTION
    if alert.stream == "skymap":
        return PHASES[Phase.UPDATE] if table is None else max(table.values())
    if table is None:
        return UNKNOWN if alert.phase is None else PHASES.get(alert.phase, UNKNOWN)
    known = _known_stage(_word(alert.stage or ""), table)
    return _rank_of_phase(alert, table) if known is None else table[known]


def is_companion(alert: Alert) -> bool:
    """Say whether an alert tells of its event without telling where it is."""
    pattern = COMPANIONS.get(namespace(alert))
    return pattern is not None and pattern.search((alert.stage or "").upper()) is not None


def _known_stage(word: str, table: dict[str, int]) -> str | None:
    """Find a stage in the table as it is spelt, else the longest that the spelling contains (WAKEUP in WAKEUP_POS)."""
    if word in table:
        return word
    return max((stage for stage in table if stage in word), key=lambda stage: (len(stage), stage), default=None)


def _rank_of_phase(alert: Alert, table: dict[str, int]) -> int:
    stage = OF_PHASE.get(namespace(alert), {}).get(alert.phase) if alert.phase else None
    return UNKNOWN if stage is None else table[_word(stage)]


def _word(stage: str) -> str:
    """Take off what differs between spellings of one stage."""
    return re.sub(r"[^A-Z0-9]", "", stage.upper())


_RANKS = {
    stream: {_word(stage): 1 + at for at, row in enumerate(rows) for stage in row} for stream, rows in STAGES.items()
}
