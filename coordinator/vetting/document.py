"""The document armillary.vetting/1."""

from typing import Any

import msgspec

from coordinator.vetting.facts import CandidatesScored, ScoredCandidate
from coordinator.vetting.prior import Prior


def document(scored: CandidatesScored, prior: Prior) -> dict[str, Any]:
    """Return the contract's JSON: prior, "none" and all candidates, best first."""
    return {
        "schema": "armillary.vetting/1",
        "prior": {
            "q": prior.q,
            "n_all": prior.n_all,
            "density_deg2": prior.density_deg2,
            "because": prior.because,
        },
        "p_none": scored.p_none,
        "candidates": [_candidate(c) for c in scored.candidates],
    }


def _candidate(candidate: ScoredCandidate) -> dict[str, Any]:
    return {
        "id": candidate.id,
        "ra_deg": candidate.ra_deg,
        "dec_deg": candidate.dec_deg,
        "credible_level": candidate.credible_level,
        "probability": candidate.probability,
        "log_odds": candidate.log_odds,
        "verdict": candidate.verdict,
        "machine_verdict": candidate.machine_verdict or candidate.verdict,
        "marked": candidate.marked,
        "words": msgspec.to_builtins(candidate.words),
        "detections": candidate.detections,
        "kinds": candidate.kinds,
        "checks": msgspec.to_builtins(candidate.checks),
    }
