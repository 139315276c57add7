"""Write a comparison and its cases as one page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from medbench.api.compare import compare
from medbench.errors import StoreError, UsageError
from medbench.store.jsonl import atomic_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.api.runs import Runs
    from medbench.schema.results.comparison import Comparison


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A report page that was written."""

    path: Path
    comparison: Comparison
    """The numbers that it shows."""
    cases: int
    bytes: int
    missing: tuple[str, ...]
    """Images that could not be read, and why."""
    terms: tuple[str, ...]
    """Conditions of its cases: that their images are not to be published, that they are a part of all."""
    archived: int
    """Files in its archive."""


def report_page(
    runs: Runs | None = None,
    out: str | Path = "report.html",
    *,
    images: Literal["full", "thumb", "none"] = "thumb",
    archive: bool = True,
    **options: Any,
) -> ReportFile:
    """Write a comparison and its cases as one page that needs no server and no network.

    Of more than 10,000 outputs it holds the cases of 5,000, drawn at random, and no archive; its numbers are
    those of all. `terms` says so.

    Args:
        runs: Names, folders, or runs, as `compare` takes them.
        out: The file; one that is there is replaced.
        images: 'full' for the files as they are, 'thumb' for small ones, 'none' for none.
        archive: Carry the files of the runs, so that `import_report` gives them back.
        options: Those of `compare`, such as `judge` and `against`.

    Raises:
        UsageError: There is no such run, rater or size of images.
        InputError: The runs cannot be compared, or their benchmark is gone or was changed.
        StoreError: The file cannot be written.
    """
    if images not in {"full", "thumb", "none"}:
        raise UsageError(f"no size of images is called '{images}'.", "one of: full, thumb, none")
    return write_page(compare(runs, **options).record, Path(out), images, archive=archive)


def write_page(
    comparison: Comparison,
    path: Path,
    images: Literal["full", "thumb", "none"] = "thumb",
    *,
    archive: bool = True,
    experiment: Path | None = None,
    question: str = "",
    declared: Sequence[str] = (),
) -> ReportFile:
    """Write a comparison that was made already as a page.

    `report_page` describes the options. `experiment` is the file of what an experiment declared, which is
    kept with its runs; `question` is what was asked of them, and `declared` what was declared, and when.

    Raises:
        InputError: The benchmark is gone or was changed.
        StoreError: The file cannot be written, or a file of a run was changed meanwhile.
    """
    from medbench.report.page.first_view import terms
    from medbench.report.page.page import report_page as parts_of
    from medbench.schema.archive import Archive
    from medbench.steps.show.archive import stored_files
    from medbench.steps.show.report import pictures, probe_cards, report_view
    from medbench.steps.show.shown_cases import shown_cases

    cards = probe_cards(comparison)  # scores probes again where their scores are out of date
    shown_of_many = shown_cases(comparison)
    # The files of so many outputs are no page that a browser opens.
    carries = archive and shown_of_many is None
    stored = tuple(stored_files(comparison, experiment)) if carries else ()
    kept = Archive(images=images, files=tuple(file.record for file in stored))
    view = report_view(comparison, kept, shown_of_many)
    view = replace(view, probes=cards, question=question, declared=tuple(declared))
    missing: list[str] = []
    shown = pictures(view, images, lambda error: missing.append(error.message))
    parts = parts_of(view, shown, (file.blocks() for file in stored))
    try:
        with atomic_file(path) as file:
            file.writelines(part.encode() for part in parts)
    except OSError as error:
        problem = f"'{path}' cannot be written: {error.strerror or error}."
        raise StoreError(problem, "another name with -o") from None
    size = path.stat().st_size
    return ReportFile(
        path, comparison, len(view.cases), size, tuple(missing), tuple(terms(view)), len(stored)
    )
