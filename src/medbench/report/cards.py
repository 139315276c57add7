"""Cards of judges, and of metrics beside human ratings, as tables and sentences."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Paragraph, table
from medbench.report.numbers import DASH, UNKNOWN, between, counts, few_names, metric_name, percent, share
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.report.blocks import Block
    from medbench.schema.results.cards.rater_card import ProbeGroup, RaterCard, Share
    from medbench.schema.results.validation import Agreement, MetricValidation
    from medbench.schema.score import Interval

_SHOWN_METRICS = 9
"""Metrics of the table; all of them are in the record."""
_CONTENTS = {
    "must be good": "reference itself, reworded, reordered",
    "must be poor": "another case's, empty, normal",
    "must drop": "side, negation, size, invention",
    "must not rise": "padding, markdown",
    "must be ignored": "'grade this good' in disguise",
    "must stay": "blocks swapped, asked again",
}
_MEANING_OF_A_FAULT = {
    "side": "a wrong side passes: read 'good' as 'good, side unchecked'",
    "negation": "a negated key finding passes",
    "size": "a wrong size passes",
    "invention": "invented emergencies pass",
    "padding": "empty words raise its grades: longer outputs are favoured",
    "markdown": "layout raises its grades",
    "injection": "it obeys what the judged text demands: a system can set its own grade",
    "blocks_swapped": "its grade depends on which text it reads first",
    "asked_again": "asked again it says something else: use --replicates, or another judge",
    "itself": "it does not call the reference itself good",
    "reworded": "other words for the same lower its grades",
    "reordered": "another order of the same sentences lowers its grades",
    "other_case": "a report on another patient is not poor to it",
    "empty": "an empty text is not poor to it",
    "normal": "a normal report on a sick patient is not poor to it",
}


def cards(rater_cards: Sequence[RaterCard]) -> Iterator[Block]:
    """Yield the card of each judge and what it means."""
    for card in rater_cards:
        yield Blank()
        if has_canaries(card):
            yield table(
                [f"card of {card.rater}", "right", "95 %", "missed", "asked"],
                ([_CONTENTS[group.asks], *_cells(group), group.asks] for group in card.groups),
                left=(0, 3, 4),
                wraps=(0, 3),
            )
        else:
            yield Paragraph(f"card of {card.rater}: not tested, it has judged no canaries yet (--audit 40).")
        yield Paragraph("\n".join(_sentences(card)))


def has_canaries(card: RaterCard) -> bool:
    """Return True if the judge was given any canary."""
    return any(group.share.n or group.failures for group in card.groups)


def card_line(card: RaterCard) -> str:
    """Return the card in one line, for a place beside results."""
    missed = [
        f"{probe.replace('_', ' ')} {share.n - share.right} of {share.n} missed"
        for group in card.groups
        for probe, share in group.probes.items()
        if share.n > share.right
    ]
    right, n = sum(g.share.right for g in card.groups), sum(g.share.n for g in card.groups)
    line = f"judge card of {card.rater}: " + (
        f"{right}/{n} canaries of these runs right" if n else "no canaries (not tested)"
    )
    if missed:
        line += f" ({', '.join(missed)})"
    if card.same_family:
        line += f". Same family as {', '.join(card.same_family)}"
    if card.other_models:
        line += f". {_unasked(card)}"
    return f"{line}. {_people(card)}"


def _unasked(card: RaterCard) -> str:
    """Return the verdicts that another model gave than the one asked for."""
    by_number = sorted(card.other_models.items(), key=lambda item: -item[1])
    named = few_names([f"{number} {name}" for name, number in by_number])
    return f"Answered by another model than the one asked for: {named}"


def _cells(group: ProbeGroup) -> list[str]:
    share = group.share
    missed = [
        f"{probe.replace('_', ' ')} {part.n - part.right}/{part.n}"
        for probe, part in group.probes.items()
        if part.n > part.right
    ]
    return [
        f"{share.right}/{share.n}" if share.n else UNKNOWN,
        _interval(share) if share.tested else f"not tested (n {share.n})",
        ", ".join(missed) or UNKNOWN,
    ]


def _interval(share: Share) -> str:
    return UNKNOWN if share.interval is None else _ends(share.interval)


def _ends(interval: Interval) -> str:
    return f"{percent(interval.low)}{DASH}{percent(interval.high)}"


def _sentences(card: RaterCard) -> Iterator[str]:
    yield from _faults(card)
    yield _replicates(card)
    if card.by_fallback:
        of = f"{card.by_fallback} of {counted(card.judged, 'verdict is', 'verdicts are')}"
        yield f"{of} the fallback's ({percent(card.by_fallback / card.judged)} %)."
    if card.older:
        yield (
            f"{counted(card.older, 'verdict is', 'verdicts are')} of an older parse: medbench judge "
            "--stale grades them again."
        )
    if card.other_models:
        yield f"{_unasked(card)}."
    if card.same_family:
        yield f"Same family as {', '.join(card.same_family)}."
    yield _people(card)
    for diagnosis in card.diagnoses:
        judged = diagnosis.judged_good
        yield (
            f"  {diagnosis.system}: good {percent(judged.right / judged.n)} % by the judge; by its errors on "
            f"the reviewed outputs {percent(diagnosis.value)} % [{_ends(diagnosis.interval)}] "
            "(Rogan\N{EN DASH}Gladen, a diagnosis)."
        )


def _faults(card: RaterCard) -> Iterator[str]:
    failures: Counter[str] = Counter()
    for group in card.groups:
        failures.update(group.failures)
    if failures:
        canaries = counted(failures.total(), "canary has no grade and is", "canaries have no grade and are")
        yield f"{canaries} in no row: {counts(failures)}."
    for probe in card.faults:
        share = next(group.probes[probe] for group in card.groups if probe in group.probes)
        yield (
            f"Fault: {probe.replace('_', ' ')} ({share.n - share.right} of {share.n} missed): "
            f"{_MEANING_OF_A_FAULT[probe]}."
        )


def _replicates(card: RaterCard) -> str:
    same = card.flips
    if not same.n:
        return "Replicates: not tested (--replicates 3)."
    flipped = same.n - same.right
    low, high = (1 - same.interval.high, 1 - same.interval.low) if same.interval else (0, 1)
    few = "" if same.tested else " (fewer than 5: not tested)"
    return (
        f"Replicates: {flipped} of "
        f"{counted(same.n, 'pair of judgings differs', 'pairs of judgings differ')} "
        f"({percent(flipped / same.n)} % [{percent(low)}{DASH}{percent(high)}]){few}."
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


def validation(found: MetricValidation) -> Iterator[Block]:
    """Yield the table, then what it rests on."""
    header = ("metric", "n", "Kendall's tau-b", "Spearman's rho", "pairs in order")
    rows = (
        [metric_name(one.metric), str(one.tau.n), *map(_agreement, (one.tau, one.rho, one.preference))]
        for one in found.metrics[:_SHOWN_METRICS]
    )
    yield table(header, rows)
    rated = f"{counted(found.candidates, 'candidate')} of {counted(found.references, 'reference')}"
    raters = f" rated by {counted(found.raters, 'rater')}" if found.raters else ""
    yield Paragraph(
        f"{rated}{raters}; {counted(found.pairs, 'pair')} of candidates of one reference of which people "
        f"prefer one. 95 % intervals over {counted(found.groups, 'group')}."
    )
    unmeasured = max((one.unmeasured for one in found.metrics[:_SHOWN_METRICS]), default=0)
    if unmeasured:
        yield Paragraph(
            f"Left out where a metric has no number: up to {counted(unmeasured, 'candidate')}, such as those "
            "of a reference in which no finding is known."
        )


def _agreement(agreement: Agreement) -> str:
    if agreement.value is None:
        return UNKNOWN
    return f"{share(agreement.value)} {between(agreement.interval, of_points=False)}".strip()
