"""Chooses cases by strata and seed, so that a larger draw contains the smaller one."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from medbench.datasets.examine import Examined, examine
from medbench.errors import InputError, UsageError
from medbench.registry import unknown
from medbench.schema.benchmark import Draw, Stratum
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from medbench.datasets.source import SourceCase, SourceImage

BY = ("region", "modality")
IMAGE_COUNTS = ("any", "1", "2+")
REPORT = "report-2026-02"
"""The 20 cases of the report of February 2026."""
_REPORT_SEED, _REPORT_PER_REGION = 42, 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be drawn."""

    by: tuple[str, ...] = ("region",)
    """What the strata are made of."""
    per_stratum: int | None = 20
    """Cases of each stratum; None for all."""
    seed: int = 1
    regions: tuple[str, ...] = ()
    """Only these; empty for all."""
    modalities: tuple[str, ...] = ()
    """Only cases of these kinds: 'CT', 'MR', 'CT+MR'."""
    splits: tuple[str, ...] = ()
    image_count: str = "any"
    """'1', '2+' or 'any'."""
    available_only: bool = False
    """Whether only cases whose images are all there can be drawn."""
    keep: tuple[str, ...] = ()

    def record(self) -> Draw:
        """The same, as `benchmark.json` holds it."""
        filters = {
            "region": self.regions,
            "modality": self.modalities,
            "split": self.splits,
            "image_count": () if self.image_count == "any" else (self.image_count,),
        }
        return Draw(
            by=self.by,
            per_stratum=self.per_stratum,
            seed=self.seed,
            available_only=self.available_only,
            filters={name: values for name, values in filters.items() if values},
            keep=self.keep,
        )


@dataclass(frozen=True, slots=True)
class Drawn:
    """The cases drawn, in the order of the benchmark, and the cells they come from."""

    cases: tuple[Examined, ...]
    strata: tuple[Stratum, ...]
    eligible: tuple[Examined, ...] = field(default=())
    """All that could be drawn, the drawn ones among them."""


def modality_of(case: SourceCase) -> str:
    """'CT', 'MR', … where all images agree, 'CT+MR' where they differ, 'unknown' without any."""
    return "+".join(sorted({image.modality for image in case.images if image.modality})) or "unknown"


def available(case: SourceCase) -> bool:
    """Whether every image of the case is there."""
    return all(_there(image) for image in case.images)


def draw(examined: Sequence[Examined], wanted: Wanted, region_order: Sequence[str] = ()) -> Drawn:
    """Draw cases: in each stratum the first ones of an order that seed and source ids decide.

    Texts alone decide; image files do not, unless `available_only` asks for it. So the draw is the same on
    every machine, and with a larger `per_stratum` it contains this one.

    Args:
        examined: All cases of the source.
        wanted: What to draw.
        region_order: Order of the regions in tables and in the benchmark; others follow as they come.

    Raises:
        UsageError: A filter names something that the source does not have, or nothing can be drawn.
    """
    wanted = checked(examined, wanted)
    eligible = [one for one in examined if not one.reasons and _passes(one.case, wanted)]
    if not eligible:
        raise InputError(
            "no case can be drawn: every one was left out or filtered away.",
            "fewer filters, or --keep unanswerable; --available-only needs the images of whole cases",
        )
    strata: dict[tuple[str, ...], list[Examined]] = {key: [] for key in _keys(eligible, wanted, region_order)}
    for one in eligible:
        strata[_key(one.case, wanted.by)].append(one)
    chosen: list[Examined] = []
    cells: list[Stratum] = []
    for key, members in strata.items():
        ranked = sorted(members, key=lambda one: _rank(wanted.seed, one.case.source_id))
        take = ranked[: wanted.per_stratum]
        chosen += take
        cells.append(
            Stratum(
                stratum=dict(zip(wanted.by, key, strict=True)),
                eligible=len(members),
                drawn=len(take),
                short=max(0, (wanted.per_stratum or 0) - len(take)),
            )
        )
    return Drawn(tuple(chosen), tuple(cells), tuple(eligible))


def draw_report(
    cases: Sequence[SourceCase], regions: Sequence[str], examined: Sequence[Examined] = ()
) -> Drawn:
    """The 20 cases of the report of February 2026, in its order, the image it used first in each.

    The report drew from all cases with findings and a diagnosis, one generator over the regions; nothing is
    left out here, the flags are noted.

    Args:
        cases: All cases, in the order of Case_topic.json.
        regions: The regions, in the report's order.
        examined: The same cases examined with everything kept; worked out where left out.

    Raises:
        InputError: The source holds too few cases to be MedPix 2.0.
    """
    examined = examined or examine(cases, ("unanswerable", "no-radiology", "history-names-diagnosis"))
    complete = [one for one in examined if one.case.text.strip() and one.case.diagnosis]
    generator = random.Random(_REPORT_SEED)  # noqa: S311 - the report's own generator, for the same cases
    chosen: list[Examined] = []
    cells: list[Stratum] = []
    for region in regions:
        pool = [one for one in complete if one.case.region == region]
        if len(pool) < _REPORT_PER_REGION:
            raise InputError(
                f"'{REPORT}' needs the whole of MedPix 2.0; region '{region}' has "
                f"{counted(len(pool), 'case')}.",
                "check --source",
            )
        # The report took the first image of the region; a case has one region, so that is its first image.
        chosen += generator.sample(pool, _REPORT_PER_REGION)
        cells.append(
            Stratum(stratum={"region": region}, eligible=len(pool), drawn=_REPORT_PER_REGION, short=0)
        )
    return Drawn(tuple(chosen), tuple(cells), tuple(complete))


