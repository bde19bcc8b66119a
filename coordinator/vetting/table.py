"""A table of scored candidates for the blob folder: what is too large for a journal entry.

It holds numbers: what each check said of each candidate. The words are made when it is read.
"""

import math
import zlib
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from coordinator.vetting.facts import CheckResult, ScoredCandidate
from coordinator.vetting.kinds import UNRELATED, Unrelated, kinds_of
from coordinator.vetting.rule import USUAL, OddsRule
from coordinator.vetting.terms import NO_VETO
from coordinator.vetting.weighed import Weighed

FORMAT = "armillary.terms/1"
COMPRESSION = 1
SAYS_NOTHING = "says nothing"


@dataclass(frozen=True, slots=True)
class TermsTable:
    """Columns in order of rank; numbers as little-endian bytes, unknown ones NaN.

    `promising`, `possible` and `shares` are those of the rule by which they were weighed.
    """

    format: str
    checks: tuple[str, ...]
    source: str
    ids: list[str]
    last_seen: list[str | None]
    filters: list[str | None]
    detections: list[int]
    place: bytes
    odds: bytes
    log_bayes: bytes
    leans: bytes
    passed: bytes
    veto: bytes
    promising: float = USUAL.promising
    possible: float = USUAL.possible
    shares: dict[Unrelated, float] = field(default_factory=lambda: dict(USUAL.shares))

    @property
    def rule(self) -> OddsRule:
        """By what their verdicts are called."""
        return OddsRule(promising=self.promising, possible=self.possible, shares=self.shares)


def write_terms(weighed: Weighed) -> bytes:
    """Write all candidates, best first; the same odds give the same bytes."""
    batch, terms, order = weighed.batch, weighed.terms, weighed.order
    ranked = [batch.candidates[i] for i in order.tolist()]
    level = batch.level[order] if batch.atlas is not None else np.full(order.size, np.nan)
    lasts = [c.last for c in ranked]
    mags = [math.nan if s.mag_ab is None else s.mag_ab for s in lasts]
    table = TermsTable(
        FORMAT,
        terms.names,
        batch.source,
        [c.id for c in ranked],
        [None if s.time is None else s.time.isoformat() for s in lasts],
        [s.filter for s in lasts],
        [len(c.sightings) for c in ranked],
        _bytes(np.stack([[c.ra_deg for c in ranked], [c.dec_deg for c in ranked], level, mags])),
        _bytes(np.stack([weighed.probability[order], weighed.log_odds[order]])),
        _bytes(terms.log_bayes[order].T),
        _bytes(terms.leans[order]),
        terms.passed[order].T.astype("<i1").tobytes(),
        terms.veto[order].astype("<i2").tobytes(),
        weighed.rule.promising,
        weighed.rule.possible,
        dict(weighed.rule.shares),
    )
    return zlib.compress(msgspec.msgpack.encode(table), COMPRESSION)


def read_table(data: bytes) -> tuple[ScoredCandidate, ...]:
    """Read what `write_terms` wrote, with a sentence for each term; or whole candidates, as older tables hold."""
    plain = zlib.decompress(data)
    if plain[:1] == b"[":
        return msgspec.json.decode(plain, type=tuple[ScoredCandidate, ...])
    table = msgspec.msgpack.decode(plain, type=TermsTable)
    n = len(table.ids)
    ra, dec, level, mag = _floats(table.place, (4, n))
    probability, log_odds = _floats(table.odds, (2, n))
    leans = _floats(table.leans, (n, len(UNRELATED)))
    veto = np.frombuffer(table.veto, "<i2")
    checks, rule = _checks(table, n), table.rule
    return tuple(
        ScoredCandidate(
            table.ids[i],
            float(ra[i]),
            float(dec[i]),
            _known(level[i]),
            float(probability[i]),
            float(log_odds[i]),
            rule.verdict(float(probability[i]), vetoed=bool(veto[i] != NO_VETO)),
            table.detections[i],
            checks[i],
            _known(mag[i]),
            table.filters[i],
            table.last_seen[i],
            _kinds(float(probability[i]), leans[i], rule),
        )
        for i in range(n)
    )


def _checks(table: TermsTable, n: int) -> list[tuple[CheckResult, ...]]:
    log_bayes = _floats(table.log_bayes, (len(table.checks), n))
    passed = np.frombuffer(table.passed, "<i1").reshape(len(table.checks), n)
    veto = np.frombuffer(table.veto, "<i2")
    return [
        tuple(
            _said(name, float(log_bayes[k, i]), int(passed[k, i]), bool(veto[i] == k), table.source)
            for k, name in enumerate(table.checks)
        )
        for i in range(n)
    ]


def _said(name: str, log_bayes: float, passed: int, veto: bool, source: str) -> CheckResult:
    """Say a term in a sentence."""
    if veto:
        because = f"veto: {name} alone forbids it"
    elif log_bayes == 0.0:
        because = SAYS_NOTHING
    else:
        odds = math.exp(min(abs(log_bayes), 700.0))
        because = f"speaks {'for' if log_bayes > 0 else 'against'} it, {odds:.3g} to 1"
    known = None if passed < 0 else bool(passed)
    return CheckResult(name, log_bayes, known, f"{log_bayes:+.2f}", source if name == "sky" else "table", because)


def _kinds(probability: float, leans: NDArray[np.float64], rule: OddsRule) -> dict[str, float]:
    said = dict(zip(UNRELATED, leans.tolist(), strict=True))
    return {str(kind): share for kind, share in kinds_of(probability, [said], rule.shares).items()}


def _bytes(values: ArrayLike) -> bytes:
    return np.ascontiguousarray(np.asarray(values, "<f8")).tobytes()


def _floats(data: bytes, shape: tuple[int, int]) -> NDArray[np.float64]:
    found: NDArray[Any] = np.frombuffer(data, "<f8").reshape(shape)
    return found


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
