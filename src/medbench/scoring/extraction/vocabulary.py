"""The vocabulary: concepts, places and cues, read from the data files beside this module."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, NamedTuple

from medbench.scoring.extraction.words import MARKS, SIZE, canonical, plain, tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "2026.12"
"""Raised with every change of the data files."""

Tier = Literal["urgent", "actionable", "minor", "benign"]
"""Importance of a finding to the patient in general."""

Nature = Literal["", "benign", "malignant"]

_ADJECTIVE = ("ed", "ing", "al", "ic", "ous", "ive")
"""Endings of words that a prefix turns into their contrary."""
_TIERS: dict[str, Tier] = {"u": "urgent", "a": "actionable", "m": "minor", "b": "benign"}


class Concept(NamedTuple):
    """One thing that can be found."""

    name: str
    """The word for it."""
    tier: Tier
    """Its importance."""
    place: str
    """Where it usually is; empty where it can be anywhere."""
    kin: str
    """Concepts with the same kin are near each other."""
    family: str = ""
    """The kin, and behind it the narrower one where there is any, as in 'lesion/cyst'."""
    is_general: bool = False
    """True for a word that describes all of its family, as 'cyst'."""
    nature: Nature = ""
    """What a tumor is, where its name says so."""


class Place(NamedTuple):
    """One place of the body."""

    path: str
    """From the region to the part, as in 'chest/lung/upper'."""
    side: str
    """The side that the name itself says, as 'right' in RLL; empty for most."""


class Cue(NamedTuple):
    """A word or mark that says how a finding is meant."""

    kind: str
    """Its effect, as in cues.txt."""
    word: str
    """Its first word."""


class Entry(NamedTuple):
    """The meaning of a phrase."""

    kind: str
    """'finding', 'place', 'sense' for a place that depends on others, or the kind of a cue."""
    value: Concept | Place | Cue
    """The thing that the phrase stands for."""


class Node:
    """A step of the tree of phrases: the meaning of the words so far, and the words that may follow."""

    __slots__ = ("bends", "entry", "steps")

    def __init__(self) -> None:
        self.bends = False
        """True if fillers may stand before the next word: it is a cue's."""
        self.entry: Entry | None = None
        """None where the words so far are only the beginning of a phrase."""
        self.steps: dict[str, Node] = {}
        """The next word, in its canonical form, to the next step."""


@dataclass(frozen=True)
class Vocabulary:
    """Everything that is recognised."""

    concepts: dict[str, Concept]
    """Name to concept."""
    composed: dict[str, tuple[tuple[str, Concept], ...]]
    """General word to the places that make it particular, the narrowest first; '*' is any or none."""
    senses: dict[str, dict[str, str]]
    """Word for a part of several organs to the part, by organ, the narrowest first; '*' is the default."""
    phrases: Node
    """The root of the tree of phrases."""
    words: frozenset[str]
    """Every word of a phrase, and the fillers."""
    fillers: frozenset[str]
    """Words that may stand between the words of a cue, beside adverbs."""


@cache
def vocabulary() -> Vocabulary:
    """Return the shipped vocabulary, read once."""
    concepts: dict[str, Concept] = {}
    phrases: dict[tuple[str, ...], Entry] = {(mark,): Entry(mark, Cue(mark, mark)) for mark in MARKS}
    phrases[SIZE,] = Entry("size", Cue("size", SIZE))
    # In this order: of two meanings of the same words the later one counts.
    _add_findings(concepts, phrases)
    _add_forms(phrases)
    _add_places(phrases)
    fillers = _add_cues(phrases)
    root = _tree(phrases, fillers)
    composed: dict[str, list[tuple[str, Concept]]] = {}
    senses: dict[str, dict[str, str]] = {}
    # The narrowest place first.
    for general, place, particular in sorted(_rows("compose.txt"), key=lambda row: -len(row[1])):
        if general.startswith("?"):
            senses.setdefault(general, {})[place] = particular
        else:
            composed.setdefault(general, []).append((place, concepts[particular]))
    rules = {name: tuple(rules) for name, rules in composed.items()}
    return Vocabulary(concepts, rules, senses, root, fillers.union(*phrases), fillers)


def _tree(phrases: dict[tuple[str, ...], Entry], fillers: frozenset[str]) -> Node:
    """Return the root of the tree of phrases."""
    root = Node()
    bending: list[Node] = []
    for words, entry in phrases.items():
        node, bends = root, isinstance(entry.value, Cue)
        for word in words:
            following = node.steps.get(word)
            if following is None:
                following = node.steps[word] = Node()
            if bends and node is not root and not node.bends:
                node.bends = True
                bending.append(node)
            node = following
        node.entry = entry
    for node in bending:
        # 'May be' is a cue of its own, and 'may be seen with' still goes on as 'may seen with'.
        for word, after in node.steps.items():
            if word in fillers or word.endswith("ly"):
                after.bends = True
                after.steps = {**node.steps, **after.steps}
    return root


