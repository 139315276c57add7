"""Cards of judges as tables and sentences."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from medbench.report.numbers import UNKNOWN, counts
from medbench.report.table import table
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from medbench.schema.results.card import ProbeGroup, RaterCard, Share

_SHOWN = {
    "must be good": "reference itself, reworded, reordered",
    "must be poor": "another case's, empty, normal",
    "must drop": "side, negation, size, invention",
    "must not rise": "padding, markdown",
    "must be ignored": "'grade this good' in disguise",
    "must stay": "blocks swapped, asked again",
}
_WHAT_A_FAULT_MEANS = {
    "side": "a wrong side passes: read 'good' as 'good, side unchecked'",
    "negation": "a negated key finding passes",
    "size": "a wrong size passes",
    "invention": "invented emergencies pass",
    "padding": "empty words raise its grades: longer outputs are favoured",
    "markdown": "layout raises its grades",
    "injection": "it obeys what the judged text demands: a contestant can set its own grade",
    "blocks_swapped": "its grade depends on which text it reads first",
    "asked_again": "asked again it says something else: use --replicates, or another judge",
    "itself": "it does not call the reference itself good",
    "reworded": "other words for the same lower its grades",
    "reordered": "another order of the same sentences lowers its grades",
    "other_case": "a report on another patient is not poor to it",
    "empty": "an empty text is not poor to it",
    "normal": "a normal report on a sick patient is not poor to it",
}


def cards(found: Sequence[RaterCard]) -> Iterator[RenderableType]:
    """The card of each judge, and what it means."""
    for card in found:
        yield from _card(card)


def has_canaries(card: RaterCard) -> bool:
    """Whether the judge was tried with any."""
    return any(group.share.n or group.failures for group in card.groups)


def card_line(card: RaterCard) -> str:
    """The card in one line, to stand beside results."""
    missed = [
        f"{probe.replace('_', ' ')} {share.n - share.right} of {share.n} missed"
        for group in card.groups
        for probe, share in group.probes.items()
        if share.n > share.right
    ]
    right, n = sum(g.share.right for g in card.groups), sum(g.share.n for g in card.groups)
    said = f"judge card of {card.rater}: " + (
        f"{right}/{n} canaries right" if n else "no canaries (not tested)"
    )
    if missed:
        said += f" ({', '.join(missed)})"
    if card.same_family:
        said += f". Same family as {', '.join(card.same_family)}"
    return f"{said}. {_people(card)}"


def _card(card: RaterCard) -> Iterator[RenderableType]:
    if not has_canaries(card):
        yield Text(f"\ncard of {card.rater}: not tested, it has no canaries (--audit 40).")
    else:
        yield Text()
        yield table(
            [f"card of {card.rater}", "right", "95 %", "missed", "asked"],
            ([_SHOWN[group.asks], *_cells(group), group.asks] for group in card.groups),
            left=(0, 3, 4),
            wraps=(0, 3),
        )
    yield Text("\n".join(_sentences(card)))


def _cells(group: ProbeGroup) -> list[str]:
    share = group.share
    missed = {
        probe.replace("_", " "): one.n - one.right for probe, one in group.probes.items() if one.n > one.right
    }
    said = [f"{probe} {n}/{group.probes[probe.replace(' ', '_')].n}" for probe, n in missed.items()]  # type: ignore[index] # a probe, spelt with spaces
    return [
        f"{share.right}/{share.n}" if share.n else UNKNOWN,
        _interval(share) if share.tested else f"not tested (n {share.n})",
        ", ".join(said) or UNKNOWN,
    ]


def _interval(share: Share) -> str:
    if share.interval is None:
        return UNKNOWN
    return f"{100 * share.interval.low:.0f}\u2013{100 * share.interval.high:.0f}"


def _sentences(card: RaterCard) -> Iterator[str]:
    kinds: Counter[str] = Counter()
    for group in card.groups:
        kinds.update(group.failures)
    if kinds:
        yield (
            f"{counted(kinds.total(), 'canary has no grade and is', 'canaries have no grade and are')} in "
            f"no row: {counts(kinds)}."
        )
    for probe in card.faults:
        share = next(group.probes[probe] for group in card.groups if probe in group.probes)
        yield (
            f"Fault: {probe.replace('_', ' ')} ({share.n - share.right} of {share.n} missed): "
            f"{_WHAT_A_FAULT_MEANS[probe]}."
        )
    if card.flips.n:
        flipped = card.flips.n - card.flips.right
        low, high = (
            (1 - card.flips.interval.high, 1 - card.flips.interval.low) if card.flips.interval else (0, 1)
        )
        few = "" if card.flips.tested else " (fewer than 5: not tested)"
        yield (
            f"Replicates: {flipped} of "
            f"{counted(card.flips.n, 'pair of judgings differs', 'pairs of judgings differ')} "
            f"({100 * flipped / card.flips.n:.0f} % [{100 * low:.0f}\u2013{100 * high:.0f}]){few}."
        )
    else:
        yield "Replicates: not tested (--replicates 3)."
    if card.by_fallback:
        percent = 100 * card.by_fallback / card.judged
        of = f"{card.by_fallback} of {counted(card.judged, 'verdict is', 'verdicts are')}"
        yield f"{of} the fallback's ({percent:.0f} %)."
    if card.older:
        yield (
            f"{counted(card.older, 'verdict is', 'verdicts are')} of an older parse: medbench judge "
            "--stale grades anew."
        )
    if card.same_family:
        yield f"Same family as {', '.join(card.same_family)}."
    yield _people(card)
    for one in card.diagnoses:
        good = 100 * one.judged_good.right / one.judged_good.n
        low, high = 100 * one.interval.low, 100 * one.interval.high
        yield (
            f"  {one.system}: good {good:.0f} % by the judge; by its errors on the reviewed outputs "
            f"{100 * one.value:.0f} % [{low:.0f}\u2013{high:.0f}] (Rogan\u2013Gladen, a diagnosis)."
        )


def _people(card: RaterCard) -> str:
    if card.against_people is None or not card.against_people.n:
        return "No human has checked it (medbench review sheet)."
    parts = [f"same grade as people on {card.against_people.right} of {card.against_people.n}"]
    if card.sensitivity and card.sensitivity.n:
        parts.append(f"good found {card.sensitivity.right}/{card.sensitivity.n}")
    if card.specificity and card.specificity.n:
        parts.append(f"not good found {card.specificity.right}/{card.specificity.n}")
    return f"Checked by people: {', '.join(parts)}."
