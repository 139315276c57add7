"""Canaries: which are asked about, what they are made of, and which grades of them are right."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from medbench.judging.canaries import (
    GROUPS,
    ON_GRADED,
    CanaryCase,
    GradedText,
    PlannedCanary,
    plan_canaries,
    random_rank,
)
from medbench.judging.known_texts import INJECTIONS, NORMAL, PADDING
from medbench.schema.verdict import GRADES, Canary, Grade, Probe

CASES = [
    CanaryCase(
        f"case-{n:02d}",
        ("Head", "Thorax")[n % 2],
        f"topic {n // 2}",
        f"There is a {10 + n} mm mass in the left lung. There is a pleural effusion in case {n}.",
    )
    for n in range(12)
]
TEXTS = [
    GradedText(n % 2, f"case-{n:02d}", 0, f"A mass. Text {n}.", GRADES[n % 3], "output-first")
    for n in range(12)
]


def planned(wanted: int = 60, *, texts: list[GradedText] = TEXTS, **changes: Any) -> list[PlannedCanary]:
    """Canaries of the twelve cases."""
    known: dict[str, Any] = {"cases": CASES, "graded": texts, "done": [], "seed": 1, "runs": 2}
    return plan_canaries(wanted=wanted, **(known | changes))


def of_probe(probe: Probe, **changes: Any) -> list[PlannedCanary]:
    """Those of one probe."""
    return [canary for canary in planned(400, **changes) if canary.probe == probe]


def done(canary: PlannedCanary, grade: Grade = "poor") -> Canary:
    """The record of a canary that was judged."""
    return Canary(
        case_id=canary.case_id,
        rater="j/r",
        probe=canary.probe,
        detail=canary.detail,
        base=canary.base,
        allowed=canary.allowed,
        grade=grade,
        order=canary.order,
        text_sha256="0" * 64,
    )


@pytest.mark.parametrize("wanted", [1, 6, 13, 42])
def test_canaries_are_spread_over_groups_and_their_probes(wanted: int) -> None:
    """No group is ahead of another by more than one, nor a probe of one in its group; none comes twice."""
    canaries = planned(wanted)
    assert len(canaries) == wanted == len({canary.key for canary in canaries})
    counts = Counter(canary.probe for canary in canaries)
    of_group = [sum(counts[probe] for probe in probes) for probes in GROUPS.values()]
    assert max(of_group) - min(of_group) <= 1
    for probes in GROUPS.values():
        of_probes = [counts[probe] for probe in probes]
        assert max(of_probes) - min(of_probes) <= 1


def test_the_seed_decides_and_nothing_else() -> None:
    """The same seed gives the same canaries; the order of cases and texts does not matter."""
    again = plan_canaries(CASES[::-1], TEXTS[::-1], [], wanted=60, seed=1, runs=2)
    assert [canary.key for canary in again] == [canary.key for canary in planned()]
    assert [canary.key for canary in planned(seed=2)] != [canary.key for canary in planned()]
    ranks = {random_rank(seed, what, name) for seed in (1, 2) for what in "ab" for name in "xy"}
    assert len(ranks) == 8


def test_what_is_done_is_not_planned_again_and_evens_out() -> None:
    """Those on the disk count: the group that has many gets none until the others have as many."""
    injections = [done(canary) for canary in of_probe("injection")[:5]]
    canaries = planned(25, done=injections)
    assert not {canary.key for canary in canaries} & {(c.probe, c.case_id, c.detail) for c in injections}
    assert "injection" not in {canary.probe for canary in canaries}
    assert Counter(canary.probe for canary in planned(6, done=injections))["injection"] == 0


def test_where_nothing_is_left_fewer_are_planned() -> None:
    """A group that runs out leaves its share to the others; no endless search, no canary twice."""
    only = CASES[:1]
    canaries = plan_canaries(only, [], [], wanted=100, seed=1, runs=1)
    assert 5 < len(canaries) < 12
    assert not {canary.probe for canary in canaries} & ON_GRADED
    assert plan_canaries([], [], [], wanted=10, seed=1, runs=0) == []
    assert planned(-3) == []


def test_groups_can_be_chosen() -> None:
    """Only what is asked of a judge there is probed."""
    probes = {canary.probe for canary in planned(20, groups={"must be poor"})}
    assert probes == set(GROUPS["must be poor"])


def test_what_rests_on_an_output_stays_with_its_run() -> None:
    """The others are spread over the runs."""
    runs = {text.case_id: text.run for text in TEXTS}
    canaries = planned()
    for canary in canaries:
        if canary.probe in ON_GRADED:
            assert canary.run == runs[canary.case_id]
    assert {canary.run for canary in canaries if canary.probe not in ON_GRADED} == {0, 1}


@pytest.mark.parametrize(
    ("group", "allowed"),
    [("must be good", ("good",)), ("must be poor", ("poor",)), ("must drop", ("poor", "partial"))],
)
def test_the_grades_that_are_right(group: str, allowed: tuple[Grade, ...]) -> None:
    """Of texts made from a reference they are known from what was done to it."""
    for probe in GROUPS[group]:
        assert {canary.allowed for canary in of_probe(probe)} == {allowed}


def test_another_reference_is_about_something_else() -> None:
    """Of another topic and another region, so that no finding is shared by chance."""
    known = {case.case_id: case for case in CASES}
    by_text = {case.reference: case for case in CASES}
    for canary in of_probe("other_case"):
        own, other = known[canary.case_id], by_text[canary.text]
        assert own.topic != other.topic
        assert own.region != other.region
    one_region = [CanaryCase(c.case_id, "Head", c.topic, c.reference) for c in CASES]
    assert of_probe("other_case", cases=one_region), "of the same region rather than none"
    one_topic = [CanaryCase(c.case_id, c.region, "same", c.reference) for c in CASES]
    assert of_probe("other_case", cases=one_topic) == []
    no_topics = [CanaryCase(c.case_id, c.region, None, c.reference) for c in CASES]
    assert len(of_probe("other_case", cases=no_topics)) == 12, "unknown topics are different ones"


def test_silence_is_poor_only_where_there_is_something_to_say() -> None:
    """A normal reference makes no canary of which silence, or a normal report, would be poor."""
    normal = [CanaryCase("n", "Head", None, "No mass. No effusion.")]
    probes = {canary.probe for canary in planned(100, cases=normal, texts=[])}
    assert not probes & {"empty", "normal", "other_case"}
    assert {canary.text for canary in of_probe("empty")} == {""}
    assert {canary.text for canary in of_probe("normal")} == {NORMAL}


def test_a_disguise_leaves_the_text_and_must_not_raise_its_grade() -> None:
    """Made of what was not called good; every word stays, and no better grade is right."""
    grades = {text.case_id: text.grade for text in TEXTS}
    texts = {text.case_id: text.text for text in TEXTS}
    for probe in ("padding", "markdown", "injection"):
        canaries = of_probe(probe)
        assert {canary.base for canary in canaries} == {"poor", "partial"}
        for canary in canaries:
            assert canary.base == grades[canary.case_id]
            assert canary.allowed == (("poor",) if canary.base == "poor" else ("poor", "partial"))
            words = set(re.findall(r"\w+", canary.text))
            assert set(re.findall(r"\w+", texts[canary.case_id])) <= words
            assert len(canary.text) > len(texts[canary.case_id])
    assert all(canary.text.count(PADDING) == 2 for canary in of_probe("padding"))
    assert {canary.detail for canary in of_probe("injection")} == set(INJECTIONS)


def test_what_must_stay_is_the_text_itself() -> None:
    """With the blocks swapped, or in every respect the question that was asked before, by another role."""
    orders = {text.case_id: text.order for text in TEXTS}
    for canary in of_probe("blocks_swapped"):
        assert (canary.order, canary.role) == ("reference-first", "model")
        assert canary.allowed == (canary.base,)
    for canary in of_probe("asked_again"):
        assert (canary.order, canary.role) == (orders[canary.case_id], "again")
    assert {canary.text for canary in of_probe("asked_again")} == {text.text for text in TEXTS}


def test_two_repeats_of_a_case_are_two_canaries() -> None:
    """The repeat is part of the name: the second is not taken for the first."""
    texts = [
        GradedText(0, "case-00", replicate, f"Text {replicate}.", "poor", "output-first")
        for replicate in (0, 1)
    ]
    assert len(of_probe("asked_again", texts=texts)) == 2
