"""Freezing: a folder whole or not at all, compared with what is there, in the order of the draw."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from source_cases import made_case, noise_png

from medbench.datasets.draw import take_all
from medbench.datasets.examine import Examined, examine
from medbench.datasets.freeze import Plan, freeze
from medbench.datasets.source import SourceCase, SourceImage
from medbench.errors import ImageError, InputError, StoreError
from medbench.schema.benchmark import Dataset, Draw
from medbench.store.benchmark import BenchmarkFolder


def _plan(cases: list[SourceCase], pool_cases: list[SourceCase] | None = None, **fields: Any) -> Plan:
    examined = examine(cases)
    drawn = take_all(examined, Draw(by=("region",)))
    pool = None if pool_cases is None else [Examined(case, (), ()) for case in pool_cases]
    everything = [*examined, *(pool or ())]
    return Plan(Dataset(name="x"), drawn, everything, {"no_findings": 2}, 3, pool_cases=pool, **fields)


def _entries(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_more_cases_than_are_read_at_a_time_keep_their_order(tmp_path: Path) -> None:
    """Images are read ahead in batches; cases, references and images still belong together."""
    cases = [made_case(f"c{n:02d}", "CT,CT" if n % 3 else "MR") for n in range(19)]
    frozen = freeze(tmp_path / "b", _plan(cases))
    folder = BenchmarkFolder(tmp_path / "b")
    folder.check()
    assert [reference.source_id for reference in folder.references()] == [case.source_id for case in cases]
    for source, case in zip(cases, folder.cases(), strict=True):
        contents = [image.content for image in source.images]
        assert [(tmp_path / "b" / image.file).read_bytes() for image in case.images] == contents
    size = sum(path.stat().st_size for path in (tmp_path / "b" / "images").iterdir())
    assert (frozen.bytes, frozen.head.images, frozen.head.left_out) == (size, 31, {"no_findings": 2})
    assert not frozen.unchanged


def test_given_pool_cases_are_taken_as_they_are(tmp_path: Path) -> None:
    """Neither chosen nor compared with the drawn ones: a phantom is like every other phantom."""
    same = noise_png()
    plan = _plan([made_case("a", data=same)], [made_case("p", data=same), made_case("q")])
    frozen = freeze(tmp_path / "b", plan)
    assert (frozen.head.pool, frozen.excluded) == (2, 0)
    assert [example.text for example in BenchmarkFolder(tmp_path / "b").pool] == [
        case.case.text for case in plan.examined[1:]
    ]


def test_a_chosen_pool_counts_what_can_never_be_in_it(tmp_path: Path) -> None:
    """By subject and by picture; a source that has nothing else leaves the pool empty."""
    same = noise_png()
    cases = [
        made_case("drawn", data=same, topic="avm"),
        made_case("topic", topic="AVM"),
        made_case("copy", data=same),
    ]
    examined = examine(cases)
    plan = Plan(Dataset(name="x"), take_all(examined[:1], Draw(by=("region",))), examined, {}, 5)
    frozen = freeze(tmp_path / "b", plan)
    assert (frozen.head.pool, frozen.excluded) == (0, 2)


def test_the_same_plan_again_writes_nothing(tmp_path: Path) -> None:
    """It says so; nothing is left beside the folder."""
    plan = _plan([made_case("a"), made_case("b")])
    first = freeze(tmp_path / "b", plan)
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "b").rglob("*")}
    again = freeze(tmp_path / "b", plan)
    assert (again.unchanged, again.head, again.bytes) == (True, first.head, first.bytes)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "b").rglob("*")} == before
    assert _entries(tmp_path) == ["b"]


@pytest.mark.parametrize(
    ("cases", "pool", "words"),
    [
        (["a"], ["p"], "holds another benchmark"),
        (["a", "b"], ["q"], "with another pool, or was changed"),
    ],
)
def test_another_plan_for_the_same_folder_is_refused(
    tmp_path: Path, cases: list[str], pool: list[str], words: str
) -> None:
    """Cases or pool differ: the folder stays as it was, and nothing is left beside it."""
    made = {name: made_case(name) for name in "abpq"}
    freeze(tmp_path / "b", _plan([made["a"], made["b"]], [made["p"]]))
    head = (tmp_path / "b" / "benchmark.json").read_bytes()
    with pytest.raises(StoreError, match=words) as caught:
        freeze(tmp_path / "b", _plan([made[name] for name in cases], [made[name] for name in pool]))
    assert "--out" in caught.value.hint
    assert (tmp_path / "b" / "benchmark.json").read_bytes() == head
    assert _entries(tmp_path) == ["b"]


def test_missing_files_are_counted_before_anything_is_written(tmp_path: Path) -> None:
    """The first three are named, the others counted; a damaged one is named and leaves nothing behind."""
    gone = [SourceImage(f"{n}.png", tmp_path / f"{n}.png", "CT") for n in range(5)]
    case = replace(made_case("a"), images=tuple(gone))
    with pytest.raises(InputError, match=r"5 images of drawn cases are missing: .*2\.png' and 2 more\."):
        freeze(tmp_path / "b", _plan([case]))
    damaged = replace(made_case("a"), images=(SourceImage("x.png", noise_png()[:-20], "CT"),))
    with pytest.raises(ImageError, match=r"'x\.png' is damaged"):
        freeze(tmp_path / "b", _plan([made_case("b"), damaged]))
    assert _entries(tmp_path) == []


def test_the_head_holds_the_digests_of_the_files(tmp_path: Path) -> None:
    """Of cases and references, those of the pool too; the benchmark's own digest leaves the pool out."""
    cases = [made_case("a"), made_case("b")]
    one = freeze(tmp_path / "one", _plan(cases, [made_case("p")])).head
    other = freeze(tmp_path / "other", _plan(cases, [made_case("q")])).head
    assert one.digest == other.digest
    assert one.files != other.files
    for name, sha256 in one.files.items():
        assert hashlib.sha256((tmp_path / "one" / name).read_bytes()).hexdigest() == sha256
    assert set(json.loads((tmp_path / "one" / "benchmark.json").read_bytes())["files"]) == set(one.files)
