"""The vocabulary: all that is recognised in a text, read once."""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from medbench.scoring.extraction.vocabulary.entries import Cue, Entry
from medbench.scoring.extraction.vocabulary.names import (
    cue_names,
    denied_names,
    describing_names,
    finding_names,
    place_names,
    rows,
)
from medbench.scoring.extraction.words.forms import canonical
from medbench.scoring.extraction.words.tokens import SIZE

if TYPE_CHECKING:
    from medbench.scoring.extraction.vocabulary.entries import Concept

VERSION = "2026.12.57"
"""Raised with every change of the data files."""


class Vocabulary(NamedTuple):
    """Everything that is recognised."""

    concepts: dict[str, Concept]
    """Name to concept."""
    composed: dict[str, tuple[tuple[str, Concept], ...]]
    """General word to the places that make it particular, the narrowest first; '*' is any or none."""
    senses: dict[str, dict[str, str]]
    """Word for a part of several organs to the part, by organ, the narrowest first; '*' is the default."""
    phrases: dict[str, list[tuple[str, Entry]]]
    """First word to the phrases that begin with it; of two with the same words the later one counts."""
    classes: dict[str, list[str]]
    """Classes of words in the phrases of cues, '{see}', to their members."""
    words: frozenset[str]
    """Every word of a phrase, and the fillers."""
    fillers: frozenset[str]
    """Words that may stand between the words of a cue, beside adverbs."""


@cache
def vocabulary() -> Vocabulary:
    """Return the shipped vocabulary, read once."""
    concepts: dict[str, Concept] = {}
    findings = list(finding_names(concepts))
    classes, cues = cue_names()
    phrases: dict[str, list[tuple[str, Entry]]] = {SIZE: [(SIZE, Entry("size", Cue("size", SIZE)))]}
    named = [*describing_names(concepts), *denied_names(findings), *findings, *place_names(), *cues]
    for phrase in named:
        phrases.setdefault(canonical(phrase[0].partition(" ")[0]), []).append(phrase)
    spoken = chain(*classes.values(), (name for name, _ in named))
    words = {SIZE, *chain.from_iterable(map(str.split, spoken))} - classes.keys()
    fillers = frozenset(classes["{filler}"])
    composed: dict[str, list[tuple[str, Concept]]] = {}
    senses: dict[str, dict[str, str]] = {}
    for general, place, particular in sorted(rows("compose.txt"), key=_narrowest_first):
        if general.startswith("?"):
            senses.setdefault(general, {})[place] = particular
        else:
            composed.setdefault(general, []).append((place, concepts[particular]))
    rules = {name: tuple(rules) for name, rules in composed.items()}
    return Vocabulary(
        concepts, rules, senses, phrases, classes, fillers.union(map(canonical, words)), fillers
    )


def _narrowest_first(row: list[str]) -> tuple[bool, int]:
    """Return what orders the rows of compose.txt: a node is a node, wherever it is."""
    return row[1] != "lymph node", -len(row[1])
