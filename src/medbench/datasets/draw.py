"""Chooses cases by strata and seed, so that a larger draw contains the smaller one."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from medbench.errors import InputError, UsageError
from medbench.registry import unknown
from medbench.schema.benchmark import Draw, Stratum
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from medbench.datasets.examine import Examined
    from medbench.datasets.source import SourceCase

STANDARD = Draw(by=("region",), per_stratum=20, seed=1)
"""The draw where no option is given."""
REPORT = "report-2026-02"
"""Name of the draw of the 20 cases of the report of February 2026."""
_BY = ("region", "modality", "plane")
_IMAGE_COUNTS = ("any", "1", "2+")
_OPTIONS = {"region": "--regions", "modality": "--modality", "split": "--split"}
_REPORT_SEED, _REPORT_PER_REGION = 42, 4


@dataclass(frozen=True, slots=True)
class Drawn:
    """The cases that were drawn, and where they come from."""

    draw: Draw
    """The draw, with names as the source writes them."""
    cases: tuple[Examined, ...]
    """The drawn cases, in the order of the benchmark."""
    strata: tuple[Stratum, ...]
    """The strata of the draw, empty ones too."""
    eligible: tuple[Examined, ...]
    """All cases that could be drawn, the drawn ones among them."""


def draw(examined: Sequence[Examined], wanted: Draw, region_order: Sequence[str] = ()) -> Drawn:
    """Draw cases: in each stratum the first ones of an order that seed and source ids decide.

    Texts alone decide; image files do not, unless `available_only` asks for it. So the draw is the same on
    every machine, and with a larger `per_stratum` it contains this one.

    Args:
        examined: All cases of the source.
        wanted: How to draw. 'image_count' among its filters is '1', '2+' or 'any'.
        region_order: Order of the regions in tables and in the benchmark; others follow as they come.

    Raises:
        UsageError: A filter names something that the source does not have.
        InputError: Nothing can be drawn.
    """
    wanted = _checked([entry.case for entry in examined], wanted)
    eligible = tuple(entry for entry in examined if not entry.reasons and _passes(entry.case, wanted))
    if not eligible:
        raise InputError(
            "no case can be drawn: every one was left out or filtered away.",
            "fewer filters, or --keep unanswerable; --available-only needs the images of whole cases",
        )
    strata: dict[tuple[str, ...], list[Examined]] = {
        key: [] for key in _keys([entry.case for entry in eligible], wanted.by, region_order)
    }
    for entry in eligible:
        strata[tuple(_value(entry.case, name) for name in wanted.by)].append(entry)
    chosen: list[Examined] = []
    cells: list[Stratum] = []
    for key, members in strata.items():
        members.sort(key=lambda entry: _rank(wanted.seed, entry.case.source_id))
        drawn = members[: wanted.per_stratum]
        chosen += drawn
        cells.append(
            Stratum(
                stratum=dict(zip(wanted.by, key, strict=True)),
                eligible=len(members),
                drawn=len(drawn),
                short=max(0, (wanted.per_stratum or 0) - len(drawn)),
            )
        )
    return Drawn(wanted, tuple(chosen), tuple(cells), eligible)


def draw_report(examined: Sequence[Examined], regions: Sequence[str]) -> Drawn:
    """Draw the 20 cases of the report of February 2026, in its order.

    The report drew from all cases with findings and a diagnosis, with one generator over the regions, and
    left nothing out. It used the first image of the region, which is the first of the case.

    Args:
        examined: All cases in the order of Case_topic.json, examined with everything kept.
        regions: The regions, in the report's order.

    Raises:
        InputError: The source holds too few cases to be MedPix 2.0.
    """
    eligible = tuple(entry for entry in examined if entry.case.text.strip() and entry.case.diagnosis)
    generator = random.Random(_REPORT_SEED)  # noqa: S311 - the report's own generator, for the same cases
    chosen: list[Examined] = []
    cells: list[Stratum] = []
    for region in regions:
        members = [entry for entry in eligible if entry.case.region == region]
        if len(members) < _REPORT_PER_REGION:
            raise InputError(
                f"'{REPORT}' needs the whole of MedPix 2.0; region '{region}' has "
                f"{counted(len(members), 'case')}.",
                "check --source",
            )
        chosen += generator.sample(members, _REPORT_PER_REGION)
        cells.append(
            Stratum(stratum={"region": region}, eligible=len(members), drawn=_REPORT_PER_REGION, short=0)
        )
    record = Draw(
        recipe=REPORT, by=("region",), per_stratum=_REPORT_PER_REGION, seed=_REPORT_SEED, nested=False
    )
    return Drawn(record, tuple(chosen), tuple(cells), eligible)


def take_all(examined: Sequence[Examined], record: Draw) -> Drawn:
    """Take every case that is not left out, in the order of the source.

    Raises:
        InputError: Every case was left out.
    """
    kept = tuple(entry for entry in examined if not entry.reasons)
    if not kept:
        counts = Counter(reason for entry in examined for reason in entry.reasons)
        reasons = ", ".join(f"{reason.replace('_', ' ')} {n}" for reason, n in counts.items())
        raise InputError(
            f"no case is left: all {len(examined)} were left out ({reasons}).",
            "correct the cases; --keep unanswerable keeps those whose text cannot be told from the images",
        )
    cells = tuple(
        Stratum(stratum={"region": region}, eligible=n, drawn=n, short=0)
        for region, n in Counter(entry.case.region for entry in kept).items()
    )
    return Drawn(record, kept, cells, kept)


def _rank(seed: int | None, source_id: str) -> str:
    return hashlib.sha256(f"{seed}|{source_id}".encode()).hexdigest()


def _value(case: SourceCase, name: str) -> str:
    return str(getattr(case, name))


def _keys(
    cases: Sequence[SourceCase], by: Sequence[str], region_order: Sequence[str]
) -> Iterable[tuple[str, ...]]:
    """Return the keys of all strata, the empty ones too: their shortfall is to be seen."""
    present = dict.fromkeys(case.region for case in cases)
    regions = [
        *(name for name in region_order if name in present),
        *(n for n in present if n not in region_order),
    ]
    values = {
        name: sorted({_value(case, name) for case in cases}, key=lambda value: (value.count("+"), value))
        for name in by
    }
    return product(*(regions if name == "region" else values[name] for name in by))


def _passes(case: SourceCase, wanted: Draw) -> bool:
    values = {
        "region": case.region,
        "modality": case.modality,
        "split": case.split,
        "image_count": "1" if len(case.images) == 1 else "2+",
    }
    return all(values[name] in allowed for name, allowed in wanted.filters.items()) and (
        case.complete or not wanted.available_only
    )


def _checked(cases: Sequence[SourceCase], wanted: Draw) -> Draw:
    """Return the draw with the filters' names as the source writes them, and without empty filters."""
    for name in wanted.by:
        if name not in _BY:
            raise unknown("stratum", name, _BY, option="--by ")
    if wanted.per_stratum is not None and wanted.per_stratum < 1:
        raise UsageError(
            f"'{wanted.per_stratum}' cases per stratum cannot be drawn.", "--per-stratum 1 or more, 0 for all"
        )
    filters = {}
    for name, option in _OPTIONS.items():
        known = {str(getattr(case, name)) for case in cases if getattr(case, name)}
        filters[name] = _as_in_source(name, wanted.filters.get(name, ()), known, option)
    counts = wanted.filters.get("image_count", ())
    for count in counts:
        if count not in _IMAGE_COUNTS:
            raise unknown("image count", count, _IMAGE_COUNTS, option="--image-count ")
    filters["image_count"] = tuple(count for count in counts if count != "any")
    return wanted.model_copy(update={"filters": {name: named for name, named in filters.items() if named}})


