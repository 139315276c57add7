"""The first step for published sources: a repository of the Hugging Face Hub, or a copy of one."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.datasets import examine
from medbench.datasets.dependence import grouped
from medbench.datasets.draw import draw
from medbench.datasets.freeze import Plan
from medbench.datasets.hub.card import Statement, agreed, licence_id, of_card, of_croissant
from medbench.datasets.hub.cases import read_cases
from medbench.datasets.hub.pictures import Fetched, fetch
from medbench.datasets.hub.repository import Folder, HubRepository
from medbench.datasets.hub.source_map import find_map
from medbench.datasets.pool import plan_pool
from medbench.errors import UsageError
from medbench.images.slices import recipe_of
from medbench.schema.benchmark import Dataset, Terms
from medbench.steps.build import write_benchmark
from medbench.steps.reading.beside import shared_images
from medbench.store.benchmark import BenchmarkFolder, temporary_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medbench.datasets.draw import Drawn
    from medbench.datasets.examine import Examined
    from medbench.datasets.hub.repository import Repository
    from medbench.datasets.hub.source_map import SourceMap
    from medbench.images.slices import Recipe
    from medbench.schema.benchmark import Draw
    from medbench.schema.results.build import BuildReport

_SPARE = 2
"""Candidates that are fetched for each case of the pool: some are too like a drawn case."""
_VOLUMES = "medgemma-lossless"
"""Recipe of volumes where neither the map nor the user names one."""


def build_hf(  # noqa: PLR0913 - the options of the command
    name: str,
    out: Path | None,
    wanted: Draw,
    *,
    columns: Mapping[str, str],
    tables: Sequence[str] = (),
    folder: Path | None = None,
    revision: str | None = None,
    recipe: str | None = None,
    pool: int = 0,
    egress: Sequence[str] = (),
) -> BuildReport:
    """Draw a benchmark from a published source; `api.build.build_hf` describes options and errors.

    The splits among the filters of `wanted` are those that are read.
    """
    started = time.monotonic()
    source = find_map(name, columns)
    repository = _repository(source, folder, revision)
    terms = terms_of(source, repository)
    how = _recipe(source, recipe)
    with temporary_folder("hf") as made:
        splits = wanted.filters.get("split", ())
        read = read_cases(source, repository, made, splits=splits, tables=tables)
        wanted = wanted.model_copy(update={"keep": examine.check_keep(wanted.keep)})
        examined = examine.examine(read.cases, wanted.keep)
        drawn = draw(examined, wanted)
        needed = [*drawn.cases, *_for_the_pool(examined, drawn, pool)]
        fetched = fetch([each.case for each in needed], read.places, source, repository, how)
        drawn, notes = _independent(_with_images(drawn, fetched), fetched)
        plan = Plan(
            Dataset(
                name=source.title,
                source=source.address,
                commit=repository.commit,
                pictures=how.name if how else None,
                terms=terms,
            ),
            drawn,
            _replaced(examined, fetched),
            examine.left_out(examined),
            pool,
            decoded=fetched.decoded,
            egress=tuple(egress),
        )
        slug = re.sub(r"[^a-z0-9]+", "-", source.title.casefold()).strip("-")
        target = out or Path(f"{slug}-{len(drawn.cases)}")
        at = f"in {folder}/" if repository.commit is None else f"at commit {repository.commit[:8]}"
        report = write_benchmark(f"{source.title} {at}", plan, target, started, notes=(*read.notes, *notes))
    return replace(report, notes=(*report.notes, *shared_images(BenchmarkFolder(target))))


def terms_of(source: SourceMap, repository: Repository) -> Terms:
    """Return the terms of a source, where all that state its licence agree.

    A source that is gated, or that names no licence at all, binds its cases to the user's own servers.

    Raises:
        InputError: Two places state different licences.
    """
    gated = source.gated or repository.gated
    licence = agreed(source.title, _statements(source, repository))
    return Terms(
        licence=licence,
        gated=gated,
        own_servers_only=gated or source.own_servers_only or licence is None,
        words=source.terms,
    )


def _statements(source: SourceMap, repository: Repository) -> Iterator[Statement | None]:
    yield of_card(repository.card(), f"the card of '{repository.name}'")
    if repository.service_card is not None:
        yield of_card(repository.service_card, "the hub's record of the card")
    for file in sorted({*repository.matching("croissant*.json"), *repository.matching("*/croissant*.json")}):
        yield of_croissant(repository.path(file).read_bytes(), f"its Croissant file '{file}'")
    if source.licence:
        yield Statement("the map of medbench", frozenset({licence_id(source.licence)}), source.licence)


def _repository(source: SourceMap, folder: Path | None, revision: str | None) -> Repository:
    if folder is not None:
        if revision is not None:
            raise UsageError("a folder has no revisions.", "either --folder or --revision")
        return Folder(folder)
    if source.by_folder or source.repository is None:
        raise UsageError(
            f"'{source.title}' cannot be downloaded case by case. {source.by_folder}".rstrip(),
            "--folder with the folder in which it lies",
        )
    return HubRepository(source.repository, revision)


def _recipe(source: SourceMap, recipe: str | None) -> Recipe | None:
    if "volume" in source.columns:
        return recipe_of(recipe or source.recipe or _VOLUMES)
    if recipe is not None:
        raise UsageError(f"'{source.title}' has pictures, no volumes.", "leave out --recipe")
    return None


def _for_the_pool(examined: Sequence[Examined], drawn: Drawn, pool: int) -> list[Examined]:
    """Return the cases of which the pool will be made, as far as texts tell."""
    if not pool:
        return []
    plan = plan_pool(examined, drawn.cases, drawn.draw.seed or 0, complete=False)
    return plan.candidates[: _SPARE * pool]


def _with_images(drawn: Drawn, fetched: Fetched) -> Drawn:
    """Return a draw whose cases have their images."""
    return replace(drawn, cases=tuple(_replaced(drawn.cases, fetched)))


def _replaced(examined: Sequence[Examined], fetched: Fetched) -> list[Examined]:
    return [replace(each, case=fetched.cases.get(each.case.source_id, each.case)) for each in examined]


def _independent(drawn: Drawn, fetched: Fetched) -> tuple[Drawn, tuple[str, ...]]:
    """Return the draw with cases that are not independent under one topic, and sentences on them."""
    cases = [each.case for each in drawn.cases]
    groups = grouped(cases, [None] * len(cases), fetched.decoded)
    entries = (replace(each, case=case) for each, case in zip(drawn.cases, groups.cases, strict=True))
    return replace(drawn, cases=tuple(entries)), groups.notes
