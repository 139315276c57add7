"""Findings that one text both affirms and denies: of neither statement can it be given credit.

'No effusion on the left' does not deny one on the right, nor 'no new nodule' an old one, nor 'otherwise
normal' what was named before. So a denial counts only where it speaks of all that was affirmed, and where no
word of its sentence limits it. 'Normal' counts where it is said of a place outright ('The spleen is normal'),
and not where it is a general statement whose exception follows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.concepts import usual
from medbench.scoring.extraction.places.paths import VAGUE, within
from medbench.scoring.extraction.vocabulary.kin import DESCRIPTORS
from medbench.scoring.extraction.words.forms import canonical

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.scoring.extraction.observed import Finding

_POSITIVE: Final = frozenset({"present", "uncertain"})
_LIMITED: Final = re.compile(
    r"\b(?:"
    r"other|others|additional|further|another|second|third|more|else|elsewhere|new|newly|recurrent|"
    r"residual|remaining|remainder|rest|otherwise|except|besides|apart|aside|beyond|contralateral|"
    r"opposite|associated|adjacent|surrounding|significant|significantly|large|larger|gross|grossly|"
    r"major|marked|massive|extensive|sizable|sizeable|measurable|appreciable|obvious|obviously|definite|"
    r"definitely|frank|overt|convincing|discrete|focal|diffuse|central|complete|high-grade|severe|acute|"
    r"acutely|chronic|active|displaced|comminuted|tension|loculated|drainable|obstructing|infected|"
    r"complicated|complex|simple|solid|enhancing|suspicious|aggressive|pathologic|"
    r"pathological|hemorrhagic"
    r")\b",
    re.IGNORECASE,
)
"""Words that make a denial one of something more particular, or of the rest."""
_PLAIN: Final = 80
"""Most characters of a sentence that says nothing but that a place is normal."""
_LONGEST: Final = 1_000
"""Characters of a sentence that are looked at, so that time is linear in a text without a full stop."""
_NEAR: Final = 80
"""Characters around a mention in which the words are that can limit it."""
_BACK: Final = re.compile(
    r"\b(?:within|inside|in|of|around|near|from|with|to)\s+(?:the|this|these|said)\b", re.IGNORECASE
)
"""Words that lead to a thing that is known: 'no calcification within the mass' denies no mass."""
_THE: Final = re.compile(r"\b(?:the|this|these)\s+(?:[\w-]+\s+){0,2}$", re.IGNORECASE)
_DOES: Final = re.compile(
    r"\s+(?:does|do|did|has|have|shows?|demonstrates?|contains?|exhibits?|remains?)\b", re.IGNORECASE
)
"""Words before and behind a known thing of which something else is denied."""
_NORMAL: Final = re.compile(
    r"\W*(?:[\w \t-]{1,40}[:|][\s*|]*)?(?:(?:the|both)\s+)?(?:normal(?:\s+[\w-]+){1,3}|(?:[\w-]+[\s:*]+){1,3}"
    r"(?:(?:is|are|appears?|looks?)\s+)?(?:(?:entirely|completely)\s+)?(?:normal|unremarkable|clear))\W*",
    re.IGNORECASE,
)
"""A sentence, perhaps behind its label, that says nothing but that a place is normal."""
_SIZED: Final = re.compile(
    r"\b(?:normal (?:in )?size|normal[\w -]{0,20} size|not enlarged|size is normal)\b", re.IGNORECASE
)
_LARGE: Final = frozenset(
    {"cardiomegaly", "hepatomegaly", "splenomegaly", "hepatosplenomegaly", "goiter", "prostate enlargement"}
)
"""Findings that 'normal in size' denies."""
_ASPECT: Final = re.compile(
    r"\b(?:size|sized|caliber|calibre|contours?|shape|position|course|alignment|heights?|signal|volumes?|"
    r"attenuation|density|enhancement|configuration|morphology|width|thickness)\b",
    re.IGNORECASE,
)
"""Words that make 'normal' one of a single aspect: 'normal in size'."""


def conflicts(text: str, findings: Sequence[Finding]) -> frozenset[int]:
    """Return the indexes of findings that the text both affirms and denies, and of those denials."""
    denials = [(index, one) for index, one in enumerate(findings) if one.presence == "absent"]
    if not denials:
        return frozenset()
    affirmed = [
        index
        for index, finding in enumerate(findings)
        if finding.presence in _POSITIVE and finding.concept.kin not in DESCRIPTORS
    ]
    large = [index for index in affirmed if findings[index].concept.name in _LARGE]
    by_name: dict[str, set[int]] = {}
    for index in affirmed:
        for name in _names(findings[index]):
            by_name.setdefault(name, set()).add(index)
    found: set[int] = set()
    for index, denial in denials:
        sentence = text[slice(*denial.span)][:_LONGEST]
        against: list[int] = []
        if denial.is_normal:
            if _is_plain(sentence):
                against = [at for at in affirmed if _is_normal_of(denial, findings[at])]
            elif large and _SIZED.search(sentence):
                against = [at for at in large if _is_normal_of(denial, findings[at])]
        else:
            near = {at for name in _names(denial) for at in by_name.get(name, ())}
            against = [at for at in near if _denies(denial, findings[at])]
            against = [] if against and _is_limited(denial, sentence) else against
        if against:
            found.update(against, (index,))
    return frozenset(found)


def _denies(denial: Finding, finding: Finding) -> bool:
    """True if the denial leaves no room for the finding: its place and side, if any, hold the finding's."""
    # What is new may have been denied of an earlier image.
    if finding.change == "new" or denial.change or denial.size_mm or denial.severity or denial.sequence:
        return False
    if denial.side not in {"", "both", finding.side}:
        return False
    return _describes(denial, finding) and (not denial.places or _lies_in(finding, denial.places))


