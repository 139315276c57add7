"""What a sentence stresses: what the text concludes, and what it only brings in beside something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.extraction.phrases.phrases import Phrases

CONCLUDED, ADDED, INCIDENTAL = 1, -1, -2
_MORE: Final = frozenset(
    {"also", "additionally", "addition", "additional", "associated", "accompanying", "accompanied"}
)
"""Words behind which something stands that is said beside something else."""
_BESIDE: Final = frozenset(
    {"surrounding", "underlying", "resultant", "resulting", "secondary", "adjacent", "concomitant"}
)
"""Adjectives of what goes along with something, behind 'with' or 'and'."""
_JOINTS: Final = frozenset({"with", "and"})
_INCIDENTAL: Final = frozenset({"incidental", "incidentally"})
_ALL_SEEN: Final = frozenset(
    {"finding", "findings", "feature", "features", "appearance", "constellation", "combination", "picture",
     "pattern", "this", "these"}
)  # fmt: skip
"""Words for all that was described, of which a conclusion is drawn."""
_PEOPLE: Final = frozenset({"patient", "patients", "person", "man", "woman", "child", "infant"})
"""Words behind 'this' that make it speak of a person, and not of what was described."""
_DRAWN: Final = frozenset(
    {"consistent", "compatible", "keeping", "diagnostic", "typical", "characteristic", "classic",
     "pathognomonic", "represent", "represents", "indicative", "indicate", "indicates", "suggest", "suggests",
     "suggestive", "favor", "favors", "worrisome", "concerning", "suspicious", "confirm", "confirms"}
)  # fmt: skip
"""Words that draw it."""
_DIAGNOSIS: Final = "diagnosis"
_CONFIRMING: Final = frozenset({"confirm", "confirms", "confirmed", "confirming"})
"""Words that draw a conclusion where 'the diagnosis of' follows."""
_TITLES: Final = frozenset(
    {"impression", "impressions", "conclusion", "conclusions", "diagnosis", "diagnoses", "opinion"}
)
"""Titles of what a report concludes."""
_IN_TITLES: Final = _TITLES | {"final", "imaging", "main", "overall", "primary", "radiologic", "radiological"}
"""Words of such a title: a working or preoperative diagnosis is none."""
_CONCLUDING: Final = _DRAWN | _TITLES
_LESS: Final = "less"
"""The word of what is 'less likely' than something else."""
_BY_THE_WAY: Final = _MORE | _BESIDE | _INCIDENTAL | {_LESS}
STRESSING: Final = _CONCLUDING | _BY_THE_WAY
"""Words without which nothing in a sentence has an emphasis."""


def with_emphasis(findings: list[Finding], starts: Sequence[int], phrases: Phrases) -> list[Finding]:
    """Return the findings of a sentence, marked where it concludes them or brings them in by the way.

    Args:
        findings: They.
        starts: The first token of each.
        phrases: Those of the sentence.
    """
    tokens, words = phrases.tokens, phrases.words
    if not findings:
        return findings
    if not _CONCLUDING.isdisjoint(words) and _is_concluded(tokens, starts[0]):
        name = next((one for one in findings if one.concept.is_disease), None)
        return [_concluded(one) if one is name or name is None else one for one in findings]
    if _DIAGNOSIS in words and not _CONFIRMING.isdisjoint(words):
        findings = _confirmed(findings, starts, tokens)
    if _BY_THE_WAY.isdisjoint(words):
        return findings
    added, incidental = _first_added(tokens), len(tokens)
    if not _INCIDENTAL.isdisjoint(words):
        incidental = next(at for at, token in enumerate(tokens) if token in _INCIDENTAL)
        incidental = 0 if incidental > starts[-1] else incidental  # 'A cyst is incidentally noted.'
    for index, start in enumerate(starts):
        if start > added or start >= incidental:
            emphasis = INCIDENTAL if start >= incidental else ADDED
            findings[index] = findings[index]._replace(emphasis=emphasis)
    return findings


def under_title(title: str, findings: list[Finding]) -> list[Finding]:
    """Return the findings of a statement, marked where its title is that of what the text concludes."""
    words = title.lower().split()
    if _TITLES.isdisjoint(words) or not _IN_TITLES.issuperset(words):
        return findings
    diseases = any(one.concept.is_disease for one in findings)
    return [
        _concluded(one) if not one.emphasis and (one.concept.is_disease or not diseases) else one
        for one in findings
    ]


def _concluded(finding: Finding) -> Finding:
    """Return a finding as what the text concludes, where that is sure."""
    return finding if finding.presence == "uncertain" else finding._replace(emphasis=CONCLUDED)


def _confirmed(findings: list[Finding], starts: Sequence[int], tokens: Sequence[str]) -> list[Finding]:
    """Return the findings, marked where the sentence 'confirms the diagnosis of' one."""
    at = tokens.index(_DIAGNOSIS)
    if _CONFIRMING.isdisjoint(tokens[max(0, at - 3) : at]):
        return findings
    named = next((index for index, start in enumerate(starts) if start > at), None)
    if named is not None:
        findings[named] = _concluded(findings[named])
    return findings


def _is_concluded(tokens: Sequence[str], first: int) -> bool:
    """True if what stands before the first finding draws a conclusion: 'these findings are typical of'."""
    before = tokens[:first]
    if not before or before[0] in _TITLES:
        return bool(before)
    if _DRAWN.isdisjoint(before):
        return False
    return any(
        word in _ALL_SEEN and not (word == "this" and tokens[at + 1] in _PEOPLE)
        for at, word in enumerate(before)
    )


def _first_added(tokens: Sequence[str]) -> int:
    """Return the token behind which things are brought in beside something else."""
    for at, token in enumerate(tokens):
        beside = token in _BESIDE and at and tokens[at - 1] in _JOINTS
        if token in _MORE or beside or (token == _LESS and tokens[at + 1 : at + 2] == ["likely"]):
            return at
    return len(tokens)
