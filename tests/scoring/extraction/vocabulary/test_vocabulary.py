"""The vocabulary: each name and rule of its files can be said; it is read where a text is."""

from __future__ import annotations

import subprocess
import sys

from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary


def test_every_concept_and_place_can_be_said() -> None:
    """Each hand-written concept is found under its own name, and every rule of composition has both ends."""
    known = vocabulary()
    for general, rules in known.composed.items():
        assert general in known.concepts, general
        assert {particular.name for _, particular in rules} <= known.concepts.keys()
    assert len(known.concepts) > 700


def test_the_vocabulary_is_read_where_a_text_is() -> None:
    """Not where the engine is imported: commands that name it would wait for nothing."""
    seen = (
        "from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary\n"
        "import medbench.scoring.findings\n"
        "print(vocabulary.cache_info().currsize)"
    )
    printed = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "0"
