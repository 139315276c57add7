"""Benchmarks: opened by name, their cases, and new ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import medbench as mb
from medbench.errors import InputError, StoreError, UsageError
from medbench.store.benchmark import BenchmarkFolder


def test_a_benchmark_is_opened_by_name_folder_or_object(here: Path, bench: BenchmarkFolder) -> None:
    """The embedded one by its name or by none; others by their folder, as text or Path."""
    assert mb.benchmark().name == mb.benchmark("phantom-40").name == "phantom-40"
    for name in ("bench", Path("bench"), here / "bench", bench, mb.benchmark("bench")):
        assert mb.benchmark(name).digest == bench.head.digest
    with pytest.raises(UsageError, match=r"no benchmark is called 'phantom-4O'.*\nTry: .*phantom-40"):
        mb.benchmark("phantom-4O")


def test_medbench_toml_says_which_one_is_meant(here: Path, bench: BenchmarkFolder) -> None:
    """Without a name it is that of the settings, as on the command line."""
    (here / "medbench.toml").write_text('[defaults]\nbenchmark = "bench"\n', "utf-8")
    assert mb.benchmark().digest == bench.head.digest


def test_a_changed_benchmark_is_refused(here: Path, bench: BenchmarkFolder) -> None:
    """Its digests are checked when it is opened."""
    with (bench.path / "cases.jsonl").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(InputError, match="was changed"):
        mb.benchmark(here / "bench")


@pytest.mark.usefixtures("here")
def test_a_benchmark_has_a_row_for_each_case(bench: BenchmarkFolder) -> None:
    """Cases come in order, each with its reference; everything is plain data."""
    opened = mb.benchmark(bench)
    frame = opened.to_frame()
    assert frame["case_id"].tolist() == [case.case_id for case in opened]
    assert frame["reference"].tolist() == [opened.references[case.case_id].text for case in opened.cases]
    assert (len(opened), len(frame), frame["images"].sum()) == (6, 6, bench.head.images)
    data = json.loads(json.dumps(opened.to_dict()))
    assert data["benchmark"]["digest"] == opened.digest
    assert data["cases"][0]["reference"]["text"] == frame["reference"].iloc[0]
    assert repr(opened) == f"<Benchmark bench: 6 cases, digest {opened.digest[:8]}>"
    assert "<td" in opened._repr_html_()


def test_build_phantom_gives_a_benchmark(here: Path) -> None:
    """What was built can be used at once, and says what `medbench build` says; a second build is the same."""
    built = mb.build_phantom("small", cases=3, pool=0)
    assert (built.path, len(built), built.report.unchanged) == (Path("small"), 3, False)
    assert "3 cases" in repr(built)
    assert "can be drawn" in built._repr_html_()
    again = mb.build_phantom(here / "small", cases=3, pool=0)
    assert (again.digest, again.report.unchanged) == (built.digest, True)
    with pytest.raises(StoreError):
        mb.build_phantom("small", cases=4, pool=0)


def test_build_folder_takes_cases_of_your_own(here: Path) -> None:
    """A table and a folder of images, as text or Path; several names as a list or with commas."""
    from PIL import Image

    (here / "images").mkdir()
    rows = ["id,images,reference,region,modality"]
    for number, region in enumerate(("Head", "Thorax", "Thorax", "Abdomen")):
        Image.new("L", (40 + number, 40), 60 + number).save(here / f"images/{number}.png")
        rows.append(f'{number},{number}.png,"There is a mass of {number + 1} cm in the organ.",{region},CT')
    (here / "cases.csv").write_text("\n".join(rows), "utf-8")
    whole = mb.build_folder("cases.csv", "images", "whole", pool=0)
    assert len(whole) == 4
    for regions in (["Head", "Thorax"], "Head,Thorax"):
        some = mb.build_folder(here / "cases.csv", Path("images"), "some", regions=regions, pool=0)
        assert {case.region for case in some} == {"Head", "Thorax"}
    assert len(mb.build_folder("cases.csv", "images", "one-each", per_stratum=1, pool=0)) == 3
    with pytest.raises(UsageError, match="pool cannot be -1"):
        mb.build_folder("cases.csv", "images", "none", pool=-1)


def test_build_medpix_looks_where_the_command_looks(here: Path) -> None:
    """Without a checkout the error names the places and what to type."""
    with pytest.raises(InputError, match=r"MedPix.*\nTry: "):
        mb.build_medpix()
    with pytest.raises(UsageError, match="nowhere"):
        mb.build_medpix(here / "nowhere")
