"""What `medbench build` made, as it stands on the screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from medbench.report.table import table
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rich.table import Table

_FLAG_WORDS = {
    "other_modality": "names a modality that is not there",
    "points_elsewhere": "points at captions or figures",
    "too_short": "five words or fewer",
}
_REASON_WORDS = {
    "no_findings": "no findings text",
    "unanswerable": "the text cannot be told from the images",
    "history_names_diagnosis": "the history names the diagnosis",
    "no_radiology_image": "no radiology image (photograph, gross pathology, drawing)",
}


@dataclass(frozen=True, slots=True)
class StratumRow:
    """One line of the table of strata."""

    name: tuple[str, ...]
    """Values of what the strata are made of."""
    eligible: int
    drawn: int
    short: int
    modalities: dict[str, int]
    """Drawn cases by modality."""
    one_image: int
    """Drawn cases with one image."""
    more_images: int
    """Drawn cases with two or more."""
    images: int


@dataclass(frozen=True, slots=True)
class DrawReach:
    """What a draw can show, before anything is run."""

    half_width: float
    """Half width of the 95 % interval of a rate near .40."""
    detects: float | None
    """Smallest paired difference with 80 % power; None where none has."""
    discordance: float
    """Share of cases assumed of which one system alone is good."""
    stratum: int | None
    """Cases of the smallest stratum; None where there is but one."""
    stratum_detects: float | None
    """What they detect by themselves."""


@dataclass(frozen=True, slots=True)
class BuildReport:
    """All that `build` says about a benchmark."""

    source: str
    """Name of the source and where it lies."""
    source_cases: int
    source_images: dict[str, int]
    """Images of the source by modality."""
    left_out: dict[str, int]
    """Cases that could not be drawn, by reason."""
    unanswerable: dict[str, int]
    """Of the unanswerable ones, how many by flag."""
    eligible_kept: int
    """Cases that `--keep unanswerable` would draw from."""
    eligible: int
    by: tuple[str, ...]
    draw_words: str
    """The draw as one would type it, or the name of its recipe; empty where all cases were taken."""
    rows: tuple[StratumRow, ...]
    total: StratumRow
    absent: dict[str, tuple[str, ...]]
    """Modalities that some regions do not have, though others do: by modality, the regions."""
    scarce: tuple[str, int] | None
    """The rarest cell of region and modality that is there at all, and its cases."""
    filters: tuple[str, ...]
    """Restrictions, as typed."""
    pool: int
    pool_excluded: int
    flags: dict[str, int]
    """Drawn cases by flag."""
    name: str
    path: Path
    digest: str
    bytes: int
    seconds: float
    unchanged: bool
    """Whether the folder held exactly this already."""
    nested: bool = True
    missing_images: int = 0
    """Cases that could not be drawn because images are missing (`--available-only`)."""
    reach: DrawReach | None = None
    """What the draw can show; None without cases."""
    real: bool = field(default=True)
    """Whether the cases are of patients."""


def build_lines(report: BuildReport) -> list[str | Table]:
    """The result: counts, the table of strata, what the draw can and cannot tell, where it was written."""
    lines: list[str | Table] = [*_source(report), ""]
    if report.draw_words:
        lines += [f"Draw: {report.draw_words}", ""]
    lines += [
        _table(report),
        "",
        *_shortfalls(report),
        *_confounding(report),
        *_reach(report),
        *_flags(report),
    ]
    lines += [_pool(report)]
    if report.unchanged:
        return [
            *lines,
            f"{report.path}/ holds exactly this already (digest {report.digest[:8]}); nothing was written.",
        ]
    size = f"{report.bytes / 1e6:.1f} MB, digest {report.digest[:8]}, {report.seconds:.0f} s"
    return [*lines, f"Wrote {report.path}/ ({size})."]


def next_lines(report: BuildReport) -> list[str]:
    """What to type next."""
    lines = ["Cite MedPix; do not publish its images."] if report.source.startswith("MedPix") else []
    return [
        *lines,
        f"Next: {f'medbench run {report.path}':<30} the baselines, free",
        f"      {'medbench models':<30} models, and what each still needs",
    ]


def _source(report: BuildReport) -> list[str]:
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in report.source_images.items())
    images = sum(report.source_images.values())
    lines = [
        f"{report.source}: {counted(report.source_cases, 'case')}, {counted(images, 'image')} ({kinds})."
    ]
    first = "left out"
    for reason, count in report.left_out.items():
        words = _REASON_WORDS.get(reason, reason)
        lines += _wrapped(f"  {first:<8} {count:>4,}   ", words + _parts(reason, report))
        first = ""
    if report.missing_images:
        words = "images that are not there (--available-only)"
        lines.append(f"  {first:<8} {report.missing_images:>4,}   {words}")
    together = sum(report.left_out.values()) + report.missing_images
    if together > report.source_cases - report.eligible and not report.filters:
        lines.append("                  (a case with several reasons is counted in each)")
    more = (
        f"      (--keep unanswerable draws from {report.eligible_kept:,})"
        if "unanswerable" in report.left_out and not report.filters and not report.missing_images
        else ""
    )
    lines.append(f"  can be drawn  {report.eligible:,}{more}")
    if report.filters:
        lines.append(f"  restricted to {', '.join(report.filters)}")
    return lines


def _parts(reason: str, report: BuildReport) -> str:
    if reason != "unanswerable" or not report.unanswerable:
        return ""
    return ": " + ", ".join(f"{_FLAG_WORDS[flag]} ({count:,})" for flag, count in report.unanswerable.items())


def _table(report: BuildReport) -> Table:
    kinds = list(report.total.modalities)
    header = [*report.by, "can be drawn", "drawn", *kinds, "1 image", "2+ images", "images"]
    everything = (*report.rows, report.total)
    return table(
        header,
        (_cells(row, kinds, len(report.by)) for row in everything),
        left=range(len(report.by)),
        wraps=range(len(report.by)),
    )


def _cells(row: StratumRow, kinds: Sequence[str], width: int) -> list[str]:
    names = [*row.name, *[""] * (width - len(row.name))]
    numbers = [row.eligible, row.drawn, *(row.modalities.get(kind, 0) for kind in kinds)]
    return [*names, *(f"{n:,}" for n in (*numbers, row.one_image, row.more_images, row.images))]


def _shortfalls(report: BuildReport) -> list[str]:
    short = [row for row in report.rows if row.short]
    if not short:
        return []
    named = ", ".join(f"{' '.join(row.name)} has {row.eligible:,} ({row.short:,} short)" for row in short)
    return [*_wrapped("", f"Not enough cases: {named}."), ""]


def _confounding(report: BuildReport) -> list[str]:
    if not report.absent or "modality" in report.by or not report.real:
        return []
    where = "; ".join(f"no {kind} of {_and(regions)}" for kind, regions in report.absent.items())
    text = (
        f"Modality goes with region here ({where}): a difference between modalities cannot be told from one"
        " between regions."
    )
    if report.scarce:
        name, count = report.scarce
        rarest = f"; the rarest, {name}, has {count:,}" if count else f"; the source has no {name}"
        text += f" --by region,modality balances them as far as it can{rarest}."
    return _wrapped("", text)


def _reach(report: BuildReport) -> list[str]:
    reach = report.reach
    if reach is None:
        return []
    cases = report.total.drawn
    difference = (
        f"not even a paired difference of {100 * reach.discordance:.0f} points"
        if reach.detects is None
        else f"a paired difference of {100 * reach.detects:.0f} points or more"
    )
    text = (
        f"What {counted(cases, 'case')} can show: a rate to "
        f"+-{100 * reach.half_width:.0f} points, and {difference} "
        f"(80 % power, discordance .{100 * reach.discordance:.0f})."
    )
    if reach.stratum is not None:
        what = (
            f"{report.by[0]} alone ({counted(reach.stratum, 'case')})"
            if report.by
            else f"A part of {counted(reach.stratum, 'case')}"
        )
        if reach.stratum < 6:
            text += f" A {what} can never reach p < .05 in a paired test."
        elif reach.stratum_detects is None:
            text += f" A {what} cannot show even one of {100 * reach.discordance:.0f} points."
        else:
            text += f" A {what} can show one of {100 * reach.stratum_detects:.0f} points or more."
    return _wrapped("", text)


def _flags(report: BuildReport) -> list[str]:
    words = {
        **_FLAG_WORDS,
        "contains_diagnosis": "contains the diagnosis",
        "duplicate_text": "the same text as another case",
        "history_names_diagnosis": "the history names the diagnosis",
        "no_radiology_image": "no radiology image",
    }
    noted = ", ".join(f"{words[flag]} ({count:,})" for flag, count in report.flags.items())
    return _wrapped("", f"Noted in references.jsonl, kept: {noted}.") if noted else []


def _pool(report: BuildReport) -> str:
    if not report.pool:
        return "Pool: no case; baseline-random and baseline-retrieval have nothing to show."
    held = (
        f"; {counted(report.pool_excluded, 'is', 'are')} too like a drawn case (same topic, diagnosis "
        "or patient, near-identical image) and can never be in it"
        if report.pool_excluded
        else ""
    )
    return "\n".join(
        _wrapped("", f"Pool: {counted(report.pool, 'case')} that may be shown as examples{held}.")
    )


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _wrapped(start: str, text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, 80, initial_indent=start, subsequent_indent=" " * len(start))
