"""How well do multimodal models describe the findings on radiology images?

The steps as functions, each loaded when it is first used:

    build_medpix, build_folder, build_phantom       a benchmark from a source of cases
    run_all(session, systems)                       systems on a benchmark
    import_runs(…)                                  answers made elsewhere become runs
    Rescorer(parser).rescore(run)                   parse and measure again
    judge_all(session), cards_of(runs)              outputs graded by a judge; what the judge is worth
    compare_runs(runs)                              runs of one benchmark side by side
    find_benchmark(name), find_runs(names, root)    what they work on
"""

from __future__ import annotations

import importlib
from typing import Any

_WHERE = {
    "Choice": "medbench.steps.access.systems",
    "JudgeSession": "medbench.steps.judge.session",
    "Rescorer": "medbench.steps.rescore.rescore",
    "Session": "medbench.steps.run.session",
    "build_folder": "medbench.steps.build",
    "build_medpix": "medbench.steps.build",
    "build_phantom": "medbench.steps.build",
    "cards_of": "medbench.steps.reading.judge_cards",
    "compare_runs": "medbench.steps.compare.compare",
    "prepared_systems": "medbench.steps.access.systems",
    "find_benchmark": "medbench.store.benchmark",
    "find_runs": "medbench.store.runs",
    "import_runs": "medbench.steps.importing",
    "judge_all": "medbench.steps.judge.judge",
    "judges_named": "medbench.steps.judge.judges",
    "run_all": "medbench.steps.run.run",
}
__all__ = list(_WHERE)


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        msg = f"module 'medbench' has no attribute '{name}'"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_WHERE[name]), name)
