"""The facts about each case that scoring and comparing need: reference, strata, kinds of images, topic."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medbench.scoring.item import CaseFacts
from medbench.steps.reading.selection import selected_with_references

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.case import Case
    from medbench.schema.reference import Reference
    from medbench.store.benchmark import BenchmarkFolder

_LENGTHS = ((25, "1-25 words"), (50, "26-50 words"), (100, "51-100 words"))


def case_facts(benchmark: BenchmarkFolder) -> dict[str, CaseFacts]:
    """Return the facts about each case, in the benchmark's order.

    Raises:
        InputError: The benchmark was changed.
    """
    return {facts.case_id: facts for facts in each_case(benchmark)}


def each_case(benchmark: BenchmarkFolder) -> Iterator[CaseFacts]:
    """Yield the facts about each case, in the benchmark's order; cases with equal strata share them.

    Raises:
        InputError: The benchmark was changed.
    """
    benchmark.check()
    names = {ref.case_id: ref.topic or f"case {ref.case_id}" for ref in benchmark.references()}
    # By name, and not by place: the same outputs give the same digits in whatever order cases stand.
    asks = benchmark.asks_questions()
    topics = {name: number for number, name in enumerate(sorted(set(names.values())))}
    topic_of = {case_id: topics[name] for case_id, name in names.items()}
    del names, topics  # of many cases they are as large as all that is kept
    shared: dict[object, Any] = {}
    for case, reference in selected_with_references(benchmark):
        strata = {
            "region": case.region,
            "modality": case.modality,
            "images": "1" if len(case.images) == 1 else "2+",
            "reference": _length(len(reference.text.split())),
            **({"question": case.question.kind if case.question else "findings"} if asks else {}),
            **_drawn(reference),
            **(_image(case) if benchmark.head.draw.unit == "image" else {}),
        }
        modalities = frozenset(image.modality for image in case.images if image.modality)
        planes = frozenset(image.plane or "unknown" for image in case.images)
        yield CaseFacts(
            case_id=case.case_id,
            reference=reference.text,
            strata=shared.setdefault(tuple(strata.items()), strata),
            modalities=shared.setdefault(modalities, modalities),
            planes=shared.setdefault(planes, planes),
            topic=topic_of[case.case_id],
            question=case.question,
        )


def _drawn(reference: Reference) -> dict[str, str]:
    """Return the stratum of a phantom: nothing is said of cases whose findings are not known exactly."""
    known = reference.known_findings
    return {} if known is None else {"findings": "abnormal" if known else "normal"}


def _image(case: Case) -> dict[str, str]:
    """Return the strata of a case of one image."""
    (image,) = case.images
    return {"plane": image.plane or "unknown", "sequence": image.sequence or "unknown"}


def _length(words: int) -> str:
    """Return the stratum of a reference's length; MedPix 2.0 has a median of 45 words."""
    return next((name for most, name in _LENGTHS if words <= most), "101+ words")
