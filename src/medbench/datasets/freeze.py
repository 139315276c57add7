"""Writes a benchmark folder: each image read once, checked, copied unchanged; benchmark.json last."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, NamedTuple

from medbench.datasets import identifiers
from medbench.datasets.case_id import case_ids
from medbench.datasets.pool import SeenImages, pick_pool, plan_pool
from medbench.errors import InputError, StoreError
from medbench.images.load import read_image
from medbench.images.remarks import in_words
from medbench.images.strip import stripped
from medbench.schema.benchmark import POOL, Benchmark, Dataset
from medbench.schema.case import Case, Image
from medbench.schema.reference import Reference
from medbench.sentences import counted
from medbench.store.benchmark import (
    CASES,
    HEAD,
    REFERENCES,
    benchmark_digest,
    new_folder,
    partial_folder,
)
from medbench.store.jsonl import atomic_file, file_digest, read_one, write_one

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from medbench.datasets.draw import Drawn
    from medbench.datasets.examine import Examined
    from medbench.datasets.source import SourceCase, SourceImage
    from medbench.images.load import LoadedImage
    from medbench.images.remarks import Remark

_READERS = 4
"""Images decoded at the same time; more than the disk and two cores can use gain nothing."""
_NAMED = 3
"""Missing images that an error lists by name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a benchmark folder is made from."""

    dataset: Dataset
    drawn: Drawn
    examined: Sequence[Examined]
    """All cases of the source: the pool comes from them, and the case ids are decided over them."""
    left_out: dict[str, int]
    """Number of cases that could not be drawn, by reason."""
    pool: int
    """Most cases of the pool."""
    same_patient: tuple[frozenset[str], ...] = ()
    """Groups of source ids that are one patient."""
    pool_cases: Sequence[Examined] | None = None
    """The cases of the pool where they are given; None to choose them."""
    decoded: Mapping[str, LoadedImage] = field(default_factory=dict)
    """Images that were decoded already, by sha256."""
    strip_metadata: bool = False
    """True to take the metadata out of the files of images."""
    egress: tuple[str, ...] = ()
    """Hosts that may be sent the cases; none for any."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A benchmark that was written, or was there already."""

    head: Benchmark
    bytes: int
    """Size of all images, those of the pool included."""
    excluded: int
    """Number of cases too like a drawn one to be in the pool: by topic, diagnosis, patient or image."""
    unchanged: bool
    """True if the folder held exactly this benchmark already, and nothing was written."""
    remarks: tuple[str, ...] = ()
    """Sentences on images that hold more, or less, than a picture should."""


class _Written(NamedTuple):
    cases: int
    images: int
    bytes: int
    remarked: list[tuple[str, tuple[Remark, ...]]]
    stripped: int


def freeze(target: Path, plan: Plan) -> Frozen:
    """Write a benchmark folder, whole or not at all.

    Where the target holds the same cases, references and pool, nothing is written.

    Raises:
        InputError: An image of a drawn case is missing or damaged.
        StoreError: The target holds something else, or the disk refuses.
    """
    _check_images_exist(plan.drawn.cases)
    if (target / HEAD).is_file():
        return _compared(target, plan)
    with new_folder(target) as folder:
        return _fill(folder, target.name, plan)


def _compared(target: Path, plan: Plan) -> Frozen:
    existing = read_one(target / HEAD, Benchmark)
    with partial_folder(target) as folder:
        again = _fill(folder, target.name, plan)
    intact = all(file_digest(target / name).sha256 == sha for name, sha in existing.files.items())
    if intact and again.head.files == existing.files:
        if plan.egress and set(plan.egress) != set(existing.egress):
            hosts = ", ".join(existing.egress) or "any host"
            raise StoreError(
                f"'{target}' holds these cases for '{hosts}', not for '{', '.join(plan.egress)}'.",
                "another folder with --out",
            )
        if plan.dataset.terms != existing.dataset.terms:
            raise StoreError(
                f"'{target}' holds these cases under other terms than their source states now.",
                "another folder with --out",
            )
        return Frozen(existing, again.bytes, again.excluded, unchanged=True, remarks=again.remarks)
    old, new = existing.digest[:8], again.head.digest[:8]
    raise StoreError(
        f"'{target}' holds another benchmark (digest '{old}', this one has '{new}')."
        if old != new
        else f"'{target}' holds the same cases (digest '{old}') with another pool, or was changed.",
        "another folder with --out",
    )


