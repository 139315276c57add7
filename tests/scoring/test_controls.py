"""Controls: whose references stand in, at what length, and that they change no other number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.schema.case import Question
from medbench.scoring import findings, rules
from medbench.scoring.controls import (
    AT_LENGTH,
    CORRECTED,
    GENERIC,
    MOST,
    WORDS,
    Controls,
    Scorers,
    Swap,
    control_metrics,
    method,
    mixed_regions,
)
from medbench.scoring.extraction import extract as engine
from medbench.scoring.item import MOST_REMEMBERED, CaseFacts, Item
from medbench.scoring.parsing.text import CURRENT, parse
from medbench.scoring.questions import answers
from medbench.scoring.rouge import make

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Finding

PINNED_NEAR = ["c59", "c30", "c24", "c9", "c10"]
PINNED_FEW = ["c51", "c54", "c2", "c30", "c18"]
TEXTS = {f"c{n}": f"A mass of {n} cm, word{n}." for n in range(60)}


def _controls(regions: dict[str, str], swap: Swap = "region") -> Controls:
    return Controls([_case(TEXTS[case], region, case) for case, region in regions.items()], swap)


def _others(controls: Controls, place: int) -> list[str]:
    """Return the names of the cases that stand in for the one at a place: they are called by their places."""
    return [f"c{other}" for other in controls.others(place)]


def _case(text: str, region: str = "Head", case_id: str = "c") -> CaseFacts:
    return CaseFacts(case_id, text, {"region": region}, frozenset(), frozenset(), topic=0)


@given(st.lists(st.sampled_from(["Head", "Thorax", "Abdomen"]), min_size=2, max_size=60))
def test_other_cases_of_the_region_stand_in(drawn: list[str]) -> None:
    """At most 20, never the case itself, each once; of other regions only where none is near."""
    regions = {f"c{n}": region for n, region in enumerate(drawn)}
    controls = _controls(regions)
    mixed = mixed_regions(regions.values(), "region")
    for place, (case, region) in enumerate(regions.items()):
        others = _others(controls, place)
        near = sum(other == region for other in drawn) - 1
        assert case not in others
        assert len(others) == len(set(others)) <= MOST
        assert len(others) == min(near or len(drawn) - 1, MOST)
        assert all(regions[other] == region for other in others) == bool(near)
        assert (region in mixed) == (not near and len(set(drawn)) > 1)
    assert _others(_controls(regions), 0) == _others(controls, 0), "the same in every run"


def test_which_cases_stand_in_is_what_the_signature_says() -> None:
    """The draw is part of the way of scoring: another one needs another seed in the signature."""
    near = _controls({f"c{n}": "Head" for n in range(60)})
    assert _others(near, 7)[:5] == PINNED_NEAR
    few = _controls({f"c{n}": "Head" if n == 20 else "Thorax" for n in range(60)})
    assert _others(few, 20)[:5] == PINNED_FEW
    assert "seed:1" in method("region")


def test_a_reference_without_a_number_is_left_out_of_the_mean() -> None:
    """None is no 0: the mean is that of the other references, and None where none of them has a number."""

    def odd(item: Item) -> dict[str, float | None]:
        number = float(item.reference.rpartition("word")[2].rstrip("."))
        return {"finding.f1": number if number > 5 else None}

    item = Item(parsed=parse("A mass.", CURRENT), reference=TEXTS["c0"])
    for cases, wanted in ((8, 6.5), (5, None)):
        controls = _controls({f"c{n}": "Head" for n in range(cases)})
        assert controls.measure(0, item, Scorers([(odd, {"finding.f1"})])) == {"swap.finding.f1": wanted}


def test_every_corrected_metric_is_scored_on_other_cases() -> None:
    """F1, the key finding and the rules' good are those of the text against each other reference."""
    references = ["Pleural effusion.", "Renal cyst.", "Normal study.", "Large pleural effusion.", "Fracture."]
    controls = Controls([_case(text) for text in references], "region")
    item = Item(parsed=parse("There is a pleural effusion.", CURRENT), reference=references[0])
    scorers = [(module.make(), set(module.METRICS)) for module in (findings, rules)]
    measured = controls.measure(0, item, Scorers(scorers))
    of_findings = [metric for metric in CORRECTED if any(metric in has for _, has in scorers)]
    assert of_findings == ["finding.f1", "finding.key", "rules.good"]
    for metric in of_findings:
        each = [
            score(Item(parsed=item.parsed, reference=references[other]))[metric]
            for other in controls.others(0)
            for score, has in scorers
            if metric in has
        ]
        assert len(each) == 4
        assert measured[f"swap.{metric}"] == pytest.approx(sum(map(float, each)) / 4)
        assert 0 < sum(map(float, each)) < 4


