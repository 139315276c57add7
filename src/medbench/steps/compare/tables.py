"""The numbers of runs side by side over the same cases, and how many cases each pair of them shares."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from medbench.errors import InputError
from medbench.schema.results.comparison import Pair
from medbench.steps.compare.inputs import ComparisonData
from medbench.steps.reading.score_columns import cases_of, score_table_of
from medbench.steps.reading.selection import wanted_ids

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from medbench.steps.compare.side_by_side import SideBySide
    from medbench.steps.reading.score_columns import Cases
    from medbench.store.runs import RunFolder

    Bools = NDArray[np.bool_]


def data_of(beside: SideBySide) -> ComparisonData:
    """Return the numbers of each run, over the cases that all share."""
    cases = cases_of(list(beside.runs.values()))
    return ComparisonData(
        cases=cases,
        tables={
            name: score_table_of(run, cases, beside.summaries[name]) for name, run in beside.runs.items()
        },
        wanted=wanted_by_run(beside.runs, cases),
        imported=all(run.head.imported_from or run.head.system.is_floor for run in beside.named),
    )


def pairs_of(
    systems: Sequence[str],
    floors: Sequence[str],
    data: ComparisonData,
    chosen: Sequence[tuple[str, str]] = (),
) -> tuple[Pair, ...]:
    """Return the chosen pairs, or the first system with each other, then each floor with each system."""
    first, *others = systems
    among = chosen or [(first, other) for other in others]
    together = [*among, *((f, s) for s in systems for f in floors)]
    return tuple(_counted(a, b, data) for a, b in together)


def _counted(a: str, b: str, data: ComparisonData) -> Pair:
    in_a, in_b = data.tables[a].outputs > 0, data.tables[b].outputs > 0
    return Pair(
        a=a,
        b=b,
        both=int((in_a & in_b).sum()),
        only_a=int((in_a & ~in_b).sum()),
        only_b=int((in_b & ~in_a).sum()),
        neither=int((~in_a & ~in_b).sum()),
        metrics={},
    )


def wanted_by_run(runs: Mapping[str, RunFolder], cases: Cases) -> dict[str, Bools]:
    """Return which cases each run was asked for; all where its benchmark is gone."""
    return {name: _asked_cases(run, cases) for name, run in runs.items()}


def _asked_cases(run: RunFolder, cases: Cases) -> Bools:
    try:
        wanted = dict(wanted_ids(run.benchmark(), run.goals(), cases.ids))
    except InputError:
        return np.ones(len(cases), dtype=bool)
    return np.array([case_id in wanted for case_id in cases.ids], dtype=bool)
