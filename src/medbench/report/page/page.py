"""Puts the page together: the shell, then the data of each case, then each picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medbench.report.compare.screens import whole
from medbench.report.experiment import frontier
from medbench.report.inlined import data_island, image_island, shell
from medbench.report.numbers import mean, rate
from medbench.report.page.archive import archive_list, archived_file
from medbench.report.page.cases import SIGNS, case_data, case_rows, options
from medbench.report.page.charts import against_the_first, by_system, forests
from medbench.report.page.checklists import checklists
from medbench.report.page.first_view import first_view
from medbench.report.page.grading import texts_to_grade
from medbench.report.page.method import method
from medbench.report.page.plots import WIDTH
from medbench.report.page.spreads import spread_plots
from medbench.report.show.case import OUTCOMES
from medbench.report.show.probes import probe_card
from medbench.schema.results.review import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.report_view import Cell, Picture, ReportView

_STYLES = ("page/style.css", "review/form.css")
_SCRIPTS = ("page/basics.js", "page/images.js", "page/script.js", "review/form.js", "page/grading.js")
_END = "</body>\n</html>\n"


def report_page(
    view: ReportView, pictures: Iterable[Picture], contents: Iterable[Iterable[bytes]]
) -> Iterator[str]:
    """Yield the page in parts. The same records give the same bytes.

    What a model or a person wrote is escaped in the shell, and in the data neither markup nor script.

    Args:
        view: What it shows.
        pictures: The images, in any order; cases whose images are not among them say so.
        contents: The files of its archive, each in blocks.
    """
    yield _shell(view)
    yield archive_list(view.archive)
    yield data_island("columns", COLUMNS)
    yield data_island("to-grade", texts_to_grade(view))
    for case in view.cases:
        yield data_island(f"c-{case.view.case.case_id}", case_data(case))
    for picture in pictures:
        yield image_island(f"i-{picture.sha256}", picture.kind, picture.data)
    for number, blocks in enumerate(contents):
        yield from archived_file(number, blocks)
    yield _END


def _shell(view: ReportView) -> str:
    rows = list(case_rows(view.cases, view.comparison))
    sections = list(method(view))
    overall, pairs = against_the_first(view.comparison), list(forests(view.comparison))
    return shell(
        "page/page.html",
        _STYLES,
        _SCRIPTS,
        view=first_view(view),
        comparison=view.comparison,
        plots=[*by_system(view.comparison), *([overall] if overall else pairs)],
        folded=pairs if overall else [],
        probes=[block for card in view.probes for block in probe_card(card)],
        spreads=list(spread_plots(view.spreads)),
        by_dollar=list(frontier(view.comparison, _metric(view.comparison))),
        width=WIDTH,
        cells=_grid(view.cells),
        graded=any(row.graded for row in view.comparison.systems),
        numbers=list(whole(view.comparison)),
        rows=rows,
        options=options(rows, view.comparison),
        signs=SIGNS,
        outcomes={"correct": "right", **OUTCOMES},
        to_grade=len(view.to_grade),
        method=sections,
        checklists=list(checklists(view, sections)),
    )


def _metric(comparison: Comparison) -> str:
    """Return what the conclusion is about, or what would be."""
    decided = (pair.conclusion.metric for pair in comparison.pairs if pair.conclusion)
    return next(decided, "good" if comparison.rater else "finding.f1")


def _grid(cells: Iterable[Cell]) -> dict[str, Any]:
    """Return the cells as a row for each region and modality, with the text of each system."""
    shown = {
        (cell.region, cell.modality, cell.system): (
            (rate if cell.metric == "good" else mean)(cell.estimate),
            f"n {cell.estimate.n} of {cell.cases}",
        )
        for cell in cells
    }
    systems = list(dict.fromkeys(system for _, _, system in shown))
    rows = [
        (region, modality, [shown.get((region, modality, system), ("", "")) for system in systems])
        for region, modality in sorted({(region, modality) for region, modality, _ in shown})
    ]
    return {"systems": systems, "rows": rows}
