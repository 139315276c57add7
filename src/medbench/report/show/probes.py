"""Results of a system's probes, in words and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Heading, table
from medbench.report.numbers import between, metric_name, percent, share
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.report.blocks import Block
    from medbench.schema.results.cards.probe_card import Drop, ProbeCard, Share

_NEEDS = {
    "none": "a picture",
    "blank": "the picture",
    "swap": "the case's own picture",
    "mirror": "left and right",
    "no-history": "the history",
}


def probe_card(card: ProbeCard) -> Iterator[Block]:
    """Yield what each probe does to the score, then what it does to sides and texts."""
    yield Heading(f"Probes of {card.system}")
    if card.drops:
        yield table(
            ["probe", metric_name(card.drops[0].metric), "under it", "drop", "95 %", "cases", ""],
            (_drop_row(drop) for drop in card.drops),
            left=(0, 6),
            wraps=(6,),
        )
    yield table(
        ["share", "of", "%", "95 %", ""],
        (row for row in _share_rows(card) if row),
        left=(0, 4),
        wraps=(0, 4),
    )


def _drop_row(drop: Drop) -> list[str]:
    needed = _NEEDS.get(drop.probe, drop.probe)
    return [
        drop.probe,
        share(drop.plain, 2),
        share(drop.under, 2),
        share(drop.drop.mean, 2),
        between(drop.drop.interval, of_points=False),
        f"{drop.drop.n:,}",
        f"needs {needed}" if drop.needed else f"no need of {needed} shown",
    ]


def _share_rows(card: ProbeCard) -> Iterator[list[str]]:
    alike = f"; of the references {percent(card.alike_references)} %"
    yield from _row(
        "sides as in the reference",
        card.right_sides,
        "finding",
        {
            "yes": "sides are right",
            "no": "left and right are exchanged",
            "not shown": "no better than a guess",
        },
    )
    yield from _row(
        "sides exchanged by a mirrored picture",
        card.flipped,
        "finding",
        {
            "yes": "sides follow the picture",
            "no": "sides do not follow the picture",
            "not shown": "not shown to follow the picture",
        },
    )
    yield from _row(
        "texts changed by another case's picture",
        card.swapped,
        "case",
        {
            "yes": "texts follow the picture",
            "no": "most texts stay",
            "not shown": "about half of the texts stay",
        },
    )
    yield from _row(
        "texts almost those of another topic",
        card.collapsed,
        "case",
        {
            "yes": "repeats a template" + alike,
            "no": "no template" + alike,
            "not shown": "no template shown" + alike,
        },
    )


def _row(name: str, value: Share | None, noun: str, says: dict[str, str]) -> Iterator[list[str]]:
    if value is None:
        return
    interval = value.share.interval
    ends = f"{percent(interval.low)}-{percent(interval.high)}" if interval else ""
    of = f"{value.hits:,} of {counted(value.share.n, noun)}"
    yield [name, of, percent(value.share.mean), ends, says[value.holds]]
