"""A describer who sees exactly what was drawn scores high in any words and layout, a wrong one does not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from statistics import fmean

import pytest
from describers import DESCRIBERS, LAYOUTS, notes

from medbench.schema.reference import KnownFinding, Reference
from medbench.scoring.findings import measured
from medbench.scoring.parsing.text import parse
from medbench.store.benchmark import find_benchmark

Findings = tuple[KnownFinding, ...]


_OTHER_SIDE = {"left": "right", "right": "left"}
AIM = 0.95
BELOW_AIM = {("wordy", "organs"): 0.94}
"""Describers and layouts that do not reach the aim, with what they reach."""


@cache
def abnormal() -> tuple[tuple[str, Reference, Findings], ...]:
    """Region, reference and findings of the abnormal cases of phantom-200."""
    benchmark = find_benchmark("phantom-200")
    return tuple(
        (case.region, reference, reference.known_findings)
        for case, reference in zip(benchmark.cases(), benchmark.references(), strict=True)
        if reference.known_findings
    )


def f1(reference: Reference, output: str) -> float:
    """Finding F1 of an output; 0 where nothing is read in it."""
    return measured(reference.text, parse(output).findings or "").f1 or 0.0


def mean_f1(
    describer: str, layout: str, seen: Callable[[int], Findings], cases: list[int] | None = None
) -> float:
    """Mean over the abnormal cases, or these, of a describer who sees the findings that `seen` returns."""
    scores = []
    for at in range(len(abnormal())) if cases is None else cases:
        region, reference, _ = abnormal()[at]
        scores.append(f1(reference, LAYOUTS[layout](notes(describer, region, seen(at)))))
    return fmean(scores)


def as_drawn(at: int) -> Findings:
    """The findings of that case."""
    return abnormal()[at][2]


def on_the_other_side(at: int) -> Findings:
    """The findings of that case with left and right swapped."""
    return tuple(
        finding.model_copy(update={"side": _OTHER_SIDE.get(finding.side or "", finding.side)})
        for finding in as_drawn(at)
    )


def of_another_case(at: int) -> Findings:
    """The findings of the next case of the region that shares none of its kinds."""
    region, _, findings = abnormal()[at]
    kinds = {finding.kind for finding in findings}
    cases = abnormal()[at + 1 :] + abnormal()[:at]
    return next(
        other for place, _, other in cases if place == region and kinds.isdisjoint(one.kind for one in other)
    )


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("describer", DESCRIBERS)
def test_a_perfect_describer_is_read(describer: str, layout: str) -> None:
    """Mean F1 over the 160 abnormal cases, in each describer's words and each layout."""
    assert mean_f1(describer, layout, as_drawn) >= BELOW_AIM.get((describer, layout), AIM)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_wrong_side_costs(layout: str) -> None:
    """On cases with a side, the same words with left and right swapped score clearly lower."""
    sided = [at for at in range(len(abnormal())) if on_the_other_side(at) != as_drawn(at)]
    assert len(sided) > 90
    right = mean_f1("resident", layout, as_drawn, sided)
    assert mean_f1("resident", layout, on_the_other_side, sided) < right - 0.25


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_findings_of_another_case_earn_little(layout: str) -> None:
    """A well-written report on another patient of the region is worth nearly nothing."""
    assert mean_f1("resident", layout, of_another_case) < 0.2


def test_every_kind_has_words_of_every_describer() -> None:
    """No text has an empty place, and the same findings in other words are other texts."""
    for region, _, findings in abnormal():
        texts = [LAYOUTS["prose"](notes(describer, region, findings)) for describer in DESCRIBERS]
        assert len(set(texts)) == len(DESCRIBERS)
        assert not any("  " in text or "{" in text or " ," in text for text in texts)
