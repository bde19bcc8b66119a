"""What people say of candidates, and how the verdict obeys them; the machine's odds stay beside it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from coordinator.vetting.candidate import Candidate, id_from
from coordinator.vetting.facts import CandidatesRegrouped, CandidatesScored, PersonsWord, Saying, ScoredCandidate

MARKS: tuple[Saying, ...] = ("counterpart", "rejected", "withdrawn")
VERDICTS: dict[Saying, str] = {"counterpart": "promising", "rejected": "rejected"}
"""The verdict that a mark stands for."""

MOST_WORDS = 5
"""So many words stand beside a candidate's odds, and the mark; all that were said are in the journal."""


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


def standing(words: Iterable[PersonsWord], regrouped: Sequence[CandidatesRegrouped] = ()) -> PersonsWord | None:
    """Return the mark that holds: the newest that was not taken back.

    Parameters
    ----------
    words : iterable of PersonsWord
        Of one candidate of today, in the order in which they were said.
    regrouped : sequence of CandidatesRegrouped, optional
        What became of candidates: who takes back the mark of one does not take back that of another with which it was
        joined later.
    """
    marks: list[PersonsWord] = []
    for word in words:
        if word.says == "withdrawn":
            marks = [m for m in marks if _were_apart(m.candidate, word, regrouped)]
        elif word.says in MARKS:
            marks.append(word)
    return marks[-1] if marks else None


def _were_apart(name: str, word: PersonsWord, regrouped: Sequence[CandidatesRegrouped]) -> bool:
    """Say whether what had this name was another candidate than the one of which a word was said."""
    both = {name, word.candidate}
    told = [fact for fact in regrouped if fact.at is not None and both <= {*fact.before, *fact.now}]
    if len(both) == 1 or not told:
        return False
    before = [fact for fact in told if fact.at is not None and fact.at <= word.at]
    return len(before[-1].now) > 1 if before else len(told[0].now) == 1


def newest_words(words: Sequence[PersonsWord], mark: PersonsWord | None, most: int) -> tuple[PersonsWord, ...]:
    """Return the newest few, and before them the mark that stands."""
    newest = tuple(words[-most:])
    return newest if mark is None or mark in newest else (mark, *newest)


def told(
    one: ScoredCandidate, words: Sequence[PersonsWord], regrouped: Sequence[CandidatesRegrouped] = ()
) -> ScoredCandidate:
    """Put people's words beside the odds; a mark that stands decides the verdict."""
    mark = standing(words, regrouped)
    kept = newest_words(words, mark, MOST_WORDS)
    if mark is None:
        return replace(one, words=kept)
    return replace(one, words=kept, marked=mark.says, verdict=VERDICTS[mark.says], machine_verdict=one.verdict)


def obeyed(
    scored: CandidatesScored,
    candidates: Sequence[Candidate],
    words: Sequence[PersonsWord],
    regrouped: Sequence[CandidatesRegrouped] = (),
) -> CandidatesScored:
    """Let verdicts follow people's marks; odds and order are the machine's."""
    said = words_by_candidate(candidates, words)
    if not said:
        return scored
    every = tuple(told(one, said[one.id], regrouped) if one.id in said else one for one in scored.candidates)
    return replace(scored, candidates=every)
