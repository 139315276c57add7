"""MedPix's spellings and quirks, field by field."""

from __future__ import annotations

import pytest

from medbench.datasets.medpix_fields import age_of, is_radiology, kind_of, plane_of, present, sex_of


def test_fields_that_were_corrected_by_eye() -> None:
    """CT typed as MR, scouts, an elbow that is no spectrum, scans whose plane says photograph."""
    assert kind_of("MPX1284_synpic35420", "MR", "MR").modality == "CT"
    assert kind_of("MPX2067_synpic11184", "CT - noncontrast", "CT") == ("CT", "scout", "none")
    assert kind_of("MPX1714_synpic20232", "MRS - Spectroscopy", "MR").sequence == "STIR"
    assert kind_of("x", "Drawing", "MR") == ("MR", None, None)
    assert kind_of("x", "never seen", "CT") == ("CT", None, None)
    assert plane_of("x", "Lateral", "MR") == "sagittal"
    assert plane_of("x", "Lateral", "CT") == "lateral"
    assert is_radiology("MPX1911_synpic23324", "Gross Pathology")
    assert not is_radiology("MPX9999_x", "Gross Pathology")


@pytest.mark.parametrize("value", [None, "", "  ", "None", "null", "N/A", "n/a ", 7])
def test_markers_for_nothing_are_unknown(value: object) -> None:
    """A missing key, blanks and the words that stand for nothing; also in age and sex."""
    assert present(value) is None
    assert age_of(value) is None
    assert sex_of(value) is None


def test_an_age_of_zero_is_unknown() -> None:
    """MedPix writes '0' for infants and for 'not said' alike."""
    assert (age_of("0"), age_of(" 0 "), age_of(" 54 "), age_of("10")) == (None, None, "54", "10")


def test_only_two_words_are_a_sex() -> None:
    """In any case, with blanks; anything else is unknown and not guessed."""
    assert (sex_of(" Female"), sex_of("male"), sex_of("F")) == ("female", "male", None)
