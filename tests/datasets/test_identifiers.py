"""Histories that seem to name a person are remarked; ordinary ones are not."""

from __future__ import annotations

import pytest

from medbench.datasets.identifiers import in_words

NAMING = (
    "DOE^JANE, 54, cough.|Mr. Smith has pain.|mrs Miller, 70|Herr Müller kommt mit Husten"
    "|Patient name: John Doe|Name: Ada Lovelace|MRN: 1234567|Medical record number 88812"
    "|Patient ID: 0012345|DOB 01/02/1960"
    "|born on 1960-02-01|geb. 1.2.1960|The patient, named John Smith, fell.|Patient Jane Roe fell."
)
PLAIN = (
    "54-year-old man with cough.|History of Crohn disease.|Patient has Parkinson disease.|Born at 34 weeks."
    "|Known Wilms tumor.|Patient with Down Syndrome|MR Angiography was done.|Patient Complains Of pain."
    "|MS Lesions seen.|Born in Mexico.|A girl called by the ward.|Case 12345"
)


@pytest.mark.parametrize("history", NAMING.split("|"))
def test_a_history_that_names_a_person_is_remarked(history: str) -> None:
    """Names after a form of address, as DICOM writes them, numbers of records, dates of birth."""
    assert "1 history seems to name a person" in " ".join(in_words([("c1", history), ("c2", None)]))


@pytest.mark.parametrize("history", PLAIN.split("|"))
def test_an_ordinary_history_is_not(history: str) -> None:
    """Diseases called after people, methods and titles in capitals name nobody."""
    assert not list(in_words([("c1", history)]))
