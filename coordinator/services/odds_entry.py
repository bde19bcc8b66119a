"""An event's odds as one journal entry: who is put into words, and what is left out where there is no room for it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import msgspec

from coordinator.services.detection_batches import MOST_BODY_BYTES
from coordinator.vetting.facts import CandidatesRegrouped, CandidatesScored, PersonsWord, ScoredCandidate
from coordinator.vetting.people import newest_words, obeyed, standing, words_by_candidate
from coordinator.vetting.weighed import Weighed

INLINE_CANDIDATES = 20
MOST_IN_WORDS = 40
"""Of more candidates than this only the best are put into words; the terms of all lie in a table."""

ENVELOPE_BYTES = 1024


def told(
    weighed: Weighed, words: Sequence[PersonsWord], regrouped: Sequence[CandidatesRegrouped], besides: Iterable[str]
) -> CandidatesScored:
    """Put the best, and those that people spoke of, into words; verdicts follow people's marks.

    Parameters
    ----------
    weighed : Weighed
        The odds.
    words : sequence of PersonsWord
        All that people said of this event's candidates.
    regrouped : sequence of CandidatesRegrouped
        What became of candidates until now.
    besides : iterable of str
        Ids of others that are told of, too.
    """
    candidates = weighed.batch.candidates
    most = None if len(candidates) <= MOST_IN_WORDS else INLINE_CANDIDATES
    spoken_of = words_by_candidate(candidates, words)
    ranked = sorted(spoken_of, key=lambda name: standing(spoken_of[name], regrouped) is not None)
    scored = weighed.fact(most, besides=[*ranked[-INLINE_CANDIDATES:], *besides])
    return obeyed(scored, candidates, words, regrouped)


def fits(scored: CandidatesScored) -> bool:
    """Say whether an entry has room for it."""
    return len(msgspec.json.encode(scored)) <= MOST_BODY_BYTES - ENVELOPE_BYTES


def with_few_words(scored: CandidatesScored) -> CandidatesScored:
    """Leave the newest word of each, and the mark that stands: all of them lie in the journal as they were said."""
    return replace(scored, candidates=tuple(replace(c, words=_mark_and_newest(c)) for c in scored.candidates))


def _mark_and_newest(one: ScoredCandidate) -> tuple[PersonsWord, ...]:
    mark = next((w for w in reversed(one.words) if one.marked is not None and w.says == one.marked), None)
    return newest_words(one.words, mark, 1)


def best_few(scored: CandidatesScored) -> CandidatesScored:
    """Leave as many as an entry has room for: those with marks before those with words, and these before the rest."""
    best = [c for n, c in enumerate(scored.candidates) if n < INLINE_CANDIDATES or c.words]
    while len(best) > 1 and not fits(replace(scored, candidates=tuple(best))):
        last = min(range(len(best)), key=lambda n: (best[n].marked is not None, bool(best[n].words), -n))
        best.pop(last)
    return replace(scored, candidates=tuple(best))