def _fill(folder: Path, name: str, plan: Plan) -> Frozen:
    ids = case_ids([entry.case for entry in plan.examined])
    seen = SeenImages()
    load = partial(_load, plan=plan)
    written = _write(folder, _loaded(plan.drawn.cases, load), ids, seen)
    (folder / POOL).mkdir()
    if plan.pool_cases is None:
        draw = plan.drawn.draw
        choice = plan_pool(plan.examined, plan.drawn.cases, draw.seed or 0, plan.same_patient)
        pool = _write(folder / POOL, pick_pool(choice, plan.pool, seen, load), ids)
        excluded = choice.excluded + choice.alike
    else:
        pool = _write(folder / POOL, _loaded(plan.pool_cases, load), ids)
        excluded = 0
    names = (CASES, REFERENCES, f"{POOL}/{CASES}", f"{POOL}/{REFERENCES}")
    files = {name: file_digest(folder / name).sha256 for name in names}
    head = Benchmark(
        name=name,
        digest=benchmark_digest(files, plan.dataset.terms),
        dataset=plan.dataset,
        draw=plan.drawn.draw,
        strata=plan.drawn.strata,
        left_out=plan.left_out,
        cases=written.cases,
        images=written.images,
        pool=pool.cases,
        images_decoded=True,
        egress=plan.egress,
        files=files,
        medbench=version("medbench"),
    )
    write_one(folder / HEAD, head)
    terms = plan.dataset.terms
    histories = ((entry.case.source_id, entry.case.history) for entry in plan.drawn.cases)
    quoted = terms is None or not terms.gated
    remarks = [*in_words(written.remarked), *identifiers.in_words(histories, quoted=quoted)]
    if plan.strip_metadata:
        changed = counted(written.stripped + pool.stripped, "image")
        remarks.append(f"Metadata was taken out of {changed}, whose pixels are unchanged.")
    return Frozen(head, written.bytes + pool.bytes, excluded, unchanged=False, remarks=tuple(remarks))


def _write(
    folder: Path,
    cases: Iterable[tuple[Examined, list[LoadedImage]]],
    ids: Mapping[str, str],
    seen: SeenImages | None = None,
) -> _Written:
    """Write cases, references and images as they come, and remember the images in `seen`."""
    count = images = size = stripped_ = 0
    remarked = []
    (folder / "images").mkdir()
    with atomic_file(folder / CASES) as case_file, atomic_file(folder / REFERENCES) as reference_file:
        for entry, loaded in cases:
            case_id = ids[entry.case.source_id]
            records = []
            for number, (source, image) in enumerate(zip(entry.case.images, loaded, strict=True), 1):
                name = f"images/{case_id}-{number}{image.suffix}"
                (folder / name).write_bytes(image.data)
                records.append(_image(name, source, image))
                size += len(image.data)
                stripped_ += image.original_sha256 is not None
                if image.remarks:
                    remarked.append((source.name, image.remarks))
                if seen:
                    seen.add(image)
            count += 1
            images += len(records)
            case_file.write(_case(case_id, entry.case, tuple(records)).to_line())
            reference_file.write(_reference(case_id, entry).to_line())
    return _Written(count, images, size, remarked, stripped_)


def _loaded(
    cases: Sequence[Examined], load: Callable[[SourceCase], list[LoadedImage]]
) -> Iterator[tuple[Examined, list[LoadedImage]]]:
    """Yield each case with its images, read by a few threads; only a few cases are in memory at a time."""
    with ThreadPoolExecutor(_READERS) as readers:
        for start in range(0, len(cases), 2 * _READERS):
            batch = cases[start : start + 2 * _READERS]
            yield from zip(batch, readers.map(load, [entry.case for entry in batch]), strict=True)


def _load(case: SourceCase, plan: Plan) -> list[LoadedImage]:
    loaded = [read_image(image.content, image.name, plan.decoded) for image in case.images]
    if not plan.strip_metadata:
        return loaded
    return [_without_metadata(image, source.name) for image, source in zip(loaded, case.images, strict=True)]


def _without_metadata(image: LoadedImage, name: str) -> LoadedImage:
    data = stripped(image.data, name)
    if data == image.data:
        return image
    return replace(read_image(data, name), original_sha256=image.sha256)


def _check_images_exist(cases: Sequence[Examined]) -> None:
    missing = [
        f"case '{entry.case.source_id}' lacks '{image.content!s}'"
        for entry in cases
        for image in entry.case.images
        if not image.exists
    ]
    if missing:
        more = f" and {len(missing) - _NAMED:,} more" if len(missing) > _NAMED else ""
        raise InputError(
            f"{counted(len(missing), 'image of drawn cases is', 'images of drawn cases are')} missing: "
            f"{', '.join(missing[:_NAMED])}{more}.",
            "complete the source, or --available-only to draw among the cases whose images are there",
        )


def _image(name: str, source: SourceImage, image: LoadedImage) -> Image:
    return Image(
        file=name,
        sha256=image.sha256,
        original_sha256=image.original_sha256,
        bytes=len(image.data),
        width=image.width,
        height=image.height,
        mode=image.mode,
        modality=source.modality,
        sequence=source.sequence,
        contrast=source.contrast,
        plane=source.plane,
    )


def _case(case_id: str, case: SourceCase, images: tuple[Image, ...]) -> Case:
    return Case(
        case_id=case_id,
        region=case.region,
        age=case.age,
        sex=case.sex,
        history=case.history,
        images=images,
        question=case.question,
    )


def _reference(case_id: str, entry: Examined) -> Reference:
    case = entry.case
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
        flags=entry.flags,
    )
