"""The vocabulary: each name and rule of its files can be said; it is read where a text is."""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict

from medbench.scoring.extraction.vocabulary.names import rows
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary
from medbench.scoring.extraction.words.forms import canonical


def test_every_concept_and_place_can_be_said() -> None:
    """Each hand-written concept is found under its own name, and every rule of composition has both ends."""
    known = vocabulary()
    for general, rules in known.composed.items():
        assert general in known.concepts, general
        assert {particular.name for _, particular in rules} <= known.concepts.keys()
    assert len(known.concepts) > 700


def test_no_name_is_of_two_concepts_and_no_concept_twice() -> None:
    """Which of them a text means would be silent; only `broad.txt` is there to be overruled."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    titles: list[str] = []
    for file in ("core.txt", "signs.txt", "diagnoses.txt"):
        for title, _, _, kin, names in rows(file):
            titles.append(title)
            # A word of form is no name by itself.
            for name in names.split(";") if kin == "form" else (title, *names.split(";")):
                words = name.lower().replace("-", " ").replace("'", " ").split()
                owners[" ".join(map(canonical, words))].add(title)
    owners.pop("", None)
    assert {name: owned for name, owned in owners.items() if len(owned) > 1} == {}
    assert len(titles) == len(set(titles))


def test_the_vocabulary_is_read_where_a_text_is() -> None:
    """Not where the engine is imported: commands that name it would wait for nothing."""
    seen = (
        "from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary\n"
        "import medbench.scoring.findings\n"
        "print(vocabulary.cache_info().currsize)"
    )
    printed = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "0"
