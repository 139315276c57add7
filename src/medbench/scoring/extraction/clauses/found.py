"""Findings of a clause: present, unless what stands before them says otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.clauses.naming import names
from medbench.scoring.extraction.drafts.draft import Draft
from medbench.scoring.extraction.phrases.kinds import ATTRIBUTES
from medbench.scoring.extraction.phrases.neighbours import FAR
from medbench.scoring.extraction.vocabulary.kin import KEPT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.scoring.extraction.clauses.clause import Clause
    from medbench.scoring.extraction.observed import Presence
    from medbench.scoring.extraction.phrases.phrases import Phrases
    from medbench.scoring.extraction.vocabulary.entries import Concept

_GENERAL: Final = frozenset({"mass", "lesion", "nodule"})
"""Words that may only close the name of a finding: 'cystic mass'."""
_OF_A_THING: Final = frozenset({"of", "in", "within", "inside"})
_INSIDE: Final = frozenset({"within", "inside"})
"""Words behind which 'the' thing is there, whatever is denied of it: 'no fat within the mass'."""
_NEXT_TO: Final = frozenset({"near", "adjacent", "next", "close"})
_DESCRIBED: Final = ATTRIBUTES | {"finding", "describing"}
"""Kinds of what may stand between a preposition and the finding that it leads to."""


def on_finding(clause: Clause, index: int) -> None:
    """A finding: present unless a cue says otherwise."""
    find(clause, clause.values[index], index)


def find(clause: Clause, concept: Concept, index: int) -> None:
    """Add a finding: present unless a cue before it says otherwise."""
    start, end = clause.starts[index], clause.ends[index]
    if concept.name in _GENERAL and clause.findings and _is_closed(clause.findings[-1], start):
        clause.findings[-1].end = end
        return
    presence: Presence = "present"
    trait_denied = False
    if clause.negated and (joint := _presupposing(clause.phrases, index)):
        trait_denied = True
        # 'No fat within the mass or calcification' goes on to deny.
        clause.negated = _denies_on(clause.phrases, joint)
        clause.attributes = [at for at in clause.attributes if not clause.negated_at < at < joint]
    if (clause.negated and not trait_denied) or start <= clause.not_until:
        presence = "absent"
    elif start <= clause.past_until and concept.kin not in KEPT:
        presence = "past"
    elif clause.unsure and not _is_near(clause.phrases, index):
        presence = "uncertain"
    draft = Draft(concept, index, start, end, presence)
    if clause.kinds[index - 1] == "," and names(clause.phrases, clause.findings, draft):
        return
    clause.used = True
    draft.dropped = clause.skipped or start > clause.parted_from
    clause.statement.append(draft)
    clause.doubtable.append(draft)
    clause.findings.append(draft)
    clause.free.clear()


def on_denied(clause: Clause, index: int) -> None:
    """'Noncalcified': a finding that its prefix denies."""
    on_finding(clause, index)
    clause.findings[-1].presence = "absent"


def on_free(clause: Clause, index: int) -> None:
    """'Stone-free': the finding right before it."""
    if clause.findings and clause.findings[-1].end == clause.starts[index]:
        clause.findings[-1].presence = "absent"


def on_protocol(clause: Clause, index: int) -> None:
    """'Pulmonary embolism protocol': what is right before it is looked for."""
    for draft in _ending_at(clause.findings, clause.starts[index]):
        draft.dropped = True


def _is_closed(draft: Draft, start: int) -> bool:
    """True if a general word at a token only closes the finding before: 'cystic tumor'."""
    return draft.end == start and draft.concept.kin in {"lesion", "bone lesion"}


def _presupposing(phrases: Phrases, index: int) -> int:
    """Return what leads to a finding of which a trait alone is denied: 'no gas within the large abscess'.

    0 where nothing does.
    """
    joint = _joint(phrases, index, _OF_A_THING)
    if not joint:
        return 0
    if phrases.values[joint].word in _INSIDE and _is_definite(phrases, joint):
        return joint
    trait_ends = phrases.kinds[joint - 1] == "finding" and phrases.ends[joint - 1] == phrases.starts[joint]
    return joint if trait_ends and phrases.starts[joint + 1] - phrases.ends[joint] == 1 else 0


def _denies_on(phrases: Phrases, joint: int) -> bool:
    """True if what is denied before a preposition is no finding that was met: then the denial goes on."""
    return phrases.kinds[joint - 1] != "finding" or phrases.ends[joint - 1] != phrases.starts[joint]


def _is_definite(phrases: Phrases, joint: int) -> bool:
    """True if 'the' or 'this' stands behind a preposition."""
    return phrases.tokens[phrases.ends[joint]] in {"the", "this", "these"}


def _is_near(phrases: Phrases, index: int) -> bool:
    """True for a finding that is only a landmark: 'there may be edema near the fracture'."""
    joint = _joint(phrases, index, _NEXT_TO)
    return joint > 0 and phrases.starts[joint + 1] - phrases.ends[joint] <= FAR


def _joint(phrases: Phrases, index: int, words: frozenset[str]) -> int:
    """Return the preposition, one of some words, that leads to a finding or its attributes; 0 without one."""
    joint, kinds = index - 1, phrases.kinds
    while kinds[joint] in _DESCRIBED and phrases.starts[joint + 1] - phrases.ends[joint] <= 1:
        joint -= 1  # 'Near the large enhancing mass'.
    return joint if kinds[joint] == "in" and phrases.values[joint].word in words else 0


def _ending_at(findings: Sequence[Draft], end: int) -> Iterator[Draft]:
    """Yield the findings that stand right before a token, the last first, with 'and' between them at most."""
    for draft in reversed(findings):
        if draft.end < end - 1:
            break
        yield draft
        end = draft.start
