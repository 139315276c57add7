"""The step `compare`: runs of one benchmark side by side; what is stale is scored again first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from medbench.stats.bootstrap import FEWEST_DRAWS, MOST_DRAWS, SEED
from medbench.steps.compare.full import tested
from medbench.steps.compare.inputs import CompareOptions
from medbench.steps.compare.rows import reference_first
from medbench.steps.compare.side_by_side import comparison_of
from medbench.steps.compare.tables import data_of, pairs_of
from medbench.steps.compare.unusable import usable
from medbench.steps.reading.grades import grades_of
from medbench.steps.reading.judge_cards import cards_of
from medbench.steps.reading.raters import raters_of
from medbench.steps.reading.screening import screening_cards

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.results.comparison import Comparison
    from medbench.store.runs import RunFolder


def compare_runs(
    named: Sequence[RunFolder], parser: str | None = None, options: CompareOptions | None = None
) -> Comparison:
    """Compare runs. Baselines of the same benchmark stand beside them as floors, named or not.

    Args:
        named: The runs; the first that is not left out is the reference system.
        parser: Parser that all of them are to be scored with; None for the one each was scored with.
        options: How runs are to be compared.

    Raises:
        InputError: The runs belong to different benchmarks, or were scored or graded in different ways.
        RecordError, FaultError: One cannot be read or scored, and the others are no comparison without it,
            or `options.named` is None: then each is to be compared.
        UsageError: No such rater or system, or several judges and none is named.
    """
    options = options or CompareOptions()
    runs = usable(named, parser, options)
    beside = runs.beside
    systems = reference_first(beside.systems, options.against)
    data = data_of(beside)
    answered = (data.cases.ids[i] for table in data.tables.values() for i in np.flatnonzero(table.outputs))
    comparison = comparison_of(beside, systems)
    comparison = comparison.model_copy(
        update={
            "notices": (*runs.notices, *comparison.notices),
            "left_out": runs.left_out,
            "pairs": pairs_of(systems, beside.floors, data, options.pairs),
            "example": next(answered, None),
            "topics": len(np.unique(data.cases.topics)),
            "resampling": f"{MOST_DRAWS:,} resamples and flips; for more than 2,000 topics fewer, at least "
            f"{FEWEST_DRAWS:,}; seed {SEED}",
        }
    )
    raters = raters_of(beside.runs.values())
    graded = {
        name: grades_of(run, data.tables[name], beside.summaries[name].parser, raters)
        for name, run in beside.runs.items()
    }
    changed = (
        f"the fallback of {raters.names[rater]} was changed between: {', '.join(sorted(models))}. "
        "The cases that it graded may have two judges."
        for rater, models in raters.fallbacks.items()
        if len(models) > 1
    )
    comparison = comparison.model_copy(update={"notices": (*comparison.notices, *changed)})
    cards = cards_of([run for name, run in beside.runs.items() if name in systems])
    return tested(comparison, data, graded, options).model_copy(
        update={"cards": cards, "screening": screening_cards({name: beside.runs[name] for name in systems})}
    )
