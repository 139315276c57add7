"""The vocabulary: concepts, places and cues, read from the data files beside this module."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from itertools import chain, product
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from medbench.scoring.extraction.words.tokens import MARKS, SIZE, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

VERSION = "2026.12.43"
"""Raised with every change of the data files."""

Tier = Literal["urgent", "actionable", "minor", "benign"]
"""Importance of a finding to the patient in general."""

Nature = Literal["", "benign", "malignant"]

_FORM: Final = "form"
"""Kin of words for the form of an organ."""
_FILLER: Final = "~"
"""Stands for all fillers."""
SIDES: Final = frozenset({"left", "right"})
"""Words that may stand between the words of a name."""
_ADJECTIVE: Final = ("ed", "ing", "al", "ic", "ous", "ive")
"""Endings of words that a prefix turns into their contrary."""
_NO_ADVERB: Final = ("megaly", "omaly")
"""Endings of findings, as of splenomegaly and anomaly."""
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]")
_PREFIX: Final = re.compile(r"\bnon(?=[a-z]{4})")
_ORDINALS: Final = (
    ("first", "1st"), ("second", "2nd"), ("third", "3rd"), ("fourth", "4th"), ("fifth", "5th"),
    ("sixth", "6th"), ("seventh", "7th"), ("eighth", "8th"), ("ninth", "9th"), ("tenth", "10th"),
    ("eleventh", "11th"), ("twelfth", "12th"),
)  # fmt: skip
_TIERS: Final[dict[str, Tier]] = {"u": "urgent", "a": "actionable", "m": "minor", "b": "benign"}


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
    is_disease: bool = False
    """True for a diagnosis, rather than what is seen of one or a word for many."""


class Place(NamedTuple):
    """One place of the body."""

    path: str
    """From the region to the part, as in 'chest/lung/upper'."""
    side: str
    """The side that the name itself says, as 'right' in RLL; empty for most."""
    also: str = ""
    """A second place that is normal where this one is said to be, as the mediastinum of its silhouette."""


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

    __slots__ = ("bends", "entry", "seconds", "steps")

    def __init__(self) -> None:
        self.bends = False
        """True if fillers may stand before the next word: it is a cue's."""
        self.entry: Entry | None = None
        """None where the words so far are only the beginning of a phrase."""
        self.steps: dict[str, Node] = {}
        """The next word, in its canonical form, to the next step."""
        self.seconds: frozenset[str] = frozenset()
        """Of a first word, all that the second can be where a longer phrase begins."""


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
    findings = list(_findings(concepts))
    classes, cues = _cues()
    phrases: dict[str, list[tuple[str, Entry]]] = {SIZE: [(SIZE, Entry("size", Cue("size", SIZE)))]}
    named = [*_describing(concepts), *_denied(findings), *findings, *_places(), *cues]
    for phrase in named:
        phrases.setdefault(canonical(phrase[0].partition(" ")[0]), []).append(phrase)
    spoken = chain(*classes.values(), (name for name, _ in named))
    words = {SIZE, *chain.from_iterable(map(str.split, spoken))} - classes.keys()
    fillers = frozenset(classes["{filler}"])
    composed: dict[str, list[tuple[str, Concept]]] = {}
    senses: dict[str, dict[str, str]] = {}
    for general, place, particular in sorted(_rows("compose.txt"), key=_narrowest_first):
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


@cache
def first_step(word: str) -> Node:
    """Return the step of the tree of phrases that a word of the vocabulary leads to, made when first met."""
    known, first = vocabulary(), Node()
    bending: list[Node] = []
    for name, entry in known.phrases[word]:
        bends = isinstance(entry.value, Cue)
        for words in _spelled_out(name) if bends else (name.split(),):
            node = first
            for following in map(canonical, words[1:]):
                if bends and not node.bends:
                    node.bends = True
                    bending.append(node)
                if following not in node.steps:
                    node.steps[following] = Node()
                node = node.steps[following]
            node.entry = entry
    for node in bending:
        # 'May be' is a cue of its own, and 'may be seen with' still goes on as 'may seen with'.
        for following, after in node.steps.items():
            if is_filler(following):
                after.bends = True
                after.steps = {**node.steps, **after.steps}
    if first.steps:
        inside = {_FILLER} if first.bends else SIDES
        first.seconds = frozenset((*inside, *map(as_second, first.steps)))
    return first


def as_second(word: str) -> str:
    """Return what a word is as the second of a phrase: itself, or any filler."""
    return _FILLER if is_filler(word) else word


def is_filler(word: str) -> bool:
    """Return True if a word may stand between the words of a cue: one of a list, or an adverb."""
    return (word.endswith("ly") and not word.endswith(_NO_ADVERB)) or word in vocabulary().fillers


def _spelled_out(pattern: str) -> Iterator[list[str]]:
    """Yield the words of every phrase that a cue with classes in braces stands for, without inner fillers."""
    classes, fillers = vocabulary().classes, vocabulary().fillers
    for pieces in product(*[classes.get(piece) or [piece] for piece in pattern.split()]):
        first, *more = " ".join(pieces).split()
        yield [first, *[word for word in more[:-1] if word not in fillers], *more[-1:]]


