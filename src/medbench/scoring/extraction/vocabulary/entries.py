"""Meanings of a phrase of the vocabulary: a concept, a place or a cue."""

from __future__ import annotations

from typing import Literal, NamedTuple

Tier = Literal["urgent", "actionable", "minor", "benign"]
"""Importance of a finding to the patient in general."""
Nature = Literal["", "benign", "malignant"]


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
    """Nature of a tumor, where its name says so."""
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
