"""Damaged images: found before anything is paid, and the case fails in every system alike."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as pillow  # noqa: N813 - the class of that name is a record here
from scripted import Scripted, scripted
from systems import Quiet, prepared

from medbench.images.recorded import Pictures
from medbench.registry import find_model
from medbench.schema.case import Case, Image
from medbench.schema.run import System
from medbench.steps.access.systems import PreparedSystem
from medbench.steps.run import image_check
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all
from medbench.steps.run.run_plan import RunPlan
from medbench.steps.run.unit import Outcome
from medbench.store.benchmark import BenchmarkFolder


@pytest.fixture(autouse=True)
def _scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the provider an empty memory."""
    monkeypatch.setattr(Scripted, "asked", [])


def _floor(name: str) -> PreparedSystem:
    model = find_model(name, {})
    return prepared(System(name=name, family="baseline", pipeline=name), model)


def _run(bench: BenchmarkFolder, root: Path) -> tuple[list[Outcome], list[str]]:
    systems = (scripted(), _floor("baseline-normal"), _floor("baseline-retrieval"))
    plan = RunPlan(benchmark=bench.address, systems=systems, root=root, command="medbench run")
    watcher = Quiet()
    return run_all(plan, RunHooks(watcher)), watcher.notices


def _gone(image: Path) -> None:
    image.unlink()


def _cut(image: Path) -> None:
    image.write_bytes(image.read_bytes()[:-30])


def _emptied(image: Path) -> None:
    image.write_bytes(b"")


def _one_bit(image: Path) -> None:
    data = bytearray(image.read_bytes())
    data[40] ^= 1
    image.write_bytes(data)


def _swapped(image: Path) -> None:
    shutil.copy(image.with_name("case-001-1.png"), image)


def _folder(image: Path) -> None:
    image.unlink()
    image.mkdir()


def _link(image: Path) -> None:
    away = image.parents[2] / "away.png"
    image.rename(away)
    image.symlink_to(away)


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("damage", [_gone, _cut, _emptied, _one_bit, _swapped, _folder, _link])
def test_a_damaged_image_fails_its_case_in_every_system(
    bench: BenchmarkFolder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], None],
    many: bool,
) -> None:
    """The same case is missing in all, the baselines too; of few images it is said before the first call."""
    monkeypatch.setattr(image_check, "AT_THE_START", 0 if many else 36)
    image = bench.path / "images/case-003-2.png"
    kept = shutil.copy(image, tmp_path / "kept.png")
    damage(image)
    outcomes, notices = _run(bench, tmp_path / "runs")
    for outcome in outcomes:
        assert (outcome.run.done.texts, outcome.open_failures) == (5, {"image": 1}), outcome.first_reason
        assert "case-003-2" in outcome.first_reason
    assert "case-003/0" not in Scripted.asked
    said = [words for words in notices if "1 case has a damaged image" in words]
    assert len(said) == (0 if many else 1)
    if damage is not _link:  # mended, the same line goes on
        shutil.rmtree(image) if image.is_dir() else image.unlink(missing_ok=True)
        shutil.copy(kept, image)
        assert [outcome.run.done.texts for outcome in _run(bench, tmp_path / "runs")[0]] == [6, 6, 6]


def _jpeg() -> bytes:
    made = io.BytesIO()
    pillow.linear_gradient("L").save(made, "JPEG")
    return made.getvalue()


@pytest.mark.parametrize(
    "content", [b"no picture", _jpeg()[:900], b"\x89PNG\r\n\x1a\n" + b"\0" * 40], ids=["text", "cut", "png"]
)
def test_an_image_that_nobody_decoded_is_decoded_first(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, content: bytes
) -> None:
    """A benchmark that was written by hand may record the digest of a file that is no whole picture."""

    def other(case: Case) -> Case:
        if case.case_id != "case-002":
            return case
        (tmp_path / "bench" / case.images[0].file).write_bytes(content)
        changes = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        image = case.images[0].model_copy(update=changes)
        return Case.model_validate(case.model_dump() | {"images": (image,), "digest": ""})

    outcomes, _ = _run(write_benchmark(tmp_path / "bench", changed=other), tmp_path / "runs")
    assert [outcome.open_failures for outcome in outcomes] == [{"image": 1}] * 3
    assert "case-002/0" not in Scripted.asked


def test_a_whole_image_is_read_once_and_not_decoded_again(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For all systems together each image is hashed once; one that was decoded when it was built is not."""
    read: Counter[str] = Counter()
    of_pictures = Pictures.read

    def counting(self: Pictures, image: Image) -> bytes:
        read[image.file] += 1
        return of_pictures(self, image)

    monkeypatch.setattr(Pictures, "read", counting)
    monkeypatch.setattr(image_check, "read_image", lambda *_: pytest.fail("decoded"))
    bench.head = bench.head.model_copy(update={"images_decoded": True})
    check = image_check.ImageCheck(bench)
    check.begin(bench.cases(), pytest.fail)
    assert set(read.values()) == {1}
    assert len(read) == bench.head.images
    assert all(failure is None for failure in check._failures.values())


def test_a_damaged_image_of_the_pool_costs_its_baseline_alone(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """The pool is not a case: what needs its images fails with a reason, everything else has its outputs."""
    next(bench.pool_path.glob("images/*")).write_bytes(b"x")
    model, normal, retrieval = _run(bench, tmp_path / "runs")[0]
    assert (model.run.left, normal.run.left) == (0, 0)
    assert retrieval.open_failures == {"image": 6}
