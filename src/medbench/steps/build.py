"""The first step: cases of a source become a frozen benchmark folder."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.datasets import examine, tally
from medbench.datasets.draw import (
    REPORT,
    Drawn,
    Wanted,
    all_of,
    available,
    checked,
    draw,
    draw_report,
    modality_of,
    report_record,
)
from medbench.datasets.freeze import Frozen, Plan, freeze
from medbench.errors import UsageError
from medbench.report.build import BuildReport, DrawReach, StratumRow
from medbench.schema.benchmark import Dataset, Draw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.datasets.examine import Examined
    from medbench.datasets.source import SourceCase

POOL = 50
"""Cases of the pool, unless asked otherwise."""
PHANTOM_POOL = 60
"""The same for phantoms: from about so many, the nearest image often shows the same finding."""
PHANTOM_POOL_START = 1_000_000
"""Number of the first phantom of a pool."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the cases came from, for the report."""

    words: str
    cases: Sequence[SourceCase]
    region_order: Sequence[str] = ()
    real: bool = True


def build_medpix(
    source: Path | None,
    out: Path | None,
    wanted: Wanted,
    *,
    recipe: str | None = None,
    pool: int = POOL,
) -> BuildReport:
    """Draw a benchmark from MedPix 2.0.

    Args:
        source: A checkout; where it is looked for otherwise: `datasets.medpix.find_medpix`.
        out: Folder of the benchmark; `medpix-<number of cases>` or the recipe's name where None.
        wanted: What to draw; not looked at where there is a recipe.
        recipe: 'report-2026-02' for the cases of that report.
        pool: Most cases of the pool.

    Raises:
        UsageError: An option names something that is not there.
        InputError: The source or an image of a drawn case is missing or broken.
        StoreError: The folder cannot be written, or holds another benchmark.
    """
    from medbench.datasets import medpix

    started = time.monotonic()
    checkout = medpix.find_medpix(source)
    cases = medpix.read_medpix(checkout)
    if recipe is not None:
        _check_recipe(recipe, wanted)
        wanted = Wanted(keep=examine.KEEPABLE, per_stratum=None)
    wanted = replace(wanted, keep=examine.check_keep(wanted.keep))
    examined = examine.examine(cases, wanted.keep)
    if recipe is not None:
        drawn, record = draw_report(cases, medpix.REGION_ORDER, examined), report_record()
        left_out: dict[str, int] = {}
    else:
        drawn = draw(examined, wanted, medpix.REGION_ORDER)
        record = checked(examined, wanted).record()
        left_out = examine.left_out(examined)
    target = out or Path(recipe or f"medpix-{len(drawn.cases)}")
    plan = Plan(medpix.dataset_of(checkout), record, drawn, examined, left_out, pool, medpix.SAME)
    place = _Source(f"MedPix 2.0 in {checkout}/", cases, medpix.REGION_ORDER)
    return _report(place, plan, wanted, freeze(target, plan), target, started)


def build_folder(  # noqa: PLR0913 - the options of the command
    table: Path,
    images: Path,
    out: Path,
    *,
    wanted: Wanted | None = None,
    keep: Sequence[str] = (),
    pool: int = 0,
) -> BuildReport:
    """Make a benchmark of one's own cases: all that pass the guards, in the order of the table.

    Args:
        table: CSV or JSON Lines, a case a line.
        images: The folder of their images.
        out: Folder of the benchmark.
        wanted: What to draw from them, where not all are wanted.
        keep: Kinds of cases that are kept though the guards would leave them out.
        pool: Most cases of the pool; they are taken from those that were not drawn.

    Raises:
        UsageError: An option names something that is not there.
        InputError: The table or an image is missing or broken.
        StoreError: The folder cannot be written, or holds another benchmark.
    """
    from medbench.datasets.folder import read_folder

    started = time.monotonic()
    kept = examine.check_keep(keep)
    cases = read_folder(table, images)
    examined = examine.examine(cases, kept)
    if wanted is None:
        drawn, record = all_of(examined, kept)
        shown = Wanted(per_stratum=None, keep=kept)
    else:
        shown = replace(wanted, keep=kept)
        drawn, record = draw(examined, shown), checked(examined, shown).record()
    plan = Plan(Dataset(name=out.absolute().name), record, drawn, examined, examine.left_out(examined), pool)
    return _report(_Source(f"{table} with {images}/", cases), plan, shown, freeze(out, plan), out, started)


