"""What others report of it: a spectrum that says what it is decides."""

import re
from collections.abc import Mapping
from typing import Literal

from coordinator.vetting.case import Case
from coordinator.vetting.checks.check import Check, Finding, unknown
from coordinator.vetting.hosts import reports_near
from coordinator.vetting.kinds import UNRELATED, Leans, Unrelated

KILONOVA = 4.0
"""A spectrum of a kilonova: of this event, or somebody's hasty word."""

SURE = 8.0
"""How much a spectrum leans to its kind."""

Class = Unrelated | Literal["kilonova"]

_CLASSES: tuple[tuple[str, Class], ...] = (
    (r"kilonova|kn", "kilonova"),
    (r"(super-?luminous )?(sn|slsn|supernova)([ -]?(i|1).*| .*)?|ccsn|sn ?(impostor|imposter)", "supernova"),
    (r"agn|qso|quasar|blazar|bl ?lac|seyfert.*|liner|(nls|bls|sy)[12y].*|galaxy agn", "agn"),
    (
        r"cv|(dwarf |classical |recurrent )?nova|dn|am cvn|var(iable)?( ?star)?|rr ?lyr(ae)?|yso|lbv|lrn|ilrt",
        "variable",
    ),
    (r"m[- ]?dwarf( flare)?|(stellar )?flare|star|mira|microlensing|fuor|exor|lpv|symbiotic.*", "variable"),
    (r"asteroid|minor planet|mp|sso", "asteroid"),
    (r"artefact|artifact|bogus", "artefact"),
    (r"tde.*|tidal disruption.*|frb|impostor.*", "other"),
)
_DOUBT = re.compile(r"\?|candidate|possible|likely|phot|unclass|^psn$", re.IGNORECASE)


def class_of(said: str) -> Class | None:
    """Return what a class means in whatever spelling; None: no class, or one in doubt.

    TNS, SIMBAD and brokers write ``SN Ia-pec``, ``SNIbc``, ``AGN``, ``CV``, ``M dwarf``; a question mark or the word
    candidate says that no spectrum decided.
    """
    plain = " ".join(said.replace("_", " ").split())
    if not plain or _DOUBT.search(plain):
        return None
    return next((kind for pattern, kind in _CLASSES if re.fullmatch(pattern, plain, re.IGNORECASE)), None)


def evaluate(case: Case) -> Finding:
    """A supernova, a nucleus or a star by its spectrum is a veto; without a class a report says nothing here."""
    reports = reports_near(case)
    if not reports:
        return _nobody(case)
    for answer, report in reports:
        kind = class_of(report.type)
        if kind is None:
            continue
        said = f"{report.name}, {report.separation_arcsec:.1f} arcsec away, is reported as {report.type}"
        if kind == "kilonova":
            return Finding(KILONOVA, True, report.type, answer.source, said, as_of=answer.as_of)
        leans = _to(kind)
        return Finding(0.0, False, report.type, answer.source, said, veto=True, as_of=answer.as_of, leans=leans)
    answer, report = reports[0]
    said = f"reported as {report.name}, without a class that a spectrum gave"
    return Finding(0.0, None, report.type or "no class", answer.source, said, as_of=answer.as_of)


def _nobody(case: Case) -> Finding:
    answers = case.near.reported
    if not answers:
        return unknown("nobody asked what others report")
    silent = next((a for a in answers if a.silent_because is not None), None)
    if silent is not None:
        return unknown(f"source did not answer: {silent.silent_because}", silent.source)
    return unknown("nobody reports it", answers[0].source)


def _to(kind: Unrelated) -> Leans:
    leans: Mapping[Unrelated, float] = {other: 0.0 if other == kind else -SURE for other in UNRELATED}
    return leans


CHECK = Check("reported", evaluate)