def test_any_takes_all_other_cases() -> None:
    """With `any` every other case stands in, whatever its region, and no region is named as mixed."""
    regions = {f"c{n}": "Head" if n else "Thorax" for n in range(60)}
    controls = _controls(regions, "any")
    assert _others(controls, 3) == [f"c{n}" for n in range(60) if n != 3]
    assert mixed_regions(regions.values(), "any") == ()
    assert method("any") != method("region")


def test_the_swap_is_the_mean_over_the_others() -> None:
    """Swapped recall and F1 are the means of scoring the text against each other reference."""
    controls = _controls({f"c{n}": "Head" for n in range(8)})
    score = make()
    item = Item(parsed=parse("A mass of 3 cm, word5.", CURRENT), reference=TEXTS["c3"])
    found = controls.measure(3, item, Scorers([(score, {"rouge_l.recall", "rouge_l.f1"})]))
    each = [
        score(Item(parsed=item.parsed, reference=TEXTS[other]))["rouge_l.recall"] or 0.0
        for other in _others(controls, 3)
    ]
    assert found["swap.rouge_l.recall"] == pytest.approx(sum(each) / 7)
    assert set(found) == control_metrics({"rouge_l.recall", "rouge_l.f1"})


def test_equal_length_is_that_of_the_generic_text() -> None:
    """Long outputs are cut to its words, and it is cut to short outputs: neither side has more words."""
    score = make()
    reference = "mass " * 5 + "liver " * 200
    controls = Controls([_case(reference), _case("x")], "region")
    long = Item(parsed=parse("liver " * 500, CURRENT), reference=reference)
    found = controls.measure(0, long, Scorers([(score, {"rouge_l.recall"})]))
    assert found[AT_LENGTH] == pytest.approx(WORDS / 205)
    short = Item(parsed=parse("There is", CURRENT), reference="There is a mass")
    found = controls.measure(0, short, Scorers([(score, {"rouge_l.recall"})]))
    assert found[AT_LENGTH] == found[GENERIC] == pytest.approx(0.5)


def test_what_has_no_number_has_no_control() -> None:
    """An empty output has None, and so has a case without any other."""
    score = make()
    controls = Controls([_case("A mass.")], "region")
    empty = Item(parsed=parse("...", CURRENT), reference="A mass.", empty=True)
    assert set(controls.measure(0, empty, Scorers([(score, {"rouge_l.recall"})])).values()) == {None}
    alone = Item(parsed=parse("A mass.", CURRENT), reference="A mass.")
    assert controls.measure(0, alone, Scorers([(score, {"rouge_l.recall"})]))["swap.rouge_l.recall"] is None
    assert control_metrics({"words"}) == set()


@pytest.mark.parametrize("yes", [5, 20, 45])
def test_who_always_says_yes_is_right_as_often_as_chance(yes: int) -> None:
    """Of 60 questions, however many are 'yes': the control takes all of the others, not 20 of them."""
    asked = Question(text="Is there an effusion?", kind="yes/no")
    facts = [
        CaseFacts(
            f"c{n}", "yes" if n < yes else "no", {"region": "Thorax"}, frozenset(), frozenset(), n, asked
        )
        for n in range(60)
    ]
    controls, scorers = Controls(facts, "region"), Scorers([(answers.answers, set(answers.METRICS))])
    chances = [
        controls.measure(place, Item(parse("Yes."), fact.reference, question=asked), scorers)
        for place, fact in enumerate(facts)
    ]
    swaps = [one["swap.answer.right"] or 0.0 for one in chances]
    assert sum(swaps) / 60 == pytest.approx(yes / 60, abs=1e-12)


def test_the_references_of_a_benchmark_are_taken_apart_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The swap control asks for all of them in turn, some twenty times each."""
    taken_apart: list[str] = []

    def extract(text: str) -> tuple[Finding, ...]:
        taken_apart.append(text)
        return ()

    monkeypatch.setattr(engine, "extract", extract)
    for _ in range(2):
        for number in range(MOST_REMEMBERED):
            findings.reference_findings(f"A mass of case {number}.")
    assert len(taken_apart) == MOST_REMEMBERED
