"""GCN's notice types by their numbers: the stage that each tells of, spelt alike for every format that it comes in."""

from collections.abc import Mapping

ONE_SIGMA = 0.68
"""Fermi states radii of one sigma, statistical only (GCN/Fermi notices, section 7); systematics are some degrees."""

NINETY = 0.9
"""Swift, INTEGRAL and IceCube state radii of 90 %; those of BAT are statistical only (GCN/Swift notices, section 7)."""

GBM: Mapping[int, str] = {
    110: "GBM ALERT",
    111: "GBM FLT_POS",
    112: "GBM GND_POS",
    113: "GBM LIGHTCURVE",
    114: "GBM GND_INTERNAL",
    115: "GBM FIN_POS",
    116: "GBM ALERT_INTERNAL",
    117: "GBM FLT_INTERNAL",
    118: "GBM TRANS",
    119: "GBM POS_TEST",
    131: "GBM SUBTHRESH",
    146: "GBM FIN_INTERNAL",
}
GBM_SUBTHRESHOLD = 131
LAT: Mapping[int, str] = {
    120: "LAT POS_INI",
    121: "LAT POS_UPD",
    122: "LAT POS_DIAG",
    123: "LAT TRANS",
    124: "LAT POS_TEST",
    125: "LAT MONITOR",
    127: "LAT GND",
    128: "LAT OFFLINE",
}
SWIFT: Mapping[int, str] = {
    60: "BAT_ALERT",
    61: "BAT_POS",
    62: "BAT_NACK",
    63: "BAT_LIGHTCURVE",
    64: "BAT_SCALEDMAP",
    65: "FOM_OBS",
    66: "SC_SLEW",
    67: "XRT_POS",
    68: "XRT_SPECTRUM",
    69: "XRT_IMAGE",
    70: "XRT_LIGHTCURVE",
    71: "XRT_NACK",
    72: "UVOT_IMAGE",
    73: "UVOT_SRC_LIST",
    76: "BAT_LIGHTCURVE_PROC",
    77: "XRT_SPECTRUM_PROC",
    78: "XRT_IMAGE_PROC",
    79: "UVOT_IMAGE_PROC",
    80: "UVOT_SRC_LIST_PROC",
    81: "UVOT_POS",
    82: "BAT_POS_TEST",
    84: "BAT_TRANS",
    85: "XRT_THRESHPIX",
    86: "XRT_THRESHPIX_PROC",
    87: "XRT_SPER",
    88: "XRT_SPER_PROC",
    89: "UVOT_NACK",
    90: "BAT_ALARM_SHORT",
    91: "BAT_ALARM_LONG",
    92: "UVOT_EMERGENCY",
    93: "XRT_EMERGENCY",
    94: "FOM_ARG_ERR",
    95: "FOM_SAFE_POINT",
    96: "FOM_SLEW_ABORT",
    97: "BAT_QUICKLOOK",
    98: "BAT_SUBTHRESHOLD",
    99: "BAT_SLEW_POS",
    133: "BAT_MONITOR",
    140: "BAT_SUBSUB",
    141: "BAT_KNOWN",
}
SWIFT_BELOW_THRESHOLD = frozenset({98, 140})
SWIFT_OF_THEIR_OWN = frozenset({61, 67, 81, 82, 84, 97, 98, 99, 133, 140, 141})
"""Types whose position is their own; the others repeat an older one, or have none."""

INTEGRAL: Mapping[int, str] = {52: "SPIACS", 53: "WAKEUP", 54: "REFINED", 55: "OFFLINE", 56: "WEAK"}
INTEGRAL_WEAK, INTEGRAL_SPIACS = 56, 52
ICECUBE = {158: "HESE", 169: "EHE", 173: "GOLD", 174: "BRONZE", 176: "CASCADE"}
AGILE: Mapping[int, str] = {
    100: "WAKEUP",
    101: "GROUND",
    102: "REFINED",
    105: "MCAL",
    108: "TRANS",
    109: "POS_TEST",
}
MAXI: Mapping[int, str] = {134: "UNKNOWN", 135: "KNOWN", 136: "TEST"}
KONUS: Mapping[int, str] = {59: "LIGHTCURVE"}
SUZAKU: Mapping[int, str] = {148: "LIGHTCURVE"}
CALET: Mapping[int, str] = {160: "FLT_LIGHTCURVE", 161: "GND_LIGHTCURVE"}
MOA: Mapping[int, str] = {139: "LENSING"}
OGLE: Mapping[int, str] = {137: "LENSING"}
HETE: Mapping[int, str] = {40: "ALERT", 41: "UPDATE", 42: "FINAL", 43: "GROUND", 44: "TEST"}
