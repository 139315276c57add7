"""What scoring knows of each case: topics by name, one object for what many cases share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.schema.reference import Reference
from medbench.steps.reading.case_facts import case_facts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from medbench.schema.case import Case
    from medbench.store.benchmark import BenchmarkFolder

TOPICS = {"case-000": "Ranula", "case-001": "Abscess", "case-002": None, "case-003": "Abscess"}


def test_topics_are_numbered_by_name(write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path) -> None:
    """In whatever order cases stand, so that the same outputs give the same digits."""

    def reference(case: Case) -> Reference:
        return Reference(case_id=case.case_id, source_id="s", text="A mass.", topic=TOPICS.get(case.case_id))

    facts = case_facts(write_benchmark(tmp_path / "b", 4, reference=reference))
    # 'Abscess' < 'Ranula' < 'case case-002'
    assert [facts[case].topic for case in TOPICS] == [1, 0, 2, 0]


def test_what_cases_share_is_one_object(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """A large benchmark has few strata, and few sets of modalities and planes."""
    facts = case_facts(write_benchmark(tmp_path / "b", 40)).values()
    for of in ("strata", "modalities", "planes"):
        values = [getattr(fact, of) for fact in facts]
        assert len({id(value) for value in values}) == len({str(value) for value in values}) < 20
