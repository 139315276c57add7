"""The raters of some runs: a rater is its digest; two of one name are told apart by what differs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from medbench.steps.reading.verdict_book import RaterKey, made_of_verdict
from medbench.steps.reading.verdict_columns import verdict_columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from medbench.schema.verdict import Verdict
    from medbench.store.runs import RunFolder


class Raters(NamedTuple):
    """The raters of some runs."""

    names: Mapping[RaterKey, str]
    """A name for each that no other has."""
    by_fallback: Mapping[RaterKey, frozenset[str]]
    """The cases that its fallback grades for all of these runs; only its verdicts on them count."""
    fallbacks: Mapping[RaterKey, frozenset[str]] = {}
    """The models that stood in for it: of two, neither may grade one system of a pair alone."""


def raters_of(runs: Iterable[RunFolder]) -> Raters:
    """Return the raters that graded these runs."""
    columns = [verdict_columns(run) for run in runs]
    of_rater = {
        rater: [one for one in columns if rater in one.raters]
        for rater in dict.fromkeys(rater for one in columns for rater in one.raters)
    }
    parts = {
        rater: next((made_of for one in own if (made_of := one.made_of.get(rater))), {})
        for rater, own in of_rater.items()
    }
    return Raters(
        unique_names(parts),
        {
            rater: frozenset().union(*(one.by_fallback_alone(rater) for one in own))
            for rater, own in of_rater.items()
        },
        {
            rater: frozenset().union(*(one.fallback_models.get(rater, ()) for one in own))
            for rater, own in of_rater.items()
        },
    )


def with_unique_names(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return verdicts in which no two raters share a name."""
    verdicts = list(verdicts)
    parts: dict[RaterKey, dict[str, str]] = {}
    for verdict in verdicts:
        known = parts.setdefault(RaterKey.of(verdict), {})
        if not known and not verdict.by_fallback:
            known.update(made_of_verdict(verdict))
    names = unique_names(parts)
    return [verdict.model_copy(update={"rater": names[RaterKey.of(verdict)]}) for verdict in verdicts]


def unique_names(parts: Mapping[RaterKey, Mapping[str, str]]) -> dict[RaterKey, str]:
    """Return a name for each rater that no other has, such as 'j/matched-1 (temperature 0.7)'.

    Args:
        parts: Rater to what it is made of, see `made_of_verdict`; empty where that is unknown.
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
