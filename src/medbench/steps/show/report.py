"""Reads what stands behind a comparison: its cases with every output, its runs, and the pictures."""

from __future__ import annotations

from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Literal

import numpy as np

from medbench.errors import ImageError
from medbench.images.kinds import media_type
from medbench.images.recorded import Pictures
from medbench.images.transform import NONE
from medbench.schema.results.report_view import (
    Cell,
    Picture,
    ReportCase,
    ReportRun,
    ReportView,
    Sample,
    TextToGrade,
)
from medbench.schema.results.view import CaseView
from medbench.schema.verdict import GRADES
from medbench.stats.bootstrap import mean_interval
from medbench.stats.describe import mean_of
from medbench.stats.groups import grouped
from medbench.stats.rates import rate
from medbench.steps.reading.grades import RULES, grades_of
from medbench.steps.reading.output_grades import OutputGrades
from medbench.steps.reading.outputs import judged_text
from medbench.steps.reading.raters import raters_of
from medbench.steps.reading.score_columns import cases_of, score_table_of
from medbench.steps.reading.selection import selected_with_references
from medbench.steps.reading.verdict_book import RaterKey
from medbench.steps.review import case_rank, row_id, row_rank
from medbench.steps.show.probe_card import probe_card
from medbench.steps.show.sent_prompts import judging_prompts, sent_prompts
from medbench.steps.show.shown_cases import asked_cases
from medbench.steps.show.spreads import spreads_of
from medbench.steps.show.stored_outputs import StoredOutputs
from medbench.store.merkle import merkle_root, root_files
from medbench.store.runs import RunFolder
from medbench.store.seals import broken_seals, read_seals

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from medbench.schema.archive import Archive
    from medbench.schema.case import Image
    from medbench.schema.results.cards.probe_card import ProbeCard
    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.system_row import SystemRow
    from medbench.schema.results.view import OutputView
    from medbench.schema.verdict import Grade
    from medbench.steps.reading.raters import Raters
    from medbench.steps.show.shown_cases import Shown
    from medbench.store.benchmark import BenchmarkFolder

ImageSize = Literal["full", "thumb", "none"]
THUMB = "fit-384+jpeg-70"
"""How a picture is made small: some 15 kB, on which a finding can be recognised and not measured."""
_METRICS = ("finding.f1", "answer.right")
"""Metrics shown for a region where nothing is graded: the first that a run has."""
_DRAWN = ("image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp")
"""Media types that browsers draw."""


def report_view(comparison: Comparison, archive: Archive, shown: Shown | None = None) -> ReportView:
    """Return everything that stands behind a comparison but the pictures.

    Args:
        comparison: The comparison.
        archive: The files that the page carries.
        shown: The cases on the page; None for all.

    Raises:
        InputError: The benchmark is gone or was changed.
    """
    runs = {row.name: RunFolder(Path(row.path)) for row in comparison.systems}
    floors = [RunFolder(Path(row.path)) for row in comparison.floors]
    raters = raters_of([*runs.values(), *floors])
    counts = {row.name: row.graded.rater if row.graded else None for row in comparison.systems}
    benchmark = next(iter(runs.values())).benchmark()
    cases = tuple(_cases(benchmark, runs, counts, raters, shown.cases if shown else None))
    return ReportView(
        comparison=comparison,
        benchmark=benchmark.head,
        runs=tuple(_run(row, runs[row.name], cases) for row in comparison.systems),
        cases=cases,
        sample=_sample(benchmark, asked_cases(list(runs.values()))),
        cells=tuple(cell for name, run in runs.items() for cell in _cells(name, run, counts[name], raters)),
        spreads=tuple(spreads_of(cases, list(runs))),
        to_grade=tuple(_to_grade(cases, runs)),
        archive=archive,
        drawn_from=shown.drawn_from if shown else None,
        prompts=(*sent_prompts(cases, runs, benchmark.pool), *judging_prompts(runs)),
    )


def probe_cards(comparison: Comparison) -> tuple[ProbeCard, ...]:
    """Return the card of each run with probes, which are scored again where their scores are out of date."""
    runs = (RunFolder(Path(row.path)) for row in comparison.systems)
    return tuple(card for run in runs if (card := probe_card(run)))


def _cases(
    benchmark: BenchmarkFolder,
    runs: dict[str, RunFolder],
    counts: dict[str, str | None],
    raters: Raters,
    shown: frozenset[str] | None,
) -> Iterator[ReportCase]:
    stored = {name: StoredOutputs(run, shown, name) for name, run in runs.items()}
    graded = {name: OutputGrades(run, raters, shown) for name, run in runs.items()}
    for case, reference in selected_with_references(benchmark):
        if shown is not None and case.case_id not in shown:
            continue
        views = {
            name: [_named(view, raters) for view in one.views(case.case_id, reference.text)]
            for name, one in stored.items()
        }
        outputs = tuple(view for of_system in views.values() for view in of_system)
        grades = {
            name: tuple(_grade(view, graded[name], counts[name]) for view in of_system)
            for name, of_system in views.items()
        }
        differ = any(_raters_differ(of_system, graded[name]) for name, of_system in views.items())
        yield ReportCase(CaseView(str(benchmark.path), case, reference, outputs), grades, differ)


