"""Different diagnoses are told apart, and two names of one are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from medbench.scoring.extraction.extract import extract
from medbench.scoring.findings import measured
from medbench.scoring.matching.match import match
from medbench.scoring.matching.sides import output_side, reference_side

FOLDER = Path(__file__).parents[2] / "golden" / "diagnoses"


def pairs(name: str) -> list[tuple[str, str]]:
    """Return the pairs of a file, one a line, as sentences."""
    lines = (FOLDER / name).read_text("utf-8").splitlines()
    parts = [line.split("|") for line in lines if line and not line.startswith("#")]
    return [(f"{first.strip()}.", f"{second.strip()}.") for first, second in parts]


@pytest.mark.parametrize(("one", "other"), pairs("distinct.txt"))
def test_a_different_diagnosis_earns_neither_the_key_finding_nor_a_high_score(one: str, other: str) -> None:
    """Both ways, and both are read."""
    for reference, output in ((one, other), (other, one)):
        numbers = measured(reference, output)
        assert numbers.f1 is not None
        assert numbers.f1 <= 0.6
        assert not numbers.key


@pytest.mark.parametrize(("one", "other"), pairs("same.txt"))
def test_another_name_of_the_same_diagnosis_is_right(one: str, other: str) -> None:
    """Both ways."""
    for reference, output in ((one, other), (other, one)):
        numbers = measured(reference, output)
        assert numbers.f1 is not None
        assert numbers.f1 >= 0.9
        assert numbers.key


@pytest.mark.parametrize(
    ("general", "named"),
    [
        ("Renal mass.", "Renal cell carcinoma."),
        ("Mass.", "Lipoma."),
        ("Lesion in the liver.", "Hepatocellular carcinoma."),
        ("Consolidation.", "Lobar pneumonia."),
        ("Ligament tear of the knee.", "ACL tear."),
    ],
)
def test_a_general_word_describes_a_diagnosis_but_is_not_the_same(general: str, named: str) -> None:
    """It gets more than a wrong diagnosis and less than the right one."""
    for reference, output in ((general, named), (named, general)):
        f1 = measured(reference, output).f1
        assert f1 is not None
        assert 0.6 < f1 < 0.9


@pytest.mark.parametrize(
    ("cancer", "twin", "other_cancer"),
    [
        ("Renal cell carcinoma.", "Renal angiomyolipoma.", "Wilms tumor."),
        ("Chondrosarcoma.", "Enchondroma.", "Osteosarcoma."),
        ("Hepatocellular carcinoma.", "Focal nodular hyperplasia.", "Liver metastasis."),
    ],
)
def test_a_benign_twin_of_a_cancer_is_an_error_of_its_own(cancer: str, twin: str, other_cancer: str) -> None:
    """It costs more than another cancer."""
    (pair,) = match(reference_side(extract(cancer)), output_side(extract(twin)))
    assert pair.errors == ("malignancy",)
    near, far = measured(cancer, other_cancer).f1, measured(cancer, twin).f1
    assert near is not None
    assert far is not None
    assert near > far