def _names(finding: Finding) -> tuple[str, str]:
    """Return the names under which affirmed and denied findings are compared: the kin and the word."""
    return finding.concept.kin or finding.concept.name, canonical(finding.words)


def _describes(denial: Finding, finding: Finding) -> bool:
    """True if the denied word is that of the finding, or describes it, as fracture does a radius fracture."""
    denied, concept = denial.concept, finding.concept
    if denied.name == concept.name or canonical(denial.words) == canonical(finding.words):
        return True
    # 'No focal lesion' leaves room for a cyst.
    return denied.is_general and denied.family != "lesion" and within(concept.family, denied.family)


def _is_plain(sentence: str) -> bool:
    """True if a sentence says nothing but that a place is normal, as a whole."""
    if len(sentence) > _PLAIN or not _NORMAL.fullmatch(sentence):
        return False
    return not (_LIMITED.search(sentence) or _ASPECT.search(sentence))


def _is_normal_of(normal: Finding, finding: Finding) -> bool:
    if normal.places == ("whole",):
        return normal.span > finding.span and finding.concept.tier in {"urgent", "actionable"}
    if finding.concept.tier == "benign" or not VAGUE.isdisjoint(normal.places):
        return False
    if normal.side not in {"", "both", finding.side}:
        return False
    at_home = any(within(place, one) for place in usual(finding.concept) for one in normal.places)
    if not at_home and not _lies_in(finding, normal.places):
        return False
    # A general statement before its exception: 'The lungs are clear. There is a nodule in the left lung.'
    return normal.span > finding.span or (_places(finding) == normal.places and finding.side == normal.side)


def _lies_in(finding: Finding, holders: Sequence[str]) -> bool:
    places = _places(finding)
    return bool(places) and all(any(within(place, holder) for holder in holders) for place in places)


def _places(finding: Finding) -> tuple[str, ...]:
    return finding.places or usual(finding.concept)


def _is_limited(denial: Finding, sentence: str) -> bool:
    return all(
        _LIMITED.search(f"{before} {denial.words} {after}")
        or _BACK.search(before)
        or _is_known(before, after)
        for before, after in _around(denial.words, sentence)
    )


def _around(words: str, sentence: str) -> Iterator[tuple[str, str]]:
    """Yield the words before and behind each mention; all of the sentence if there is none."""
    lower = sentence.lower()
    at = lower.find(words)
    if at < 0:
        yield sentence, ""
    while at >= 0:
        end = at + len(words)
        before, after = (
            sentence[max(0, at - _NEAR) : at].split()[-5:],
            sentence[end : end + _NEAR].split()[:4],
        )
        yield f"{' '.join(before)} ", f" {' '.join(after)}"
        at = lower.find(words, end)


def _is_known(before: str, after: str) -> bool:
    """True if the thing itself is spoken of: 'the mass does not enhance' denies no mass."""
    return bool(_THE.search(before) and _DOES.match(after))