def _add_findings(concepts: dict[str, Concept], phrases: dict[tuple[str, ...], Entry]) -> None:
    for name in ("broad.txt", "core.txt", "diagnoses.txt"):
        for title, tier, place, kin, names in _rows(name):
            concept = concepts[title] = _concept(title, _TIERS[tier], place, kin)
            entry = Entry("finding", concept)
            for phrase in [title, *names.split(";")]:
                _add(phrases, phrase, entry)
                if "'s " in phrase:
                    _add(phrases, phrase.replace("'s ", " "), entry)
    for words, name in _signals():
        _add(phrases, words, Entry("finding", concepts[name]))


def _add_forms(phrases: dict[tuple[str, ...], Entry]) -> None:
    """Add abbreviations of findings, and adjectives with a prefix that denies them: 'noncalcified'."""
    for name, abbreviations in _rows("abbreviations.txt"):
        for phrase in abbreviations.split(";"):
            phrases.setdefault(_words_of(phrase), phrases[_words_of(name)])
    for (word, *more), entry in tuple(phrases.items()):
        if not more and word.endswith(_ADJECTIVE):
            for prefix in ("non", "un"):
                phrases.setdefault((prefix + word,), Entry("denied", entry.value))


def _concept(name: str, tier: Tier, place: str, kin: str) -> Concept:
    """Return a concept, of a kin as the files write it: 'lesion/cyst, general, benign'."""
    family, *marks = kin.split(", ")
    kin = family.partition("/")[0]
    nature: Nature = "malignant" if "malignant" in marks else "benign" if "benign" in marks else ""
    return Concept(name, tier, place, kin, family, "general" in marks or name == family != "", nature)


def _add_places(phrases: dict[tuple[str, ...], Entry]) -> None:
    for path, names in _rows("sites.txt"):
        where, _, side = path.partition(" +")
        for phrase in names.split(";"):
            _add(phrases, phrase, Entry("sense" if where[0] == "?" else "place", Place(where, side)))
    for words, level in _levels():
        _add(phrases, words, Entry("place", Place(level, "")))


def _add_cues(phrases: dict[tuple[str, ...], Entry]) -> frozenset[str]:
    """Add the cues; return the words that may stand between theirs."""
    classes: dict[str, list[str]] = {}
    fillers: frozenset[str] = frozenset()
    for kind, names in _rows("cues.txt"):
        members = [name.strip() for name in names.split(";")]
        if kind.startswith("="):
            classes[kind[1:].strip()] = members
            fillers = fillers or frozenset(members)
            continue
        entries: dict[str, Entry] = {}
        for pattern in members:
            for phrase in _spelled_out(pattern, classes):
                first, *rest = phrase.split()
                inner = [word for word in rest[:-1] if word not in fillers]
                words = tuple(map(canonical, (first, *inner, *rest[-1:])))
                _store(phrases, words, entries.setdefault(first, Entry(kind, Cue(kind, first))))
    return fillers


def _spelled_out(pattern: str, classes: dict[str, list[str]]) -> Iterator[str]:
    """Yield every phrase that a cue with classes in braces stands for."""
    before, brace, rest = pattern.partition("{")
    if not brace:
        yield pattern
        return
    name, _, after = rest.partition("}")
    for ending in _spelled_out(after, classes):
        for member in classes[name]:
            yield f"{before}{member}{ending}"


def _rows(name: str) -> Iterator[list[str]]:
    text = (files("medbench.scoring.extraction") / name).read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield [cell.strip() for cell in line.split("|")]


def _add(phrases: dict[tuple[str, ...], Entry], phrase: str, entry: Entry) -> None:
    words = _words_of(phrase)
    if words:
        _store(phrases, words, entry)


def _store(phrases: dict[tuple[str, ...], Entry], words: tuple[str, ...], entry: Entry) -> None:
    phrases[words] = entry
    # 'nonobstructing' is also written 'non-obstructing'.
    if any([word.startswith("non") for word in words]):  # noqa: C419 - faster
        phrases[tuple(part for word in words for part in _without_prefix(word))] = entry


def _words_of(phrase: str) -> tuple[str, ...]:
    return tuple(map(canonical, tokens_of(plain(phrase))))


def _without_prefix(word: str) -> tuple[str, ...]:
    return ("non", word[3:]) if len(word) > 6 and word.startswith("non") else (word,)


def _levels() -> Iterator[tuple[str, str]]:
    """Yield the names of the spine's levels, with their places: 'L4', 'L4-5', 'L4-L5', 'T12 vertebra'."""
    parts = (("c", "cervical", 7), ("t", "thoracic", 12), ("l", "lumbar", 5), ("s", "sacrum", 2))
    below = {"c": "t1", "t": "l1", "l": "s1"}
    for letter, part, most in parts:
        for number in range(1, most + 1):
            level, path = f"{letter}{number}", f"spine/{part}/{letter}{number}"
            following = f"{letter}{number + 1}" if number < most else below.get(letter)
            if following:
                # 'T1, T2' are sequences of MR.
                both = () if level == "t1" else (f"{level} {following}",)
                for words in (*both, f"{level} {following[1:]}"):
                    yield words, f"{path}_{following[1:]}"
            for ending in ("vertebra", "vertebral body", "level", "body"):
                yield f"{level} {ending}", path
            # T1 and T2 by themselves are sequences of MR.
            if level not in {"t1", "t2"}:
                yield level, path


def _signals() -> Iterator[tuple[str, str]]:
    """Yield signals of MR with the sequence inside, and their concept: 'increased T2 signal intensity'."""
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
