"""The cases from public bug reports in ../shared/cases, counted by their own script."""

from __future__ import annotations

import importlib.util
from collections import Counter
from typing import TYPE_CHECKING, Any

from bars import Part, counted, table
from sources import SHARED

if TYPE_CHECKING:
    from types import ModuleType

BARS = {"pairs": 0.88, "phrases": 0.9, "shapes": 0.918, "distinct": 0.906, "nothing": 1.0}
"""Kind of case to the share that has to be right."""


def shared_cases() -> Part:
    """Count each kind of case."""
    script = _script()
    rows: list[tuple[Any, ...]] = []
    bars = []
    for name, share in BARS.items():
        total: Counter[str] = Counter()
        right: Counter[str] = Counter()
        for kind, good, _ in getattr(script, name)():
            total[kind] += 1
            right[kind] += bool(good)
        kinds = ", ".join(f"{kind} {right[kind]}/{total[kind]}" for kind in sorted(total))
        rows.append((name, f"{right.total()}/{total.total()}", kinds))
        bars.append(counted(f"shared cases: {name}", right.total(), total.total(), share))
    return Part("Cases from public bug reports", table(("cases", "right", "by kind"), rows), bars)


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("shared_cases_run", SHARED / "cases/run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
