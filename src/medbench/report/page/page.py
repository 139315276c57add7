"""Puts the page together: the shell, then the data of each case, then each picture."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from medbench.report.blocks import spans
from medbench.report.compare.screens import whole
from medbench.report.numbers import mean, rate
from medbench.report.page.cases import SIGNS, case_data, case_rows, options
from medbench.report.page.charts import WIDTH, forests, grades
from medbench.report.page.first_view import first_view
from medbench.report.page.method import method
from medbench.report.show.case import OUTCOMES
from medbench.sentences import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinja2 import Environment

    from medbench.schema.results.report_view import Cell, Picture, ReportView

_POLICY = (
    "default-src 'none'; img-src data: blob:; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
    "base-uri 'none'; form-action 'none'"
)
_END = "</body>\n</html>\n"


def report_page(view: ReportView, pictures: Iterable[Picture]) -> Iterator[str]:
    """Yield the page in parts. The same records give the same bytes.

    What a model or a person wrote is escaped in the shell, and in the data neither markup nor script.

    Args:
        view: What it shows.
        pictures: The images, in any order; cases whose images are not among them say so.
    """
    yield _shell(view)
    for case in view.cases:
        data = _inert(case_data(case))
        yield f'<script type="application/json" id="c-{case.view.case.case_id}">{data}</script>\n'
    for picture in pictures:
        pixels = base64.b64encode(picture.data).decode()
        yield (
            f'<script type="application/octet-stream" id="i-{picture.sha256}" data-kind="{picture.kind}">'
            f"{pixels}</script>\n"
        )
    yield _END


def _shell(view: ReportView) -> str:
    rows = list(case_rows(view.cases, view.comparison))
    style, script = _part("style.css"), _part("script.js")
    policy = _POLICY.format(style=digest_of(style), script=digest_of(script))
    return (
        _templates()
        .get_template("page.html")
        .render(
            view=first_view(view),
            comparison=view.comparison,
            plots=[grades(view.comparison), *forests(view.comparison)],
            width=WIDTH,
            cells=_grid(view.cells),
            graded=any(row.graded for row in view.comparison.systems),
            numbers=list(whole(view.comparison)),
            rows=rows,
            options=options(rows, view.comparison),
            signs=SIGNS,
            outcomes={"correct": "right", **OUTCOMES},
            method=list(method(view)),
            policy=policy,
            style=_as_markup(style),
            script=_as_markup(script),
        )
    )


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


def digest_of(part: str) -> str:
    """Return the digest of an inlined part as a policy names it."""
    return base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()


def _part(name: str) -> str:
    return files("medbench.report.page").joinpath(name).read_text("utf-8").strip()


def _inert(value: Any) -> str:
    """Return a value as JSON in which nothing can end the element or begin markup."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("medbench.report", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
    )
    made.filters["spans"] = spans
    return made


def _safe(value: Any) -> Any:
    return printable(value) if type(value) is str else value


def _as_markup(part: str) -> Any:
    from markupsafe import Markup

    return Markup(part)  # noqa: S704 - a file of this package
