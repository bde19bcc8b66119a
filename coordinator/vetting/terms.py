"""What every check says of many candidates, as numbers alone: the words are for those that somebody reads about."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from coordinator.vetting.batch import Batch, Flags, Floats
from coordinator.vetting.checks.check import Check, Finding
from coordinator.vetting.checks.registry import CHECKS
from coordinator.vetting.combine import Memo
from coordinator.vetting.kinds import UNRELATED
from coordinator.vetting.needs import NEEDS, PLACELESS
from coordinator.vetting.quick import QUICK
from coordinator.vetting.rule import USUAL, OddsRule

NO_VETO = -1


@dataclass(eq=False)
class Terms:
    """Terms of n candidates by k checks; arrays without another shape are (n, k).

    Attributes
    ----------
    names : tuple of str
        The checks.
    log_bayes : float64 array
        What each says; 0 where it says nothing.
    passed : int8 array
        1, 0, or -1: unknown.
    vetoes : bool array
        Whether it forbids the candidate.
    said : dict of str to float64 array, shape (n, kinds)
        What those checks that can tell kinds apart say of them, in the order of `kinds.UNRELATED`.
    """

    names: tuple[str, ...]
    log_bayes: Floats
    passed: NDArray[np.int8]
    vetoes: Flags
    said: dict[str, NDArray[np.float64]]

    def said_by(self, name: str) -> Floats:
        """Return where a check's leans are written; shape (n, kinds)."""
        if name not in self.said:
            self.said[name] = np.zeros((self.log_bayes.shape[0], len(UNRELATED)))
        return self.said[name]

    @property
    def veto(self) -> NDArray[np.int16]:
        """The first check that forbids each; -1: none does."""
        return np.where(self.vetoes.any(axis=1), self.vetoes.argmax(axis=1), NO_VETO).astype(np.int16)

    @property
    def leans(self) -> Floats:
        """What all checks together say of the kinds of unrelated things; shape (n, kinds)."""
        total = np.zeros((self.log_bayes.shape[0], len(UNRELATED)))
        for name in self.names:
            if name in self.said:
                total += self.said[name]
        return total

    def of_group(self, group: str) -> Floats:
        """Return what the checks of a group say together, without its cap; shape (n,)."""
        which = [at for at, check in enumerate(CHECKS) if check.group == group]
        return np.asarray(self.log_bayes[:, which].sum(axis=1), np.float64)

    def total(self, rule: OddsRule = USUAL) -> Floats:
        """Return all that was said of each, with what groups of checks say beyond their caps taken back."""
        whole = np.zeros(self.log_bayes.shape[0])
        groups: dict[str, Floats] = {}
        for at, check in enumerate(CHECKS):
            if check.group is None:
                whole += self.log_bayes[:, at]
            else:
                groups[check.group] = groups.get(check.group, np.zeros(whole.size)) + self.log_bayes[:, at]
        for group, said in groups.items():
            whole += np.clip(said, *rule.caps[group])
        return whole


@dataclass
class Asked:
    """What was said last time, in words of those in `told`, for whoever asks about the same candidates again."""

    batch: Batch
    terms: Terms
    told: Memo = field(default_factory=dict)


def ask(batch: Batch, before: Asked | None = None) -> Terms:
    """Ask every check about every candidate.

    Parameters
    ----------
    batch : Batch
        The candidates.
    before : Asked, optional
        A check is not asked again about what it was asked about then.
    """
    n, k = len(batch.candidates), len(CHECKS)
    terms = Terms(
        tuple(c.name for c in CHECKS), np.zeros((n, k)), np.full((n, k), -1, np.int8), np.zeros((n, k), bool), {}
    )
    if n == 0:
        return terms
    known = _Known(batch, before)
    for at, check in enumerate(CHECKS):
        wanted = _column(batch, check, at, terms)
        if wanted.any():
            which = np.flatnonzero(known.copied(wanted, check, at, terms))
            _put(terms, which, at, [check.evaluate(batch.case(i)) for i in which.tolist()])
    return terms


def _column(batch: Batch, check: Check, at: int, terms: Terms) -> Flags:
    """Write down what can be said of all at once; return of whom the check itself must be asked."""
    quick = QUICK.get(check.name)
    if quick is None:
        need = NEEDS.get(check.name)
        return np.ones(len(batch.candidates), bool) if need is None else need(batch)
    column = quick(batch)
    terms.log_bayes[:, at], terms.passed[:, at], terms.vetoes[:, at] = column.log_bayes, column.passed, column.veto
    if column.leans is not None and column.leaning is not None and column.leaning.any():
        terms.said_by(check.name)[column.leaning] = column.leans
    return column.ask


def _put(terms: Terms, which: NDArray[np.intp], at: int, found: Sequence[Finding]) -> None:
    """Write down what a check found of some candidates."""
    terms.log_bayes[which, at] = [f.log_bayes for f in found]
    terms.passed[which, at] = [-1 if f.passed is None else int(f.passed) for f in found]
    terms.vetoes[which, at] = [f.veto for f in found]
    name = terms.names[at]
    if found and (name in terms.said or any(f.leans for f in found)):
        leans = [f.leans or {} for f in found]
        terms.said_by(name)[which] = [[its.get(kind, 0.0) for kind in UNRELATED] for its in leans]


class _Known:
    """Finds what was said before of a candidate that has not changed since, where the map may have."""

    def __init__(self, batch: Batch, before: Asked | None) -> None:
        self._batch, self._before = batch, before
        self._at = {} if before is None else {c.id: i for i, c in enumerate(before.batch.candidates)}
        self._same: dict[int, int] = {}
        old = None if before is None else before.batch
        self._same_event = old is not None and _of_event(old) == _of_event(batch)
        self._same_map = old is not None and old.source == batch.source

    def copied(self, wanted: Flags, check: Check, at: int, terms: Terms) -> Flags:
        """Copy what a check said of candidates before; return of which it must be asked."""
        if self._before is None or not self._same_event or not (self._same_map or check.name in PLACELESS):
            return wanted
        mine = np.flatnonzero(wanted)
        theirs = np.array([self._index(i) for i in mine.tolist()], np.intp)
        mine, theirs = mine[theirs >= 0], theirs[theirs >= 0]
        old = self._before.terms
        terms.log_bayes[mine, at], terms.passed[mine, at] = old.log_bayes[theirs, at], old.passed[theirs, at]
        terms.vetoes[mine, at] = old.vetoes[theirs, at]
        if check.name in old.said:
            terms.said_by(check.name)[mine] = old.said[check.name][theirs]
        asked = wanted.copy()
        asked[mine] = False
        return asked

    def _index(self, i: int) -> int:
        """Return where an unchanged candidate was; -1: it is new, or something about it is."""
        if i not in self._same:
            self._same[i] = self._found(i)
        return self._same[i]

    def _found(self, i: int) -> int:
        assert self._before is not None
        new, old = self._batch, self._before.batch
        candidate = new.candidates[i]
        j = self._at.get(candidate.id, -1)
        if j < 0:
            return -1
        was_it = old.candidates[j]
        if (was_it is not candidate and was_it != candidate) or old.looks[j] != new.looks[i]:
            return -1
        near, was = new.near.at(i), old.near.at(j)
        return j if near is was or near == was else -1


def _of_event(batch: Batch) -> tuple[object, ...]:
    return batch.t0, batch.looking, batch.afterglow
