"""The types of classic text notices: a line for each, in the words of the same notice as a VOEvent."""

import re
from dataclasses import dataclass

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
        Whether the position is one to search: light curves and images repeat an older one.
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


ONE_SIGMA = 0.68
"""Fermi states radii of one sigma, statistical only."""


def _gbm(kind: str, stage: str, *, has_position: bool = True, namespace: str = "fermi.gbm") -> Type:
    return Type("FERMI", kind, "fermi.gbm", namespace, f"GBM {stage}", containment=ONE_SIGMA, has_position=has_position)


def _lat(kind: str, stage: str) -> Type:
    return Type("FERMI", kind, "fermi.lat", "fermi.lat", f"LAT {stage}", containment=ONE_SIGMA)


def _swift(kind: str, stage: str, *, has_position: bool = True) -> Type:
    return Type("SWIFT", kind, "swift", "swift", stage, has_position=has_position)


def _lvk(kind: str, phase: Phase) -> Type:
    return Type("LVC|LVK", kind, "lvk", "lvk", kind.upper(), "GW", phase)


TYPES = (
    _gbm(r"GBM.*Alert", "ALERT", has_position=False),
    _gbm(r"GBM.*(Flight|Flt)", "FLT_POS"),
    _gbm(r"GBM.*(Ground|Gnd)", "GND_POS"),
    _gbm(r"GBM.*Fin", "FIN_POS"),
    _gbm(r"GBM.*Sub", "SUBTHRESH", namespace="fermi.gbm.subthresh"),
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
    _swift(r"BAT.*Quick", "BAT_QUICKLOOK"),
    _swift(r"BAT.*(Light ?curve|Lc)", "BAT_LIGHTCURVE", has_position=False),
    _swift(r"BAT.*(Scaled|Sub-?sub)", "BAT_SCALEDMAP", has_position=False),
    _swift(r"BAT.*Known", "BAT_KNOWN"),
    _swift(r"BAT.*Trans", "BAT_TRANS"),
    _swift(r"BAT.*(Pos|Ack)", "BAT_POS"),
    _swift(r"(XRT|UVOT|BAT).*Nack", "NACK", has_position=False),
    _swift(r"XRT.*Pos", "XRT_POS"),
    _swift(r"XRT.*(Image|Spectrum|Light|Thresh|Proc)", "XRT_IMAGE", has_position=False),
    _swift(r"XRT.*Cent", "XRT_CENTROID", has_position=False),
    _swift(r"UVOT.*Pos", "UVOT_POS"),
    _swift(r"UVOT", "UVOT_IMAGE", has_position=False),
    _swift(r"FOM|Will.*Observe", "FOM_OBS", has_position=False),
    _swift(r"Slew", "SC_SLEW", has_position=False),
    Type("INTEGRAL", "Wake", "integral", "integral", "WAKEUP"),
    Type("INTEGRAL", "Refin|Update", "integral", "integral", "REFINED"),
    Type("INTEGRAL", "Offline", "integral", "integral", "OFFLINE"),
    Type("INTEGRAL", "Weak", "integral", "integral", "WEAK"),
    Type("INTEGRAL", "ACS", "integral", "integral", "SPIACS", has_position=False),
    Type("AMON|ICECUBE", "Gold", "icecube", "icecube", "ASTROTRACK_GOLD", "NU", containment=0.9),
    Type("AMON|ICECUBE", "Bronze", "icecube", "icecube", "ASTROTRACK_BRONZE", "NU", containment=0.9),
    Type("AMON|ICECUBE", "Cascade", "icecube", "icecube", "CASCADE", "NU", containment=0.9),
    Type("AMON|ICECUBE", "HESE|EHE", "icecube", "icecube", "HESE", "NU"),
    Type("AMON", "EM.*Coinc", "amon", "amon", "NU_EM_COINC", "NU"),
    Type("AMON|HAWC", "HAWC", "hawc", "hawc", "HAWC_BURST"),
    Type("MAXI", "Test", "maxi", "maxi", "TEST"),
    Type("MAXI", "Known", "maxi", "maxi", "KNOWN"),
    Type("MAXI", "", "maxi", "maxi", "UNKNOWN"),
    Type("CALET", "(Flight|Flt)", "calet", "calet", "GBM_FLT_LC", has_position=False),
    Type("CALET", "", "calet", "calet", "GBM_GND_LC", has_position=False),
    Type("SNEWS", "", "snews.gcn", "snews.gcn", "COINCIDENCE", "NU"),
    Type("SK|SUPER-?K", "", "superk.gcn", "superk.gcn", "SN", "NU"),
    _lvk("Early", Phase.EARLY_WARNING),
    _lvk("Preliminary", Phase.PRELIMINARY),
    _lvk("Initial", Phase.INITIAL),
    _lvk("Update", Phase.UPDATE),
    _lvk("Retraction", Phase.RETRACTION),
)
"""The first that fits. `Sub-sub-threshold` positions of Swift stay `BAT_KNOWN` where their type says so."""

NO_ALERT = re.compile(
    r"Point(ing)?[ _]?Dir|Pointing Direction|Obs(ervation)?[ _]?Request|Kill|Im[ _]?alive", re.IGNORECASE
)
"""Utility messages: where a spacecraft points, sockets, life signs."""


def type_of(title: str, kind: str) -> Type | None:
    """Return the type of a notice by its fields TITLE and NOTICE_TYPE."""
    named = title.upper().removeprefix("GCN/").split(" ")[0]
    return next((one for one in TYPES if re.fullmatch(one.title, named) and re.search(one.kind, kind, re.I)), None)