def build_phantom(
    out: Path | None, *, cases: int = 40, seed: int = 1, pool: int = PHANTOM_POOL
) -> BuildReport:
    """Make a benchmark of drawn images whose findings are known exactly.

    Args:
        out: Folder of the benchmark; `phantom-<cases>` where None.
        cases: Number of cases.
        seed: The same seed and numbers give the same bytes.
        pool: Number of cases of the pool.

    Raises:
        UsageError: There are no cases to draw.
        StoreError: The folder cannot be written, or holds another benchmark.
    """
    started = time.monotonic()
    if cases < 1 or pool < 0:
        raise UsageError(
            f"'{cases}' cases and a pool of '{pool}' cannot be drawn.", "--cases 1 or more, --pool 0 or more"
        )
    # Loaded here: what draws phantoms is not needed for any other source.
    phantom_cases = import_module("medbench.datasets.phantom.cases").phantom_cases
    made: list[SourceCase] = phantom_cases(cases, seed)
    # The pool is numbered far away, so that a larger benchmark contains the smaller and no pool case.
    made += phantom_cases(pool, seed, start=max(PHANTOM_POOL_START, cases))
    examined = [examine.Examined(case, (), ()) for case in made]
    drawn, _ = all_of(examined[:cases], ())
    record = Draw(recipe="phantom", by=("region",), seed=seed)
    dataset = Dataset(name="phantom")
    target = out or Path(f"phantom-{cases}")
    plan = Plan(dataset, record, drawn, examined, {}, pool, pool_cases=tuple(examined[cases:]))
    place = _Source("Phantoms, drawn images without patients", made, real=False)
    return _report(place, plan, Wanted(per_stratum=None, seed=seed), freeze(target, plan), target, started)


def _check_recipe(recipe: str, wanted: Wanted) -> None:
    if recipe != REPORT:
        raise UsageError(f"no draw is called '{recipe}'.", f"--draw {REPORT}")
    if wanted != Wanted():
        raise UsageError(
            f"'{recipe}' is a fixed draw: it takes no other option of the draw.", f"only --draw {REPORT}"
        )


def _report(  # noqa: PLR0913 - all that the screen tells
    source: _Source, plan: Plan, wanted: Wanted, frozen: Frozen, target: Path, started: float
) -> BuildReport:
    drawn, eligible = [one.case for one in plan.drawn.cases], [one.case for one in plan.drawn.eligible]
    everything = tally.tally(drawn)
    return BuildReport(
        source=source.words,
        source_cases=len(source.cases),
        source_images=tally.image_modalities(source.cases),
        left_out=plan.left_out,
        unanswerable=examine.flag_counts(plan.examined),
        eligible_kept=examine.drawable(plan.examined, but="unanswerable"),
        eligible=len(plan.drawn.eligible),
        by=plan.draw.by,
        draw_words=_draw_words(plan.draw),
        rows=_rows(plan.drawn, plan.draw.by),
        total=StratumRow(
            name=("all",), eligible=len(eligible), drawn=len(drawn), short=0, **asdict(everything)
        ),
        absent=tally.absent_modalities(drawn),
        scarce=tally.rarest_cell(eligible, source.region_order),
        filters=tuple(
            f"{name.replace('_', ' ')} {', '.join(values)}" for name, values in plan.draw.filters.items()
        ),
        pool=frozen.head.pool,
        pool_excluded=frozen.excluded,
        flags=tally.flags_of(plan.drawn.cases),
        name=frozen.head.name,
        path=target,
        digest=frozen.head.digest,
        bytes=frozen.bytes,
        seconds=time.monotonic() - started,
        unchanged=frozen.unchanged,
        nested=plan.draw.nested,
        missing_images=_without_images(plan.examined) if wanted.available_only else 0,
        real=source.real,
        reach=_reach(len(drawn), [cell.drawn for cell in plan.drawn.strata if cell.drawn]),
    )


def _reach(cases: int, strata: Sequence[int]) -> DrawReach | None:
    """What the draw can show, by the test that compare uses and the discordance that `plan` assumes."""
    if not cases:
        return None
    power = import_module("medbench.stats.power")
    discordance = power.USUAL_DISCORDANCE
    smallest = min(strata) if len(strata) > 1 else None
    return DrawReach(
        half_width=power.half_width(power.USUAL_RATE, cases),
        detects=power.detectable(cases, discordance),
        discordance=discordance,
        stratum=smallest,
        stratum_detects=power.detectable(smallest, discordance) if smallest else None,
    )


def _without_images(examined: Sequence[Examined]) -> int:
    return sum(not one.reasons and not available(one.case) for one in examined)


def _draw_words(record: Draw) -> str:
    if record.recipe == REPORT:
        return f"{REPORT}, the 20 cases of that report in its order; nothing was left out"
    if record.recipe:
        return f"seed {record.seed}"
    if record.seed is None:
        return ""
    size = f"--per-stratum {record.per_stratum or 0}"
    words = f"--by {','.join(record.by)} {size} --seed {record.seed}"
    return f"{words}; nested: a larger draw contains this one"


def _rows(drawn: Drawn, by: tuple[str, ...]) -> tuple[StratumRow, ...]:
    found = []
    for cell in drawn.strata:
        members = [one.case for one in drawn.cases if cell.stratum.items() <= _cell(one.case).items()]
        counts = tally.tally(members)
        name = tuple(cell.stratum[part] for part in by)
        found.append(StratumRow(name, cell.eligible, cell.drawn, cell.short, **asdict(counts)))
    return tuple(found)


def _cell(case: SourceCase) -> dict[str, str]:
    return {"region": case.region, "modality": modality_of(case)}
