"""The decision card as blocks, and as a page to print."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Heading, Paragraph, flush, table
from medbench.report.build import terms_of
from medbench.report.compare.conclusion import LOOKS
from medbench.report.inlined import shell
from medbench.report.numbers import UNKNOWN, cost, counts, few_names, percent, used_and_up
from medbench.schema.score import ALL_EQUAL
from medbench.sentences import counted, money, rounded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.report.blocks import Block
    from medbench.schema.results.cards.decision_card import DecisionCard
    from medbench.schema.score import Estimate

_LEFT = "Where the cases went"


def card_page(card: DecisionCard) -> str:
    """Return the card as a page that needs no network; the same card gives the same bytes."""
    return shell(
        "card/card.html",
        ("page/style.css", "card/card.css"),
        (),
        title=f"Decision card: {card.row.name}",
        head=list(card_head(card)),
        parts=list(card_parts(card)),
    )


def card_head(card: DecisionCard) -> Iterator[Block]:
    """Yield what the card says first: the system, and the urgent findings that it misses."""
    models = f" ({', '.join(card.models)})" if card.models else ""
    yield flush(
        f"{card.row.name}{models} on {counted(card.cases, 'case')} of {card.benchmark} ({card.source}), "
        f"{'imported ' * card.imported}{card.first_day}"
        f"{f' to {card.last_day}' * (card.last_day != card.first_day)}."
    )
    urgent = card.urgent
    if not urgent.findings:
        yield Paragraph("No urgent finding stands in the references of the answered cases.")
        return
    yield flush(
        f"Of 1,000 urgent findings it misses {_in_thousand(urgent.missed)}: "
        f"{round((urgent.missed.mean or 0) * urgent.findings)} of {counted(urgent.findings, 'finding')} in "
        f"{counted(urgent.outputs, 'answer')}."
    )
    yield flush(
        f"In 1,000 answers it states {_in_thousand(urgent.invented)} urgent findings that the radiologist's "
        "report does not have or denies."
    )
    if card.floor and card.floor.findings:
        sees = "copies the text of the image most alike" if card.floor.system == LOOKS else "sees no image"
        yield flush(
            f"For comparison, on the same cases: {card.floor.system}, which {sees}, misses "
            f"{_in_thousand(card.floor.missed)} and invents {_in_thousand(card.floor.invented)}."
        )


def card_parts(card: DecisionCard) -> Iterator[tuple[str, tuple[Block, ...]]]:
    """Yield the parts below, each with its title."""
    yield "Urgent findings by region", tuple(_regions(card))
    yield "Answers, dollars and seconds", tuple(_answers(card))
    yield _LEFT, tuple(_sent(card))
    yield "What this card cannot tell", tuple(Paragraph(line) for line in card.unknown)
    yield "What would settle it", tuple(_needed(card))


def card_screen(card: DecisionCard) -> Iterator[Block]:
    """Yield the card for a terminal."""
    yield from card_head(card)
    for title, blocks in card_parts(card):
        yield Heading(title)
        yield from blocks


def _regions(card: DecisionCard) -> Iterator[Block]:
    columns = (
        "region",
        "answers",
        "urgent findings",
        "missed in 1,000",
        "named with an error",
        "invented in 1,000",
    )
    rows = [
        [
            one.region or "all",
            f"{one.outputs:,}",
            f"{one.findings:,}",
            _in_thousand(one.missed),
            f"{one.wrong:,}",
            _in_thousand(one.invented),
        ]
        for one in (*card.regions, card.urgent)
    ]
    yield table(columns, rows)
    yield Paragraph(
        "missed: not named, or denied, of the urgent findings of the references. invented: urgent findings "
        "by 1,000 answers. [ ]: 95 % interval over independent groups of cases; ~: it may miss its level. "
        "Fewer than five are counts."
    )
    if card.unanswered:
        yield Paragraph(
            f"{counted(card.unanswered, 'urgent finding is', 'urgent findings are')} in cases without an "
            "answer, and in no rate."
        )


def _answers(card: DecisionCard) -> Iterator[Block]:
    row = card.row
    failed = f"; without: {counts(row.failures)}" if row.failures else ""
    left = f"; not run: {row.not_run}" if row.not_run else ""
    yield Paragraph(f"{row.n} of {counted(row.wanted, 'answer is', 'answers are')} there{failed}{left}.")
    if row.graded is None:
        yield Paragraph("Nothing was graded: what a good case costs is unknown. medbench judge grades.")
    else:
        good = row.graded.good
        ends = f" [{percent(good.interval.low)}-{percent(good.interval.high)}]" if good.interval else ""
        yield Paragraph(
            f"Good, by {row.graded.rater}: {percent(good.mean)} %{ends} of {counted(good.n, 'answer')}. "
            f"A good case: {_a_good_case(card)}."
        )
    yield Paragraph(
        f"All answers together: {used_and_up(cost(row.cost_usd, row.cost_unknown), row.cost_up_usd)}."
    )


def _sent(card: DecisionCard) -> Iterator[Block]:
    if card.imported:
        yield Paragraph("Its answers were made elsewhere and imported: by which way is not known.")
    for one in card.sent:
        way = f" by {one.provider}" if one.provider else ""
        where = f", {one.where}" if one.where else ""
        yield Paragraph(f"{one.purpose}: {one.model}{way}{where}; {counted(one.calls, 'call')}.")
    if not card.sent:
        yield Paragraph("To no model: it is a baseline, or its answers were made elsewhere.")
    if card.answered:
        yield Paragraph(f"Answered as {few_names(card.answered)}.")
    if card.bound_to:
        yield Paragraph(f"By the terms of their source they may be sent to {card.bound_to} only.")
    if terms := terms_of(card.source):
        yield Paragraph(terms)


def _needed(card: DecisionCard) -> Iterator[Block]:
    if card.findings_needed is None:
        yield Paragraph("No number can be named: no urgent finding was seen, or too few groups of cases.")
        return
    cases = f", which some {counted(card.cases_needed, 'case')} like these hold" if card.cases_needed else ""
    yield Paragraph(
        "To know the missed ones to within 50 in 1,000: about "
        f"{counted(card.findings_needed, 'urgent finding')}{cases}. "
        "Cases of your own, with your radiologists' reports: medbench build folder, or medbench build dicom."
    )
    yield Paragraph(f"benchmark {card.benchmark_digest[:16]}, {card.signature}")


def _in_thousand(estimate: Estimate) -> str:
    """Return '231 [180-290]'; the count alone where there are fewer than five."""
    if estimate.mean is None or not estimate.n:
        return UNKNOWN
    if estimate.n < 5:
        return f"{round(estimate.mean * estimate.n)} in {estimate.n}"
    interval = estimate.interval
    if interval is None:
        return _thousandths(estimate.mean)
    if interval.approximate == ALL_EQUAL:
        return f"{_thousandths(estimate.mean)} (all equal)"
    mark = "~" if interval.approximate else ""
    ends = f"{_thousandths(interval.low)}-{_thousandths(interval.high)}"
    return f"{_thousandths(estimate.mean)} [{ends}]{mark}"


def _thousandths(share: float) -> str:
    return f"{int(rounded(share, times=3)):,}"


def _a_good_case(card: DecisionCard) -> str:
    """Return what a good case takes; 'unknown', and why, where that cannot be said."""
    missing = sum(card.row.graded.missing.values()) if card.row.graded else 0
    if missing:
        return f"unknown dollars and seconds, since {counted(missing, 'answer has', 'answers have')} no grade"
    seconds, used = card.seconds_a_good_case, " used" if card.row.cost_up_usd else ""
    return (
        f"{money(card.usd_a_good_case)}{used}, {'unknown' if seconds is None else f'{seconds:.1f}'} seconds"
    )
