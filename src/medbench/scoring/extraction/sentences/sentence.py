"""Reads one sentence: divides it into clauses, reads these, and makes findings of what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from medbench.scoring.extraction.clauses import naming
from medbench.scoring.extraction.clauses.clause import Clause
from medbench.scoring.extraction.drafts.draft import IMAGES, NORMAL, SIDES, TRAITS, WHOLE, Sentence
from medbench.scoring.extraction.observed import Finding
from medbench.scoring.extraction.organs.describing import DESCRIBING, MAY_DESCRIBE, describe
from medbench.scoring.extraction.organs.misplaced import find_large, find_misplaced
from medbench.scoring.extraction.phrases.phrases import phrases_in
from medbench.scoring.extraction.places.paths import (
    belongs,
    composed,
    crosses,
    is_part_of,
    narrowed,
    parts_of,
    same_organ,
    touch,
    usual,
)
from medbench.scoring.extraction.places.senses import LIKENESSES, drop_lookalikes, settle
from medbench.scoring.extraction.sentences.asides import REVISING, is_supposed, revise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.drafts.draft import Draft
    from medbench.scoring.extraction.observed import Side
    from medbench.scoring.extraction.phrases.phrases import Phrases
    from medbench.scoring.extraction.vocabulary.vocabulary import Concept

_SPEAKING: Final = frozenset({"finding", "denied", "normal"})
_TELLING: Final = _SPEAKING | {"absent-either", "absent-before", "severe"}
"""With kinds that may make a finding of a place: 'absence of the kidney', 'prominent lymph nodes'."""
_STUDY: Final = frozenset({IMAGES, WHOLE})
_LONGEST_HEADING: Final = 11
_SOFT: Final = "muscle"
_BONE: Final = "bone"
_MASSES: Final = frozenset({"lesion", "collection"})
_REGIONS: Final = frozenset({"chest", "abdomen", "pelvis"})  # Kept where the narrower lies beside.
_MEASURED: Final = frozenset({"abdomen/bile duct", "vessel/portal"})
"""Places whose size is told although nothing is wrong with them."""
_AGENT: Final = 4  # Words from 'displaced by' to the end of what displaces, at most.
_PRESSED: Final = frozenset(
    {"displaced", "compressed", "surrounded", "effaced", "encased", "obscured", "deviated", "pushed",
     "narrowed", "indented", "flattened", "invaded"}
)  # fmt: skip
"""Words before 'by': what follows acts on a place, and need not be in it."""
_HERNIATED: Final = "herniated"
_DOUBTING: Final = frozenset(
    {"uncertain-before", "uncertain-after", "uncertain-list", "uncertain-of", "uncertain-cause", "versus",
     "?"}
)  # fmt: skip
_TURNING: Final = {"but", "however", "although", "though", "there", "yet", "while", "whereas", "which"}
"""First words of what ends a list of what is not sure."""
_DEFINITE: Final = frozenset({"the", "this", "that", "these", "those"})
_ACTING: Final = frozenset(
    {"surrounds", "abuts", "extends", "displaces", "compresses", "encases", "invades", "indents", "effaces",
     "contacts", "crosses", "erodes", "does", "causes", "exerts", "obstructs", "narrows", "pushes",
     "deviates", "encroaches", "protrudes", "engulfs", "obliterates", "obscures"}
)  # fmt: skip
"""Verbs behind 'the mass': what follows is acted on, and not where it is."""
_REACH: Final = 3  # Words from 'the mass' to such a verb, at most.
_MORE: Final = frozenset(
    {"also", "additionally", "addition", "additional", "associated", "accompanying", "accompanied"}
)
"""Words behind which something stands that is said beside something else."""


class Subject(NamedTuple):
    """Place and side that findings without a place take over."""

    places: tuple[str, ...] = ()
    side: Side = ""


_NOWHERE: Final = Subject()


def read_sentence(
    tokens: Sequence[str], span: tuple[int, int]
) -> tuple[list[Finding], float | None, Subject | None]:
    """Return the findings of a sentence, a size in it that belongs to none, and its subject if it is short.

    Args:
        tokens: Its tokens.
        span: First and last character (exclusive) of the sentence in the text.
    """
    phrases, kinds = _phrases_of(tokens)
    subject = _subject_of(phrases) if "place" in kinds else _NOWHERE
    heading = subject if subject.places and len(tokens) <= _LONGEST_HEADING else None
    if _TELLING.isdisjoint(kinds):
        return [], _loose_size(phrases) if "size" in kinds else None, heading
    sentence = Sentence(phrases, kinds)
    _read_clauses(sentence, divided="break" in kinds)
    findings: list[Finding] = []
    if not sentence.aside and not is_supposed(tokens):
        if sentence.conditional:
            naming.doubt_names(sentence.drafts)
        unsure = not _DOUBTING.isdisjoint(kinds)
        if unsure or len(sentence.drafts) > 1 or not REVISING.isdisjoint(phrases.words):
            revise(sentence.drafts, phrases, unsure=unsure)
        more = _first_of(_MORE, phrases)
        before: Subject | Finding = subject
        for draft in sentence.drafts:
            if draft.dropped:
                continue
            for part in parts_of(draft) if draft.listed or draft.side == "both" else (draft,):
                # Without a subject, a place that is said of one finding holds for the next.
                alone = subject.places or part.concept.place or part.concept is NORMAL
                finding = _finished(part, subject if alone else before, findings, tokens, span)
                if part.start > more:
                    finding = finding._replace(is_added=True)
                findings.append(finding)
                if finding.places != (WHOLE,):
                    before = finding
    return findings, sentence.loose_size, heading


def _phrases_of(tokens: Sequence[str]) -> tuple[Phrases, set[str]]:
    """Return the phrases of a sentence, and their kinds; words of several meanings have theirs by now."""
    phrases = phrases_in(tokens)
    kinds = {*phrases.kinds}
    if "size" in kinds:
        phrases.measure(tokens)
        kinds = {*phrases.kinds}
    if "sense" in kinds:
        settle(phrases)
        kinds.add("place")
    if not LIKENESSES.isdisjoint(phrases.words):
        drop_lookalikes(phrases, tokens)
    if "place" in kinds:
        if "finding" not in kinds and (
            ("in" in kinds and find_misplaced(phrases, tokens)) or ("size" in kinds and find_large(phrases))
        ):
            kinds.add("finding")
        if DESCRIBING in kinds or not MAY_DESCRIBE.isdisjoint(phrases.words):
            describe(phrases, tokens)
            kinds = {*phrases.kinds}
    return phrases, kinds


def _first_of(words: frozenset[str], phrases: Phrases) -> int:
    """Return which token is the first of some words; behind the last where none is."""
    if words.isdisjoint(phrases.words):
        return len(phrases.tokens)
    return next(at for at, token in enumerate(phrases.tokens) if token in words)


def _read_clauses(sentence: Sentence, *, divided: bool) -> None:
    """Read the clauses one after the other; breaks such as ';' or 'consistent with' stand between them."""
    phrases, kinds, values = sentence.phrases, sentence.phrases.kinds, sentence.phrases.values
    start, names_the_last, end, follows = 1, False, len(kinds) - 1, ""
    if not divided:
        Clause(sentence, start, end).read(names_the_last=False)
        return
    breaks = [at for at, kind in enumerate(kinds) if kind == "break" and not naming.after_side(phrases, at)]
    for index in (*breaks, end):
        word = values[index].word if index < end else ""
        names = word in naming.NAMING
        if names and _SPEAKING.isdisjoint(kinds[:index]):
            # 'A cleft of the left lobe consistent with schizencephaly': the name's place stands before.
            continue
        if start < index:
            clause = Clause(sentence, start, index)
            if follows in naming.RELATIVE:
                clause.negated = naming.is_denied_remark(sentence, start - 1)
            clause.read(names_the_last=names_the_last)
        if sentence.listing and word in _TURNING and kinds[index - 1] != "uncertain-list":
            sentence.listing = False
        follows = word
        start, names_the_last = index + 1, names


def _loose_size(phrases: Phrases) -> float | None:
    """Return the last size of a sentence without findings; None where it is that of a place before it."""
    size = phrases.kinds.index("size")
    if any(
        kind == "place" and value.path in _MEASURED
        for kind, value in zip(phrases.kinds[:size], phrases.values[:size], strict=True)
    ):
        # 'The common bile duct measures 6 mm'.
        return None
    return phrases.last_size(range(len(phrases.kinds)))


def _subject_of(phrases: Phrases) -> Subject:
    """Return the place that a sentence starts with, before any finding, and its side."""
    side: Any = ""
    for index, kind in enumerate(phrases.kinds):
        if kind == "finding":
            break
        if kind in SIDES:
            side = kind
        elif kind == "place":
            place = phrases.values[index]
            if place.path not in _STUDY:
                return Subject((place.path,), place.side or side)
    return _NOWHERE


def _adds_to(where: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """True if places say in which lobe or at which level parts that lie across these are."""
    return not crosses(where) and same_organ(where, parts) and not touch(where, parts)


def _named_at(concept: Concept, findings: Sequence[Finding]) -> Finding | None:
    """Return the last finding before at whose place the one that explains it can be, a thing first."""
    usually = usual(concept)
    if usually:
        fitting = (one for one in reversed(findings) if _can_be_in(one.places, usually))
        return next(fitting, None) or next(
            (
                one
                for one in reversed(findings)
                if one.places and composed(concept, one.places) is not concept
            ),
            None,
        )
    placed = [one for one in reversed(findings) if one.places]
    return next((one for one in placed if one.concept.kin not in TRAITS), placed[0] if placed else None)


def _can_be_in(places: tuple[str, ...], usually: tuple[str, ...]) -> bool:
    """True if what usually is in one place can be at others: an infarct, in the territory of an artery."""
    in_brain = usually[:1] == ("brain",) and any(at.startswith("vessel/intracranial") for at in places)
    return in_brain or touch(places, usually)


def _is_known(draft: Draft, tokens: Sequence[str]) -> bool:
    """True if 'the mass' is one that has been named, or 'displaced by a mass': it need not be there."""
    general = draft.concept.is_general and draft.concept.kin == "lesion"
    if (
        (general or tokens[draft.start] == _HERNIATED)
        and draft.start > 0
        and tokens[draft.start - 1] in _DEFINITE
    ):
        return True
    if draft.concept.kin not in _MASSES:
        return False
    before = tokens[max(0, draft.start - _AGENT) : draft.start]
    return "by" in before and not _PRESSED.isdisjoint(tokens[max(0, draft.start - _AGENT - 2) : draft.start])


def _acts(draft: Draft, tokens: Sequence[str]) -> bool:
    """True for 'the mass' that has been named and of which the sentence says what it does elsewhere."""
    general = draft.concept.is_general and draft.concept.kin == "lesion"
    named = general and draft.start > 0 and tokens[draft.start - 1] in _DEFINITE
    return named and not _ACTING.isdisjoint(tokens[draft.end : draft.end + _REACH])


def _own_place(draft: Draft, there: Subject | Finding, tokens: Sequence[str]) -> tuple[tuple[str, ...], Side]:
    """Return the places and the side of a finding, without those of what it acts on."""
    places, side = _fitting(draft), draft.side
    if not places or draft.concept is NORMAL:
        return Subject(places, side)
    if _acts(draft, tokens):
        return _NOWHERE
    if not side and there.side and there.places and is_part_of(places[0], there.places[0]):
        side = there.side  # 'The right lung has a nodule in the lower lobe'.
    return Subject(places, side)


def _fitting(draft: Draft) -> tuple[str, ...]:
    """Return the places of a finding without those that say nothing beside the others, or are not its own."""
    places = draft.places
    if _SOFT in places and draft.concept.place.startswith((_BONE, "skull")):
        # 'The skin over a bone tumor' is not where that is.
        places = tuple([path for path in places if path != _SOFT])
    if len(places) < 2:
        # Of a fracture, 'bone' says nothing.
        return () if places == (_BONE,) and draft.concept.family.startswith("fracture") else places
    narrow = narrowed(places, draft.concept)
    if draft.beside.issuperset(narrow):
        # 'In the pelvis, posterior to the bladder' is in the pelvis.
        return tuple([path for path in places if path in _REGIONS and path not in draft.beside]) or narrow
    return narrow


def _finished(
    draft: Draft,
    there: Subject | Finding,
    before: Sequence[Finding],
    tokens: Sequence[str],
    span: tuple[int, int],
) -> Finding:
    """Return the finding: where it has no place at another one, by the name that it has at its place.

    Args:
        draft: What was read of it.
        there: The place and side that it has without one of its own, if it can be there.
        before: The findings before it in its sentence.
        tokens: Those of its sentence.
        span: That of its sentence.
    """
    concept, (places, side) = draft.concept, _own_place(draft, there, tokens)
    named_there = False
    if tokens[draft.start] == _HERNIATED and _is_known(draft, tokens):
        places = ()  # 'The herniated contents' are where they press on something.
    if draft.names_the_last:
        there = _named_at(concept, before) or there
        # An infarct is one of the brain, and in the spleen a splenic one.
        named_there = (
            _can_be_in(there.places, usual(concept)) or composed(concept, there.places) is not concept
        )
    if places:
        within = tuple([path for path in places if path not in draft.beside]) if draft.beside else places
        concept = composed(concept, within) if within else concept
        if there.places and crosses(places) and _adds_to(there.places, places):
            # 'Over the right convexity there is a dural mass'.
            places, side = (*places, *there.places), side or there.side
    elif there.places and (
        named_there or (belongs(concept, there.places[0]) and not _is_known(draft, tokens))
    ):
        concept = composed(concept, there.places)
        # The particular concept may have another usual place than the general one.
        if named_there or belongs(concept, there.places[0]):
            places, side = there.places, side or there.side
    else:
        concept = composed(concept, ())
    if concept.kin == NORMAL.name:
        # 'No acute cardiopulmonary process' says that the chest is normal.
        concept, places = NORMAL, places or usual(concept)
    words = draft.words or " ".join(tokens[draft.start : draft.end])
    if draft.presence == "absent":
        # What isn't there has no degree, number or change: 'no significant effusion'.
        severity, number, change = 0, 0, ""
    else:
        severity, number, change = draft.severity, draft.number, draft.change
        if places and not side:
            # 'An enlarged right ovary with a twisted pedicle of the ovary' is one ovary.
            side = next((one.side for one in reversed(before) if one.side and one.places == places), "")
    return Finding(
        concept,
        draft.presence,
        side,
        places,
        draft.size,
        severity,
        number,
        change,
        draft.sequence,
        words,
        span,
        draft.names_the_last,
    )
