"""The first step: cases of a source become a frozen benchmark folder."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.datasets import examine, tally
from medbench.datasets.draw import REPORT, STANDARD, draw, draw_report, in_words, take_all
from medbench.datasets.freeze import Plan, freeze
from medbench.errors import UsageError
from medbench.schema.benchmark import Dataset, Draw
from medbench.schema.results.build import BuildReport, DrawReach, StratumRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from medbench.datasets.folder import FolderCases
    from medbench.datasets.source import SourceCase

POOL = 50
"""Cases of the pool, unless asked otherwise."""
_PER_IMAGE = (
    "Each image is a case, and its caption the reference. Images of one source case are one group: "
    "statistics take them together. Plane and sequence are strata beside region and modality."
)


def build_medpix(  # noqa: PLR0913 - the options of the command
    source: Path | None,
    out: Path | None,
    wanted: Draw = STANDARD,
    *,
    recipe: str | None = None,
    pool: int = POOL,
    strip_metadata: bool = False,
    egress: Sequence[str] = (),
) -> BuildReport:
    """Draw a benchmark from MedPix 2.0; `api.build.build_medpix` describes options and errors.

    Without `source`, a checkout is looked for as `datasets.medpix.find_medpix` does.
    """
    from medbench.datasets import medpix
    from medbench.datasets.medpix_fields import SAME_PATIENT

    started = time.monotonic()
    checkout = medpix.find_medpix(source)
    cases = medpix.read_medpix(checkout)
    same_patient: tuple[frozenset[str], ...] = SAME_PATIENT
    notes: tuple[str, ...] = ()
    if recipe is None:
        wanted = _with_checked_keep(wanted)
        if wanted.unit == "image":
            same_patient, notes = medpix.patients_of_images(SAME_PATIENT, cases), (_PER_IMAGE,)
            cases, unusable = medpix.one_image_each(cases)
            examined = medpix.marked(examine.examine(cases, wanted.keep), unusable)
        else:
            examined = examine.examine(cases, wanted.keep)
        drawn = draw(examined, wanted, medpix.REGION_ORDER)
        left_out = examine.left_out(examined)
    else:
        _check_recipe(recipe, wanted)
        examined = examine.examine(cases, examine.KEEPABLE)
        drawn = draw_report(examined, medpix.REGION_ORDER)
        left_out = {}
    unit = "medpix-images" if wanted.unit == "image" else "medpix"
    target = out or Path(recipe or f"{unit}-{len(drawn.cases)}")
    plan = Plan(
        medpix.dataset_of(checkout),
        drawn,
        examined,
        left_out,
        pool,
        same_patient,
        strip_metadata=strip_metadata,
        egress=tuple(egress),
    )
    return write_benchmark(
        f"MedPix 2.0 in {checkout}/", plan, target, started, medpix.REGION_ORDER, notes=notes
    )


def build_folder(  # noqa: PLR0913 - the options of the command
    table: Path,
    images: Path,
    out: Path,
    *,
    wanted: Draw | None = None,
    keep: Sequence[str] = (),
    pool: int = 0,
    names: Mapping[str, str] | None = None,
    strip_metadata: bool = False,
    egress: Sequence[str] = (),
) -> BuildReport:
    """Make a benchmark of your own cases: all that pass the guards, in the order of the table.

    `api.build.build_folder` describes options and errors; without `wanted` all cases are taken.
    """
    from medbench.datasets.folder import read_folder

    started = time.monotonic()
    read = read_folder(table, images, names)
    return build_table(
        f"{table} with {images}/",
        read,
        out,
        started,
        wanted=wanted,
        keep=keep,
        pool=pool,
        strip_metadata=strip_metadata,
        egress=egress,
    )


def build_table(  # noqa: PLR0913 - what is asked for, and what was read
    source: str,
    read: FolderCases,
    out: Path,
    started: float,
    *,
    wanted: Draw | None = None,
    keep: Sequence[str] = (),
    pool: int = 0,
    strip_metadata: bool = False,
    egress: Sequence[str] = (),
    pictures: str | None = None,
) -> BuildReport:
    """Make a benchmark of the cases of a table, as `build_folder` does of its own.

    `source` says in words where they are from, `started` when the work began, by `time.monotonic`, and
    `pictures` by which recipe volumes became pictures.
    """
    how = (wanted or Draw(by=("region",))).model_copy(update={"keep": tuple(keep)})
    how = _with_checked_keep(how)
    examined = examine.examine(read.cases, how.keep)
    drawn = draw(examined, how) if wanted else take_all(examined, how)
    plan = Plan(
        Dataset(name=out.absolute().name, pictures=pictures),
        drawn,
        examined,
        examine.left_out(examined),
        pool,
        decoded=read.decoded,
        strip_metadata=strip_metadata,
        egress=tuple(egress),
    )
    return write_benchmark(source, plan, out, started, notes=read.notes)


def _with_checked_keep(wanted: Draw) -> Draw:
    return wanted.model_copy(update={"keep": examine.check_keep(wanted.keep)})


def _check_recipe(recipe: str, wanted: Draw) -> None:
    if recipe != REPORT:
        raise UsageError(f"no draw is called '{recipe}'.", f"--draw {REPORT}")
    if wanted != STANDARD:
        raise UsageError(
            f"'{recipe}' is a fixed draw: it takes no other option of the draw.", f"only --draw {REPORT}"
        )


def write_benchmark(  # noqa: PLR0913 - what is written, and what the report says of it
    source: str,
    plan: Plan,
    target: Path,
    started: float,
    region_order: Sequence[str] = (),
    *,
    real: bool = True,
    notes: Sequence[str] = (),
) -> BuildReport:
    """Write a benchmark and count what the screen tells of it.

    Args:
        source: Name of the source and where it lies, in words.
        plan: What is written.
        target: Folder of the benchmark.
        started: When the work began, by `time.monotonic`.
        region_order: Order of the regions in tables.
        real: True if the cases are of patients.
        notes: Sentences on how the source was read.
    """
    frozen = freeze(target, plan)
    record = plan.drawn.draw
    drawn, eligible = (
        [entry.case for entry in plan.drawn.cases],
        [entry.case for entry in plan.drawn.eligible],
    )
    return BuildReport(
        source=source,
        source_cases=len(plan.examined),
        source_images=tally.image_modalities(entry.case for entry in plan.examined),
        left_out=plan.left_out,
        unanswerable=examine.flag_counts(plan.examined),
        eligible_kept=examine.drawable(plan.examined, but="unanswerable"),
        eligible=len(eligible),
        by=record.by,
        draw_words=in_words(record),
        rows=tuple(
            _row(
                tuple(cell.stratum[name] for name in record.by),
                cell.eligible,
                [case for case in drawn if all(_is(case, *part) for part in cell.stratum.items())],
                cell.short,
            )
            for cell in plan.drawn.strata
        ),
        total=_row(("all",), len(eligible), drawn),
        absent=tally.absent_modalities(drawn),
        scarce=tally.rarest_cell(eligible, region_order),
        filters=tuple(
            f"{name.replace('_', ' ')} {', '.join(values)}" for name, values in record.filters.items()
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
        nested=record.nested,
        missing_images=_incomplete(plan) if record.available_only else 0,
        real=real,
        notes=(*notes, *frozen.remarks),
        reach=_reach(drawn, record.by),
        terms=frozen.head.dataset.terms,
    )


def _row(name: tuple[str, ...], eligible: int, cases: Sequence[SourceCase], short: int = 0) -> StratumRow:
    single = sum(len(case.images) == 1 for case in cases)
    return StratumRow(
        name=name,
        eligible=eligible,
        drawn=len(cases),
        short=short,
        modalities=tally.by_modality(cases),
        one_image=single,
        more_images=len(cases) - single,
        images=sum(len(case.images) for case in cases),
    )


def _is(case: SourceCase, name: str, value: str) -> bool:
    return value == str(getattr(case, name))


def _incomplete(plan: Plan) -> int:
    return sum(not entry.reasons and not entry.case.complete for entry in plan.examined)


def _reach(drawn: Sequence[SourceCase], by: Sequence[str]) -> DrawReach | None:
    """Return what the draw can show, by the test of `compare` and the discordance that `plan` assumes.

    Cases of one topic are counted once, as if they always ended alike: the least that the draw can show.
    """
    from medbench.stats import power

    if not drawn:
        return None
    topics = [case.topic or f"\0{number}" for number, case in enumerate(drawn)]
    strata: dict[tuple[str, ...], set[str]] = {}
    for case, topic in zip(drawn, topics, strict=True):
        strata.setdefault(tuple(str(getattr(case, name)) for name in by), set()).add(topic)
    discordance, groups = power.USUAL_DISCORDANCE, len(set(topics))
    smallest = min(map(len, strata.values())) if len(strata) > 1 else None
    return DrawReach(
        groups=groups,
        half_width=power.half_width(power.USUAL_RATE, groups),
        detects=power.detectable(groups, discordance),
        discordance=discordance,
        stratum=smallest,
        stratum_detects=power.detectable(smallest, discordance) if smallest else None,
    )
