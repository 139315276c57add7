"""The answer of a watch in words, and its days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.report.blocks import Paragraph, flush, table
from medbench.report.numbers import UNKNOWN, between, counts, few_names, p_value, share
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.report.blocks import Block
    from medbench.schema.results.watch import Watch, WatchedDay

_WORDS: Final = {
    "changed": "changed",
    "same": "no change seen",
    "first": "first day",
    "undecided": "undecided",
}
_COLUMNS: Final = (
    "day",
    "result",
    "answered by",
    "answers",
    "same text",
    "within",
    "across",
    "p",
)


def watch_screen(watch: Watch) -> Iterator[Block]:
    """Yield the result of the last day, then all days."""
    yield flush(_conclusion(watch))
    yield table(_COLUMNS, map(_cells, watch.days), left=(0, 1, 2))
    if len(watch.days) > 1:
        yield Paragraph(
            f"Each day is compared with {watch.against}, on {watch.benchmark}. same text: cases whose first "
            "answers are equal letter by letter. within, across: how alike two answers of one day are, and "
            "two of different days (share of their words in the same order, 0 to 1). p: chance of such a gap "
            "or a larger one if nothing changed (permutation test, one-sided); below .01 counts as changed. "
            "The two answers of a day are asked at about the same time: what varies by the hour looks like a "
            "change. [ ]: 95 % interval; ~: it may miss its level."
        )
    if watch.left_out:
        days = few_names(watch.left_out)
        yield Paragraph(f"Left out, with other settings, another prompt or benchmark: {days}.")


def _conclusion(watch: Watch) -> str:
    day = watch.days[-1]
    head = f"{_WORDS[day.outcome].capitalize()}: {watch.system} on {day.day}"
    if day.outcome == "first":
        return f"{head}, {counted(day.answers, 'answer')}. Another day is needed to compare with."
    gap = ""
    if day.interval is not None and day.within is not None and day.across is not None:
        ends = between(day.interval, of_points=False)
        gap = (
            f"; answers of different days are {share(day.across, 2)} alike, those of one day "
            f"{share(day.within, 2)}, difference {share(day.across - day.within, 2)} {ends}, "
            f"{counted(day.cases, 'case')}"
        )
    why = f": {'; '.join(day.reasons)}" if day.reasons else ""
    return f"{head}{why}{gap}."


def _cells(day: WatchedDay) -> list[str]:
    return [
        day.day,
        _WORDS[day.outcome],
        few_names(day.models) or "not said",
        ", ".join([f"{day.answers}", *[counts(day.failures)] * bool(day.failures)]),
        f"{day.same_texts} of {day.cases}" if day.cases else UNKNOWN,
        share(day.within, 2),
        share(day.across, 2),
        p_value(day.p),
    ]