def report_record() -> Draw:
    """How the report's draw is recorded."""
    return Draw(
        recipe=REPORT, by=("region",), per_stratum=_REPORT_PER_REGION, seed=_REPORT_SEED, nested=False
    )


def all_of(examined: Sequence[Examined], keep: tuple[str, ...]) -> tuple[Drawn, Draw]:
    """Every case that is not left out, in the order of the source.

    Raises:
        InputError: Every case was left out.
    """
    kept = tuple(one for one in examined if not one.reasons)
    if not kept:
        why = Counter(reason for one in examined for reason in one.reasons)
        counted = ", ".join(f"{reason.replace('_', ' ')} {n}" for reason, n in why.items())
        raise InputError(
            f"no case is left: all {len(examined)} were left out ({counted}).",
            "mend the cases; --keep unanswerable keeps those whose text cannot be told from the images",
        )
    counts = Counter(one.case.region for one in kept)
    cells = tuple(
        Stratum(stratum={"region": region}, eligible=n, drawn=n, short=0) for region, n in counts.items()
    )
    return Drawn(kept, cells, kept), Draw(by=("region",), keep=keep)


def _rank(seed: int, source_id: str) -> str:
    return hashlib.sha256(f"{seed}|{source_id}".encode()).hexdigest()


def _key(case: SourceCase, by: tuple[str, ...]) -> tuple[str, ...]:
    read: dict[str, Callable[[SourceCase], str]] = {"region": lambda one: one.region, "modality": modality_of}
    return tuple(read[name](case) for name in by)


def _keys(eligible: Iterable[Examined], wanted: Wanted, region_order: Sequence[str]) -> list[tuple[str, ...]]:
    """All cells, the empty ones too: their shortfall is to be seen."""
    cases = [one.case for one in eligible]
    known = set(region_order)
    found = list(dict.fromkeys(case.region for case in cases))
    regions = [*(r for r in region_order if r in found), *(r for r in found if r not in known)]
    modalities = sorted({modality_of(case) for case in cases}, key=lambda name: (name.count("+"), name))
    axes = {"region": regions, "modality": modalities}
    keys: list[tuple[str, ...]] = [()]
    for name in wanted.by:
        keys = [(*key, value) for key in keys for value in axes[name]]
    return keys


def _passes(case: SourceCase, wanted: Wanted) -> bool:
    count = len(case.images)
    return (
        (not wanted.regions or case.region in wanted.regions)
        and (not wanted.modalities or modality_of(case) in wanted.modalities)
        and (not wanted.splits or case.split in wanted.splits)
        and (wanted.image_count == "any" or (count == 1) == (wanted.image_count == "1"))
        and (not wanted.available_only or available(case))
    )


def checked(examined: Sequence[Examined], wanted: Wanted) -> Wanted:
    """The same, with the names as the source writes them; drawing does this by itself.

    Raises:
        UsageError: Something wanted is not there.
    """
    for name in wanted.by:
        if name not in BY:
            raise unknown("stratum", name, BY, option="--by ")
    if wanted.image_count not in IMAGE_COUNTS:
        raise unknown("image count", wanted.image_count, IMAGE_COUNTS, option="--image-count ")
    if wanted.per_stratum is not None and wanted.per_stratum < 1:
        raise UsageError(
            f"'{wanted.per_stratum}' cases per stratum cannot be drawn.", "--per-stratum 1 or more, 0 for all"
        )
    cases = [one.case for one in examined]
    return replace(
        wanted,
        regions=_named("region", wanted.regions, {case.region for case in cases}, "--regions "),
        modalities=_named(
            "modality", wanted.modalities, {modality_of(case) for case in cases}, "--modality "
        ),
        splits=_named("split", wanted.splits, {case.split for case in cases if case.split}, "--split "),
    )


def _named(what: str, names: tuple[str, ...], known: set[str], option: str) -> tuple[str, ...]:
    """The names as the source writes them; 'spine' will do for 'Spine/MSK'."""
    spelt = {name.casefold(): name for name in known} | {
        name.casefold().partition("/")[0]: name for name in known
    }
    for name in names:
        if name.casefold() not in spelt:
            raise unknown(what, name, known, option=option)
    return tuple(dict.fromkeys(spelt[name.casefold()] for name in names))


def _there(image: SourceImage) -> bool:
    return image.data is not None or (image.path is not None and image.path.is_file())
