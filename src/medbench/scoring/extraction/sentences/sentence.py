"""Reads one sentence: divides it into clauses, reads these, and makes findings of what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.clauses.naming import doubt_names
from medbench.scoring.extraction.drafts.sentence_state import Sentence
from medbench.scoring.extraction.drafts.several import parts_of
from medbench.scoring.extraction.organs.describing import DESCRIBING, MAY_DESCRIBE, describe, find_changes
from medbench.scoring.extraction.organs.large import find_large
from medbench.scoring.extraction.organs.misplaced import find_misplaced
from medbench.scoring.extraction.phrases.longest import phrases_in
from medbench.scoring.extraction.places.likenesses import LIKENESSES, drop_lookalikes
from medbench.scoring.extraction.places.paths import WHOLE
from medbench.scoring.extraction.places.rows import PART_WORDS, complete_rows
from medbench.scoring.extraction.places.senses import settle
from medbench.scoring.extraction.sentences.dividing import SPEAKING, read_clauses
from medbench.scoring.extraction.sentences.emphasis import STRESSING, with_emphasis
from medbench.scoring.extraction.sentences.finished import finished
from medbench.scoring.extraction.sentences.revising import REVISING, is_supposed, revise
from medbench.scoring.extraction.sentences.subject import NOWHERE, subject_of
from medbench.scoring.extraction.vocabulary.kin import NORMAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.extraction.phrases.phrases import Phrases
    from medbench.scoring.extraction.sentences.subject import Subject

_TELLING: Final = SPEAKING | {"absent-either", "absent-before", "severe"}
"""With kinds that may make a finding of a place: 'absence of the kidney', 'prominent lymph nodes'."""
_LONGEST_HEADING: Final = 11
_MEASURED: Final = frozenset({"abdomen/bile duct", "vessel/portal"})
"""Places whose size is told although nothing is wrong with them."""
_DOUBTING: Final = frozenset(
    {"uncertain-before", "uncertain-after", "uncertain-list", "uncertain-of", "uncertain-cause", "versus",
     "?"}
)  # fmt: skip


def read_sentence(
    tokens: Sequence[str], span: tuple[int, int]
) -> tuple[list[Finding], float | None, Subject | None]:
    """Return the findings of a sentence, a size in it that belongs to none, and its subject if it is short.

    Args:
        tokens: Its tokens.
        span: First and last character (exclusive) of the sentence in the text.
    """
    phrases, kinds = _phrases_of(tokens)
    subject = subject_of(phrases) if "place" in kinds else NOWHERE
    heading = subject if subject.places and len(tokens) <= _LONGEST_HEADING else None
    if _TELLING.isdisjoint(kinds):
        return [], _loose_size(phrases) if "size" in kinds else None, heading
    sentence = Sentence(phrases, kinds)
    read_clauses(sentence, divided="break" in kinds)
    findings: list[Finding] = []
    if not sentence.aside and not is_supposed(tokens):
        if sentence.conditional:
            doubt_names(sentence.drafts)
        unsure = not _DOUBTING.isdisjoint(kinds)
        if unsure or len(sentence.drafts) > 1 or not REVISING.isdisjoint(phrases.words):
            revise(sentence.drafts, phrases, unsure=unsure)
        starts: list[int] = []
        before: Subject | Finding = subject
        for draft in sentence.drafts:
            if draft.dropped:
                continue
            for part in parts_of(draft) if draft.row or draft.side == "both" else (draft,):
                # Without a subject, a place that is said of one finding holds for the next.
                alone = subject.places or part.concept.place or part.concept is NORMAL
                finding = finished(part, subject if alone else before, findings, tokens, span)
                findings.append(finding)
                starts.append(part.start)
                if finding.places != (WHOLE,):
                    before = finding
        if not STRESSING.isdisjoint(phrases.words):
            findings = with_emphasis(findings, starts, phrases)
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
    if "and" in kinds and not PART_WORDS.isdisjoint(phrases.words):
        complete_rows(phrases)
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
    elif DESCRIBING in kinds:
        find_changes(phrases, tokens)
        kinds = {*phrases.kinds}
    return phrases, kinds


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
