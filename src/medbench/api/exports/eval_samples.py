"""Graded outputs as samples of Every Eval Ever, each with its result's id."""

from __future__ import annotations

import hashlib
import json
from itertools import groupby, product
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from medbench.api.exports.shared_run import is_drawn, model_identity
from medbench.steps.reading.selection import selected_with_references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.api.exports.shared_run import Measure, SharedRun
    from medbench.schema.reference import Reference
    from medbench.steps.reading.output_rows import OutputRow

SCHEMA = "0.3.0"
"""Version of the format's schema."""
Json = dict[str, Any]
_STRATA = {"reference": "reference_length"}


def model_id(shared: SharedRun) -> str:
    """Return developer and model, as the format names a model."""
    return "/".join(model_identity(shared.system))


def evaluation_id(shared: SharedRun) -> str:
    """Return an id of the run that is the same whenever it is exported."""
    benchmark, run = shared.benchmark.head.name, shared.run.head
    return f"{benchmark}/{model_id(shared)}/{run.system.name}/{run.run_id}"


def result_id(shared: SharedRun, measure: Measure) -> str:
    """Return the id by which samples name their result."""
    measured = "/".join(part for part in (measure.rater, measure.name) if part)
    return f"{evaluation_id(shared)}#{measured}"


def eval_samples(shared: SharedRun) -> Iterator[Json]:
    """Yield a sample for each graded output and thing its rater says of it; rules give none."""
    measures = [measure for measure in shared.measures if measure.rater and measure.kind != "rules"]
    if not measures:
        return
    cases = selected_with_references(shared.benchmark)
    for case_id, rows in groupby(shared.rows, attrgetter("case_id")):
        case, reference = next(pair for pair in cases if pair[0].case_id == case_id)
        for row, measure in product(rows, measures):
            hit = _hit(row, measure)
            if hit is not None:
                yield _sample(shared, measure, row, reference, case.digest) | {
                    "evaluation": {"score": float(hit), "is_correct": hit},
                    "metadata": _metadata(row, measure.rater),
                }


def _hit(row: OutputRow, measure: Measure) -> bool | None:
    """Return True if an output is what is measured; None where its rater does not say."""
    graded = row.grades.get(measure.rater)
    if row.output is None or row.output.text is None or graded is None or graded.grade is None:
        return None
    return graded.grade == "good" if measure.name == "good" else graded.key_finding


def _sample(
    shared: SharedRun, measure: Measure, row: OutputRow, reference: Reference, case_digest: str
) -> Json:
    assert row.output is not None
    text, scored = row.output.text or "", (row.score.scored if row.score else None) or ""
    if shared.benchmark.head.is_bound:  # the terms of the cases bind what was said of them
        text, scored = _sha256(text), _sha256(scored)
    benchmark = shared.benchmark.head
    asked: Json = {
        "raw": f"Case {row.case_id} of benchmark {benchmark.name} {benchmark.digest}: sha256 {case_digest}",
        # The words of patients' reports are not ours to publish.
        "reference": [reference.text if is_drawn(benchmark) else _sha256(reference.text)],
    }
    sample: Json = {
        "schema_version": SCHEMA,
        "evaluation_id": evaluation_id(shared),
        "model_id": model_id(shared),
        "evaluation_name": benchmark.name,
        "evaluation_result_id": result_id(shared, measure),
        "sample_id": row.case_id,
        "sample_hash": hashlib.sha256(
            json.dumps(asked, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest(),
        "interaction_type": "single_turn",
        "input": asked,
        "output": {"raw": [text]},
        "answer_attribution": [
            {
                "turn_idx": 0,
                "source": "output.raw",
                "extracted_value": scored,
                "extraction_method": f"medbench {shared.summary.parser}",
                "is_terminal": True,
            }
        ],
    }
    scores = row.score.scores if row.score else {}
    latency = scores.get("latency_ms")
    if latency is not None and latency >= 0:
        sample["performance"] = {"latency_ms": latency}
    into, out = scores.get("tokens.input"), scores.get("tokens.output")
    if into is not None and out is not None:
        sample["token_usage"] = {
            "input_tokens": round(into),
            "output_tokens": round(out),
            "total_tokens": round(into) + round(out),
        }
    return sample


def _sha256(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _metadata(row: OutputRow, rater: str) -> dict[str, str]:
    graded = row.grades[rater]
    facts = {
        "replicate": f"{row.replicate}",
        "rater": rater,
        "grade": f"{graded.grade}",
        "key_finding": json.dumps(graded.key_finding),
        "flags": ", ".join(row.score.flags) if row.score else "",
        **{_STRATA.get(name, name): value for name, value in row.strata.items()},
    }
    cost = row.score.scores.get("cost_usd") if row.score else None
    return facts | ({} if cost is None else {"cost_usd": repr(cost)})
