"""Describe a benchmark in Croissant 1.1: files with sha256, record sets, licence, and no word of a case."""

from __future__ import annotations

import json
import mimetypes
from typing import TYPE_CHECKING, Any, NamedTuple

from medbench.api.exports.shared_run import is_drawn
from medbench.schema.benchmark import POOL
from medbench.store.benchmark import CASES, REFERENCES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from medbench.schema.benchmark import Benchmark
    from medbench.schema.case import Image
    from medbench.store.benchmark import BenchmarkFolder

Json = dict[str, Any]
_OURS = "https://spdx.org/licenses/Apache-2.0.html"
"""Licence of the phantoms, as of medbench itself."""
_MAKERS = "The medbench developers"
_WORDS = (
    "annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes",
    "extract", "field", "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray",
    "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "readLines", "recordSet", "references",
    "regex", "repeated", "replace", "samplingRate", "sdVersion", "separator", "source", "subField",
    "transform", "unArchive", "value",
)  # fmt: skip
"""Properties of Croissant's own."""
_CONTEXT: Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{word: f"cr:{word}" for word in _WORDS},
}
_OF_CASES = {
    "case_id": "Name of the case.",
    "region": "Body part group.",
    "age": "Age in years as text; empty where unknown.",
    "sex": "Sex of the patient; empty where unknown.",
    "history": "Clinical history; empty where there is none.",
    "digest": "Sha256 over all that a model may see of the case.",
}
_OF_REFERENCES = {
    "case_id": "Name of the case.",
    "source_id": "Name of the case in its source.",
    "text": "The radiologist's findings: the answer, which no model may see.",
}


class Croissant(NamedTuple):
    """A benchmark as JSON-LD."""

    record: Json
    unknown: tuple[str, ...]
    """Properties that Croissant requires and medbench cannot know."""

    def to_text(self) -> str:
        """Return the content of the file."""
        return json.dumps(self.record, indent=1, ensure_ascii=False) + "\n"


def croissant(benchmark: BenchmarkFolder, licence: str | None = None) -> Croissant:
    """Describe a benchmark; paths are relative to its folder, into which the file belongs.

    Args:
        benchmark: The benchmark.
        licence: Licence or terms, best as a URL; None for medbench's own of a phantom, else for the place
            where the source has its terms.

    Raises:
        InputError: The benchmark was changed, or an image path leaves its folder.
    """
    benchmark.check()
    head = benchmark.head
    images = [(case.case_id, image) for case in benchmark.cases() for image in case.images]
    known = {**_source(head), **_licence(head, licence)}
    record = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": head.name,
        "description": _description(head),
        **known,
        "identifier": f"sha256:{head.digest}",
        "distribution": [*_records(head), *_images(_files(benchmark, images))],
        "recordSet": [
            _record_set("cases", "What a model may see of each case.", CASES, _OF_CASES),
            _record_set("references", "The answer to each case.", REFERENCES, _OF_REFERENCES),
            _image_set(images),
        ],
    }
    required = ("license", "url", "creator", "datePublished")
    return Croissant(record, tuple(name for name in required if name not in record))


def _source(head: Benchmark) -> Json:
    if is_drawn(head):
        return {"creator": {"@type": "sc:Organization", "name": _MAKERS}}
    source = head.dataset.source
    return {"url": source if "://" in source else f"https://{source}"} if source else {}


def _licence(head: Benchmark, licence: str | None) -> Json:
    if licence is not None:
        return {"license": licence}
    if is_drawn(head):
        return {"license": _OURS}
    url = _source(head).get("url")
    terms = {"@type": "sc:CreativeWork", "name": f"Terms of {head.dataset.name}, as its source states them"}
    return {"license": terms | {"url": url}} if url else {}


def _description(head: Benchmark) -> str:
    """Return what it is and what was left out of it: a count that the cases do not show."""
    left_out = "; ".join(f"{reason} {number}" for reason, number in head.left_out.items()) or "none"
    drawn = head.draw.recipe or f"by {', '.join(head.draw.by) or 'nothing'}, seed {head.draw.seed}"
    revision = f", revision {head.dataset.commit}" if head.dataset.commit else ""
    return (
        f"Frozen benchmark of medbench: {head.cases} radiology cases with {head.images} images of "
        f"{head.dataset.name}{revision}, drawn {drawn}. Cases that could not be drawn: {left_out}."
    )


def _records(head: Benchmark) -> Iterator[Json]:
    for name, sha256 in head.files.items():
        yield _file(name, "application/jsonlines", sha256)


def _files(benchmark: BenchmarkFolder, images: Iterable[tuple[str, Image]]) -> dict[str, Image]:
    """Return path to image, of the cases and of the pool."""
    files = {image.file: image for _, image in images}
    if benchmark.head.pool:
        shown = (image for example in benchmark.pool for image in example.case.images)
        files |= {f"{POOL}/{image.file}": image for image in shown}
    return files


def _images(images: dict[str, Image]) -> Iterator[Json]:
    for name, image in images.items():
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        yield _file(name, kind, image.sha256) | {"contentSize": f"{image.bytes} B"}


def _file(name: str, kind: str, sha256: str) -> Json:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "encodingFormat": kind,
        "sha256": sha256,
    }


def _record_set(name: str, description: str, file: str, columns: dict[str, str]) -> Json:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        "key": {"@id": f"{name}/case_id"},
        "field": [
            _field(name, column, told)
            | {"source": {"fileObject": {"@id": file}, "extract": {"column": column}}}
            | ({"references": {"field": {"@id": "cases/case_id"}}} if _points_to_case(name, column) else {})
            for column, told in columns.items()
        ],
    }


def _points_to_case(name: str, column: str) -> bool:
    return name != "cases" and column == "case_id"


def _field(name: str, column: str, description: str) -> Json:
    return {
        "@type": "cr:Field",
        "@id": f"{name}/{column}",
        "name": f"{name}/{column}",
        "description": description,
        "dataType": "sc:Text",
    }


def _image_set(images: list[tuple[str, Image]]) -> Json:
    """Return the images of each case in their order, as data in the description itself."""
    columns = {
        "case_id": "The case that it belongs to.",
        "file": "Path of the image.",
        "sha256": "Digest of the file.",
        "modality": "CT, MR, XR, US, NM or OT; empty where unknown.",
    }
    return {
        "@type": "cr:RecordSet",
        "@id": "images",
        "name": "images",
        "description": "The images of each case, in its order.",
        "field": [_field("images", column, told) for column, told in columns.items()],
        "data": [
            {
                "images/case_id": case_id,
                "images/file": image.file,
                "images/sha256": image.sha256,
                "images/modality": image.modality or "",
            }
            for case_id, image in images
        ],
    }
