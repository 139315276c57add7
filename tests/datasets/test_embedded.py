"""The benchmarks that come with medbench are what its own command draws."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from exhaustive import spread
from PIL import Image

import medbench as mb
from medbench.datasets.phantom.cases import phantom_cases
from medbench.errors import UsageError
from medbench.stats.paired import difference_intervals
from medbench.steps.build_phantom import build_phantom
from medbench.store.benchmark import DEFAULT, EMBEDDED, BenchmarkFolder, embedded_path, find_benchmark


@pytest.mark.parametrize(
    ("name", "number", "digest"), [("phantom-40", 40, "e5fb2573"), ("phantom-200", 200, "8448c1d9")]
)
def test_embedded_benchmark_is_whole(name: str, number: int, digest: str) -> None:
    """Its files have the digests of its head, every image is there, and one case in five is normal."""
    benchmark = find_benchmark(name)
    benchmark.check()
    cases = list(benchmark.cases())
    assert benchmark.link == f"embedded:{name}"
    assert benchmark.head.digest.startswith(digest)
    assert len(cases) == benchmark.head.cases == number
    assert len(benchmark.pool) == benchmark.head.pool == 60
    assert {example.case.region for example in benchmark.pool} == {case.region for case in cases}
    assert all((benchmark.path / image.file).is_file() for case in cases for image in case.images)
    normal = [reference for reference in benchmark.references() if reference.known_findings == ()]
    assert len(normal) == number // 5


def test_embedded_benchmarks_are_small() -> None:
    """All that comes with medbench has less than 6 MB, so that it can be installed anywhere."""
    files = [file for name in EMBEDDED for file in embedded_path(name).rglob("*") if file.is_file()]
    assert sum(file.stat().st_size for file in files) < 6_000_000


def test_phantom_200_is_what_the_second_edition_draws() -> None:
    """The same words, findings and pixels; the packing may differ."""
    benchmark = find_benchmark("phantom-200")
    references, cases = list(benchmark.references()), list(benchmark.cases())
    for number in spread(range(200), 12):
        (drawn,) = phantom_cases(1, 1, start=number, edition=2)
        assert references[number].source_id == drawn.source_id
        assert references[number].text == drawn.text
        assert references[number].known_findings == drawn.known_findings
        assert (cases[number].history, cases[number].age) == (drawn.history, drawn.age)
        for mine, theirs in zip(drawn.images, cases[number].images, strict=True):
            assert isinstance(mine.content, bytes)
            with Image.open(io.BytesIO(mine.content)) as new, Image.open(benchmark.path / theirs.file) as old:
                assert np.array_equal(np.asarray(new), np.asarray(old))


def test_a_look_at_the_pixels_parts_retrieval_from_chance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the abnormal cases of phantom-200 the nearest pool text beats a random one, clearly."""
    monkeypatch.chdir(tmp_path)
    names = ("baseline-random", "baseline-retrieval")
    runs = mb.run("phantom-200", names, progress=False)
    chance, nearest = (runs[name].to_frame().set_index("case_id")["finding.f1"] for name in names)
    abnormal = {
        reference.case_id: reference.topic
        for reference in find_benchmark("phantom-200").references()
        if reference.known_findings
    }
    assert len(abnormal) == 160
    gain = np.array([nearest[case] - chance[case] for case in abnormal])
    (interval,) = difference_intervals([gain], list(abnormal.values()))
    assert interval is not None
    assert interval.low > 0.1


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
    with pytest.raises(UsageError, match="no edition '3'"):
        build_phantom(tmp_path / "few", edition=3)
    build_phantom(tmp_path / "few", cases=5, pool=5)
    build_phantom(tmp_path / "more", cases=12, pool=5)
    few, more = BenchmarkFolder(tmp_path / "few"), BenchmarkFolder(tmp_path / "more")
    names = {case.case_id for case in more.cases()}
    assert {case.case_id for case in few.cases()} <= names
    assert not {example.case.case_id for example in few.pool} & names
