"""How runs stand, for the list of all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medbench.errors import MedbenchError
from medbench.schema.account import JUDGING
from medbench.schema.results.view import RunState
from medbench.scoring.controls import above
from medbench.steps.reading.selection import wanted_outputs
from medbench.steps.reading.spending import account_of
from medbench.store.outputs import OutputIndex
from medbench.store.runs import VERDICTS
from medbench.store.summary import summary_of

if TYPE_CHECKING:
    from medbench.store.runs import RunFolder


def state_of(run: RunFolder) -> RunState:
    """Return how a run stands, from its own files."""
    problem = None
    try:
        wanted = wanted_outputs(run.benchmark(), run.goals())
    except MedbenchError as error:
        wanted, problem = None, error.message
    outputs, summary = OutputIndex(run.path), summary_of(run)
    account = account_of(run)
    return RunState(
        path=str(run.path),
        head=run.head,
        wanted=wanted,
        command=run.last_command(),
        texts=outputs.texts,
        final_failures=outputs.final_failures,
        open_failures=dict(outputs.open_failures),
        spent=account.total("answers"),
        judging=account.total(*JUDGING),
        problem=problem,
        above_chance=summary.everything.metrics.get(above("finding.f1")) if summary else None,
        signatures=summary.signatures if summary else {},
        by_others=summary.flags.get("other_model", 0) if summary else 0,
    )


def standing_of(run: RunFolder) -> RunState:
    """Return how a run stands, with the grades of its first judge."""
    state, summary = state_of(run), summary_of(run)
    if summary is None or not (run.path / VERDICTS).is_file():
        return state
    # Statistics and what they import, for the runs alone that a judge has graded.
    from medbench.steps.show.profile import rates_of

    judge = next((rater for rater in rates_of(run, summary) if rater.kind == "judge" and rater.good.n), None)
    return replace(state, good=judge.good, judge=judge.rater) if judge else state
