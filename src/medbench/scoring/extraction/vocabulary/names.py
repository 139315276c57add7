"""The phrases of the data files beside this module, each with its meaning."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import chain
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.vocabulary.entries import Concept, Cue, Entry, Place
from medbench.scoring.extraction.vocabulary.series import levels, maps, ribs, signals
from medbench.scoring.extraction.words.forms import canonical
from medbench.scoring.extraction.words.tokens import MARKS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.scoring.extraction.vocabulary.entries import Nature, Tier

_FORM: Final = "form"
"""Kin of words for the form of an organ."""
_ADJECTIVE: Final = ("ed", "ing", "al", "ic", "ous", "ive")
"""Endings of words that a prefix turns into their contrary."""
_AGENTS: Final = ("contrast", "gadolinium", "iv contrast", "intravenous contrast")
"""What 'without' does not deny by itself: it says how an image was made."""
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]")
_PREFIX: Final = re.compile(r"\bnon(?=[a-z]{4})")
_TIERS: Final[dict[str, Tier]] = {"u": "urgent", "a": "actionable", "m": "minor", "b": "benign"}


def finding_names(concepts: dict[str, Concept]) -> Iterator[tuple[str, Entry]]:
    """Yield every name of a finding; add the concepts to the given ones."""
    for file in ("broad.txt", "core.txt", "signs.txt", "diagnoses.txt"):
        for title, tier, place, kin, names in rows(file):
            concept = _concept(title, _TIERS[tier], place, kin, diagnosed=file == "diagnoses.txt")
            concepts[title] = concept
            # 'Irregularity' is a finding only of the organs that describing.txt finds it of.
            entry, titled = Entry("finding", concept), names if kin == _FORM else f"{title};{names}"
            yield from _named(titled, entry)
            if "'s " in titled:
                yield from _named(titled.replace("'s ", " "), entry)
    for name, title in chain(signals(), maps()):
        yield name, Entry("finding", concepts[title])


def _concept(name: str, tier: Tier, place: str, kin: str, *, diagnosed: bool) -> Concept:
    """Return a concept, of a kin as the files write it: 'lesion/cyst, general, benign'."""
    family, *marks = kin.split(", ")
    kin = family.partition("/")[0]
    nature: Nature = "malignant" if "malignant" in marks else "benign" if "benign" in marks else ""
    general = "general" in marks or name == family != ""
    disease = "disease" in marks or (diagnosed and not general)
    return Concept(name, tier, place, kin, family, general, nature, disease)


def denied_names(findings: list[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
    """Yield adjectives with a prefix that denies them, 'noncalcified', and abbreviations of findings."""
    known = dict(findings)
    forms = [
        (abbreviation, known[name])
        for name, abbreviations in rows("abbreviations.txt")
        for abbreviation, _ in _named(abbreviations, known[name])
    ]
    for name, entry in (*forms, *findings):
        if " " not in name and (word := canonical(name)).endswith(_ADJECTIVE):
            for prefix in ("non", "un", "non "):
                yield prefix + word, Entry("denied", entry.value)
    for agent in _AGENTS:
        yield f"without {agent} enhancement", Entry("denied", known["enhancement"].value)
    yield from reversed(forms)


def describing_names(concepts: dict[str, Concept]) -> Iterator[tuple[str, Entry]]:
    """Yield every word that makes a finding of the organ that it describes."""
    for general, names in rows("describing.txt"):
        yield from _named(names, Entry("describing", concepts[general]))


def place_names() -> Iterator[tuple[str, Entry]]:
    """Yield every name of a place."""
    for path, names in rows("sites.txt"):
        where, _, side = path.partition(" +")
        where, _, also = where.partition(" & ")
        yield from _named(names, Entry("sense" if where[0] == "?" else "place", Place(where, side, also)))
    for name, level in chain(levels(), ribs()):
        yield name, Entry("place", Place(level, ""))


def cue_names() -> tuple[dict[str, list[str]], list[tuple[str, Entry]]]:
    """Return the classes of words, and the cues; of a class at the beginning of a cue every member."""
    classes: dict[str, list[str]] = {}
    cues = [(mark, Entry(mark, Cue(mark, mark))) for mark in MARKS]
    for kind, names in rows("cues.txt"):
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


def rows(name: str) -> Iterator[list[str]]:
    """Yield the cells of each row of a data file."""
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
