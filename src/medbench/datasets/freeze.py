"""Writes a benchmark folder: each image read once, checked, copied unchanged; benchmark.json last."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, NoReturn

from medbench.datasets.case_id import case_ids
from medbench.datasets.draw import available
from medbench.datasets.pool import Seen, pick_pool, plan_pool
from medbench.errors import InputError, StoreError
from medbench.images.load import LoadedImage, read_image
from medbench.schema.benchmark import Benchmark, Dataset, Draw
from medbench.schema.case import Case, Image
from medbench.schema.reference import Reference
from medbench.sentences import counted
from medbench.store.benchmark import CASES, HEAD, POOL, REFERENCES, benchmark_digest, new_folder
from medbench.store.jsonl import atomic_file, file_digest, read_one, write_one

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from medbench.datasets.draw import Drawn
    from medbench.datasets.examine import Examined
    from medbench.datasets.source import SourceCase, SourceImage

_READERS = 4
"""Images decoded at the same time; more than the disk and two cores can use gain nothing."""
_NAMED = 3
"""Missing images that an error lists by name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a benchmark folder is made from."""

    dataset: Dataset
    draw: Draw
    drawn: Drawn
    examined: Sequence[Examined]
    """All cases of the source: the pool comes from them, and the case ids are decided over them."""
    left_out: dict[str, int]
    pool: int
    """Most cases of the pool."""
    same_patient: tuple[frozenset[str], ...] = ()
    pool_cases: tuple[Examined, ...] | None = None
    """The cases of the pool, where they are given and not to be chosen."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """What was written."""

    head: Benchmark
    bytes: int
    """Size of the images, the pool's too."""
    excluded: int
    """Cases too like a drawn one to be in the pool: topic, diagnosis, patient or image."""
    unchanged: bool
    """Whether the folder held exactly this benchmark already, and nothing was written."""


class _Made(Exception):  # noqa: N818 - no error: it leaves a copy behind that was made only to compare
    def __init__(self, frozen: Frozen) -> None:
        self.frozen = frozen


def freeze(target: Path, plan: Plan) -> Frozen:
    """Write a benchmark folder, whole or not at all.

    Where the target holds the same cases, references and pool, nothing is written.

    Raises:
        InputError: An image of a drawn case is missing or damaged.
        StoreError: The target holds something else, or the disk refuses.
    """
    _check_there(plan.drawn.cases)
    if not (target / HEAD).is_file():
        with new_folder(target) as folder:
            return _fill(folder, target.name, plan)
    before = read_one(target / HEAD, Benchmark)
    beside = target.with_name(f"{target.name}.again")
    try:
        with new_folder(beside) as folder:
            _abandon(_fill(folder, target.name, plan))
    except _Made as made:
        return _compared(target, before, made.frozen)
    raise AssertionError


def _abandon(frozen: Frozen) -> NoReturn:
    raise _Made(frozen)


def _compared(target: Path, before: Benchmark, made: Frozen) -> Frozen:
    whole = all(file_digest(target / name).sha256 == sha for name, sha in before.files.items())
    if whole and made.head.files == before.files:
        return Frozen(before, made.bytes, made.excluded, unchanged=True)
    old, new = before.digest[:8], made.head.digest[:8]
    raise StoreError(
        f"'{target}' holds another benchmark (digest '{old}', this one has '{new}')."
        if old != new
        else f"'{target}' holds the same cases (digest '{old}') with another pool, or was changed.",
        "another folder with --out",
    )


def _fill(folder: Path, name: str, plan: Plan) -> Frozen:
    ids = case_ids([one.case for one in plan.examined])
    seen = Seen()
    size, count = _write(folder, _loaded(plan.drawn.cases), ids, seen)
    files = {part: file_digest(folder / part).sha256 for part in (CASES, REFERENCES)}
    (folder / POOL).mkdir()
    excluded = 0
    if plan.pool_cases is not None:
        pool_size, _ = _write(folder / POOL, _loaded(plan.pool_cases), ids, Seen())
    else:
        pool_plan = plan_pool(plan.examined, plan.drawn.cases, plan.draw.seed or 0, plan.same_patient)
        pool_size, _ = _write(folder / POOL, pick_pool(pool_plan, plan.pool, seen, _load), ids, Seen())
        excluded = pool_plan.excluded + pool_plan.alike
    files |= {f"{POOL}/{part}": file_digest(folder / POOL / part).sha256 for part in (CASES, REFERENCES)}
    with (folder / POOL / CASES).open("rb") as lines:
        pool_count = sum(1 for _ in lines)
    head = Benchmark(
        name=name,
        digest=benchmark_digest(files),
        dataset=plan.dataset,
        draw=plan.draw,
        strata=plan.drawn.strata,
        left_out=plan.left_out,
        cases=len(plan.drawn.cases),
        images=count,
        pool=pool_count,
        files=files,
        medbench=_version(),
    )
    write_one(folder / HEAD, head)
    return Frozen(head, size + pool_size, excluded, unchanged=False)


