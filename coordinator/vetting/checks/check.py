"""What a check is, and what it finds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from coordinator.vetting.case import Case
from coordinator.vetting.facts import CheckResult
from coordinator.vetting.kinds import Leans


@dataclass(frozen=True, slots=True)
class Finding:
    """Natural log of p(data | counterpart) / p(data | unrelated): exactly 0 without data.

    `passed` None: unknown. `veto`: this alone rejects the candidate, whatever else speaks for it. `as_of`: how old its
    source's knowledge is, None where it has no age. `leans`: what it says of the kinds of unrelated things; None: it
    cannot tell them apart.
    """

    log_bayes: float
    passed: bool | None
    input: str
    source: str
    because: str
    veto: bool = False
    as_of: datetime | None = None
    leans: Leans | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One question about a candidate; checks of one `group` share data and are capped together."""

    name: str
    evaluate: Callable[[Case], Finding]
    group: str | None = None

    def result(self, finding: Finding) -> CheckResult:
        """Put a finding into the words of the contract."""
        because = f"veto: {finding.because}" if finding.veto else finding.because
        as_of = None if finding.as_of is None else finding.as_of.isoformat()
        return CheckResult(self.name, finding.log_bayes, finding.passed, finding.input, finding.source, because, as_of)


def unknown(because: str, source: str = "nothing") -> Finding:
    """No data: it speaks neither for nor against."""
    return Finding(0.0, None, "none", source, because)


def clip(value: float, low: float, high: float) -> float:
    """Hold a value inside its cap."""
    return min(max(value, low), high)
