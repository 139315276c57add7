"""The raters of some runs: a rater is its digest; two of one name are told apart by what differs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from medbench.steps.reading.verdict_book import (
    RaterKey,
    VerdictBook,
    books_of,
    fallback_cases,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from medbench.schema.verdict import Verdict
    from medbench.store.runs import RunFolder


class Raters(NamedTuple):
    """The raters of some runs."""

    names: Mapping[RaterKey, str]
    """A name for each that no other has."""
    by_fallback: Mapping[RaterKey, frozenset[str]]
    """The cases that its fallback grades for all of these runs; see `counts`."""
    fallbacks: Mapping[RaterKey, frozenset[str]] = {}
    """The models that stood in for it: of two, neither may grade one system of a pair alone."""


def raters_of(runs: Iterable[RunFolder]) -> Raters:
    """Return the raters that graded these runs."""
    books: dict[RaterKey, list[VerdictBook]] = defaultdict(list)
    for run in runs:
        for rater, book in books_of(run).items():
            books[rater].append(book)
    return Raters(
        unique_names({rater: made_of(own) for rater, own in books.items()}),
        {rater: fallback_cases(own) for rater, own in books.items()},
        {rater: frozenset().union(*(book.fallback_models for book in own)) for rater, own in books.items()},
    )


def with_unique_names(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return verdicts in which no two raters share a name."""
    verdicts = list(verdicts)
    books: dict[RaterKey, VerdictBook] = defaultdict(VerdictBook)
    for verdict in verdicts:
        books[RaterKey.of(verdict)].add(verdict)
    names = unique_names({rater: made_of([book]) for rater, book in books.items()})
    return [verdict.model_copy(update={"rater": names[RaterKey.of(verdict)]}) for verdict in verdicts]


def made_of(books: Iterable[VerdictBook]) -> Mapping[str, str]:
    """Return what a rater is made of, from its verdicts on some runs; empty where that is unknown."""
    return next((book.made_of for book in books if book.made_of), {})


def unique_names(parts: Mapping[RaterKey, Mapping[str, str]]) -> dict[RaterKey, str]:
    """Return a name for each rater that no other has, such as 'j/matched-1 (temperature 0.7)'.

    Args:
        parts: Rater to what it is made of, from `made_of`.
    """
    by_name: dict[str, list[RaterKey]] = defaultdict(list)
    for rater in parts:
        by_name[rater.name].append(rater)
    names: dict[RaterKey, str] = {}
    for name, raters in by_name.items():
        marks = [""] if len(raters) == 1 else _marks(raters, [parts[rater] for rater in raters])
        names |= {rater: f"{name}{mark}" for rater, mark in zip(raters, marks, strict=True)}
    return names


def _marks(raters: list[RaterKey], parts: list[Mapping[str, str]]) -> list[str]:
    """Return what tells raters of one name apart; their digests where that is not known."""
    known = [part for part in parts[0] if all(part in one for one in parts)]
    differing = [part for part in known if len({one[part] for one in parts}) > 1]
    marks = [", ".join(f"{part} {one[part]}" for part in differing) for one in parts]
    if len(set(marks)) < len(marks):
        marks = [rater.digest[:8] if rater.digest else "settings unknown" for rater in raters]
    return [f" ({mark})" for mark in marks]
