"""A benchmark: opened by its name, and what its cases are."""

from __future__ import annotations

import json
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from medbench.api.frames import Rows, same_named
from medbench.api.result import Result
from medbench.config import load_settings
from medbench.report.blocks import Heading, Paragraph, table
from medbench.sentences import counted
from medbench.store.benchmark import DEFAULT, BenchmarkFolder, find_benchmark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from medbench.report.blocks import Block
    from medbench.schema.benchmark import Benchmark as Head
    from medbench.schema.case import Case
    from medbench.schema.reference import Reference


class Benchmark(Result):
    """A frozen set of cases. Iterating gives the cases; references are apart, as models never see them."""

    def __init__(self, folder: BenchmarkFolder) -> None:
        self.folder = folder
        """Its folder, as medbench reads it."""

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.folder.head.name

    @property
    def path(self) -> Path:
        """The folder; paths of images start there."""
        return self.folder.path

    @property
    def digest(self) -> str:
        """Sha256 by which runs are known to be on the same cases and references."""
        return self.folder.head.digest

    @property
    def head(self) -> Head:
        """The head of the benchmark: how its cases were drawn."""
        return self.folder.head

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """The cases as a model may see them."""
        return tuple(self.folder.cases())

    @cached_property
    def references(self) -> dict[str, Reference]:
        """Case id to the reference and what else the source says of the case."""
        return {reference.case_id: reference for reference in self.folder.references()}

    def __len__(self) -> int:
        return self.folder.head.cases

    def __iter__(self) -> Iterator[Case]:
        return iter(self.cases)

    def __repr__(self) -> str:
        return f"<Benchmark {self.name}: {counted(len(self), 'case')}, digest {self.digest[:8]}>"

    def to_dict(self) -> dict[str, Any]:
        """Return its head, and a dict for each case with its reference."""
        return {
            "benchmark": json.loads(self.head.model_dump_json()),
            "cases": [
                {
                    **json.loads(case.model_dump_json()),
                    "reference": json.loads(self.references[case.case_id].model_dump_json()),
                }
                for case in self.cases
            ],
        }

    def _rows(self) -> Rows:
        """Return a row for each case."""
        return Rows(_COLUMNS, [_cells(case, self.references[case.case_id]) for case in self.cases])

    def _blocks(self) -> Iterable[Block]:
        yield Heading(f"{self.name}: {counted(len(self), 'case')}, {counted(self.head.images, 'image')}")
        strata = Counter((case.region, case.modality) for case in self.cases)
        rows = ([*stratum, f"{count:,}"] for stratum, count in strata.items())
        yield table(["region", "modality", "cases"], rows, left=(0, 1))
        yield Paragraph(f"Source {self.head.dataset.name}; pool {self.head.pool:,}; digest {self.digest[:8]}")


BenchmarkName: TypeAlias = "str | Path | Benchmark | BenchmarkFolder"
"""A benchmark: its name, its folder, or one that was opened."""


def benchmark(name: BenchmarkName | None = None) -> Benchmark:
    """Open a benchmark: a folder, or the name of one that came with medbench, such as 'phantom-200'.

    Args:
        name: Its name or folder; by default that of medbench.toml, or else 'phantom-40'.

    Raises:
        UsageError: There is no such benchmark.
        InputError: Its files are not those that were frozen.
    """
    folder = open_benchmark(name or load_settings().defaults.benchmark or DEFAULT)
    folder.check()
    return Benchmark(folder)


def open_benchmark(name: BenchmarkName) -> BenchmarkFolder:
    """Return the folder of a benchmark; its files are not checked yet.

    Raises:
        UsageError: There is no such benchmark.
        InputError: The folder holds no whole benchmark.
    """
    if isinstance(name, Benchmark):
        return name.folder
    return name if isinstance(name, BenchmarkFolder) else find_benchmark(str(name))


_COLUMNS = {
    "case_id": str,
    "source_id": str,
    "region": str,
    "modality": str,
    "images": int,
    "age": str,
    "sex": str,
    "history": str,
    "reference": str,
    "diagnosis": str,
    "topic": str,
    "split": str,
    "flags": str,
}


def _cells(case: Case, reference: Reference) -> dict[str, str | int | None]:
    cells = same_named(_COLUMNS, reference) | same_named(_COLUMNS, case)
    return cells | {
        "images": len(case.images),
        "reference": reference.text,
        "flags": ", ".join(reference.flags),
    }