def _as_in_source(what: str, names: Iterable[str], known: set[str], option: str) -> tuple[str, ...]:
    """Return the names as the source writes them; 'spine' will do for 'Spine/MSK'."""
    spelt = {name.casefold(): name for name in known} | {
        name.casefold().partition("/")[0]: name for name in known
    }
    names = _joined(names, spelt)
    for name in names:
        if name.casefold() not in spelt:
            raise unknown(what, name, known, option=f"{option} ")
    return tuple(dict.fromkeys(spelt[name.casefold()] for name in names))


def _joined(names: Iterable[str], spelt: Mapping[str, str]) -> list[str]:
    """Return names that stood between commas, with those joined again that are one name of the source."""
    rest, joined = list(names), []
    while rest:
        texts = ((count, sep.join(rest[:count])) for count in range(len(rest), 1, -1) for sep in (",", ", "))
        count, name = next((found for found in texts if found[1].casefold() in spelt), (1, rest[0]))
        joined.append(name)
        rest = rest[count:]
    return joined


def in_words(record: Draw) -> str:
    """Return how cases were drawn, in the words of the command line where it has them."""
    if record.recipe == REPORT:
        return f"{REPORT}, the 20 cases of that report in its order; nothing was left out"
    if record.recipe:
        return f"seed {record.seed}"
    if record.seed is None:
        return ""
    unit = "--unit image " if record.unit == "image" else ""
    words = f"{unit}--by {','.join(record.by)} --per-stratum {record.per_stratum or 0} --seed {record.seed}"
    return f"{words}; nested: a larger draw contains this one"
