"""Drops what is as it should be: expanded lungs, contents of bowel, signals of fluid and fat."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.observed import POSITIVE
from medbench.scoring.extraction.places.paths import within

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Finding

_CONTENTS: Final = frozenset({"bowel gas", "bowel content"})
_HELD: Final = _CONTENTS | {"gas", "internal gas", "fluid"}
_LUNG: Final = "chest/lung"
_EXPANDED: Final = frozenset({"expanded", "expansion"})
"""Where it is normal to be expanded."""
_HOLLOW: Final = ("abdomen/bowel", "abdomen/stomach")
_AIRY: Final = ("chest/trachea", "chest/bronchus", "face/sinus", "skull/temporal bone")
_FLUIDS: Final = frozenset({"bowel content", "fluid"})
_WALL: Final = "abdomen/bowel/wall"
_REGIONS: Final = frozenset(
    {"abdomen", "abdomen/right lower", "abdomen/left lower", "abdomen/right upper", "abdomen/left upper"}
)
_SEVERE: Final = 3
_ABNORMAL: Final = re.compile(
    r"\b(?:abnormal|excess|increase|increasing|unusual|retain|retention|impact|copious|abundant|loaded|loading|undigested"
    r"|extralumin|ectopic|intramural|debris|bezoar|large(?!\s+(?:bowel|intestin))|fluid[- ]levels?\b)",
    re.IGNORECASE,
)
"""Words that make a finding of what bowel holds."""
_MEASURED: Final = frozenset({"signal", "density"})
_EXPECTED: Final = re.compile(r"\b(?:as (?:would be )?expected|expected for|normal for)\b", re.IGNORECASE)
_OF_SEQUENCE: Final = re.compile(
    r"\W*(?:(?:the|normal|surrounding|subcutaneous) )*(?:CSF|cerebrospinal fluid|urine|bile|fat)\b.{0,40}?"
    r"\b(?:is|are|appears?)\b"
    r"|.*?\b(?:bright|dark|high|low)[ -](?:signal )?(?:of |in )?(?:the )?(?:CSF|urine|bile)\b",
    re.IGNORECASE,
)
"""Words for what is bright or dark on some sequence wherever it is."""


def without_normal_contents(findings: list[Finding], words: str, under: str = "") -> list[Finding]:
    """Return the findings of a sentence without expanded lungs, contents of bowel, and signals as expected.

    Args:
        findings: Those of the sentence. Contents are kept beside anything abnormal: 'dilated, with stool'.
        words: The sentence.
        under: The title above it.
    """
    if not findings:
        return findings
    if findings[0].concept.kin in _MEASURED and _is_expected(findings, words):
        return []
    for one in findings:
        if one.concept.name in _HELD or one.words in _EXPANDED:
            break
    else:
        return findings
    held = [*map(_is_held, findings)]
    positive = [is_held for is_held, one in zip(held, findings, strict=True) if one.presence in POSITIVE]
    if not all(positive) or _ABNORMAL.search(words) or _ABNORMAL.search(under):
        return findings
    return [one for is_held, one in zip(held, findings, strict=True) if not is_held]


def _is_expected(findings: list[Finding], words: str) -> bool:
    """True for nothing but a signal or density as it is on a sequence, or of fluid or fat in its place."""
    if any(one.concept.kin not in _MEASURED or one.presence not in POSITIVE for one in findings):
        return False
    if _EXPECTED.search(words):
        return True
    return not any(one.places for one in findings) and _OF_SEQUENCE.match(words) is not None


def _is_held(finding: Finding) -> bool:
    """True for expanded lungs, and for gas, fluid or stool in bowel or stomach that is not severe."""
    if finding.words in _EXPANDED:
        return finding.places != () and all(within(path, _LUNG) for path in finding.places)
    name, places = finding.concept.name, finding.places
    if name not in _HELD or finding.presence not in POSITIVE or finding.severity >= _SEVERE:
        return False
    if not places:
        return name in _CONTENTS
    return all(_can_hold(path, name) or (name in _CONTENTS and path in _REGIONS) for path in places)


def _can_hold(path: str, name: str) -> bool:
    organs = _HOLLOW if name in _FLUIDS else (*_HOLLOW, *_AIRY)
    return any(within(path, organ) for organ in organs) and not within(path, _WALL)
