"""The screens of `compare` that show more than the summary: all of it, or one part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.report.blocks import Blank, Paragraph, Span
from medbench.report.cards import card_line, cards, has_canaries
from medbench.report.compare.comparison import tables, title
from medbench.report.compare.conclusion import conclusions
from medbench.report.compare.pairs import agreement, cases_to_look_at, pair_tests, strata
from medbench.report.compare.summary import clear_table, summary
from medbench.report.show.screening import screening_cards
from medbench.sentences import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.report.blocks import Block
    from medbench.schema.results.comparison import Comparison


_LONG = 36
"""A command of so many characters is not repeated."""


def whole(comparison: Comparison) -> Iterator[Block]:
    """Yield the screen of `compare --full`: the summary, then every table and part."""
    yield from summary(comparison)
    yield Blank()
    yield from tables(comparison)
    yield from _pairs(comparison)
    yield from strata(comparison)
    yield from screening_cards(comparison.screening)
    yield from _raters(comparison)
    yield Blank()
    yield Paragraph(Span("\n".join([*comparison.signatures.values(), comparison.resampling]), "muted"))


def chosen(comparison: Comparison, *, by: str | None, pairs: bool, raters: bool) -> list[Block]:
    """Return the parts that were asked for, below the title; none of them for nothing.

    Raises:
        UsageError: There are no such parts of the benchmark.
    """
    parts: list[Block] = []
    if pairs:
        parts += _pairs(comparison)
    if by is not None:
        known = list(dict.fromkeys(stratum.by for stratum in comparison.strata))
        if by not in known:
            hint = f"--by {known[0]}   (or {', '.join(known[1:])})" if known else "medbench compare --full"
            raise UsageError(f"no pair of these systems is shown by '{by}'.", hint)
        parts += strata(comparison, by)
    if raters:
        parts += _raters(comparison)
    return [title(comparison), *parts] if by is not None or pairs or raters else []


def _pairs(comparison: Comparison) -> Iterator[Block]:
    yield Blank()
    yield from conclusions(comparison)
    if len(comparison.systems) > 2:
        yield from clear_table(comparison)
    yield from pair_tests(comparison)
    yield from cases_to_look_at(comparison)


def _raters(comparison: Comparison) -> Iterator[Block]:
    """Yield the card of each judge, whole where it was tested, and how far raters agree."""
    for card in comparison.cards:
        if has_canaries(card):
            yield from cards([card])
        else:
            yield Blank()
            yield Paragraph(card_line(card))
    yield from agreement(comparison)


def next_lines(comparison: Comparison, runs: Sequence[str], *, full: bool) -> Iterator[tuple[str, str]]:
    """Yield what to type next: a case to look at, and the rest of the numbers."""
    graded = [pair.graded for pair in comparison.pairs if pair.conclusion and pair.graded]
    apart = [case for pair in graded for case in (*pair.only_a, *pair.only_b)]
    case = next(iter(apart), comparison.example)
    if case:
        yield line_of("show", case), "one case, with every output"
    if not full:
        line = line_of("compare", *runs, "--full")
        short = line if len(line) < _LONG else "the same line with --full"
        yield short, "all; a part: --by, --pairs, --raters"
    if len(comparison.systems) == 1:
        yield line_of("run", comparison.benchmark, "-m", "NAME"), "another system"
    elif comparison.rater is None and not comparison.systems[0].name.startswith("baseline-"):
        yield line_of("judge", *runs, "--dry-run"), "what grades by a judge cost"
