"""Which modalities a text names; the word lists were read against MedPix's texts (docs/building.md)."""

from __future__ import annotations

import re

_MASKED = re.compile(
    # Said of a CT or MR image, though a word in it belongs to another modality.
    r"\b(?:CT|MR|MRI|computed tomograph\w*|magnetic resonance)[ -](?:\w+ ){0,2}"
    r"(?:angiogra\w*|venogra\w*|arteriogra\w*"
    r""
    r"|urogra\w*|cholangio\w*|arthrogra\w*|myelogra\w*|enterogra\w*|enterocly\w*)"
    r"|\b(?:CT )?scout (?:view|image|film|radiograph|topogram)s?|\b(?:CT )?scanogram"
    r"|\b(?:gradient|spin|recalled|turbo|fast|planar)[ -]echo(?:es)?"
    r"|\bgadolinium[ -]DTPA|\bGd-DTPA|\b(?:contrast|gadolinium) uptake"
    r"|\bfilm\s*#",
    re.IGNORECASE,
)

_XR = (
    r"radiographs?|radiography"
    r"|radiographic(?:ally)? (?:\w+ )?(?:views?|images?|exam\w*|evaluation|stud\w+|series|demonstrate\w*)"
    r"|x-?\s?rays?|plain[- ](?:films?|views?)|films?|mammogra\w*|skeletal survey"
    r"|(?:AP|PA|frontal|frog[- ]leg) (?:and lateral )?"
    r"(?:views?|projections?)|(?:the|on) lateral (?:view|projection)s?|lateral views?|bone age stud\w+"
    r"|orthopantomogra\w*"
)
_US = (
    r"ultraso\w*|sonogra\w*|doppl?er|duplex|echocardio\w*|transthoracic echo|hyperechoic|hypoechoic"
    r"|anechoic|isoechoic"
    r"|echogenic\w*|echotexture|sonolucen\w*"
)
_NM = (
    r"nuclear (?:medicine|scans?|stud\w+|imaging)|\w*scintigra\w*|bone scans?|positron emission\w*"
    r"|radio-?tracer|radionuclide"
    r"|radiopharmaceutical\w*|octreotide|technetium|indium|sestamibi|thallium"
    r"|tagged (?:red|white|rbc|wbc)\w*|uptake"
    r"|(?:tc|in|ga|i)-?\s?(?:99m?|111|67|131|123)|99m-?tc"
)
_XA = (
    r"(?:catheter|conventional|carotid|cerebral|diagnostic|digital subtraction) angio\w+|arteriogra\w*"
    r"|aortogra\w*|venogra\w*"
    r"|cavogra\w*|angiogra\w*"
)
_RF = (
    r"fluorosc\w*|barium|esophagogra\w*|upper gi (?:stud\w+|series|fluoro\w*|exam\w*)|upper gi/"
    r"|subsequent upper gi"
    r"|small bowel (?:follow|series)\w*|enema|cysto(?:urethro)?gra\w*"
    r"|(?:intravenous|retrograde) (?:pyelo|uro)gra\w*"
    r"|\w*pyelogra\w*|urethrogra\w*|urogra\w*|hysterosalpingo\w*|\w*cholangiogra\w*|sialogra\w*"
    r"|defecogra\w*|arthrogra\w*"
    r"|myelogra\w*|enterocly\w*"
)
_CT = r"computed tomogra\w*|computerized tomogra\w*|cat scans?|hounsfield"
_MR = r"magnetic resonance|T[12]\*?[- ]?(?:weighted|W|WI|fat)|gadolinium|flow voids?"

# Short names count in capitals only: "us", "pet" and "mr" are words.
_CAPITALS = {
    "XR": r"CXR|KUB|AXR|PXR",
    "US": r"US|TTE|TEE",
    "NM": r"PET|FDG(?:-\d+)?|SPECT|HIDA|MIBG|DISIDA|MDP|HMPAO|DMSA|MAG-?3|V/?Q",
    "XA": r"DSA",
    "RF": r"UGI|SBFT|VCUG|IVP|IVU|ERCP|HSG",
    "CT": r"CT|CTA|HRCT|MDCT|CECT|NCCT",
    "MR": r"MR|MRI|MRIs|MRA|MRV|MRCP|FLAIR|STIR|DWI|T[12]WI?",
}
_ANY_CASE = {"XR": _XR, "US": _US, "NM": _NM, "XA": _XA, "RF": _RF, "CT": _CT, "MR": _MR}


def _whole(words: str, flags: re.RegexFlag) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9])(?:{words})(?![A-Za-z0-9])", flags)


_PATTERNS = {
    name: (_whole(words, re.IGNORECASE), _whole(_CAPITALS[name], re.NOFLAG))
    for name, words in _ANY_CASE.items()
}
_SURELY_CATHETER = re.compile(
    r"catheter|conventional|carotid|cerebral|digital subtraction|\bDSA\b", re.IGNORECASE
)
_CT_OR_MR_ANGIO = re.compile(
    r"\b(?:CT|MR)[ -](?:\w+ )?(?:angio|veno)gra\w*|\b(?:CTA|MRA|MRV)\b", re.IGNORECASE
)

WITHIN: dict[str, frozenset[str]] = {
    "XA": frozenset({"XA", "XR"}),
    "RF": frozenset({"RF", "XR"}),
}
"""Names of image modalities that can show what a text calls so; others stand for themselves."""


def modalities_named(text: str) -> frozenset[str]:
    """The modalities that a text names: XR, US, NM (with PET), XA (catheter), RF (fluoroscopy), CT, MR.

    Whether the text says that the examination was normal or was not done makes no difference: an image of it
    is what one would have to see.
    """
    plain = _MASKED.sub(" ", text)
    found = {
        name for name, patterns in _PATTERNS.items() if any(pattern.search(plain) for pattern in patterns)
    }
    # What the masks took away still names CT or MR.
    found |= {name for name in ("CT", "MR") if any(pattern.search(text) for pattern in _PATTERNS[name])}
    if "XA" in found and _CT_OR_MR_ANGIO.search(text) and not _SURELY_CATHETER.search(plain):
        # "CT angiography … The angiogram shows": one examination, named twice.
        found.discard("XA")
    return frozenset(found)


def missing_modalities(text: str, there: frozenset[str]) -> frozenset[str]:
    """The modalities that a text names and none of the images has.

    Args:
        text: The reference.
        there: Modalities of the images; where none is known, nothing can be missing.
    """
    if not there:
        return frozenset()
    return frozenset(
        name for name in modalities_named(text) if not WITHIN.get(name, frozenset({name})) & there
    )
