"""Writes a benchmark of 1,000 invented cases with a tiny image each, or larger ones, and runs on it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from texts import text_of

from medbench.schema.base import sealed
from medbench.schema.benchmark import Benchmark, Dataset, Draw
from medbench.schema.case import Case, Image, Modality
from medbench.schema.reference import Reference
from medbench.schema.response import Attempt, CallFor, Cost, Response, Usage
from medbench.schema.run import Event, ModelUse, Output, System
from medbench.store.benchmark import CASES as CASES_FILE
from medbench.store.benchmark import HEAD, REFERENCES, BenchmarkFolder, benchmark_digest
from medbench.store.chain import NOTHING_BEFORE
from medbench.store.jsonl import file_digest, write_one, write_records, write_sealed
from medbench.store.runs import EVENTS, OUTPUTS, RESPONSES, new_head
from medbench.store.runs import HEAD as RUN_HEAD
from medbench.store.seals import write_seals

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

CASES = 1_000
REGIONS = ("Head", "Thorax", "Abdomen", "Spine/MSK", "Urinary")
MODALITIES: tuple[Modality, ...] = ("CT", "MR")
PROMPT = "Clinical history: not given\n\n" + "Describe all findings of this image in detail. " * 8
AT = "2026-01-01T00:00:00.000+00:00"


def make_benchmark(  # noqa: PLR0913 - what a benchmark is made of
    folder: Path,
    draw: random.Random,
    count: int = CASES,
    *,
    images: int = 1,
    side: int = 8,
    shared: bool = False,
) -> None:
    """Write the benchmark: cases, references of about 70 words, images of 8 x 8 pixels or of another side.

    With `shared` all cases have the images of the first: so many files would take longest.
    """
    (folder / "images").mkdir(parents=True)
    picture = _picture(side)
    first = [_image(folder, f"case-0-{n}.png", 0, side, picture) for n in range(images)] if shared else None
    write_records(
        folder / CASES_FILE,
        (_case(folder, number, images, side, picture, first) for number in range(count)),
    )
    write_records(
        folder / REFERENCES,
        (
            Reference(
                case_id=f"case-{number}", source_id=f"S{number}", text=text_of(draw, draw.randint(40, 100))
            )
            for number in range(count)
        ),
    )
    files = {name: file_digest(folder / name).sha256 for name in (CASES_FILE, REFERENCES)}
    write_one(
        folder / HEAD,
        Benchmark(
            name=folder.name,
            digest=benchmark_digest(files),
            dataset=Dataset(name="invented"),
            draw=Draw(recipe="bench"),
            cases=count,
            images=count * images,
            files=files,
            medbench="bench",
        ),
    )


def _picture(side: int) -> bytes:
    """A PNG with something to see: made small it takes as many bytes as a CT or MR does."""
    from PIL import Image as pillow  # noqa: N813 - the record of that name is the other one

    shape, noise = pillow.radial_gradient("L").resize((side, side)), pillow.effect_noise((side, side), 120)
    held = io.BytesIO()
    pillow.blend(shape, noise, 0.1).save(held, "PNG")
    return held.getvalue()


def _case(  # noqa: PLR0913 - all that a case is made of
    folder: Path, number: int, images: int, side: int, picture: bytes, shared: list[Image] | None
) -> Case:
    if shared is None:
        own = [_image(folder, f"case-{number}-{n}.png", number, side, picture) for n in range(images)]
    else:
        own = [image.model_copy(update={"modality": MODALITIES[number % 2]}) for image in shared]
    return Case(case_id=f"case-{number}", region=REGIONS[number % len(REGIONS)], images=tuple(own))


def _image(folder: Path, name: str, number: int, side: int, picture: bytes) -> Image:
    path = folder / "images" / name
    path.write_bytes(picture + name.encode())  # what follows the picture makes its digest another one
    found = file_digest(path)
    return Image(
        file=f"images/{name}",
        sha256=found.sha256,
        bytes=found.bytes,
        width=side,
        height=side,
        mode="L",
        modality=MODALITIES[number % 2],
    )


def make_run(folder: Path, benchmark: Path, replicates: int, draw: random.Random) -> None:
    """Write a complete run of a paid model, with about 200 words an output, record after record."""
    folder.mkdir(parents=True)
    opened = BenchmarkFolder(benchmark)
    system = System(
        name=folder.name,
        family="other",
        pipeline="single",
        model=ModelUse(name="made", provider="made", id="made-1"),
    )
    write_one(folder / RUN_HEAD, new_head(folder, opened, system, "medbench run"))
    write_sealed(folder / EVENTS, [Event(at=AT, kind="started", pid=1, replicates=replicates)])
    with (folder / RESPONSES).open("wb") as responses, (folder / OUTPUTS).open("wb") as outputs:
        seals = ["", ""]
        for records in _answers(opened, replicates, draw):
            for number, (file, record) in enumerate(zip((responses, outputs), records, strict=True)):
                line, seals[number] = sealed(record.to_line(), seals[number] or NOTHING_BEFORE)
                file.write(line)
    write_seals(folder)


def _answers(
    benchmark: BenchmarkFolder, replicates: int, draw: random.Random
) -> Iterator[tuple[Response, Output]]:
    for case in benchmark.cases():
        for replicate in range(replicates):
            key = f"{len(case.case_id):02}{draw.getrandbits(56):014x}"
            text = f"FINDINGS:\n{text_of(draw, draw.randint(120, 280))}\n\nIMPRESSION:\n{text_of(draw, 12)}"
            response = Response(
                response_id=key,
                request_digest=f"{draw.getrandbits(256):064x}",
                sample=replicate,
                call_for=CallFor(case_id=case.case_id, replicate=replicate, stage="single"),
                asked="made-1",
                answered="made-1",
                prompt=PROMPT,
                text=text,
                finish_reason="stop",
                images_sent=tuple(image.sha256 for image in case.images),
                usage=Usage(input=300, output=250, source="provider"),
                latency_s=5 + draw.random(),
                cost=Cost(usd=0.001, basis="tokens"),
                attempts=(Attempt(start=AT, queued_s=0.0, took_s=5.0, outcome="ok", status=200),),
            )
            yield (
                response,
                Output(
                    case_id=case.case_id,
                    case_digest=case.digest,
                    replicate=replicate,
                    text=text,
                    responses=(key,),
                ),
            )