def _raters_differ(views: Sequence[OutputView], graded: OutputGrades) -> bool:
    """Return True if two raters settle on different grades of a case: the means of its outputs, rounded.

    The rules stand beside judges and people and decide nothing.
    """
    levels = defaultdict(list)
    for view in views:
        found = graded.of(view.output.case_id, view.output.replicate) if view.output else {}
        for rater, row in found.items():
            if row.grade is not None:
                levels[rater].append(GRADES.index(row.grade))
    return len({round(fmean(of_rater)) for of_rater in levels.values()}) > 1


def _to_grade(cases: tuple[ReportCase, ...], runs: dict[str, RunFolder]) -> Iterator[TextToGrade]:
    """Yield the texts of a blind sheet of all cases, in the order in which a sample takes them."""
    found: list[tuple[str, str, int, str]] = []
    for case in sorted(cases, key=lambda case: case_rank(case.view.case.case_id)):
        case_id, reference = case.view.case.case_id, case.view.reference.text
        for number, view in enumerate(case.view.outputs):
            if view.output is not None and view.output.text is not None:
                text, judged = judged_text(view.output.text)
                name = row_id(runs[view.run], case_id, view.output.replicate, judged, reference)
                found.append((name, case_id, number, text))
    places = {name: place for place, name in enumerate(sorted((name for name, *_ in found), key=row_rank))}
    for name, case_id, number, text in found:
        yield TextToGrade(name, case_id, number, places[name], text)


def _named(view: OutputView, raters: Raters) -> OutputView:
    """Return the output with its raters under the names that the comparison has for them."""
    verdicts = (
        verdict.model_copy(update={"rater": raters.names.get(RaterKey.of(verdict), verdict.rater)})
        for verdict in view.verdicts
    )
    return replace(view, verdicts=tuple(verdicts))


def _grade(view: OutputView, graded: OutputGrades, rater: str | None) -> Grade | None:
    if view.output is None or view.output.text is None or rater is None:
        return None
    if rater == RULES:
        return view.findings.grade if view.findings else None
    found = graded.of(view.output.case_id, view.output.replicate).get(rater)
    return found.grade if found else None


def _sample(benchmark: BenchmarkFolder, asked: Mapping[str, int]) -> Sample:
    regions, modalities, sexes, histories = Counter[str](), Counter[str](), Counter[str](), 0
    for case in benchmark.cases():
        if case.case_id in asked:
            regions[case.region] += 1
            modalities[case.modality] += 1
            sexes.update([case.sex] if case.sex else ())
            histories += bool(case.history)
    return Sample(len(asked), max(asked.values(), default=1), regions, modalities, sexes, histories)


def _run(row: SystemRow, run: RunFolder, cases: tuple[ReportCase, ...]) -> ReportRun:
    outputs = [view for case in cases for view in case.view.outputs if view.run == row.name]
    asked = {
        verdict.rater: ", ".join(f"{key} {value}" for key, value in (verdict.settings or {}).items())
        for view in outputs
        for verdict in view.verdicts
    }
    calls = [call for view in outputs for call in view.calls]
    return ReportRun(
        name=row.name,
        head=run.head,
        command=run.last_command(),
        ended=run.last_event(),
        # A model that answered in place of the one that was asked need not have a case on the page.
        answered=tuple(sorted({call.answered for call in calls if call.answered} | {*row.other_models})),
        prices=tuple(sorted({call.cost.basis for call in calls if call.cost})),
        raters=asked,
        sealed=bool(read_seals(run.path).files),
        broken=tuple(broken_seals(run.path)),
        root=merkle_root(root_files(run.path, run.benchmark().path)),
    )


def _cells(name: str, run: RunFolder, rater: str | None, raters: Raters) -> Iterator[Cell]:
    """Yield the share good, or finding F1 where nothing is graded, by region and modality."""
    cases = cases_of([run])
    table = score_table_of(run, cases)
    grades = grades_of(run, table, raters=raters).get(rater) if rater else None
    metric = next((name for name in _METRICS if name in table.sums), None)
    places = list(zip(cases.strata["region"], cases.strata["modality"], strict=True))
    for (region, modality), number in sorted(Counter(places).items()):
        inside = np.array([place == (region, modality) for place in places])
        if grades is not None:
            hits, graded = grades.counts["good"] * inside, grades.graded * inside
            estimate = rate(hits, graded, cases.topics, int(graded.sum()))
        elif metric is not None:
            groups = grouped(np.where(inside, table.means(metric), np.nan), cases.topics)
            estimate = mean_of(groups, mean_interval(groups) if groups.n else None, number - groups.n)
        else:
            continue
        yield Cell(region, modality, name, number, "good" if grades else metric or "", estimate)


def pictures(view: ReportView, size: ImageSize, missing: Callable[[ImageError], None]) -> Iterator[Picture]:
    """Yield each image of the cases once.

    Args:
        view: The report.
        size: 'full' for the files as they are, 'thumb' for small ones, 'none' for none.
        missing: Called for each image that cannot be read; it is left out.
    """
    if size == "none" or not view.cases:
        return
    images = {image.sha256: image for case in view.cases for image in case.view.case.images}
    benchmark = RunFolder(Path(view.comparison.systems[0].path)).benchmark()
    reader = Pictures(benchmark.path, shipped=bool(benchmark.link))

    def read(image: Image) -> Picture | ImageError:
        try:
            data = reader.to_send(image, NONE if size == "full" else THUMB).data
            kind = media_type(data) or ""
            if kind not in _DRAWN:
                kind, data = "image/jpeg", reader.to_send(image, "jpeg-90").data
        except ImageError as error:
            return error
        return Picture(image.sha256, kind, data)

    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(read, images.values()):
            if isinstance(found, Picture):
                yield found
            else:
                missing(found)
