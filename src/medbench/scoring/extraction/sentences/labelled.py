"""Reads a statement: its sentence, and what the layout of the text says of its findings."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.concepts import belongs
from medbench.scoring.extraction.places.paths import within
from medbench.scoring.extraction.sentences.sentence import read_sentence
from medbench.scoring.extraction.vocabulary.kin import DESCRIPTORS
from medbench.scoring.extraction.words.tokens import plain, tokens_of
from medbench.scoring.layout.titles import goes_on, leads_on, names_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.extraction.sentences.subject import Subject
    from medbench.scoring.extraction.vocabulary.entries import Concept
    from medbench.scoring.layout.statement import Statement
    from medbench.scoring.layout.status import Stance

    Read = tuple[list[Finding], float | None, Subject | None]

_LONGEST: Final = 120
"""Tokens of a sentence that are read together, so that time is linear in a text without a full stop."""
_ABOUT: Final = re.compile(
    r"\W*(?:q(?:uestion)?\s?\d{0,2}\W{1,4})?(?:(?:is|are|was|were) there )?(?:(?:any|an?|the) )?"
    r"(?:(?:assessment|evaluation|presence|evidence|signs?|status|detection|findings?) (?:of|for) )?",
    re.IGNORECASE,
)
"""Words of a label before the finding that it names."""
_UNTOLD: Final = re.compile(
    r"\b(?:difficult|hard|impossible) to (?:isolate|separate|distinguish|differentiate|assess)\b"
)
"""Words of a value that neither affirms nor denies what its label names."""
_POSITIVE: Final = frozenset({"present", "uncertain"})
_MOST_PARTS: Final = 8
"""Parts of a value, between commas, among which an adjective of its label is looked for."""


def read_statement(statement: Statement) -> Read:
    """Return the findings of a statement, a size that belongs to none, and its subject if it is a heading."""
    span = statement.start, statement.end
    if statement.heading:
        return [], None, _named(statement.words)[2]
    if statement.label:
        return _labelled(statement, span)
    findings, size, heading = _read(("normal " if statement.normal else "") + statement.words, span)
    if statement.stance:
        findings = [_said(finding, statement.stance) for finding in findings]
    elif not findings and statement.under:
        more, _, _ = _read(f"{statement.under}: {statement.words}", span)
        findings, size = more, None if more else size
    return findings, size, heading if statement.words.rstrip("* \t").endswith(":") else None


def _read(words: str, span: tuple[int, int]) -> Read:
    return read_words(plain(words), span)


def read_words(words: str, span: tuple[int, int]) -> Read:
    """Return what a sentence of plain words says: as `read_sentence` does, however long it is."""
    tokens = tokens_of(words)
    if len(tokens) <= _LONGEST:
        return read_sentence(tokens, span)
    findings: list[Finding] = []
    size = None
    for at in range(0, len(tokens), _LONGEST):
        more, loose, _ = read_sentence(tokens[at : at + _LONGEST], span)
        findings += more
        size = size if loose is None else loose
    return findings, size, None


# Labels recur from output to output.
@lru_cache(maxsize=4_000)
def _named(label: str) -> tuple[str, Sequence[Finding], Subject | None]:
    """Return a label without what leads to its finding, the findings that it names, and its place."""
    about = _ABOUT.match(label)
    bare = label[about.end() if about else 0 :].rstrip("? ")
    named, _, place = _read(bare, (0, 0))
    return bare, tuple(named), place


def _labelled(statement: Statement, span: tuple[int, int]) -> Read:
    """Read a label with its value."""
    label, named, place = _named(statement.label)
    stance, value = statement.stance, statement.value
    if stance == "unknown":
        return [], None, None if named else place
    if not named:
        # An answer below its title does not repeat it: '### Liver', then 'Normal.'
        above = "" if statement.label in statement.words else f"{statement.label}: "
        findings, size, _ = _read(f"{above}{statement.words}", span)
        if not findings and statement.under:
            findings, size, _ = _read(f"{statement.under}: {statement.words}", span)
    elif stance == "absent":
        findings, size = _beside(statement, span), None
        if not findings or not (names_kinds(statement.label) or _repeats(findings, named)):
            findings += _denied(named, span)
    elif stance:
        label, value, named = _with_adjectives(label, value, named)
        findings, size, _ = _read(f"{label}: {value}", span)
        words = {finding.words for finding in named}
        findings = [_said(one, stance) if one.words in words else one for one in findings]
    elif " to " in value and _UNTOLD.search(value):
        findings, size, _ = _read(value, span)
    else:
        findings, size = _described(statement, named, span)
        affirmed = {one.concept for one in findings if one.presence == "present"}
        # 'No appendicitis: the appendix is 8 mm' says both.
        findings += _denied(
            [one for one in named if one.presence == "absent" and one.concept in affirmed], span
        )
    return findings, size, None


def _denied(named: Sequence[Finding], span: tuple[int, int]) -> list[Finding]:
    return [_said(finding, "absent")._replace(span=span) for finding in named]


def _beside(statement: Statement, span: tuple[int, int]) -> list[Finding]:
    """Return what a denying value says besides: 'no pneumothorax, small effusion'."""
    said = statement.words[len(statement.words) - len(statement.value) :] if statement.value else ""
    if not said.strip(" .,;:)"):
        return []
    _, _, whole = statement.words.partition(statement.label)
    return _read(whole.lstrip("*_ :=-|\t"), span)[0]


def _described(
    statement: Statement, named: Sequence[Finding], span: tuple[int, int]
) -> tuple[list[Finding], float | None]:
    """Read a label whose value describes it, repeats it or denies it in its own words."""
    label, value, words = statement.label, statement.value, statement.words
    told, size, _ = _read(value, span)
    listed = "/" in label  # 'Hardware/Other' names kinds of things, too.
    if told:
        label, value, named = _with_adjectives(label, value, named)
        if label != statement.label:
            words = f"{label}: {value}"
            told, size, _ = _read(value, span)
    aside = not goes_on(value) and (told or listed or names_kinds(label))
    if not told and not aside:
        entries = _entries(value)
        thing = _thing_described(named)
        if thing is not None and len(entries) == 1:
            placed = _read(f"{thing.words}: {value}", span)[0]
            return [*placed, *(one._replace(span=span) for one in named if one is not thing)], None
        return [one for entry in entries for one in _read(f"{label}: {entry}", span)[0]], None
    if _repeats(told, named) and not leads_on(value):
        beside = [one._replace(span=span) for one in named if not _repeats(told, [one])]
        return [*(_placed(one, named) for one in told), *beside], size
    if told and all(one.presence == "absent" for one in told):
        return [*_denied(named, span), *told], size
    if names_kinds(label) or (aside and (listed or not _is_shown_by(named, told))):
        return told, size
    findings, size, _ = _read(words, span)
    return findings, size


def _thing_described(named: Sequence[Finding]) -> Finding | None:
    """Return the thing of a label that names one and what is seen of it; None for any other label."""
    things = [one for one in named if one.concept.kin not in DESCRIPTORS]
    return things[0] if len(things) == 1 < len(named) and not things[0].places else None


def _with_adjectives(label: str, value: str, named: Sequence[Finding]) -> tuple[str, str, Sequence[Finding]]:
    """Move a word of a value that makes a name with its label before that: 'Fracture: displaced, left'."""
    parts = value.split(",")
    if len(named) != 1 or len(parts) > _MOST_PARTS:
        return label, value, named
    for index, part in enumerate(parts):
        words = part.strip(" .")
        if words.replace("-", "").isalpha():
            joined = f"{words} {label}"
            narrower = _named(joined)[1]
            longer = len(narrower) == 1 and len(narrower[0].words.split()) > len(named[0].words.split())
            if longer and narrower[0].concept.kin == named[0].concept.kin:
                return joined, ",".join(parts[:index] + parts[index + 1 :]).strip(), narrower
    return label, value, named


def _is_shown_by(named: Sequence[Finding], told: Sequence[Finding]) -> bool:
    """True if a label names a thing of its own, and the value how it shows: 'Volvulus: whirl sign'."""
    particular = [one for one in named if one.concept.place and not one.concept.is_general]
    return bool(particular) and all(one.presence in _POSITIVE for one in told)


def _entries(value: str) -> list[str]:
    """Return the entries of a value that lists different sides; else the value itself."""
    entries = [entry for part in value.split(";") for entry in part.split(",")]
    sides = [{"left", "right"} & set(tokens_of(entry)) for entry in entries]
    first, *others = [side for side in sides if side] or [set()]
    return entries if any(side != first for side in others) else [value]


def _repeats(told: list[Finding], named: Sequence[Finding]) -> bool:
    """True if a value names what its label names, or a kind of it."""
    return any(_is_said_by(finding.concept, one.concept) for finding in named for one in told)


def _is_said_by(named: Concept, told: Concept) -> bool:
    if named is told:
        return True
    # What is seen of a disease does not repeat its name: 'Osteoid osteoma: a nidus of 8 mm'.
    repeats = not named.is_disease or told.is_disease or told.is_general
    return repeats and (named.kin or named.name) == (told.kin or told.name)


def _placed(finding: Finding, label: Sequence[Finding]) -> Finding:
    """Give a finding what its label says of it: size and degree, and if more exact, name and places."""
    named = next((one for one in label if one.concept.kin == finding.concept.kin), None)
    if finding.presence not in _POSITIVE or named is None:
        return finding
    finding = finding._replace(
        side=finding.side or named.side,
        size_mm=finding.size_mm or named.size_mm,
        severity=finding.severity or named.severity,
        number=finding.number or named.number,
    )
    if _is_name_of(named.concept, finding.concept):
        return finding._replace(concept=named.concept, places=finding.places or named.places)
    if finding.places or (finding.concept is not named.concept and not named.places):
        return finding
    if finding.concept is not named.concept and finding.concept.place:
        return finding._replace(places=named.places) if belongs(finding.concept, named.places[0]) else finding
    return finding._replace(concept=named.concept, places=named.places)


def _is_name_of(name: Concept, described: Concept) -> bool:
    """True if a label is a name for what its value describes: 'Renal cell carcinoma: a 4 cm mass'."""
    if name is described or not described.is_general or not within(name.family, described.family):
        return False
    return name.is_disease or name.family != described.family


def _said(finding: Finding, stance: Stance) -> Finding:
    """Return a finding as the layout says it is; what is denied in words stays so."""
    if finding.presence in _POSITIVE and (stance == "absent" or stance == "uncertain"):  # noqa: PLR1714 - typed
        return finding._replace(presence=stance)
    return finding
