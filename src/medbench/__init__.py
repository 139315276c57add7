"""How well do multimodal models describe the findings on radiology images?

The steps as functions, each loaded when it is first used:

    find_benchmark(name)            a benchmark by folder or name
    find_runs(names, root)          runs by folder or short name
    Rescorer(parser).rescore(run)   parse and measure again
    compare_runs(runs)              runs of one benchmark side by side
"""

from __future__ import annotations

import importlib
from typing import Any

__all__ = ["Rescorer", "compare_runs", "find_benchmark", "find_runs"]

_WHERE = {
    "Rescorer": "medbench.steps.rescore",
    "compare_runs": "medbench.steps.compare",
    "find_benchmark": "medbench.store.benchmark",
    "find_runs": "medbench.store.runs",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        msg = f"module 'medbench' has no attribute '{name}'"
        raise AttributeError(msg)
    return getattr(importlib.import_module(_WHERE[name]), name)
