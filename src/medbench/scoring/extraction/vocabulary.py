"""The vocabulary: concepts, places and cues from the data files beside this module, as one tree of words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from medbench.scoring.extraction.words import TOKEN, canonical, folded

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "2026.11"
"""Raised with every change of the data files."""

Tier = Literal["urgent", "actionable", "minor", "benign"]
"""How much a finding matters to the patient in general."""

_TIERS: dict[str, Tier] = {"u": "urgent", "a": "actionable", "m": "minor", "b": "benign"}


class Concept(NamedTuple):
    """One thing that can be found."""

    name: str
    """The word for it."""
    tier: Tier
    """How much it matters."""
    place: str
    """Where it usually is; empty where it can be anywhere."""
    kin: str
    """Concepts with the same kin are near each other; the one named like its kin is the general one."""


class Place(NamedTuple):
    """One place of the body."""

    path: str
    """What stands before a slash holds what stands behind it."""
    side: str
    """The side that the name itself says, as 'right' in RLL; empty for most."""


class Cue(NamedTuple):
    """A word that says how a finding is meant."""

    kind: str
    """What it does."""
    word: str
    """Its first word."""


class Entry(NamedTuple):
    """What a phrase means."""

    kind: str
    """'finding', 'place', or the kind of a cue."""
    value: Concept | Place | Cue
    """What it stands for."""


class Node:
    """A step of the tree of words: what the words so far mean, and where the next word leads."""

    __slots__ = ("kind", "steps", "value")

    def __init__(self, kind: str = "", value: Any = None) -> None:
        self.kind = kind
        """'finding', 'place', or the kind of a cue; empty where the words so far are no phrase."""
        self.value: Any = value
        """What the phrase stands for: a concept, a place or a cue."""
        self.steps: dict[Node | None, Node] = {}
        """The next word, as the step that it itself begins with, to the next step."""


@dataclass(frozen=True)
class Vocabulary:
    """Everything that is recognised."""

    concepts: dict[str, Concept]
    """Name to concept."""
    composed: dict[str, tuple[tuple[str, Concept], ...]]
    """General word to the places that make it particular, the narrowest first; '*' is any or none."""
    words: dict[str, Node]
    """Every word that occurs in a phrase, to the step that it begins with."""


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary, read once."""
    concepts: dict[str, Concept] = {}
    phrases: dict[tuple[str, ...], Entry] = {}
    # In this order: of two meanings of the same words the later one counts.
    _add_findings(concepts, phrases)
    _add_places(phrases)
    for kind, names in _rows("cues.txt"):
        for phrase in names.split(";"):
            entry = Entry(kind, Cue(kind, phrase.split()[0]))
            _add(phrases, phrase, entry)
            if phrase.strip().startswith("not ") and kind.endswith("-after"):
                for verb in ("is", "are", "was", "were"):
                    _add(phrases, f"{verb} {phrase}", entry)
    words: dict[str, Node] = {}
    for phrase_words, entry in phrases.items():
        _insert([words.setdefault(word, Node()) for word in phrase_words], entry)
    composed: dict[str, list[tuple[str, Concept]]] = {}
    for general, place, particular in _rows("compose.txt"):
        composed.setdefault(general, []).append((place, concepts[particular]))
    narrowest = {
        general: tuple(sorted(rules, key=lambda rule: -len(rule[0]))) for general, rules in composed.items()
    }
    return Vocabulary(concepts, narrowest, words)


def _add_findings(concepts: dict[str, Concept], phrases: dict[tuple[str, ...], Entry]) -> None:
    for name in ("broad.txt", "core.txt"):
        for title, tier, place, kin, names in _rows(name):
            concept = concepts[title] = Concept(title, _TIERS[tier], place, kin)
            for phrase in [title, *names.split(";")]:
                _add(phrases, phrase, Entry("finding", concept))
    for words, name in _signals():
        _add(phrases, words, Entry("finding", concepts[name]))


def _add_places(phrases: dict[tuple[str, ...], Entry]) -> None:
    for path, names in _rows("sites.txt"):
        where, _, side = path.partition(" +")
        for phrase in names.split(";"):
            _add(phrases, phrase, Entry("place", Place(where, side)))
    for words, level in _levels():
        _add(phrases, words, Entry("place", Place(level, "")))


def _rows(name: str) -> Iterator[list[str]]:
    text = (files("medbench.scoring.extraction") / name).read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield [cell.strip() for cell in line.split("|")]


def _add(phrases: dict[tuple[str, ...], Entry], phrase: str, entry: Entry) -> None:
    words = tuple(map(canonical, TOKEN.findall(folded(phrase))))
    if not words:
        return
    phrases[words] = entry
    # 'nonobstructing' is also written 'non-obstructing'.
    if any(len(word) > 6 and word.startswith("non") for word in words):
        apart = [
            part
            for word in words
            for part in (("non", word[3:]) if len(word) > 6 and word.startswith("non") else (word,))
        ]
        phrases[tuple(apart)] = entry


def _levels() -> Iterator[tuple[str, str]]:
    """The levels of the spine: 'L4', 'L4-5', 'L4-L5', 'T12 vertebra'."""
    parts = (("c", "cervical", 7), ("t", "thoracic", 12), ("l", "lumbar", 5), ("s", "sacrum", 2))
    for letter, part, most in parts:
        for number in range(1, most + 1):
            path = f"spine/{part}/{letter}{number}"
            # T1 and T2 by themselves are sequences of MR.
            endings = ("vertebra", "vertebral body", "level", "body")
            names = [f"{letter}{number} {ending}" for ending in endings]
            if letter != "t" or number > 2:
                names.append(f"{letter}{number}")
            following = (
                f"{letter}{number + 1}" if number < most else {"c": "t1", "t": "l1", "l": "s1"}.get(letter)
            )
            if following:
                both = [f"{letter}{number} {following}", f"{letter}{number} {following[1:]}"]
                for words in both:
                    yield words, f"{path}_{following[1:]}"
            for words in names:
                yield words, path


def _signals() -> Iterator[tuple[str, str]]:
    """Signals of MR with the sequence inside: 'increased T2 signal intensity'."""
    levels = {
        "hyperintensity": ("high", "increased", "bright", "elevated"),
        "hypointensity": ("low", "decreased", "dark", "reduced"),
        "signal abnormality": ("abnormal", "altered"),
    }
    sequences = ("t1", "t2", "flair", "stir", "t1 weighted", "t2 weighted", "t2w", "t1w", "t2 flair")
    for name, words in levels.items():
        for word in words:
            for sequence in sequences:
                yield f"{word} {sequence} signal", name
                yield f"{word} {sequence} signal intensity", name
                yield f"{word} signal on {sequence}", name


def _insert(words: list[Node], entry: Entry) -> None:
    node = words[0]
    for word in words[1:]:
        node = node.steps.setdefault(word, Node())
    node.kind, node.value = entry.kind, entry.value
