"""What a check is, and what it finds."""

from collections.abc import Callable
from dataclasses import dataclass

from coordinator.vetting.case import Case
from coordinator.vetting.facts import CheckResult


@dataclass(frozen=True, slots=True)
class Finding:
    """Natural log of p(data | counterpart) / p(data | unrelated): exactly 0 without data.

    `passed` None: unknown. `veto`: this alone rejects the candidate, whatever else speaks for it.
    """

    log_bayes: float
    passed: bool | None
    input: str
    source: str
    because: str
    veto: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """One question about a candidate; checks of one `group` share data and are capped together."""

    name: str
    evaluate: Callable[[Case], Finding]
    group: str | None = None

    def result(self, finding: Finding) -> CheckResult:
        """Put a finding into the words of the contract."""
        because = f"veto: {finding.because}" if finding.veto else finding.because
        return CheckResult(self.name, finding.log_bayes, finding.passed, finding.input, finding.source, because)


def unknown(because: str, source: str = "nothing") -> Finding:
    """No data: it speaks neither for nor against."""
    return Finding(0.0, None, "none", source, because)


def clip(value: float, low: float, high: float) -> float:
    """Hold a value inside its cap."""
    return min(max(value, low), high)
