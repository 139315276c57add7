"""What scoring and comparing need of each case: its reference, its strata, what its images are, its topic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.scoring.item import CaseFacts

if TYPE_CHECKING:
    from collections.abc import Hashable
    from typing import TypeVar

    from medbench.schema.case import Case
    from medbench.store.benchmark import BenchmarkFolder

    V = TypeVar("V", bound=Hashable)

_LENGTHS = ((25, "1-25 words"), (50, "26-50 words"), (100, "51-100 words"))


def case_facts(benchmark: BenchmarkFolder) -> dict[str, CaseFacts]:
    """Case to what scoring and comparing need of it, in the benchmark's order.

    Raises:
        InputError: The benchmark was changed.
    """
    benchmark.check()
    texts: dict[str, tuple[str, str]] = {}
    for reference in benchmark.references():
        texts[reference.case_id] = (reference.text, reference.topic or f"case {reference.case_id}")
    # By name, and not by place: the same outputs give the same digits in whatever order cases stand.
    topics = {name: number for number, name in enumerate(sorted({topic for _, topic in texts.values()}))}
    shared = _Shared()
    found = {}
    for case in benchmark.cases():
        text, topic = texts[case.case_id]
        found[case.case_id] = CaseFacts(
            reference=text,
            strata=shared.strata(case, text),
            modalities=shared.one(frozenset(image.modality for image in case.images if image.modality)),
            planes=shared.one(frozenset(image.plane or "unknown" for image in case.images)),
            topic=topics[topic],
        )
    return found


class _Shared:
    """Equal values of many cases as one object: they are the larger part of what a case takes."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Hashable] = {}
        self._strata: dict[tuple[str, ...], dict[str, str]] = {}

    def one(self, value: V) -> V:
        """The first value that was equal to this one."""
        return self._known.setdefault(value, value)  # type: ignore[return-value] # equal values are of one kind

    def strata(self, case: Case, text: str) -> dict[str, str]:
        """The strata of a case."""
        values = {
            "region": case.region,
            "modality": case.modality,
            "images": "1" if len(case.images) == 1 else "2+",
            "reference": _length(len(text.split())),
        }
        return self._strata.setdefault(tuple(values.values()), values)


def _length(words: int) -> str:
    """The stratum of a reference's length; MedPix 2.0 has a median of 45 words."""
    return next((name for most, name in _LENGTHS if words <= most), "101+ words")
