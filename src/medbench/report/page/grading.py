"""The texts that people can grade in the page, without saying who wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.sentences import printable

if TYPE_CHECKING:
    from medbench.schema.results.report_view import ReportView
    from medbench.schema.results.view import OutputView

SCORED, WHOLE = 0, 1
"""Which text of an output is graded: the part that is scored, or all of it."""


def texts_to_grade(view: ReportView) -> list[list[str | int]]:
    """Return for each text the id of its row, its case, its number there, its place, and which it is.

    The texts themselves stand with their cases; one that is neither the scored part nor the whole is given.
    """
    cases = {case.view.case.case_id: case.view.outputs for case in view.cases}
    return [
        [
            text.row_id,
            text.case_id,
            text.number,
            text.place,
            _which(text.judged, cases[text.case_id][text.number]),
        ]
        for text in view.to_grade
    ]


def _which(judged: str, shown: OutputView) -> str | int:
    if judged == shown.scored:
        return SCORED
    return WHOLE if shown.output is not None and judged == shown.output.text else printable(judged)
