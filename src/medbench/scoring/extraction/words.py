"""Words as the vocabulary knows them: lower case, singular, American; and the sizes among them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_WORDS = 200_000
"""Distinct words that are remembered before memory of them is dropped whole."""

_NUMBER = r"\d{1,6}(?:\.\d{1,4})?"
_UNIT = r"(?:mm|cm|millimet(?:er|re)s?|centimet(?:er|re)s?)"
TOKEN = re.compile(
    # Words and marks come first because they are most; only a size or a word begins with a digit.
    rf"[a-z][a-z0-9]*|[,:()]|{_NUMBER}(?:\s{{0,2}}{_UNIT})?(?:\s{{0,2}}(?:x|by|to|-)\s{{0,2}}{_NUMBER}(?:\s{{0,2}}{_UNIT})?){{0,3}}\s{{0,2}}{_UNIT}\b"
    rf"|[0-9][a-z0-9]*"
)
"""A size with its unit, a word, or a mark that separates."""

_BEFORE_UNIT = re.compile(r"[0-9](?=\s{0,2}(?:mm|cm|millimet|centimet))")
"""The last digit of a number with a unit; every size has one."""
_VALUE = re.compile(rf"({_NUMBER})\s{{0,2}}({_UNIT})?")

# What models and people write, as ASCII of the same length: marks of emphasis and quotes, then typography.
_PLAIN = tuple((mark, " ") for mark in "'*_`#")
_TYPOGRAPHIC = (
    ("\u2010", "-"), ("\u2011", "-"), ("\u2012", "-"), ("\u2013", "-"), ("\u2014", ","), ("\u2212", "-"),
    ("\u00d7", "x"), ("\u2018", " "), ("\u2019", " "), ("\u00a0", " "), ("\u2009", " "), ("\u202f", " "),
)  # fmt: skip
MARKS = ",:()"
"""Marks that separate; each is a token."""
_APART = tuple((mark, f" {mark} ") for mark in MARKS)
# Whatever else is ASCII separates words and is no token.
_SEPARATORS = {
    code: " " for code in range(128) if chr(code) not in f"abcdefghijklmnopqrstuvwxyz0123456789{MARKS}"
}

_IRREGULAR = {
    "metastases": "metastasis", "stenoses": "stenosis", "vertebrae": "vertebra", "vertebras": "vertebra",
    "diverticula": "diverticulum", "calculi": "calculus", "emboli": "embolus", "thrombi": "thrombus",
    "foci": "focus", "hila": "hilum", "bronchi": "bronchus", "nuclei": "nucleus", "septa": "septum",
    "abscesses": "abscess", "masses": "mass", "bullae": "bulla", "pneumothoraces": "pneumothorax",
    "apices": "apex", "calyces": "calyx", "calices": "calyx", "gyri": "gyrus", "sulci": "sulcus",
    "thalami": "thalamus", "hemorrhages": "hemorrhage", "lungs": "lung", "biopsies": "biopsy",
    "atelectases": "atelectasis", "prostheses": "prosthesis", "anastomoses": "anastomosis",
    "cortices": "cortex",
    "cysts": "cyst", "menisci": "meniscus", "labra": "labrum", "ova": "ovum", "testes": "testis",
    "fistulae": "fistula", "fistulas": "fistula", "striae": "stria", "scleroses": "sclerosis",
    "oedema": "edema", "oedematous": "edematous", "tumour": "tumor", "tumours": "tumor", "calibre": "caliber",
    "grey": "gray", "centre": "center", "litre": "liter", "oesophagus": "esophagus",
    "oesophageal": "esophageal",
    "anaemia": "anemia", "fibre": "fiber", "ischaemia": "ischemia", "ischaemic": "ischemic",
    "foetal": "fetal",
    "dilation": "dilatation", "dilations": "dilatation", "disks": "disc", "disk": "disc", "discs": "disc",
    "lateralised": "lateralized", "localised": "localized", "visualised": "visualized",
    "leukaemia": "leukemia", "caecum": "cecum", "caecal": "cecal", "orthopaedic": "orthopedic",
    "calcifications": "calcification", "bases": "base", "indices": "index", "axes": "axis",
    "crises": "crisis", "diagnoses": "diagnosis", "necroses": "necrosis", "varices": "varix",
    "bronchiectases": "bronchiectasis", "spicules": "spicule", "halves": "half", "calves": "calf",
    "appendices": "appendix", "cavities": "cavity", "series": "series", "pons": "pons", "lens": "lens",
    "pubis": "pubis", "pelvis": "pelvis", "gas": "gas", "lymphadenopathies": "lymphadenopathy",
    "previous": "previous", "osseous": "osseous", "was": "was", "is": "is", "has": "has", "does": "does",
    "trachea": "trachea", "menisco": "menisco", "cervix": "cervix", "feet": "foot", "women": "woman",
    "loss": "loss", "bias": "bias", "vs": "vs", "this": "this", "pus": "pus", "atlas": "atlas",
    "dens": "dens",
    "leiomyomata": "leiomyoma", "hemangiomata": "hemangioma", "stigmata": "stigma", "fibromata": "fibroma",
    "colour": "color", "metre": "meter", "meninges": "meninges", "pancreas": "pancreas", "fluids": "fluid",
    "ascites": "ascites", "herpes": "herpes", "diabetes": "diabetes", "biceps": "bicep", "triceps": "tricep",
    "quadriceps": "quadricep", "achilles": "achille", "facies": "facies", "haziness": "haziness",
    "thickenings": "thickening", "focal": "focal", "contours": "contour", "limits": "limit",
    "non": "non", "nonspecific": "nonspecific", "tumors": "tumor", "haemothorax": "hemothorax",
}  # fmt: skip
_BRITISH = (("haem", "hem"), ("oedem", "edem"), ("oesoph", "esoph"), ("tumour", "tumor"), ("paed", "ped"))


def folded(text: str) -> str:
    """The text in lower case with dashes, quotes and marks of emphasis as plain ASCII."""
    # Most of these are in no text, and to see that is quicker than to map every character.
    text = text.lower()
    for mark, plain in _PLAIN:
        if mark in text:
            text = text.replace(mark, plain)
    if not text.isascii():
        for mark, plain in _TYPOGRAPHIC:
            if mark in text:
                text = text.replace(mark, plain)
    return text


def rows_of(text: str, spans: Iterable[tuple[int, int]]) -> list[list[str]]:
    """The tokens of each of some parts of a text: what TOKEN finds in that part, folded.

    Args:
        text: The text.
        spans: First and last character (exclusive) of each part.
    """
    plain = folded(text)
    if not plain.isascii():
        return [TOKEN.findall(folded(text[start:end])) for start, end in spans]
    # ASCII is as long as what it was folded from, so the parts are where they were.
    spaced = plain.translate(_SEPARATORS)
    sized = _BEFORE_UNIT.search(plain) is not None
    rows: list[list[str]] = []
    for start, end in spans:
        if sized and _BEFORE_UNIT.search(plain, start, end):
            rows.append(TOKEN.findall(plain, start, end))
            continue
        # Without a size, tokens are what stands between separators. That is quicker to find.
        part = spaced[start:end]
        for mark, apart in _APART:
            if mark in part:
                part = part.replace(mark, apart)
        rows.append(part.split())
    return rows


def canonical(word: str) -> str:
    """The form of a folded word that the vocabulary uses: 'haemorrhages' gives 'hemorrhage'."""
    known = _IRREGULAR.get(word)
    if known is not None:
        return known
    for british, american in _BRITISH:
        if british in word:
            return canonical(word.replace(british, american))
    if len(word) < 4 or word[-1] != "s" or word.endswith(("ss", "us", "is", "ous")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]


def millimetres(token: str) -> float | None:
    """The largest size in a token, in mm: '1.5 x 2 cm' gives 20; None where it is no size."""
    if not token[0].isdigit() or token[-1].isdigit():
        return None
    found = _VALUE.findall(token)
    if not found or not any(unit for _, unit in found):
        return None
    last = next(unit for _, unit in reversed(found) if unit)
    return max(float(value) * (1.0 if (unit or last)[0] == "m" else 10.0) for value, unit in found)
