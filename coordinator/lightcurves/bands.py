"""What a filter's name means: telescopes and surveys spell the same band in many ways."""

BANDS = ("u", "g", "r", "i", "z", "y", "J", "H", "K")
CLEAR = "clear"

_PREFIXES = ("sdss", "ztf", "ps1", "desi", "des", "atlas", "lsst", "bessell", "2mass", "panstarrs")
_OF_A_SURVEY = {
    "atlas": {"c": "cyan", "o": "orange"},
    "bessell": {"u": "U", "ux": "U", "b": "B", "v": "V", "r": "R", "i": "I"},
}
"""What letters mean after a prefix, where alone they mean something else."""
_OPEN = {"clear", "c", "l", "lum", "luminance", "open", "none", "unfiltered", "white", "w", "cr"}
_SAME = {"ks": "K", "rc": "R", "ic": "I", "rp": "r", "gp": "g", "ip": "i", "zp": "z", "up": "u"}


def band_of(name: str) -> str:
    """Return the plain name of a band: ``ztfg`` and ``g'`` are ``g``; no filter at all is ``clear``.

    The bands of ATLAS are ``cyan`` and ``orange``, those of Bessell upper-case as Johnson's and Cousins' are.

    A name that is not known comes back as it is, without blanks: it stands for itself.
    """
    plain = name.strip().rstrip("'")
    lower = plain.lower()
    for prefix in _PREFIXES:
        if lower.startswith(prefix) and len(lower) > len(prefix):
            plain = plain[len(prefix) :].strip(":_- ")
            lower = plain.lower()
            if lower in _OF_A_SURVEY.get(prefix, ()):
                return _OF_A_SURVEY[prefix][lower]
            break
    if lower in _OPEN:
        return CLEAR
    if lower in _SAME:
        return _SAME[lower]
    # Upper-case R, I are Johnson-Cousins and stay themselves; J, H, K have no lower-case namesake.
    return lower.upper() if lower in ("j", "h", "k") else plain


_NM = {
    "u": 355.0, "g": 475.0, "r": 622.0, "i": 763.0, "z": 905.0, "y": 1004.0, "U": 365.0, "B": 445.0, "V": 551.0,
    "R": 658.0, "I": 806.0, "J": 1220.0, "H": 1630.0, "K": 2190.0, "cyan": 533.0, "orange": 679.0,
}  # fmt: skip
"""Middles of the bands: SDSS, LSST y, Johnson-Cousins (Binney and Merrifield 1998, table 2.1), ATLAS (Tonry+ 2018)."""


def wavelength_nm(band: str) -> float:
    """Wavelength in the middle of a band of plain name; one that is not known is taken as r."""
    return _NM.get(band, _NM["r"])
