"""The types of classic text notices: a line for each, in the words of the same notice as a VOEvent."""

import re
from dataclasses import dataclass, replace

from coordinator.alerts import gcn_stages as gcn
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


SUBTHRESHOLD = "fermi.gbm.subthresh"


def _gbm(kind: str, number: int, *, has_position: bool = True) -> Type:
    stage, below = gcn.GBM[number], number == gcn.GBM_SUBTHRESHOLD
    stream = SUBTHRESHOLD if below else "fermi.gbm"
    own = Type("FERMI", kind, stream, stream, stage, containment=gcn.ONE_SIGMA, has_position=has_position)
    return replace(own, significant=False if below else None)


def _lat(kind: str, number: int) -> Type:
    return Type("FERMI", kind, "fermi.lat", "fermi.lat", gcn.LAT[number], containment=gcn.ONE_SIGMA)


def _swift(kind: str, number: int) -> Type:
    stage = gcn.SWIFT[number]
    own = Type("SWIFT", kind, "swift", "swift", stage, containment=gcn.NINETY)
    return replace(
        own,
        has_position=number in gcn.SWIFT_OF_THEIR_OWN,
        systematic_included=not stage.startswith("BAT"),
        significant=False if number in gcn.SWIFT_BELOW_THRESHOLD else None,
    )


def _integral(kind: str, number: int) -> Type:
    stage = gcn.INTEGRAL[number]
    own = Type("INTEGRAL", kind, "integral", "integral", stage, containment=gcn.NINETY, systematic_included=True)
    below = False if number == gcn.INTEGRAL_WEAK else None
    return replace(own, has_position=number != gcn.INTEGRAL_SPIACS, significant=below)


def _icecube(kind: str, number: int, *, containment: float | None = gcn.NINETY) -> Type:
    return Type("AMON|ICECUBE", kind, "icecube", "icecube", gcn.ICECUBE[number], "NU", containment=containment)


def _of(mission: str, kind: str, stage: str | None, *, has_position: bool = True) -> Type:
    stream = mission.lower()
    return Type(mission, kind, stream, stream, stage, has_position=has_position)


def _lvk(kind: str, phase: Phase) -> Type:
    return Type("LVC|LVK", kind, "lvk", "lvk", kind, "GW", phase)


TYPES = (
    _gbm("GBM.*Sub", 131),
    _gbm("GBM.*Alert", 110, has_position=False),
    _gbm("GBM.*(Flight|Flt)", 111),
    _gbm("GBM.*(Ground|Gnd)", 112),
    _gbm("GBM.*Fin", 115),
    _gbm("GBM.*Test", 119),
    _lat("LAT.*Monitor", 125),
    _lat("LAT.*Trans", 123),
    _lat("LAT.*Offline", 128),
    _lat("LAT.*(Ground|Gnd)", 127),
    _lat("LAT.*Ini", 120),
    _lat("LAT.*Upd", 121),
    _lat("LAT.*(Diag|Fin)", 122),
    _lat("LAT.*Test", 124),
    _swift("BAT.*Test", 82),
    _swift("BAT.*Nack", 62),
    _swift("XRT.*Nack", 71),
    _swift("UVOT.*Nack", 89),
    _swift("BAT.*Quick", 97),
    _swift("BAT.*(Light ?curve|Lc)", 63),
    _swift("BAT.*Scaled", 64),
    _swift("BAT.*Sub-?sub", 140),
    _swift("BAT.*Sub-?thresh", 98),
    _swift(r"BAT.*\bKnown", 141),
    _swift("BAT.*Trans", 84),
    _swift("BAT.*Monitor", 133),
    _swift("BAT.*Slew.*Pos", 99),
    _swift("BAT.*(Pos|Ack)", 61),
    _swift("XRT.*Pos", 67),
    _swift("XRT.*Spec", 68),
    _swift("XRT.*Light", 70),
    _swift("XRT.*Emerg", 93),
    _swift("XRT", 69),
    _swift("UVOT.*Pos", 81),
    _swift("UVOT.*(Src|Source)", 73),
    _swift("UVOT.*Emerg", 92),
    _swift("UVOT", 72),
    _swift("FOM|Will.*Observe", 65),
    _swift("Slew", 66),
    _integral("Wake", 53),
    _integral("Refin|Update", 54),
    _integral("Offline", 55),
    _integral("Weak", 56),
    _integral("ACS", 52),
    _icecube("Gold", 173),
    _icecube("Bronze", 174),
    _icecube("Cascade", 176),
    _icecube("HESE", 158, containment=None),
    _icecube("EHE", 169, containment=None),
    Type("AMON", "EM.*Coinc", "amon.nu_em", "amon.nu_em", "NU_EM_COINC", "NU"),
    Type("AMON|HAWC", "HAWC", "hawc", "hawc", "HAWC_BURST"),
    _of("MAXI", "Test", gcn.MAXI[136]),
    _of("MAXI", r"\bKnown", gcn.MAXI[135]),
    _of("MAXI", "", gcn.MAXI[134]),
    _of("CALET", "(Flight|Flt)", gcn.CALET[160], has_position=False),
    _of("CALET", "", gcn.CALET[161], has_position=False),
    _of("AGILE", "Wake", gcn.AGILE[100]),
    _of("AGILE", "Refin", gcn.AGILE[102]),
    _of("AGILE", "MCAL", gcn.AGILE[105]),
    _of("AGILE", "Ground|Gnd", gcn.AGILE[101]),
    _of("AGILE", "Trans", gcn.AGILE[108]),
    _of("AGILE", "Test", gcn.AGILE[109]),
    _of("GECAM", "", None),
    _of("SUZAKU", "", gcn.SUZAKU[148], has_position=False),
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
