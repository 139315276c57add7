"""Finds the modality and plane that a text claims for the presented image.

Only claims about the image at hand count: 'this chest X-ray', 'the image is a CT scan', 'Modality: MRI'.
'Compare with MRI', 'CT is recommended' and 'on the prior radiograph' don't count.
"""

from __future__ import annotations

import re
from string import ascii_lowercase, ascii_uppercase

# For text in lower case, which is several times as fast as to search for both.
_MODALITIES = {
    "CT": r"(?:cta?|hrct|cect|ncct)\b|(?:x-?ray )?computed tomogra\w+",
    "MR": r"(?:mri?|mra|mrcp|flair|stir)s?\b|magnetic resonance|t[12][- ]?w(?:eighted|i)?\b",
    "XR": r"x-?rays?\b|radiograph(?:s|ic)?\b|plain films?\b|mammogra(?:m|ms|phy)\b",
    "US": r"ultraso\w+|sonogra\w+|echocardiogra\w+",
    "NM": r"(?:pet|spect)\b|scintigra\w+|bone scans?\b",
}
_IN_CAPITALS = frozenset(
    {"cta", "hrct", "cect", "ncct", "mr", "mri", "mra", "mrcp", "flair", "stir", "pet", "spect"}
)
"""Names that count in capitals alone."""
_NAMED = re.compile(
    r"(?<![a-z\d])(?:ct|hrct|cect|ncct|x-?ray|computed|mr|magnetic|t[12]|flair|stir|radiogra|plain|mammo"
    r"|ultraso|sonogra|echocard|pet|spect|scinti|bone)"
)
"""The beginning of a modality's name."""
_MODALITY = "|".join(f"(?P<{name}>{pattern})" for name, pattern in _MODALITIES.items())

# What may stand between 'this' and the modality without making it a claim about something else.
_BETWEEN = (
    r"(?:(?:single|first|second|upright|supine|portable|axial|coronal|sagittal|oblique|transverse|cross|sectional|"
    r"frontal|lateral|posteroanterior|anteroposterior|pa|ap|slice|slices|section|image|images|view|views|scan|"
    r"of|from|through|a|an|the|contrast|enhanced|non|noncontrast|unenhanced|"
    r"post|pre|low|dose|high|resolution|plain|digital|medical|standard|reformatted|chest|thorax|"
    r"thoracic|abdomen|abdominal|pelvis|pelvic|abdominopelvic|head|brain|cranial|skull|neck|spine|spinal|cervical|lumbar|"
    r"lumbosacral|knee|hip|shoulder|ankle|wrist|hand|foot|elbow|leg|femur|tibia|cardiac|renal|upper|lower|left|"
    r"right|and)[\s,/*-]{1,8}){0,10}"
)
_LEAD = (
    r"\b(?:(?:this|these)\s{1,8}(?:(?:is|are)\s{1,8})?"
    r"|(?:the\s{1,8})?(?:provided|presented|given|submitted|attached|supplied|displayed)\s{1,8}"
    r"|(?:the|provided)\s{1,8}(?:image|picture|study|scan|examination|film)s?(?:\s{1,8}provided)?\s{1,8}"
    r"(?:is|are|represents?|appears\s{1,8}to\s{1,8}be|shows?|displays?|depicts?)\s{1,8}(?=an?\s|the\s|axial|from))"
)
_DEICTIC = re.compile(f"{_LEAD}{_BETWEEN}(?:{_MODALITY})")
_SHOWS = re.compile(
    rf"\b(?:the|an?)\s{{1,8}}{_BETWEEN}(?:{_MODALITY})(?:\s{{1,8}}(?:image|scan|slice|study|film|view)s?)?"
    r"\s{1,8}(?:shows?|showing|demonstrates?|demonstrating|reveals?|displays?|depicts?)\b"
)
# Behind one of a set of characters, so that the search leaps from one of them to the next.
_LABEL = re.compile(
    r"[\n\"*•-][ \t]{0,8}(?:imaging modality|modality|image type|image_type|study type|"
    r"type of (?:image|study)|"
    rf"image|technique|examination|exam)[\"*_ ]{{0,4}}:[\"*_ \t]{{0,6}}{_BETWEEN}(?:{_MODALITY})"
)
_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
"""As long as the text was, whatever letters are in it."""
_COMBINED = re.compile(r"[ \t]?[/-][ \t]?(?:CT|MRI?)\b")

# Words of the projection image, in lower case: two of them describe a radiograph, whatever it is called.
_RADIOGRAPH_SIGNS = {
    "costophrenic": re.compile(r"\bcostophrenic (?:angle|sulc|recess)"),
    "diaphragm": re.compile(
        r"\bobscur\w{1,5}\s{1,8}(?:of\s{1,8})?the\s{1,8}(?:left\s{1,8}|right\s{1,8})?hemi-?diaphragm"
        r"|\bhemi-?diaphragm\s{1,8}(?:is|appears)\s{1,8}(?:\w{1,12}\s{1,8})?(?:visible|obscured|silhouetted)"
    ),
    "lung": re.compile(r"\blung (?:field|zone)s?\b"),
    "thoracic": re.compile(r"\bcardio-?thoracic ratio\b"),
    "silhouette": re.compile(r"\bcardio-?mediastinal silhouette\b"),
}
"""A word of each to the pattern, which is searched for where that word is."""


def claimed_modalities(text: str) -> list[frozenset[str]]:
    """Return each claim about the presented image, as the modalities of which any one makes it true."""
    text = f"\n{text}"
    lowered = text.translate(_LOWER)
    if not _NAMED.search(lowered):
        return []
    claims: list[frozenset[str]] = []
    for pattern in (_DEICTIC, _SHOWS, _LABEL):
        for match in pattern.finditer(lowered):
            (name,) = (name for name in _MODALITIES if match[name])
            written = text[slice(*match.span(name))].rstrip("sS")
            if written.lower() in _IN_CAPITALS and not written.isupper():
                continue
            # 'this PET/CT' is true of either part.
            combined = _COMBINED.match(text, match.end(name))
            claims.append(frozenset({name, "CT", "MR"} if combined else {name}))
    return claims


def describes_radiograph(text: str) -> bool:
    """Return True if the text has at least two of the words that only a projection image needs."""
    lowered = text.lower()
    signs = (word in lowered and sign.search(lowered) for word, sign in _RADIOGRAPH_SIGNS.items())
    return sum(map(bool, signs)) >= 2


_PLANES = ("axial", "transverse", "coronal", "sagittal")
_PLANE = re.compile(
    rf"{_LEAD}(?:(?:single|contrast|enhanced|non|unenhanced|ct|mri?|image|slice|an?|the)[\s,/-]{{1,8}}){{0,6}}"
    rf"({'|'.join(_PLANES)})\b(?!\s{{0,4}}(?:and|or|,|/))"
)


def claimed_planes(text: str) -> set[str]:
    """Return the planes that a text claims for the image; 'transverse' is axial, a list isn't a claim."""
    lowered = text.lower()
    if not any(map(lowered.__contains__, _PLANES)):
        return set()
    return {match[1].replace("transverse", "axial") for match in _PLANE.finditer(lowered)}
