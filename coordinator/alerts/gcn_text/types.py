"""The types of classic text notices: a line for each, in the words of the same notice as a VOEvent."""

import re
from dataclasses import dataclass, replace

from coordinator.alerts.alert import Phase


@dataclass(frozen=True, slots=True)
class Type:
    """One type of notice.

    Attributes
    ----------
    title, kind : str
        Patterns of the fields TITLE and NOTICE_TYPE.
    stream, namespace : str
        The stream, and the namespace of its event ids.
    stage : str or None
        The stage, spelt as for the VOEvent.
    messenger : str
        What is heard of.
    phase : Phase or None
        Where the type itself says it.
    containment : float or None
        What the error radius holds where the notice is silent.
    has_position : bool
        Whether the position is one to search: light curves and slews repeat an older one.
    systematic_included : bool or None
        Whether the radius holds the systematic error, where the notice is silent.
    significant : bool or None
        False for notices below the usual threshold.
    """

    title: str
    kind: str
    stream: str
    namespace: str
    stage: str | None = None
    messenger: str = "EM"
    phase: Phase | None = None
    containment: float | None = None
    has_position: bool = True
    systematic_included: bool | None = None
    significant: bool | None = None


ONE_SIGMA = 0.68
"""Fermi states radii of one sigma, statistical only."""

NINETY = 0.9
"""Swift, INTEGRAL and IceCube state radii of 90 %, Swift BAT statistical only."""


def _gbm(kind: str, stage: str, *, has_position: bool = True) -> Type:
    stage = f"GBM {stage}"
    return Type("FERMI", kind, "fermi.gbm", "fermi.gbm", stage, containment=ONE_SIGMA, has_position=has_position)


def _lat(kind: str, stage: str) -> Type:
    return Type("FERMI", kind, "fermi.lat", "fermi.lat", f"LAT {stage}", containment=ONE_SIGMA)


def _swift(kind: str, stage: str, *, has_position: bool = True, significant: bool | None = None) -> Type:
    return Type(
        "SWIFT",
        kind,
        "swift",
        "swift",
        stage,
        containment=NINETY,
        has_position=has_position,
        systematic_included=not stage.startswith("BAT"),
        significant=significant,
    )


def _integral(kind: str, stage: str, *, has_position: bool = True, significant: bool | None = None) -> Type:
    own = Type("INTEGRAL", kind, "integral", "integral", stage, containment=NINETY, systematic_included=True)
    return replace(own, has_position=has_position, significant=significant)


def _icecube(kind: str, stage: str, *, containment: float | None = NINETY) -> Type:
    return Type("AMON|ICECUBE", kind, "icecube", "icecube", stage, "NU", containment=containment)


def _agile(kind: str, stage: str) -> Type:
    return Type("AGILE", kind, "agile", "agile", stage)


def _lvk(kind: str, phase: Phase) -> Type:
    return Type("LVC|LVK", kind, "lvk", "lvk", kind, "GW", phase)


