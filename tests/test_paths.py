"""Files that must lie within a folder: symbolic links that leave it are refused; and names of paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from medbench.errors import ImageError, InputError
from medbench.images.recorded import Pictures
from medbench.paths import inside, told_apart
from medbench.schema.run import System
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one
from medbench.store.runs import HEAD, RunFolder, new_head


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", "out", "out/x", "chain"])
def test_what_leaves_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    """Climbing names, absolute ones, links to a folder or file outside, and links to such links."""
    (tmp_path / "in/a").mkdir(parents=True)
    (tmp_path / "x").touch()
    (tmp_path / "in/out").symlink_to(tmp_path)
    (tmp_path / "in/chain").symlink_to("out/x")
    with pytest.raises(InputError, match="leads out of"):
        inside(tmp_path / "in", name)


def test_links_within_a_folder_and_to_it_are_followed(tmp_path: Path) -> None:
    """A link that stays inside is a file like any other, and so is a folder that is reached by a link."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/x").touch()
    (tmp_path / "in/y").symlink_to("x")
    (tmp_path / "link").symlink_to("in")
    for name in ("x", "y", "new"):
        assert inside(tmp_path / "link", name) == tmp_path / "link" / name


@pytest.mark.parametrize("name", ["cases.jsonl", "references.jsonl", "benchmark.json", "images", "pool"])
def test_a_benchmark_whose_files_lie_elsewhere_is_refused(
    bench: BenchmarkFolder, tmp_path: Path, name: str
) -> None:
    """A linked file or folder of a benchmark is refused before anything of it is read."""
    (bench.path / name).rename(tmp_path / "away")
    (bench.path / name).symlink_to(tmp_path / "away")
    with pytest.raises(InputError, match="leads out of"):
        BenchmarkFolder(bench.path)


@pytest.mark.parametrize("name", ["images", "cases.jsonl"])
def test_a_linked_part_of_a_pool_is_refused(bench: BenchmarkFolder, tmp_path: Path, name: str) -> None:
    """The pool is shown to models as examples: its files are looked at like the others."""
    (bench.pool_path / name).rename(tmp_path / "away")
    (bench.pool_path / name).symlink_to(tmp_path / "away")
    with pytest.raises(InputError, match="leads out of"):
        BenchmarkFolder(bench.path)


def test_a_linked_image_is_not_sent(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A link to an image elsewhere is refused, even with its digest and after others of its folder."""
    pictures, (first, second) = Pictures(bench.path), [case.images[0] for case in bench.cases()][:2]
    assert pictures.read(first)
    (bench.path / second.file).rename(tmp_path / "away.png")
    (bench.path / second.file).symlink_to(tmp_path / "away.png")
    with pytest.raises(ImageError, match="leads out of"):
        pictures.read(second)


@pytest.mark.parametrize("name", ["../x.png", "images/../../x.png", "out/x.png", "{root}/x.png"])
def test_an_image_outside_is_not_sent(bench: BenchmarkFolder, name: str) -> None:
    """Climbing names, links to folders and absolute names lead to no image, even with the right digest."""
    image = next(bench.cases()).images[0]
    root = bench.path.parent
    (root / "x.png").write_bytes((bench.path / image.file).read_bytes())
    (bench.path / "out").symlink_to(root)
    with pytest.raises(ImageError, match="leads out of"):
        Pictures(bench.path).read(image.model_copy(update={"file": name.format(root=root)}))


@pytest.mark.parametrize("name", [HEAD, "responses.jsonl", "verdicts.jsonl", "events.jsonl", ".lock"])
def test_a_run_whose_files_lie_elsewhere_is_refused(
    bench: BenchmarkFolder, tmp_path: Path, name: str
) -> None:
    """A journal cuts torn lines and appends: a link would let it write into a file of someone else's."""
    folder = tmp_path / "runs/bench/s"
    folder.mkdir(parents=True)
    system = System(name="s", family="other", pipeline="single")
    write_one(folder / HEAD, new_head(folder, bench, system, "medbench run"))
    (tmp_path / "away").write_bytes((folder / HEAD).read_bytes())
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(tmp_path / "away")
    with pytest.raises(InputError, match="leads out of"):
        RunFolder(folder)


def test_names_are_short_unless_two_are_the_same() -> None:
    """Only those that are called alike are named by their whole path."""
    paths = [Path(folder) for folder in ("x/a", "y/a", "x/b")]
    assert told_apart(paths) == [str(paths[0]), str(paths[1]), "b"]
    assert told_apart([]) == []
