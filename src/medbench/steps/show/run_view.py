"""One run by itself."""

from __future__ import annotations

from hashlib import blake2b
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
    from collections.abc import Sequence

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
    texts, failures, agreements = _Texts(), [], []
    for output in outputs_that_count(run):
        if isinstance(agreement := output.notes.get("agreement"), dict):
            agreements.append(agreement)
        if output.failure:
            failures.append((output.case_id, output.failure))
        else:
            texts.add(output.text or "", output.case_id)
    return RunView(
        state=state_of(run),
        summary=summary,
        failures=tuple(failures),
        flagged=tuple(flagged),
        profile=profile_of(run, summary, texts.repeated),
        probes=probe_card(run),
        other_models=other_models(run) if "other_model" in summary.flags else (),
        stages=stage_table(run),
        screening=screening_card(run),
        agreement=_agreement(agreements),
        under_way=len(under_way(run.path)),
    )


class _Texts:
    """The cases of each text, which is held as a digest: of most texts there is one case."""

    def __init__(self) -> None:
        self._first: dict[bytes, str] = {}
        self._several: dict[bytes, set[str]] = {}

    def add(self, text: str, case_id: str) -> None:
        """Take note of the text of a case."""
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        first = self._first.setdefault(digest, case_id)
        if first != case_id:
            self._several.setdefault(digest, {first}).add(case_id)

    @property
    def repeated(self) -> int:
        """Cases whose text another case has too."""
        return sum(map(len, self._several.values()))


def _agreement(shares: Sequence[dict[str, float]]) -> Estimate | None:
    """Return the mean share of samples that agree, over the findings of each output; None without samples."""
    return describe([fmean(one.values()) for one in shares if one], len(shares)) if shares else None
