"""The report of a calibration in words and tables, made of nothing but its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coordinator.simulation.calibration.figures import PURITY, Figures, missed
from coordinator.vetting.calibration.reliability import Bin, broken
from coordinator.vetting.calibration.scores import Choice

LARGE = 100
"""Kinds are judged where a bin has so many members: thousands of candidates show every small deviation."""


@dataclass(frozen=True, slots=True)
class Made:
    """How a report was made."""

    command: str
    commit: str
    seed: int
    events: int
    telescopes: str


def report(made: Made, played: Figures, others: Mapping[str, Figures], notes: str) -> str:
    """Write the page.

    Parameters
    ----------
    made : Made
    played : Figures
        Of the simulated events.
    others : mapping of str to Figures
        Other labelled sets, by what they are; reported apart.
    notes : str
        What people found out about these figures, in their own words.
    """
    parts = [
        "# Calibration",
        "How far the odds can be trusted: simulated searches, played from the merger to the vetter's odds, and held "
        "against the truth that the vetter never sees. A command makes this page, and nobody edits its figures.",
        f"```text\n{made.command}\n```",
        f"Commit {made.commit}, seed {made.seed}, {made.events} events, {made.telescopes}. The same seed gives "
        "the same figures. The figures lie in `calibration.json` beside this page.",
        "## What holds and what does not",
        _held(played),
        "## Reliability",
        "Every candidate of every event: what was said against what came true. A bin with 30 members or more must "
        "hold the mean of what was said inside its 95 % interval (Wilson).",
        "![Reliability of the odds](images/calibration.svg)",
        _bins(played.bins),
        "## Ranks, none of them, and who is called what",
        _table(played),
        "## What unrelated things are taken for",
        f"A bin of {LARGE} members or more that is off is named; the sums say whether there are as many as was said.",
        _kinds(played),
        "## Straightening",
        _straightening(played),
        *[part for name, figures in others.items() for part in _apart(name, figures)],
        notes.strip(),
    ]
    return "\n\n".join(parts) + "\n"


def _held(figures: Figures) -> str:
    wrong = list(missed(figures))
    return "Every limit holds." if not wrong else "\n".join(f"- missed: {one}" for one in wrong)


def _bins(bins: Sequence[Bin]) -> str:
    rows = [
        "| said | members | mean said | came true | share | 95 % interval | |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for b in bins:
        if not b.members:
            rows.append(f"| {b.low:.1f}-{b.high:.1f} | 0 | | | | | |")
            continue
        low, high = b.interval
        word = ("holds" if b.holds else "off") if b.is_judged else ("few" if b.holds else "few, and off")
        rows.append(
            f"| {b.low:.1f}-{b.high:.1f} | {b.members} | {b.mean_said:.4g} | {b.came_true} | {b.share:.3g} "
            f"| {low:.3g}-{high:.3g} | {word} |"
        )
    return "\n".join(rows)


def _table(figures: Figures) -> str:
    events = ", ".join(f"{n} {kind}" for kind, n in figures.events.items())
    rows = [
        ("events", events),
        ("candidates, counterparts among them", f"{figures.candidates}, {figures.counterparts}"),
        ("Brier score, climatology's, ratio", _brier(figures)),
        ("none of them: said in the mean, true", f"{figures.none_said:.3f}, {figures.none_true:.3f}"),
        ("first, of those detected in two nights", f"{figures.first_of_two_nights} of {figures.two_nights}"),
        ("first, of those detected in one", f"{figures.first_of_one_night} of {figures.one_night}"),
        ("promising (0.5): how many, right, of all counterparts", _choice(figures.promising)),
        ("possible (0.05): how many, right, of all counterparts", _choice(figures.possible)),
        (f"largest choice {PURITY:.0%} of which is right", "none" if figures.pure is None else _choice(figures.pure)),
        ("unrelated ones called promising", f"{figures.unrelated_promising} of {figures.unrelated}"),
    ]
    return "\n".join(["| what | figure |", "| --- | --- |", *(f"| {name} | {said} |" for name, said in rows)])


def _brier(figures: Figures) -> str:
    ratio = figures.brier / figures.climatology if figures.climatology else float("nan")
    return f"{figures.brier:.3g}, {figures.climatology:.3g}, {ratio:.2f}"


def _choice(one: Choice) -> str:
    purity = "-" if one.purity is None else f"{one.purity:.0%}"
    complete = "-" if one.completeness is None else f"{one.completeness:.0%}"
    return f"from P {one.least:.3g}: {one.chosen}, {purity}, {complete}"


def _kinds(figures: Figures) -> str:
    rows = ["| kind | said in all | there were | bins that are off |", "| --- | --- | --- | --- |"]
    for kind, bins in figures.kinds.items():
        said = sum(b.mean_said * b.members for b in bins if b.members)
        off = [f"{b.low:.1f}-{b.high:.1f} ({b.share:.2f})" for b in broken(bins) if b.members >= LARGE]
        rows.append(f"| {kind} | {said:.0f} | {sum(b.came_true for b in bins)} | {', '.join(off) or 'none'} |")
    return "\n".join(rows)


def _straightening(figures: Figures) -> str:
    fit = figures.straightening
    better = figures.loss_straightened < figures.loss
    word = "lower" if better else "no lower"
    off = broken(figures.straightened_bins)
    return (
        f"`logit P' = {fit.a:+.3f} {fit.b:+.3f} logit P` fitted to all events. Fitted on four fifths of the events and "
        f"tried on the others, the mean loss is {word}: {figures.loss_straightened:.4g} against {figures.loss:.4g} "
        f"(- ln of what was said of what came true), and {len(off)} judged bins are off, {len(broken(figures.bins))} "
        "without."
    )


def _apart(name: str, figures: Figures) -> list[str]:
    return [f"## {name}", _held_apart(figures), _bins(figures.bins), _table(figures)]


def _held_apart(figures: Figures) -> str:
    off = broken(figures.bins)
    return "Reported apart; no limit is asked of it. " + (
        "Every bin with 30 members or more holds." if not off else f"{len(off)} bins with 30 members or more are off."
    )
