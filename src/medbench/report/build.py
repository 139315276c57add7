"""The screen of `build`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Field, Verbatim, flush, table
from medbench.sentences import counted, line_of, rounded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.report.blocks import Block, Table
    from medbench.schema.benchmark import Terms
    from medbench.schema.results.build import BuildReport, StratumRow

_FLAG_WORDS = {
    "other_modality": "names a modality that is not there",
    "points_elsewhere": "points at captions or figures",
    "too_short": "five words or fewer",
}
_REASON_WORDS = {
    "no_findings": "no findings text: the reference is empty",
    "placeholder_caption": "a placeholder in the place of a caption",
    "shared_caption": "a caption that several images of the case share",
    "unanswerable": "the text cannot be told from the images",
    "history_names_diagnosis": "the history names the diagnosis",
    "no_radiology_image": "no radiology image (photograph, gross pathology, drawing)",
    "no_answer": "a question without an answer",
    "answer_not_offered": "an answer that is none of the choices",
    "choices_alike": "choices that differ in case, articles or punctuation alone",
}


def build_screen(report: BuildReport) -> Iterator[Block]:
    """Yield the counts, the table of strata, what the draw can and cannot tell, and where it was written."""
    yield from _source(report)
    yield Blank()
    if report.draw_words:
        yield Verbatim(f"Draw: {report.draw_words}")
        yield Blank()
    yield _table(report)
    yield Blank()
    yield from _shortfalls(report)
    for note in report.notes:
        yield flush(note)
    for text in (_confounding(report), _reach(report), _flags(report), _pool(report)):
        if text:
            yield flush(text)
    if report.unchanged:
        ending = f"holds exactly this already (digest {report.digest[:8]}); nothing was written."
        yield Verbatim(f"{report.path}/ {ending}")
    else:
        size = f"{report.bytes / 1e6:.1f} MB, digest {report.digest[:8]}, {report.seconds:.0f} s"
        yield Verbatim(f"Wrote {report.path}/ ({size}).")
    if asked := terms_of(report.source, report.terms):
        yield flush(asked)


def terms_of(source: str, terms: Terms | None = None) -> str:
    """Return what the source of the cases asks of those who use them; nothing where it is free."""
    if terms is None:
        return "Cite MedPix; do not publish its images." if source.startswith("MedPix") else ""
    gated = ", gated" if terms.gated else ""
    parts = [f"Licence: {terms.licence or 'none is stated'}{gated}.", terms.words]
    if terms.own_servers_only:
        parts.append("The cases may be sent to this machine and servers of your own only.")
    return " ".join(filter(None, parts))


def next_lines(report: BuildReport) -> list[tuple[str, str]]:
    """Return what to type next, and what it does."""
    return [
        (line_of("run", report.path), "the baselines, free"),
        ("medbench models", "models, and what each still needs"),
    ]


def _source(report: BuildReport) -> Iterator[Block]:
    kinds = ", ".join(f"{kind} {count:,}" for kind, count in report.source_images.items())
    images = counted(sum(report.source_images.values()), "image")
    yield Verbatim(f"{report.source}: {counted(report.source_cases, 'case')}, {images} ({kinds}).")
    left_out = [
        (count, _REASON_WORDS.get(reason, reason) + _parts(reason, report))
        for reason, count in report.left_out.items()
    ]
    if report.missing_images:
        left_out.append((report.missing_images, "images that are not there (--available-only)"))
    for number, (count, words) in enumerate(left_out):
        label = f"  {'' if number else 'left out':<8} {count:>4,}   "
        yield Field(label, words, column=len(label))
    total = sum(count for count, _ in left_out)
    if total > report.source_cases - report.eligible and not report.filters:
        yield Verbatim("                  (a case with several reasons is counted in each)")
    more = (
        f"      (--keep unanswerable draws from {report.eligible_kept:,})"
        if "unanswerable" in report.left_out and not report.filters and not report.missing_images
        else ""
    )
    yield Verbatim(f"  can be drawn  {report.eligible:,}{more}")
    if report.filters:
        yield Verbatim(f"  restricted to {', '.join(report.filters)}")


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


def _shortfalls(report: BuildReport) -> Iterator[Block]:
    short = [row for row in report.rows if row.short]
    if short:
        named = ", ".join(f"{' '.join(row.name)} has {row.eligible:,} ({row.short:,} short)" for row in short)
        yield flush(f"Not enough cases: {named}.")
        yield Blank()


def _confounding(report: BuildReport) -> str:
    if not report.absent or "modality" in report.by or not report.real:
        return ""
    where = "; ".join(f"no {kind} of {_and(regions)}" for kind, regions in report.absent.items())
    text = (
        f"Modality goes with region here ({where}): a difference between modalities cannot be told from one"
        " between regions."
    )
    if report.scarce:
        name, count = report.scarce
        rarest = f"; the rarest, {name}, has {count:,}" if count else f"; the source has no {name}"
        text += f" --by region,modality balances them as far as it can{rarest}."
    return text


def _reach(report: BuildReport) -> str:
    reach = report.reach
    if reach is None:
        return ""
    most = rounded(reach.discordance, times=2)
    difference = (
        f"not even a paired difference of {most} points"
        if reach.detects is None
        else f"a paired difference of {rounded(reach.detects, times=2)} points or more"
    )
    drawn, unit = counted(report.total.drawn, "case"), "case"
    if reach.groups != report.total.drawn:
        drawn, unit = f"{drawn} / {counted(reach.groups, 'group')}", "group"
    text = (
        f"What {drawn} can show: a rate to "
        f"+-{rounded(reach.half_width, times=2)} points, and {difference} (80 % power, discordance .{most})."
    )
    if reach.stratum is None:
        return text
    cases = counted(reach.stratum, unit)
    part = f"A {report.by[0]} alone ({cases})" if report.by else f"A part of {cases}"
    if reach.stratum < 6:
        return f"{text} {part} can never reach p < .05 in a paired test."
    if reach.stratum_detects is None:
        return f"{text} {part} cannot show even one of {most} points."
    return f"{text} {part} can show one of {rounded(reach.stratum_detects, times=2)} points or more."


def _flags(report: BuildReport) -> str:
    words = {
        **_FLAG_WORDS,
        "contains_diagnosis": "contains the diagnosis",
        "duplicate_text": "the same text as another case",
        "history_names_diagnosis": "the history names the diagnosis",
        "no_radiology_image": "no radiology image",
    }
    flags = ", ".join(f"{words[flag]} ({count:,})" for flag, count in report.flags.items())
    return f"Noted in references.jsonl, kept: {flags}." if flags else ""


def _pool(report: BuildReport) -> str:
    if not report.pool:
        return "Pool: no case; the baselines that use pool cases are left out."
    excluded = (
        f"; {counted(report.pool_excluded, 'is', 'are')} too like a drawn case (same topic, diagnosis "
        "or patient, near-identical image) and can never be in it"
        if report.pool_excluded
        else ""
    )
    return f"Pool: {counted(report.pool, 'case')} that may be shown as examples{excluded}."


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
