"""Names of cases: region and hash, longer where two would be the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.datasets.case_id import case_ids
from medbench.datasets.source import SourceCase


def _case(name: str, region: str = "Spine/MSK") -> SourceCase:
    return SourceCase(name, region, (), "text")


@given(st.sets(st.text(min_size=1, max_size=8), min_size=2, max_size=40))
def test_case_ids_are_single_and_do_not_hold_the_source_id(names: set[str]) -> None:
    """Region and hash; every case of a source has its own."""
    ids = case_ids([_case(name) for name in sorted(names)])
    assert len(set(ids.values())) == len(names)
    assert all(case_id.startswith("spine-") for case_id in ids.values())


def test_colliding_case_ids_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cases of one hash start get longer ids, the third keeps its short one."""
    found = {"a": "77d0e4aa11", "b": "77d0e4bb22", "c": "123456789a"}

    class Fake:
        def __init__(self, data: bytes) -> None:
            self.data = data.decode()

        def hexdigest(self) -> str:
            return found[self.data]

    monkeypatch.setattr("medbench.datasets.case_id.hashlib.sha256", Fake)
    ids = case_ids([_case(name) for name in "abc"])
    assert ids == {"a": "spine-77d0e4aa", "b": "spine-77d0e4bb", "c": "spine-123456"}


@pytest.mark.parametrize(
    ("region", "start"),
    [
        ("Spine/MSK", "spine-"),
        ("Kopf & Hals", "kopf-hals-"),
        ("Épaule", "epaule-"),
        ("头", "case-"),
        ("", "case-"),
    ],
)
def test_a_region_becomes_plain_letters(region: str, start: str) -> None:
    """Names of files and runs are made of them: small ASCII letters, or 'case' where none is left."""
    assert case_ids([_case("a", region)])["a"].startswith(start)
