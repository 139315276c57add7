"""What the engine gives can be sent to another process, also where it is compiled."""

from __future__ import annotations

import pickle

from medbench.scoring.extraction.extract import extract
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary
from medbench.scoring.layout.statements import statements
from medbench.scoring.matching.match import match
from medbench.scoring.matching.measures import measured
from medbench.scoring.matching.sides import output_side, reference_side

REFERENCE = "A 2 cm mass in the left upper lobe, possibly a granuloma. No effusion."
OUTPUT = "Findings:\n- Lungs: a 5 cm nodule in the right upper lobe\n- Pleura: normal"


def test_findings_pairs_and_numbers_arrive_as_they_were_sent() -> None:
    """Findings, both sides of a match, its pairs and numbers, statements and the vocabulary are plain."""
    asked, said = reference_side(extract(REFERENCE)), output_side(extract(OUTPUT))
    pairs = match(asked, said)
    for sent in (asked, said, pairs, measured(pairs, asked.key), statements(OUTPUT), vocabulary()):
        assert sent
        assert pickle.loads(pickle.dumps(sent)) == sent
