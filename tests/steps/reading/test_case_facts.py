"""What scoring knows of each case: topics by name, strata, kinds of images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from medbench.errors import InputError
from medbench.schema.case import Case
from medbench.schema.reference import Reference
from medbench.steps.reading.case_facts import case_facts
from medbench.store.benchmark import REFERENCES, BenchmarkFolder, find_benchmark

TOPICS = {"case-000": "Ranula", "case-001": "Abscess", "case-002": None, "case-003": "Abscess"}


def test_topics_are_numbered_by_name(write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path) -> None:
    """In whatever order cases stand, so that the same outputs give the same digits."""

    def reference(case: Case) -> Reference:
        return Reference(case_id=case.case_id, source_id="s", text="A mass.", topic=TOPICS.get(case.case_id))

    facts = case_facts(write_benchmark(tmp_path / "b", 4, reference=reference))
    # 'Abscess' < 'Ranula' < 'case case-002'
    assert [facts[case].topic for case in TOPICS] == [1, 0, 2, 0]


def test_strata_and_kinds_of_images(write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path) -> None:
    """Region, modality, one image or more, length of the reference; unknown planes are so called."""

    def reference(case: Case) -> Reference:
        number = int(case.case_id[-3:])
        words = (25, 26, 50, 51, 100, 101)[number]
        return Reference(case_id=case.case_id, source_id="s", text=" ".join(["mass"] * words))

    facts = list(case_facts(write_benchmark(tmp_path / "b", 6, reference=reference)).values())
    assert "findings" not in facts[0].strata
    assert [fact.strata["reference"] for fact in facts] == [
        "1-25 words",
        *["26-50 words"] * 2,
        *["51-100 words"] * 2,
        "101+ words",
    ]
    assert [fact.strata["images"] for fact in facts[:2]] == ["1", "2+"]
    assert (facts[0].strata["region"], facts[0].strata["modality"]) == ("Head", "CT")
    assert facts[1].modalities == {"MR"}
    assert facts[1].planes == {"unknown"}
    assert facts[0].reference.startswith("mass mass")


def test_phantoms_are_told_apart_by_whether_they_have_findings() -> None:
    """Where findings are known exactly, normal cases are a stratum of their own; elsewhere there is none."""
    strata = [facts.strata["findings"] for facts in case_facts(find_benchmark("phantom-200")).values()]
    assert (strata.count("abnormal"), strata.count("normal")) == (160, 40)


def test_a_changed_benchmark_is_refused(bench: BenchmarkFolder) -> None:
    """Numbers against other references than those that were frozen are no numbers of this benchmark."""
    path = bench.path / REFERENCES
    path.write_bytes(path.read_bytes().replace(b"mass", b"cyst"))
    with pytest.raises(InputError, match="was changed"):
        case_facts(bench)
