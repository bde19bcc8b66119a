"""What people say of candidates, and how the verdict obeys them; the machine's odds stay beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from coordinator.vetting.candidate import Candidate, id_from
from coordinator.vetting.facts import CandidatesScored, PersonsWord, Saying, ScoredCandidate

MARKS: tuple[Saying, ...] = ("counterpart", "rejected", "withdrawn")
VERDICTS: dict[Saying, str] = {"counterpart": "promising", "rejected": "rejected"}
"""The verdict that a mark stands for."""


def words_by_candidate(candidates: Iterable[Candidate], words: Sequence[PersonsWord]) -> dict[str, list[PersonsWord]]:
    """Say what people said of each candidate of today, by its id, in the order in which it was journaled.

    A candidate of many names, because it got an earlier detection or was joined with others, is meant by each.
    """
    if not words:
        return {}
    now_called = {id_from(s.id): c.id for c in candidates for s in c.sightings} | {c.id: c.id for c in candidates}
    found: dict[str, list[PersonsWord]] = {}
    for word in words:
        today = now_called.get(word.candidate)
        if today is not None:
            found.setdefault(today, []).append(word)
    return found


def standing(words: Iterable[PersonsWord]) -> PersonsWord | None:
    """Return the mark that holds: the newest, unless it was taken back."""
    marks = [w for w in words if w.says in MARKS]
    return marks[-1] if marks and marks[-1].says != "withdrawn" else None


def told(one: ScoredCandidate, words: Sequence[PersonsWord]) -> ScoredCandidate:
    """Put people's words beside the odds; a mark that stands decides the verdict."""
    mark = standing(words)
    if mark is None:
        return replace(one, words=tuple(words))
    return replace(one, words=tuple(words), marked=mark.says, verdict=VERDICTS[mark.says], machine_verdict=one.verdict)


def obeyed(scored: CandidatesScored, candidates: Sequence[Candidate], words: Sequence[PersonsWord]) -> CandidatesScored:
    """Let verdicts follow people's marks; odds and order are the machine's."""
    said = words_by_candidate(candidates, words)
    if not said:
        return scored
    every = tuple(told(one, said[one.id]) if one.id in said else one for one in scored.candidates)
    return replace(scored, candidates=every)
