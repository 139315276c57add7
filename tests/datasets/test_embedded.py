"""The benchmark that comes with medbench is what its own command draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from medbench.steps.build import build_phantom
from medbench.store.benchmark import DEFAULT, BenchmarkFolder, embedded_path, find_benchmark

if TYPE_CHECKING:
    from pathlib import Path


def test_embedded_benchmark_is_whole() -> None:
    """Its files have the digests of its head, every image is there, and one case in five is normal."""
    benchmark = find_benchmark(DEFAULT)
    benchmark.check()
    cases = list(benchmark.cases())
    assert benchmark.link == "embedded:phantom-40"
    assert len(cases) == benchmark.head.cases == 40
    assert len(benchmark.pool) == benchmark.head.pool == 60
    assert {example.case.region for example in benchmark.pool} == {case.region for case in cases}
    assert all((benchmark.path / image.file).is_file() for case in cases for image in case.images)
    normal = [reference for reference in benchmark.references() if reference.known_findings == ()]
    assert len(normal) == 8


def test_embedded_benchmark_is_what_the_command_draws(tmp_path: Path) -> None:
    """`medbench build phantom` draws the same cases, texts and pixels; the packing may differ."""
    build_phantom(tmp_path / "again")
    again, embedded = BenchmarkFolder(tmp_path / "again"), BenchmarkFolder(embedded_path(DEFAULT))
    assert list(again.references()) == list(embedded.references())
    for one, other in zip(again.cases(), embedded.cases(), strict=True):
        assert (one.case_id, one.history, one.region, one.age) == (
            other.case_id,
            other.history,
            other.region,
            other.age,
        )
        for mine, theirs in zip(one.images, other.images, strict=True):
            with Image.open(again.path / mine.file) as new, Image.open(embedded.path / theirs.file) as old:
                assert np.array_equal(np.asarray(new), np.asarray(old))


def test_larger_phantom_contains_the_smaller(tmp_path: Path) -> None:
    """A phantom of more cases contains all of a smaller one, and no case of its pool."""
    build_phantom(tmp_path / "few", cases=5, pool=5)
    build_phantom(tmp_path / "more", cases=12, pool=5)
    few, more = BenchmarkFolder(tmp_path / "few"), BenchmarkFolder(tmp_path / "more")
    names = {case.case_id for case in more.cases()}
    assert {case.case_id for case in few.cases()} <= names
    assert not {example.case.case_id for example in few.pool} & names
