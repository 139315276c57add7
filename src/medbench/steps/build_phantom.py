"""The first step for phantoms: drawn pictures and volumes become a benchmark."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from medbench.datasets import examine
from medbench.datasets.draw import take_all
from medbench.datasets.freeze import Plan
from medbench.errors import UsageError
from medbench.schema.benchmark import Dataset, Draw
from medbench.steps.build import write_benchmark

if TYPE_CHECKING:
    from medbench.schema.results.build import BuildReport

PHANTOM_POOL = 60
"""Cases of the pool: from about so many, the nearest image often shows the same finding."""
PHANTOM_POOL_START = 1_000_000
"""Number of the first phantom of a pool."""
_RECIPES: Final = {1: "phantom", 2: "phantom, second edition"}
_VOLUMES: Final = (
    "Pictures have 16 bits: a value is Hounsfield units + 1024. A window is a setting of the run: "
    "--set image_transform=window-1024-1104 shows 0 to 80 HU, window-889-1239 -135 to 215, window-0-2048 "
    "-1024 to 1024."
)


def build_phantom(
    out: Path | None, *, cases: int = 40, seed: int = 1, pool: int = PHANTOM_POOL, edition: int = 1
) -> BuildReport:
    """Make a benchmark of drawn images; `api.build.build_phantom` describes options and errors."""
    from medbench.datasets.phantom.cases import phantom_cases

    started = time.monotonic()
    if cases < 1 or pool < 0:
        raise UsageError(
            f"'{cases}' cases and a pool of '{pool}' cannot be drawn.", "--cases 1 or more, --pool 0 or more"
        )
    if edition not in _RECIPES:
        raise UsageError(f"the phantom has no edition '{edition}'", "--edition 1 or 2")
    # The pool is numbered far away, so that a larger benchmark contains the smaller and no pool case.
    start = max(PHANTOM_POOL_START, cases)
    drawn_cases = [
        *phantom_cases(cases, seed, edition=edition),
        *phantom_cases(pool, seed, start=start, edition=edition),
    ]
    examined = [examine.Examined(case, (), ()) for case in drawn_cases]
    drawn = take_all(examined[:cases], Draw(recipe=_RECIPES[edition], by=("region",), seed=seed))
    plan = Plan(Dataset(name="phantom"), drawn, examined, {}, pool, pool_cases=examined[cases:])
    target = out or Path(f"phantom-{cases}")
    return write_benchmark("Phantoms, drawn images without patients", plan, target, started, real=False)


def build_phantom_volumes(out: Path | None, *, cases: int = 24, seed: int = 1) -> BuildReport:
    """Make a benchmark of drawn volumes; `api.build.build_phantom_volumes` describes options and errors."""
    from medbench.datasets.phantom.volumes import phantom_volumes

    started = time.monotonic()
    if cases < 1:
        raise UsageError(f"'{cases}' cases cannot be drawn.", "--cases 1 or more")
    examined = [examine.Examined(case, (), ()) for case in phantom_volumes(cases, seed)]
    drawn = take_all(examined, Draw(recipe="phantom, volumes", by=("region",), seed=seed))
    plan = Plan(Dataset(name="phantom", pictures="all+hounsfield-1024+png-16"), drawn, examined, {}, 0)
    source = "Phantom volumes, drawn CT without patients"
    return write_benchmark(
        source, plan, out or Path("phantom-volumes"), started, real=False, notes=[_VOLUMES]
    )
