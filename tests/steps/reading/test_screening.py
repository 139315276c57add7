"""The table of a screening run against figures that were counted by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from statsmodels.stats.proportion import proportion_confint

import medbench as mb
from medbench.prompts.prompt import load_prompt
from medbench.schema.case import Case
from medbench.schema.reference import Reference
from medbench.schema.response import Failure
from medbench.schema.results.cards.screening_card import ScreeningCard
from medbench.schema.run import Event, ModelUse, Output, PromptUse, System
from medbench.schema.score import Estimate
from medbench.steps.reading import screening as module
from medbench.steps.reading.screening import screening_card
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one, write_records
from medbench.store.runs import EVENTS, HEAD, OUTPUTS, RunFolder, new_head

REFERENCES = (
    "There is a mass in the left lung.",
    "There is a mass in the right kidney. No fracture.",
    "No mass. No fracture.",
    "There is a rib fracture. No mass.",
    "Possible mass.",
    "The heart is enlarged.",
    "There is a mass in the liver.",
    "No mass.",
)
SAID: tuple[dict[str, tuple[str, float]] | str | None, ...] = (
    {"mass": ("yes", 0.9), "fracture": ("no", 0.8)},
    {"mass": ("no", 0.6), "fracture": ("yes", 0.7)},
    {"mass": ("no", 0.9), "fracture": ("no", 0.5)},
    {"mass": ("yes", 0.3), "fracture": ("yes", 0.9)},
    {"mass": ("yes", 0.8)},
    {"mass": ("no", 1.0), "fracture": ("yes", 7.0)},
    None,  # the call failed
    "I see no mass.",
)
SCHEMA = {
    "properties": {
        "findings": {
            "items": {
                "properties": {
                    "finding": {"enum": ["mass", "fracture", "sparkle"]},
                    "present": {"enum": ["yes", "no"]},
                }
            }
        }
    }
}


def _reference(case: Case) -> Reference:
    number = int(case.case_id.split("-")[1])
    return Reference(case_id=case.case_id, source_id=case.case_id, text=REFERENCES[number])


def _text(said: dict[str, tuple[str, float]] | str) -> str:
    if isinstance(said, str):
        return said
    rows = [{"finding": name, "present": yes, "confidence": sure} for name, (yes, sure) in said.items()]
    return json.dumps({"findings": rows})


def _write(folder: Path, bench: BenchmarkFolder, **system: Any) -> RunFolder:
    folder.mkdir(parents=True)
    made = System(
        name=folder.name,
        family="other",
        pipeline="single",
        model=ModelUse(name="m", provider="echo", id="m"),
        **system,
    )
    write_one(folder / HEAD, new_head(folder, bench, made, "medbench run"))
    write_records(folder / EVENTS, [Event(at="2026", kind="started", pid=1, replicates=1)])
    outputs = [
        Output(case_id=case.case_id, case_digest=case.digest, text=_text(said))
        if said is not None
        else Output(
            case_id=case.case_id,
            case_digest=case.digest,
            failure=Failure(kind="refused", reason="no", final=True),
        )
        for case, said in zip(bench.cases(), SAID, strict=True)
    ]
    write_records(folder / OUTPUTS, outputs)
    return RunFolder(folder)


@pytest.fixture
def run(tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]) -> RunFolder:
    """A run of a prompt that asks for a mass, a fracture, and something that there is not."""
    bench = write_benchmark(tmp_path / "cases", len(REFERENCES), reference=_reference)
    return _write(tmp_path / "runs" / "cases" / "asks", bench, settings={"response_schema": SCHEMA})


def _of(estimate: Estimate) -> tuple[int, int, int]:
    """Hits, answers, and what has no answer."""
    return round((estimate.mean or 0) * estimate.n), estimate.n, estimate.missing


def _numbers(card: ScreeningCard) -> dict[str, dict[str, Any]]:
    return {
        row.finding: {
            "truth": (row.present, row.denied, row.unsaid, row.unclear, row.answered),
            "sensitivity": _of(row.sensitivity),
            "said": [_of(getattr(row.said, name)) for name in ("specificity", "ppv", "npv")],
            "absent": [_of(getattr(row.unsaid_absent, name)) for name in ("specificity", "ppv", "npv")],
            "auc": [(one.auc.n, one.auc.missing) for one in (row.said, row.unsaid_absent)],
        }
        for row in (*card.findings, card.together)
    }


def test_each_number_is_the_one_that_was_counted_by_hand(run: RunFolder) -> None:
    """Failures, prose and findings without an answer are missing, and never a no."""
    card = screening_card(run)
    assert card is not None
    assert (card.wanted, card.failed, card.unreadable, card.unmeasured) == (8, 1, 1, ("sparkle",))
    assert _numbers(card) == {
        "mass": {
            "truth": (3, 3, 1, 1, 6),
            "sensitivity": (1, 2, 1),
            "said": [(1, 2, 1), (1, 2, 2), (1, 2, 2)],
            "absent": [(2, 3, 1), (1, 2, 2), (2, 3, 2)],
            "auc": [(4, 2), (5, 2)],
        },
        "fracture": {
            "truth": (1, 2, 5, 0, 5),
            "sensitivity": (1, 1, 0),
            "said": [(1, 2, 0), (1, 2, 0), (1, 1, 0)],
            "absent": [(2, 4, 3), (1, 3, 3), (2, 2, 3)],
            "auc": [(3, 0), (4, 4)],
        },
        "all": {
            "truth": (4, 5, 6, 1, 11),
            "sensitivity": (2, 3, 1),
            "said": [(2, 4, 1), (2, 4, 2), (2, 3, 2)],
            "absent": [(4, 7, 4), (2, 5, 5), (4, 5, 5)],
            "auc": [(7, 2), (9, 6)],
        },
    }
    together = card.together
    assert together.said.auc.mean == pytest.approx(10 / 12)
    assert together.unsaid_absent.auc.mean == pytest.approx(16 / 18)


def test_a_rate_has_wilsons_interval_and_findings_of_a_case_are_one_group(run: RunFolder) -> None:
    """By finding it is that of independent cases; all together there are as many groups as cases."""
    card = screening_card(run)
    assert card is not None
    mass = card.findings[0].sensitivity.interval
    assert mass is not None
    assert (mass.low, mass.high) == pytest.approx(proportion_confint(1, 2, method="wilson"))
    together = card.together.said.specificity.interval
    assert together is not None
    assert (card.together.said.specificity.n, together.clusters) == (4, 3)


def test_the_shipped_prompt_is_known_without_its_schema_and_others_are_no_screening(
    tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]
) -> None:
    """By the digest of the prompt, where a service takes no schema; answers in that form tell the rest."""
    bench = write_benchmark(tmp_path / "cases", len(REFERENCES), reference=_reference)
    cards = {}
    for name, digest in {
        "screening": load_prompt("findings", "screening").digest,
        "comprehensive": load_prompt("findings", "comprehensive").digest,
        "mine": "0" * 64,
    }.items():
        made = _write(tmp_path / "runs" / "cases" / name, bench, prompt=PromptUse(name=name, digest=digest))
        cards[name] = screening_card(made)
    assert cards["comprehensive"] is None
    assert cards["screening"] is not None
    assert len(cards["screening"].findings) == 12
    assert cards["screening"].findings[2].answered == 0
    assert cards["mine"] is not None
    assert [row.finding for row in cards["mine"].findings] == ["mass", "fracture"]


def test_show_compare_and_the_api_have_it(run: RunFolder, medbench: Callable[..., Any]) -> None:
    """The table of one run by finding; of several one line each; the record has every number."""
    shown = medbench("show", str(run.path)).words
    assert "Screening of asks (2 findings)" in shown
    missing = (
        "5 of 16 answers missing (1 output missing or failed, 1 output without a yes or no): in no rate."
    )
    assert missing in shown
    assert "not in the vocabulary: sparkle" in shown
    assert "Screening, all findings together" in medbench("compare", str(run.path)).words
    assert "Screening of asks" in medbench("compare", str(run.path), "--full").words
    result = mb.compare([str(run.path)])
    assert result.record.screening[0].together.present == 4
    assert result.to_dict()["screening"][0]["findings"][0]["sensitivity"]["n"] == 2


def test_nothing_that_was_asked_has_no_numbers_and_breaks_nothing(
    tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder], medbench: Callable[..., Any]
) -> None:
    """Findings that no reference can be read for, and a schema that is none."""
    bench = write_benchmark(tmp_path / "cases", len(REFERENCES), reference=_reference)
    names = {"properties": {"finding": {"enum": ["sparkle", 3]}, "present": {}}}
    only = _write(tmp_path / "runs" / "cases" / "only", bench, settings={"response_schema": names})
    card = screening_card(only)
    assert card is not None
    assert (card.findings, card.together.sensitivity.n, card.together.said.auc.mean) == ((), 0, None)
    assert "not in the vocabulary: sparkle" in medbench("show", str(only.path)).words
    wrong = _write(tmp_path / "runs" / "cases" / "wrong", bench, settings={"response_schema": {"a": [1]}})
    assert screening_card(wrong) is None


def test_bytes_that_cannot_hold_an_answer_are_not_read_one_by_one(tmp_path: Path) -> None:
    """'confidence' in any case, or an escape that may spell it, is looked at; no other line is."""
    path = tmp_path / "outputs.jsonl"
    for line, may_be in (
        (b'{"text":"A mass."}', False),
        (b'{"text":"A mass, with confidence."}', False),
        (b'{"text":"{\\"Confidence\\": 1}"}', True),
        (b'{"text":"{\\"\\\\u0063onfidence\\": 1}"}', True),
    ):
        path.write_bytes(b'{"text":"x"}\n' + line + b"\n")
        assert module._may_be_screening(path) is may_be
    assert not module._may_be_screening(tmp_path / "none")