def _version() -> str:
    try:
        return version("medbench")
    except PackageNotFoundError:  # used from a checkout that was not installed
        return "unknown"


def _write(
    folder: Path, cases: Iterable[tuple[Examined, list[LoadedImage]]], ids: dict[str, str], seen: Seen
) -> tuple[int, int]:
    """Write cases, references and images as they come, and return bytes and number of the images."""
    size = count = 0
    (folder / "images").mkdir()
    with atomic_file(folder / CASES) as case_file, atomic_file(folder / REFERENCES) as reference_file:
        for one, loaded in cases:
            case_id = ids[one.case.source_id]
            images = []
            for number, (image, found) in enumerate(zip(one.case.images, loaded, strict=True), 1):
                name = f"images/{case_id}-{number}{found.suffix}"
                (folder / name).write_bytes(found.data)
                images.append(_image(name, image, found))
                seen.add(found)
                size += len(found.data)
            count += len(images)
            case_file.write(_case(case_id, one.case, images).to_line())
            reference_file.write(_reference(case_id, one).to_line())
    return size, count


def _loaded(cases: Sequence[Examined]) -> Iterator[tuple[Examined, list[LoadedImage]]]:
    """Each case with its images, read ahead by a few threads; only a few cases are in memory at a time."""
    with ThreadPoolExecutor(_READERS) as readers:
        ahead = [(one, readers.submit(_load, one.case)) for one in cases[: 2 * _READERS]]
        rest = iter(cases[2 * _READERS :])
        try:
            while ahead:
                one, coming = ahead.pop(0)
                images = coming.result()
                with suppress(StopIteration):
                    following = next(rest)
                    ahead.append((following, readers.submit(_load, following.case)))
                yield one, images
        finally:
            readers.shutdown(cancel_futures=True)


def _load(case: SourceCase) -> list[LoadedImage]:
    return [_read(case, image) for image in case.images]


def _read(case: SourceCase, image: SourceImage) -> LoadedImage:
    if image.data is not None:
        return read_image(image.data, image.name)
    if image.path is None:
        raise InputError(
            f"case '{case.source_id}' has an image '{image.name}' without a file.", "check the source"
        )
    return read_image(image.path)


def _check_there(cases: Sequence[Examined]) -> None:
    lost = [
        (one.case.source_id, image)
        for one in cases
        if not available(one.case)
        for image in one.case.images
        if image.data is None and not (image.path and image.path.is_file())
    ]
    if not lost:
        return
    named = ", ".join(
        f"case '{source}' lacks '{image.path or image.name}'" for source, image in lost[:_NAMED]
    )
    more = f" and {len(lost) - _NAMED:,} more" if len(lost) > _NAMED else ""
    raise InputError(
        f"{counted(len(lost), 'image of drawn cases is', 'images of drawn cases are')}"
        f" missing: {named}{more}.",
        "complete the source, or --available-only to draw among the cases whose images are there",
    )


def _image(name: str, image: SourceImage, found: LoadedImage) -> Image:
    return Image(
        file=name,
        sha256=found.sha256,
        bytes=len(found.data),
        width=found.width,
        height=found.height,
        mode=found.mode,
        modality=image.modality,
        sequence=image.sequence,
        contrast=image.contrast,
        plane=image.plane,
    )


def _case(case_id: str, case: SourceCase, images: Sequence[Image]) -> Case:
    return Case(
        case_id=case_id,
        region=case.region,
        age=case.age,
        sex=case.sex,
        history=case.history,
        images=tuple(images),
    )


def _reference(case_id: str, one: Examined) -> Reference:
    case = one.case
    return Reference(
        case_id=case_id,
        source_id=case.source_id,
        split=case.split,
        topic=case.topic,
        title=case.title,
        diagnosis=case.diagnosis,
        differential=case.differential,
        discussion=case.discussion,
        acr_codes=case.acr_codes,
        text=case.text,
        captions=tuple(image.caption for image in case.images),
        source_images=tuple(image.name for image in case.images),
        known_findings=case.known_findings,
        flags=one.flags,
    )
