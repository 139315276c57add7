"""Words as the vocabulary knows them: lower case, singular, American; and the sizes among them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_NUMBER: Final = r"\d{1,6}(?:[.,]\d{1,4})?"
_UNIT: Final = r"(?:(?:mm|cm|millimet(?:er|re)|centimet(?:er|re))s?|inch(?:es)?)"
_GAP: Final = r"[\s-]{0,2}"
TOKEN: Final = re.compile(
    # Words and marks come first because they are most; only a size or a word begins with a digit.
    rf"[a-z][a-z0-9]*|[,:()?]|{_NUMBER}(?:{_GAP}{_UNIT})?(?:\s{{0,2}}(?:x|by|to|-)\s{{0,2}}{_NUMBER}(?:{_GAP}{_UNIT})?){{0,3}}{_GAP}{_UNIT}\b"
    rf"|[0-9][a-z0-9]*"
)
"""A size with its unit, a word, or a mark that separates."""

_COUNT: Final = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS: Final = {
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
}
_NUMERAL: Final = rf"(?:({'|'.join(_TENS)})(?:[ -]({'|'.join(_COUNT)}))?|({'|'.join(_COUNT)}))( and a half)?"
_COUNTED: Final = re.compile(rf"\b(?:{_NUMERAL}|half(?: an?)?)[ -](?={_UNIT}\b)")
"""A size in words: 'two centimeters', 'one and a half cm'."""
_IN_WORDS: Final = re.compile(rf"[ -](?<=[a-z].){_UNIT}\b")
"""The unit behind one."""
_AXIS: Final = re.compile(
    r"(?<=[\dm]) ?\((?:ap|tr|tv|cc|si|ml|lr|sag|trans|length|width|height|depth|transverse|craniocaudal"
    r"|anteroposterior|longitudinal|sagittal|coronal|axial|long axis|short axis)\)(?= ?(?:x|by|cm|mm|\d|,))"
)
"""The axis behind a number of a size: '2.1 (AP) x 3.4 (TR) cm'."""
_SET_IN: Final = re.compile(r"(?<=\bnot), (?:[a-z]{1,12} ){0,3}[a-z]{1,12},")
"""What commas set in behind 'not': 'does not, in fact, show'."""
_MILLIMETRES: Final = {"m": 1.0, "c": 10.0, "i": 25.4}
"""First letter of a unit to its length."""
_VALUE: Final = re.compile(rf"({_NUMBER})(?:{_GAP}({_UNIT}))?")

MARKS: Final = ",:()?"
"""Marks that separate; each is a token."""
SIZE: Final = "#"
"""Stands for every size where only its kind counts."""
_PIECES: Final[dict[str, list[str]]] = {}
"""What stands between two spaces, to its tokens: texts have few distinct pieces, many times."""
_MOST_PIECES: Final = 50_000

# What models and people write, as ASCII: marks of emphasis and quotes, then typography. One character stands
# for one, so that places in the text stay where they are.
_PLAIN: Final = (
    *((mark, " ") for mark in "*_`#\u00a0\u2009\u202f"),
    *((mark, "'") for mark in "\u2018\u2019"),
    *((mark, "-") for mark in "\u2010\u2011\u2012\u2013\u2212"),
    ("\u2014", ","),
    ("\u00d7", "x"),
)

_IRREGULAR: Final = {
    "metastases": "metastasis", "stenoses": "stenosis", "vertebrae": "vertebra",
    "diverticula": "diverticulum", "calculi": "calculus", "emboli": "embolus", "thrombi": "thrombus",
    "foci": "focus", "hila": "hilum", "bronchi": "bronchus", "nuclei": "nucleus", "septa": "septum",
    "bullae": "bulla", "pneumothoraces": "pneumothorax", "apices": "apex", "calyces": "calyx",
    "calices": "calyx", "gyri": "gyrus", "sulci": "sulcus", "thalami": "thalamus",
    "atelectases": "atelectasis", "prostheses": "prosthesis", "anastomoses": "anastomosis",
    "cortices": "cortex", "menisci": "meniscus", "labra": "labrum", "ova": "ovum", "testes": "testis",
    "recti": "rectus",
    "fistulae": "fistula", "striae": "stria", "scleroses": "sclerosis", "calibre": "caliber", "grey": "gray",
    "centre": "center", "litre": "liter", "anaemia": "anemia", "fibre": "fiber", "foetal": "fetal",
    "dilation": "dilatation", "dilations": "dilatation", "disks": "disc", "disk": "disc",
    "lateralised": "lateralized", "localised": "localized", "visualised": "visualized",
    "leukaemia": "leukemia", "caecum": "cecum", "caecal": "cecal", "indices": "index", "axes": "axis",
    "crises": "crisis", "diagnoses": "diagnosis", "necroses": "necrosis", "varices": "varix",
    "bronchiectases": "bronchiectasis", "halves": "half", "calves": "calf", "appendices": "appendix",
    "series": "series", "pons": "pons", "lens": "lens", "does": "does", "feet": "foot", "women": "woman",
    "bias": "bias", "atlas": "atlas", "dens": "dens", "stigmata": "stigma", "colour": "color",
    "metre": "meter", "meninges": "meninges", "pancreas": "pancreas", "ascites": "ascites",
    "herpes": "herpes", "diabetes": "diabetes", "facies": "facies",
    # Verbs and a plural whose last letter tells: 'rules out' denies, 'rule out' asks.
    "rules": "rules", "excludes": "excludes", "argues": "argues", "speaks": "speaks", "patients": "patients",
    "pres": "pres", "remains": "remains", "causes": "causes", "occurs": "occurs", "presents": "presents",
}  # fmt: skip
_BRITISH: Final = (
    ("haem", "hem"),
    ("oedem", "edem"),
    ("oesoph", "esoph"),
    ("tumour", "tumor"),
    ("paed", "ped"),
)


def plain(text: str) -> str:
    """Return a text with dashes, quotes and marks of emphasis as plain ASCII, as long as it was."""
    if text.isascii():
        return text.replace("*", " ")
    for mark, written in _PLAIN:
        text = text.replace(mark, written)
    return text


def tokens_of(text: str) -> list[str]:
    """Return the words, sizes and marks of a plain text, in lower case."""
    text = text.lower()
    tokens: list[str] = []
    sized = "mm" in text or "cm" in text or "imet" in text or "inch" in text
    if not sized and "not, " not in text and "n't, " not in text:
        for piece in text.split():
            known = _PIECES.get(piece)
            tokens += _read(piece) if known is None else known
        return tokens
    # Only a size, and what is set in behind 'not', is of several pieces.
    text = _spelled_out(text)
    if "not, " in text:
        text = _SET_IN.sub(" ", text)
    if _IN_WORDS.search(text):
        text = _COUNTED.sub(_in_figures, text)
    if sized and "(" in text:
        text = _AXIS.sub(" ", text)
    return TOKEN.findall(text)


def _read(piece: str) -> list[str]:
    """Return the tokens of a piece that was not met before, and keep them."""
    if len(_PIECES) >= _MOST_PIECES:
        _PIECES.clear()
    tokens = _PIECES[piece] = TOKEN.findall(_spelled_out(piece))
    return tokens


def _spelled_out(text: str) -> str:
    """Return a text without contractions."""
    if "n't" in text or "cannot" in text:
        return text.replace("can't", "not").replace("n't", " not").replace("cannot", "not")
    return text


def _in_figures(size: re.Match[str]) -> str:
    """Return the number of a size in words: 'one and a half' gives 1.5."""
    tens, more, word, half = size.groups()
    number = _TENS.get(tens, 0) + _COUNT.get(more or word, 0)
    return f"{number + (0.5 if half or not number else 0)} "


# Texts have few distinct words, many times.
@lru_cache(maxsize=50_000)
def canonical(word: str) -> str:
    """Return the form of a token that the vocabulary uses: 'haemorrhages' gives 'hemorrhage'."""
    known = _IRREGULAR.get(word)
    if known is not None:
        return known
    for british, american in _BRITISH:
        if british in word:
            return canonical(word.replace(british, american))
    if word.endswith("omata"):
        return word[:-2]
    if len(word) < 4 or word[-1] != "s" or word.endswith(("ss", "us", "is", "ous")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "xes", "ches", "shes")) else word[:-1]


def millimetres(token: str, *, grown: bool = False) -> float | None:
    """Return the largest size in a token, in mm: '1.5 x 2 cm' gives 20; None where it isn't a size.

    Args:
        token: A token as `tokens_of` gives it.
        grown: True if 'from' stands before it: then the last counts, and one alone is a former one.
    """
    if not token[0].isdigit() or token[-1].isdigit():
        return None
    numbers: list[tuple[str, str]] = _VALUE.findall(token)
    known = next((unit for _, unit in reversed(numbers) if unit), None)
    if known is None:
        return None
    # In '1.5 x 2 cm' the unit behind the last number is that of the others too.
    sizes = [float(value.replace(",", ".")) * _MILLIMETRES[(unit or known)[0]] for value, unit in numbers]
    if grown:
        return sizes[-1] if len(sizes) > 1 else None
    return max(sizes)