SUBTHRESHOLD = "fermi.gbm.subthresh"
TYPES = (
    Type("FERMI", "GBM.*Sub", SUBTHRESHOLD, SUBTHRESHOLD, "GBM SUBTHRESH", containment=ONE_SIGMA, significant=False),
    _gbm(r"GBM.*Alert", "ALERT", has_position=False),
    _gbm(r"GBM.*(Flight|Flt)", "FLT_POS"),
    _gbm(r"GBM.*(Ground|Gnd)", "GND_POS"),
    _gbm(r"GBM.*Fin", "FIN_POS"),
    _gbm(r"GBM.*Test", "POS_TEST"),
    _lat(r"LAT.*Monitor", "MONITOR"),
    _lat(r"LAT.*Trans", "TRANS"),
    _lat(r"LAT.*Offline", "OFFLINE"),
    _lat(r"LAT.*(Ground|Gnd)", "GND"),
    _lat(r"LAT.*Ini", "POS_INI"),
    _lat(r"LAT.*Upd", "POS_UPD"),
    _lat(r"LAT.*(Diag|Fin)", "POS_DIAG"),
    _lat(r"LAT.*Test", "POS_TEST"),
    _swift(r"BAT.*Test", "BAT_POS_TEST"),
    _swift(r"BAT.*Nack", "BAT_NACK", has_position=False),
    _swift(r"XRT.*Nack", "XRT_NACK", has_position=False),
    _swift(r"UVOT.*Nack", "UVOT_NACK", has_position=False),
    _swift(r"BAT.*Quick", "BAT_QUICKLOOK"),
    _swift(r"BAT.*(Light ?curve|Lc)", "BAT_LIGHTCURVE", has_position=False),
    _swift(r"BAT.*Scaled", "BAT_SCALEDMAP", has_position=False),
    _swift(r"BAT.*Sub-?sub", "BAT_SUBSUB", significant=False),
    _swift(r"BAT.*Sub-?thresh", "BAT_SUBTHRESHOLD", significant=False),
    _swift(r"BAT.*\bKnown", "BAT_KNOWN"),
    _swift(r"BAT.*Trans", "BAT_TRANS"),
    _swift(r"BAT.*Monitor", "BAT_MONITOR"),
    _swift(r"BAT.*Slew.*Pos", "BAT_SLEW_POS"),
    _swift(r"BAT.*(Pos|Ack)", "BAT_POS"),
    _swift(r"XRT.*Pos", "XRT_POS"),
    _swift(r"XRT.*Spec", "XRT_SPECTRUM", has_position=False),
    _swift(r"XRT.*Light", "XRT_LIGHTCURVE", has_position=False),
    _swift(r"XRT.*Emerg", "XRT_EMERGENCY", has_position=False),
    _swift(r"XRT", "XRT_IMAGE", has_position=False),
    _swift(r"UVOT.*Pos", "UVOT_POS"),
    _swift(r"UVOT.*(Src|Source)", "UVOT_SRC_LIST", has_position=False),
    _swift(r"UVOT.*Emerg", "UVOT_EMERGENCY", has_position=False),
    _swift(r"UVOT", "UVOT_IMAGE", has_position=False),
    _swift(r"FOM|Will.*Observe", "FOM_OBS", has_position=False),
    _swift(r"Slew", "SC_SLEW", has_position=False),
    _integral("Wake", "WAKEUP"),
    _integral("Refin|Update", "REFINED"),
    _integral("Offline", "OFFLINE"),
    _integral("Weak", "WEAK", significant=False),
    _integral("ACS", "SPIACS", has_position=False),
    _icecube("Gold", "GOLD"),
    _icecube("Bronze", "BRONZE"),
    _icecube("Cascade", "CASCADE"),
    _icecube("HESE", "HESE", containment=None),
    _icecube("EHE", "EHE", containment=None),
    Type("AMON", "EM.*Coinc", "amon.nu_em", "amon.nu_em", "NU_EM_COINC", "NU"),
    Type("AMON|HAWC", "HAWC", "hawc", "hawc", "HAWC_BURST"),
    Type("MAXI", "Test", "maxi", "maxi", "TEST"),
    Type("MAXI", r"\bKnown", "maxi", "maxi", "KNOWN"),
    Type("MAXI", "", "maxi", "maxi", "UNKNOWN"),
    Type("CALET", "(Flight|Flt)", "calet", "calet", "FLT_LIGHTCURVE", has_position=False),
    Type("CALET", "", "calet", "calet", "GND_LIGHTCURVE", has_position=False),
    *(_agile(kind, stage) for kind, stage in (("Wake", "WAKEUP"), ("Refin", "REFINED"), ("MCAL", "MCAL"))),
    *(_agile(kind, stage) for kind, stage in (("Ground|Gnd", "GROUND"), ("Trans", "TRANS"), ("Test", "POS_TEST"))),
    Type("GECAM", "", "gecam", "gecam"),
    Type("SUZAKU", "", "suzaku", "suzaku", "LIGHTCURVE", has_position=False),
    Type("SNEWS", "", "snews.gcn", "snews.gcn", None, "NU"),
    Type("SK|SUPER-?K", "", "superk.gcn", "superk.gcn", None, "NU"),
    _lvk("Early", Phase.EARLY_WARNING),
    _lvk("Preliminary", Phase.PRELIMINARY),
    _lvk("Initial", Phase.INITIAL),
    _lvk("Update", Phase.UPDATE),
    _lvk("Retraction", Phase.RETRACTION),
)
"""The first that fits. `MAXI Unknown` holds "known" too, so only a whole word counts."""

NO_ALERT = re.compile(
    r"Point(ing)?[ _]?Dir|Pointing Direction|Obs(ervation)?[ _]?Request|Kill|Im[ _]?alive", re.IGNORECASE
)
"""Utility messages: where a spacecraft points, sockets, life signs."""


def type_of(title: str, kind: str) -> Type | None:
    """Return the type of a notice by its fields TITLE and NOTICE_TYPE."""
    named = title.upper().removeprefix("GCN/").split(" ")[0]
    return next((one for one in TYPES if re.fullmatch(one.title, named) and re.search(one.kind, kind, re.I)), None)
