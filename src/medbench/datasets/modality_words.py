"""Finds the modalities that a text names, by the words in modality_words.toml."""

from __future__ import annotations

import re
from typing import Any

from medbench.toml_input import packaged

_WORDS: dict[str, Any] = packaged("medbench.datasets", "modality_words.toml")


def _whole(words: list[str], flags: re.RegexFlag) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(words)})(?![A-Za-z0-9])", flags)


_MASKED = re.compile("|".join(_WORDS["masked"]), re.IGNORECASE)
_PATTERNS = {
    name: (_whole(words, re.IGNORECASE), _whole(_WORDS["capitals"][name], re.NOFLAG))
    for name, words in _WORDS["words"].items()
}
_SURELY_CATHETER = re.compile(
    r"catheter|conventional|carotid|cerebral|digital subtraction|\bDSA\b", re.IGNORECASE
)
_CT_OR_MR_ANGIO = re.compile(
    r"\b(?:CT|MR)[ -](?:\w+ )?(?:angio|veno)gra\w*|\b(?:CTA|MRA|MRV)\b", re.IGNORECASE
)
# Modalities of images that can show what a text calls so; the others stand for themselves.
_SHOWN_BY = {"XA": {"XA", "XR"}, "RF": {"RF", "XR"}}


def modalities_named(text: str) -> frozenset[str]:
    """Return the modalities that a text names.

    XR, US, NM (with PET), XA (catheter angiography), RF (fluoroscopy), CT, MR. It makes no difference if the
    text says that the examination was normal or was not done: one would have to see an image of it to know.
    """
    plain = _MASKED.sub(" ", text)
    named = {
        name for name, patterns in _PATTERNS.items() if any(pattern.search(plain) for pattern in patterns)
    }
    # What the masks took away still names CT or MR.
    named |= {name for name in ("CT", "MR") if any(pattern.search(text) for pattern in _PATTERNS[name])}
    if "XA" in named and _CT_OR_MR_ANGIO.search(text) and not _SURELY_CATHETER.search(plain):
        # "CT angiography … The angiogram shows": one examination, named twice.
        named.discard("XA")
    return frozenset(named)


def missing_modalities(text: str, of_images: frozenset[str]) -> frozenset[str]:
    """Return the modalities that a text names and none of the images has.

    Args:
        text: The reference.
        of_images: Modalities of the images; where none is known, nothing can be missing.
    """
    if not of_images:
        return frozenset()
    return frozenset(name for name in modalities_named(text) if not _SHOWN_BY.get(name, {name}) & of_images)
