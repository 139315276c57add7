"""A rater is its digest: two that share a name are two raters, with names that say what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run, verdict

from medbench.errors import InputError, UsageError
from medbench.schema.verdict import Verdict
from medbench.steps.compare.compare import compare_runs
from medbench.steps.compare.inputs import CompareOptions
from medbench.steps.reading.grades import grades_of
from medbench.steps.reading.judge_cards import cards_of
from medbench.steps.reading.raters import raters_of, with_unique_names
from medbench.steps.reading.score_columns import cases_of, score_table_of
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.runs import RunFolder

J = "j/matched-1"
OLD: dict[str, Any] = {"rater_digest": "a" * 64, "asked": "m-1", "rubric_digest": "r" * 64}
COOL = {"settings": {"temperature": 0, "max_tokens": 900}}
WARM = {"settings": {"temperature": 0.7, "max_tokens": 900}}


def _by(case: int, letter: str, **made_of: Any) -> Verdict:
    return verdict(f"case-{case:03d}", letter, J).model_copy(update=made_of)


def _run(root: Path, bench: BenchmarkFolder, name: str, *more: Verdict) -> RunFolder:
    run = graded_run(root / "runs" / bench.head.name / name, bench, "------", more=more)
    Rescorer("findings-2").rescore(run)
    return run


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({**COOL, "asked": "m-2"}, {f"{J} (model m-1)", f"{J} (model m-2)"}),
        (WARM, {f"{J} (temperature 0)", f"{J} (temperature 0.7)"}),
        ({"settings": {"temperature": 0}}, {f"{J} (aaaaaaaa)", f"{J} (bbbbbbbb)"}),
        ({**COOL, "rubric_digest": "s" * 64}, {f"{J} (rubric rrrrrrrr)", f"{J} (rubric ssssssss)"}),
        ({"asked": "m-2"}, {f"{J} (model m-1)", f"{J} (model m-2)"}),
        ({}, {f"{J} (aaaaaaaa)", f"{J} (bbbbbbbb)"}),
        ({"rater_digest": None}, {f"{J} (aaaaaaaa)", f"{J} (settings unknown)"}),
    ],
    ids=["model", "temperature", "a setting left out", "rubric", "older record", "unknown", "no digest"],
)
def test_names_say_what_differs(
    bench: BenchmarkFolder, tmp_path: Path, changes: dict[str, Any], names: set[str]
) -> None:
    """Inside one run: each digest has its own grades, its own card, and its own name on each screen."""
    first, second = OLD | COOL, OLD | {"rater_digest": "b" * 64} | changes
    run = _run(tmp_path, bench, "a", _by(0, "g", **first), _by(0, "o", **second), _by(1, "o", **second))
    found = grades_of(run, score_table_of(run, cases_of([run])))
    assert {rater: int(grades.graded.sum()) for rater, grades in found.items() if rater != "rules"} == dict(
        zip(sorted(names), (1, 2), strict=True)
    )
    assert {card.rater for card in cards_of([run])} == names
    assert {one.rater for one in with_unique_names([_by(0, "g", **first), _by(0, "g", **second)])} == names


def test_a_name_that_one_rater_has_stays_as_it_is(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Also where only some of its verdicts tell what it is made of."""
    known = OLD | COOL
    runs = [_run(tmp_path, bench, name, _by(0, "g", **made)) for name, made in {"a": OLD, "b": known}.items()]
    assert list(raters_of(runs).names.values()) == [J]


def test_runs_that_different_digests_graded_are_not_compared(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """The refusal says what differs; where both graded both, one is to be named."""
    cool, warm = OLD | COOL, OLD | WARM | {"rater_digest": "b" * 64}
    a = _run(tmp_path, bench, "a", *(_by(case, "g", **cool) for case in range(6)))
    b = _run(tmp_path, bench, "b", *(_by(case, "o", **warm) for case in range(6)))
    with pytest.raises(InputError, match=r"a: j/matched-1 \(temperature 0\); b: j/.* \(temperature 0.7\)"):
        compare_runs([a, b])
    c = _run(tmp_path, bench, "c", *(_by(n, letter, **by) for n in range(6) for letter, by in [("g", cool)]))
    assert compare_runs([a, c]).rater == J
    both = [_by(case, "g", **by) for case in range(6) for by in (cool, warm)]
    pair = [_run(tmp_path, bench, name, *both) for name in ("d", "e")]
    with pytest.raises(UsageError, match="2 raters are called 'j/matched-1', changed between") as caught:
        compare_runs(pair, None, CompareOptions(judge=J))
    assert caught.value.hint == f"--judge '{J} (temperature 0.7)'"
    named = compare_runs(pair, None, CompareOptions(judge=f"{J} (temperature 0.7)"))
    assert named.rater == f"{J} (temperature 0.7)"
    (agreement,) = [one for one in named.judgings if "rules" not in {one.a, one.b}]
    assert (agreement.n, agreement.same) == (12, 12)


def test_a_fallback_that_was_changed_is_said(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Its grades count under the judge's name: two models of them are two judges, in one run or two."""
    own = OLD | COOL
    pair = [
        _run(
            tmp_path,
            bench,
            name,
            *(_by(case, "g", **own) for case in range(5)),
            _by(5, "o", **own | {"by_fallback": True, "asked": deputy}),
        )
        for name, deputy in (("a", "f-1"), ("b", "f-2"), ("c", "f-1"))
    ]
    (said,) = [notice for notice in compare_runs(pair[:2]).notices if "fallback" in notice]
    assert said.startswith(f"the fallback of {J} was changed between: f-1, f-2.")
    assert not [notice for notice in compare_runs([pair[0], pair[2]]).notices if "fallback" in notice]
