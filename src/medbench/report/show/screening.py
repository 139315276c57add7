"""The yes and no of screening systems in numbers, by finding and all together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Heading, Paragraph, table
from medbench.report.numbers import mean, rate
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from medbench.report.blocks import Block, Span
    from medbench.schema.results.cards.screening_card import ScreeningCard, ScreeningRow

_TRUTH = (
    "Present, denied and not said: by the references, as the finding scorer reads them; what they doubt or "
    "call past counts nowhere. They leave out most of what is absent, and some of what is there: the second "
    "table takes all that is not said for absent. AUC by the confidences (DeLong's interval over topics); "
    "PPV and NPV are those of these cases."
)


def screening_cards(cards: Sequence[ScreeningCard]) -> Iterator[Block]:
    """Yield the numbers of each finding, system after system; nothing where none screens."""
    for card in cards:
        yield Heading(f"Screening of {card.system} ({counted(len(card.findings), 'finding')})")
        yield from _tables("finding", [(row.finding, row) for row in (*card.findings, card.together)])
        yield from _without(card)
    if cards:
        yield Paragraph(_TRUTH)


def screening_systems(cards: Sequence[ScreeningCard]) -> Iterator[Block]:
    """Yield a row for each system, all findings together; nothing where none screens."""
    if cards:
        yield Heading("Screening, all findings together")
        yield from _tables("system", [(card.system, card.together) for card in cards])
        for card in cards:
            yield from _without(card)
        yield Paragraph(_TRUTH)


def _tables(what: str, rows: Iterable[tuple[str, ScreeningRow]]) -> Iterator[Block]:
    """Yield what the references say, then what follows if they pass over nothing that is there."""
    rows = list(rows)
    yield table(
        [what, "present", "sensitivity %", "denied", "specificity %", "AUC"],
        (_said(name, row) for name, row in rows),
        wraps=(0,),
    )
    yield Blank()
    yield table(
        ["not said is absent", "absent", "specificity %", "PPV %", "NPV %", "AUC"],
        (_unsaid_absent(name, row) for name, row in rows),
        wraps=(0,),
    )


def _said(name: str, row: ScreeningRow) -> list[str | Span]:
    return [
        name,
        f"{row.present:,}",
        rate(row.sensitivity),
        f"{row.denied:,}",
        rate(row.said.specificity),
        mean(row.said.auc),
    ]


def _unsaid_absent(name: str, row: ScreeningRow) -> list[str | Span]:
    rates = row.unsaid_absent
    return [
        name,
        f"{row.denied + row.unsaid:,}",
        rate(rates.specificity),
        rate(rates.ppv),
        rate(rates.npv),
        mean(rates.auc),
    ]


def _without(card: ScreeningCard) -> Iterator[Block]:
    """Yield what has no answer, or no truth, and so is in no rate."""
    asked = card.wanted * len(card.findings)
    silent = asked - card.together.answered
    why = [
        f"{counted(number, 'output')} {what}"
        for number, what in ((card.failed, "missing or failed"), (card.unreadable, "without a yes or no"))
        if number
    ]
    if silent:
        because = f" ({', '.join(why)})" if why else ""
        yield Paragraph(f"{card.system}: {silent:,} of {asked:,} answers missing{because}: in no rate.")
    if card.together.unclear:
        yield Paragraph(f"{card.system}: {card.together.unclear:,} of {asked:,} unclear: in no rate.")
    if card.unmeasured:
        yield Paragraph(f"{card.system}: not in the vocabulary: {', '.join(card.unmeasured)}.")
