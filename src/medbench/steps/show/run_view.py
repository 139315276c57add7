"""One run by itself."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from medbench.schema.results.view import RunView
from medbench.schema.score import Score
from medbench.stats.describe import describe
from medbench.steps.reading.outputs import other_models
from medbench.steps.reading.screening import screening_card
from medbench.steps.rescore.rescore import scored_now
from medbench.steps.show.probe_card import probe_card
from medbench.steps.show.profile import profile_of
from medbench.steps.show.stage_table import stage_table
from medbench.steps.show.standing import state_of
from medbench.store.batches import under_way
from medbench.store.jsonl import read_records
from medbench.store.outputs import outputs_that_count
from medbench.store.runs import SCORES

if TYPE_CHECKING:
    from medbench.schema.score import Estimate
    from medbench.store.runs import RunFolder


def show_run(run: RunFolder) -> RunView:
    """Return one run by itself; it is scored again first where its scores are stale."""
    summary = scored_now(run)
    flagged = [
        (score.case_id, ", ".join(score.flags))
        for score in read_records(run.path / SCORES, Score)
        if score.flags
    ]
    cases: dict[str | None, set[str]] = {}
    failures = []
    for output in outputs_that_count(run):
        if output.failure:
            failures.append((output.case_id, output.failure))
        else:
            cases.setdefault(output.text, set()).add(output.case_id)
    repeated = sum(len(of_text) for of_text in cases.values() if len(of_text) > 1)
    return RunView(
        state=state_of(run),
        summary=summary,
        failures=tuple(failures),
        flagged=tuple(flagged),
        profile=profile_of(run, summary, repeated),
        probes=probe_card(run),
        other_models=other_models(run) if "other_model" in summary.flags else (),
        stages=stage_table(run),
        screening=screening_card(run),
        agreement=_agreement(run),
        under_way=len(under_way(run.path)),
    )


def _agreement(run: RunFolder) -> Estimate | None:
    """Return the mean share of samples that agree, over the findings of each output; None without samples."""
    notes = (output.notes.get("agreement") for output in outputs_that_count(run))
    shares = [one for one in notes if isinstance(one, dict)]
    return describe([fmean(one.values()) for one in shares if one], len(shares)) if shares else None
