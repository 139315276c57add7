"""The screen of `show --spent`: what was paid, for what, by model, run and day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Paragraph, table
from medbench.report.numbers import UNKNOWN, cost, used_and_up
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.report.blocks import Block
    from medbench.schema.account import Account, Sum


def spent_screen(account: Account) -> Iterator[Block]:
    """Yield a line for each purpose, model, run and day, the sum by purpose, and what is not in it."""
    if not account.sums:
        yield Paragraph("Nothing was paid: no call is recorded.")
        return
    rows = [[*line[:3], line.day or UNKNOWN, *_cells(some)] for line, some in sorted(account.sums.items())]
    header = ["for", "model", "run", "day", "calls", "paid", "reused"]
    yield table(header, rows, left=(0, 1, 2, 3), wraps=(1, 2))
    yield Blank()
    purposes = dict.fromkeys(line.purpose for line in sorted(account.sums))
    sums = [[name, *_cells(account.total(name))] for name in purposes]
    yield table(["for", "calls", "paid", "reused"], [*sums, ["total", *_cells(account.total())]])
    yield from map(Paragraph, _notes(account.total()))


def _cells(some: Sum) -> list[str]:
    return [
        f"{some.calls:,}" if some.calls else UNKNOWN,
        used_and_up(cost(some.known, some.unknown), some.up_usd) if some.calls or some.up_usd else UNKNOWN,
        f"{some.reused:,}: {cost(some.reused_usd, some.reused_unknown)}" if some.reused else UNKNOWN,
    ]


def _notes(whole: Sum) -> Iterator[str]:
    if whole.unknown:
        yield (
            f"Of {counted(whole.unknown, 'call')} the cost, or that of a try, is unknown: the total is the "
            "least that was paid."
        )
    if whole.up_usd:
        yield (
            "Up: the hours of endpoints that medbench put up, used or not, from the request until all was "
            "gone; used is a part of it."
        )
    if whole.reused:
        yield "Reused: paid for by another run, or before an import; in no sum of what was paid."