def _findings(concepts: dict[str, Concept]) -> Iterator[tuple[str, Entry]]:
    """Yield every name of a finding; add the concepts to the given ones."""
    for file in ("broad.txt", "core.txt", "signs.txt", "diagnoses.txt"):
        for title, tier, place, kin, names in _rows(file):
            concept = _concept(title, _TIERS[tier], place, kin, diagnosed=file == "diagnoses.txt")
            concepts[title] = concept
            # 'Irregularity' is a finding only of the organs that describing.txt finds it of.
            entry, titled = Entry("finding", concept), names if kin == _FORM else f"{title};{names}"
            yield from _named(titled, entry)
            if "'s " in titled:
                yield from _named(titled.replace("'s ", " "), entry)
    for name, title in _signals():
        yield name, Entry("finding", concepts[title])


def _concept(name: str, tier: Tier, place: str, kin: str, *, diagnosed: bool) -> Concept:
    """Return a concept, of a kin as the files write it: 'lesion/cyst, general, benign'."""
    family, *marks = kin.split(", ")
    kin = family.partition("/")[0]
    nature: Nature = "malignant" if "malignant" in marks else "benign" if "benign" in marks else ""
    general = "general" in marks or name == family != ""
    disease = "disease" in marks or (diagnosed and not general)
    return Concept(name, tier, place, kin, family, general, nature, disease)


def _denied(findings: list[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
    """Yield adjectives with a prefix that denies them, 'noncalcified', and abbreviations of findings."""
    known = dict(findings)
    forms = [
        (abbreviation, known[name])
        for name, abbreviations in _rows("abbreviations.txt")
        for abbreviation, _ in _named(abbreviations, known[name])
    ]
    for name, entry in (*forms, *findings):
        if " " not in name and (word := canonical(name)).endswith(_ADJECTIVE):
            for prefix in ("non", "un", "non "):
                yield prefix + word, Entry("denied", entry.value)
    yield from reversed(forms)


def _describing(concepts: dict[str, Concept]) -> Iterator[tuple[str, Entry]]:
    """Yield every word that makes a finding of the organ that it describes."""
    for general, names in _rows("describing.txt"):
        yield from _named(names, Entry("describing", concepts[general]))


def _places() -> Iterator[tuple[str, Entry]]:
    for path, names in _rows("sites.txt"):
        where, _, side = path.partition(" +")
        where, _, also = where.partition(" & ")
        yield from _named(names, Entry("sense" if where[0] == "?" else "place", Place(where, side, also)))
    for name, level in chain(_levels(), _ribs()):
        yield name, Entry("place", Place(level, ""))


def _cues() -> tuple[dict[str, list[str]], list[tuple[str, Entry]]]:
    """Return the classes of words, and the cues; of a class at the beginning of a cue every member."""
    classes: dict[str, list[str]] = {}
    cues = [(mark, Entry(mark, Cue(mark, mark))) for mark in MARKS]
    for kind, names in _rows("cues.txt"):
        members = names.split("; ")
        if kind.startswith("="):
            classes[f"{{{kind[2:]}}}"] = members
            continue
        for pattern in members:
            beginning, space, rest = pattern.partition(" ")
            for begun in classes.get(beginning) or [beginning]:
                entry = Entry(kind, Cue(kind, begun.partition(" ")[0]))
                cues += _named(f"{begun}{space}{rest}", entry)
    return classes, cues


def _rows(name: str) -> Iterator[list[str]]:
    text = (files("medbench.scoring.extraction.vocabulary") / name).read_text("utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield [cell.strip() for cell in line.split("|")]


def _named(names: str, entry: Entry) -> Iterator[tuple[str, Entry]]:
    """Yield each of several names as a text is read, with its meaning."""
    names = names.lower().replace("-", " ").replace("'", " ")
    if not names.isascii():
        names = _FOREIGN.sub(" ", names)
    for name in filter(None, map(str.strip, names.split(";"))):
        yield name, entry
        # 'nonobstructing' is also written 'non-obstructing'.
        if "non" in name:
            yield _PREFIX.sub("non ", name), entry


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
                if part != "sacrum":
                    yield from ((f"{name} {part} {ending}", path) for name in _ORDINALS[number - 1])
            # T1 and T2 by themselves are sequences of MR.
            if level not in {"t1", "t2"}:
                yield level, path
                yield f"{letter} {number}", path


def _ribs() -> Iterator[tuple[str, str]]:
    """Yield the names of the ribs by their number, with their places: 'seventh rib', '7th rib'."""
    for number, names in enumerate(_ORDINALS, 1):
        for name in names:
            yield f"{name} rib", f"bone/rib/{number}"


def _signals() -> Iterator[tuple[str, str]]:
    """Yield signals of MR with the sequence inside, and their concept: 'increased T2 signal intensity'."""
    levels = {
        "hyperintensity": ("high", "increased", "increase", "bright", "elevated"),
        "hypointensity": ("low", "decreased", "dark", "reduced"),
        "signal abnormality": ("abnormal", "altered"),
    }
    sequences = ("t1", "t2", "flair", "stir", "t1 weighted", "t2 weighted", "t2w", "t1w", "t2 flair")
    qualities = ("focal", "diffuse", "linear", "patchy", "internal", "intrasubstance", "central", "marrow")
    for name, words in levels.items():
        for word in words:
            for quality in qualities:
                yield f"{word} {quality} signal", name
                yield f"{word} {quality} signal intensity", name
            for sequence in sequences:
                yield f"{word} {sequence} signal", name
                yield f"{word} {sequence} signal intensity", name
                yield f"{word} signal on {sequence}", name
