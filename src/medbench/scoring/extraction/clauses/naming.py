"""What a finding can be: the name behind 'consistent with', and how far a doubt reaches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.clauses.nearby import KEPT
from medbench.scoring.extraction.drafts.draft import (
    CHANGES,
    DEGREES,
    NORMAL,
    NUMBERS,
    PLACED,
    SIDES,
    TRAITS,
)
from medbench.scoring.extraction.phrases.phrases import END

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.scoring.extraction.drafts.draft import Draft, Sentence
    from medbench.scoring.extraction.observed import Presence
    from medbench.scoring.extraction.phrases.phrases import Phrases
    from medbench.scoring.extraction.vocabulary.vocabulary import Concept

AFTER: Final[dict[str, Presence]] = {
    "absent-after": "absent", "one-view": "absent", "past-after": "past", "uncertain-after": "uncertain"
}  # fmt: skip
"""Kinds of cue behind their findings, to what they say of these."""
OF_SENTENCE: Final = {
    "aside": "aside", "setting": "conditional", "signs-of": "signs", "teaching": "teaching",
    "uncertain-of": "differing",
}  # fmt: skip
"""Kinds of cue that hold for a sentence, to what of it they make true."""
_NAMELESS: Final = frozenset({"lesion", "collection"})
"""Kin of general words that can have a name of any kin: 'collections consistent with lipomas'."""
_SEEN_IN: Final = frozenset(
    {"flow void", "iron deposition", "feeding vessel", "calcification", "gas", "fluid", "air fluid level"}
)
"""Names of what is seen within a lesion: 'a lesion with areas of low signal consistent with flow voids'."""
_SHADOW: Final = ("lung opacity", "lesion")
"""Kin of an opacity, and of what it can be called: 'an opacity consistent with a mass'."""

NAMING: Final = frozenset(
    {"consistent", "compatible", "in", "representing", "c", "diagnostic", "indicating", "denoting",
     "signifying", "corresponding", "corresponds", "pointing"}
)  # fmt: skip
"""First words of what only names the finding before: 'consistent with', 'in keeping with'."""
RELATIVE: Final = frozenset({"which", "that"})
_COULD: Final = frozenset({"could", "would", "may", "might", "can"})
_MODAL: Final = frozenset({"might", "could", "may", "suggest", "suggests"})
_WITHIN: Final = frozenset({"in", "within", "at", "along", "near", "from", "overlying"})
_CAUSE: Final = "uncertain-cause"
_CAUSED: Final = frozenset(
    {"due", "secondary", "related", "associated", "consistent", "compatible", "representing", "reflecting"}
)
_HAVING: Final = frozenset({"has", "have", "had"})
_OF_NAMES: Final = frozenset(
    {"of", "for", "suggesting", "represent", "representing", "reflect", "reflecting"}
)
"""Last words of doubts that a name follows, known or not."""
_MAY: Final = frozenset({"may", "might", "could", "perhaps", "most"})
_LISTED: Final = frozenset({"finding", ",", "in", "describing", *PLACED, *DEGREES, *NUMBERS, *CHANGES})
"""Kinds that stand between a doubt and the last of its alternatives."""
_SIDE_ALONE: Final = SIDES | {"in", ","}
_CONCEDING: Final = frozenset({"while", "although", "though", "despite", "whereas"})
_TOLD: Final = (_LISTED | {"size"}) - {",", "in"}
"""Kinds of what 'is' stands before where it tells what signs are."""
_SEEN: Final = frozenset({"identified", "noted", "seen", "demonstrated", "visualized"})
_USUAL: Final = frozenset({"normal", "within", "nl", "wnl", "unremarkable", "neg", "negative", "appear"})
"""First words of cues that say of a finding that it is none."""
_TESTS: Final = frozenset(
    {"screen", "test", "workup", "study", "scan", "exam", "examination", "evaluation", "assessment", "survey"}
)
"""Words that may stand between what is looked for and what came of it: 'thrombosis screen negative'."""
_LOOKING: Final = frozenset({"for", "of"})
"""Last words of what leads to what is looked for."""
_NEAR: Final = 3
"""Most words from a verb to what it tells."""
_FAR: Final = 6
"""Most words between a preposition and its place."""


def gives_name(sentence: Sentence, specific: Draft) -> bool:
    """Give the general word before a name that name; return False where there is none for it."""
    general = sentence.thing_named(specific.concept.kin)
    if general is None or specific.presence != "present" or general.presence != "present":
        return False
    if specific.concept.kin == "hemorrhage" and _describes(sentence.drafts[-1], general):
        # 'A lesion with central high attenuation consistent with hemorrhage'.
        return False
    known = general.concept
    if not _can_be(known, specific.concept):
        return False
    general.concept = specific.concept
    general.names_the_last = True
    # A 'liver lesion' that is a metastasis is one of the liver.
    if known.place and not general.places:
        general.places = (known.place,)
    return True


def doubt_names(drafts: Sequence[Draft]) -> None:
    """Make unsure what a sentence calls its findings, or these where it calls them nothing."""
    first = next((at for at, draft in enumerate(drafts) if draft.names_the_last), 0)
    for draft in drafts[first:]:
        if draft.presence == "present":
            draft.presence = "uncertain"


def doubted(drafts: list[Draft], late: list[Draft]) -> list[Draft]:
    """Return which findings a doubt behind them is of: the late ones, and of these what is not denied.

    'Edema, and a fracture cannot be excluded' doubts the fracture alone.
    """
    drafts = [draft for draft in drafts if draft in late] or drafts
    return [draft for draft in drafts if draft.presence == "present"] or drafts


def names(phrases: Phrases, findings: list[Draft], specific: Draft) -> bool:
    """Give the one general word before a comma the name that ends the sentence: 'a mass, angiomyolipoma'."""
    at = specific.at
    alone = phrases.kinds[at + 1] == END and phrases.starts[at + 1] == specific.end
    if not alone or phrases.ends[at - 1] != specific.start:
        return False
    sure = specific.presence == "present" and all(one.presence == "present" for one in findings)
    if len(findings) != 1 or not sure or not specific.concept.is_disease:
        return False
    general = findings[0]
    if general.concept.kin != specific.concept.kin or not general.concept.is_general:
        return False
    if general.concept.place and not general.places:
        general.places = (general.concept.place,)
    general.concept = specific.concept
    general.names_the_last = True
    return True


def _describes(last: Draft, general: Draft) -> bool:
    """True if the last finding before the name is a trait behind the thing, rather than the thing."""
    return last is not general and last.start > general.start and last.concept.kin in TRAITS


def _can_be(known: Concept, specific: Concept) -> bool:
    if known.kin == specific.kin != "" and (known.is_general or not known.place):
        return True
    nameless = known.kin in _NAMELESS or (known.kin, specific.kin) == _SHADOW
    return known.is_general and nameless and specific.kin not in TRAITS and specific.name not in _SEEN_IN


def is_alternative(phrases: Phrases, index: int) -> bool:
    """Return True for the doubt of an alternative behind 'or': 'or less likely, a cyst'."""
    joint = phrases.kinds[index - 1] == "and" and phrases.values[index - 1].word == "or"
    return joint and phrases.starts[index] - phrases.ends[index - 1] <= 1 and phrases.kinds[index + 1] == ","


def leaves_open(phrases: Phrases, index: int) -> bool:
    """Return True for an 'or' between two findings."""
    one, other = index - 1, index + 1
    both = phrases.kinds[one] == phrases.kinds[other] == "finding"
    return phrases.values[index].word == "or" and both and phrases.values[one] is not phrases.values[other]


def is_of_place(phrases: Phrases, index: int) -> bool:
    """Return True for a doubt about where alone: 'a nodule, likely in the lingula'."""
    joint = index + 1
    if phrases.kinds[joint] != "in" or phrases.starts[joint] != phrases.ends[index]:
        return False
    at = joint + 1
    while phrases.kinds[at] in SIDES or phrases.kinds[at] == "in":
        at += 1
    near = phrases.starts[at] - phrases.ends[joint] <= _FAR
    return phrases.kinds[at] == "place" and near and phrases.values[joint].word in _WITHIN


def is_perfect(phrases: Phrases, index: int, told: Sequence[Draft]) -> bool:
    """Return True for what is over, whatever follows: 'the edema has resolved two years later'."""
    at = index - 1
    has = bool(told) and phrases.kinds[at] == "verb" and phrases.values[at].word in _HAVING
    return has and phrases.starts[index] - phrases.ends[at] <= 1


def says_of_what(phrases: Phrases, index: int) -> bool:
    """Return True for a doubt about a cause, 'possibly from pleuritis', or a name, 'suggestive of X'."""
    if phrases.kinds[index] == _CAUSE:
        return True
    end = phrases.ends[index]
    if phrases.tokens[end - 1] in _OF_NAMES and phrases.starts[index + 1] > end:
        return True
    return phrases.kinds[index + 1] == "in" and phrases.values[index + 1].word == "from"


def leads_on(phrases: Phrases, index: int) -> bool:
    """Return True for a doubt about what stands behind a break: 'may be changes due to edema'."""
    if phrases.kinds[index + 1] != "break" or phrases.values[index + 1].word not in _CAUSED:
        return False
    word = phrases.values[index].word
    apart = phrases.starts[index + 1] > phrases.ends[index]
    return apart or word in _MAY or word.endswith("ly")


def opens_list(phrases: Phrases, index: int) -> bool:
    """Return True for a comma between alternatives: 'possibly a cyst, scarring, or pneumonia'."""
    at, named = index + 1, False
    while phrases.kinds[at] in _LISTED:
        named |= phrases.kinds[at] == "finding"
        at += 1
    ends = phrases.kinds[at] == "and" and phrases.values[at].word == "or"
    return ends and (named or phrases.kinds[at + 1] in _LISTED)


def is_attributive(phrases: Phrases, index: int) -> bool:
    """Return True for a participle behind 'or' that goes on with a list: 'no nodule or identified mass'."""
    if phrases.kinds[index + 1] != "finding" or phrases.kinds[index - 1] != "and":
        return False
    touches = phrases.ends[index - 1] == phrases.starts[index]
    return touches and phrases.values[index - 1].word == "or" and phrases.values[index].word in _SEEN


def is_denied_by_normal(phrases: Phrases, index: int) -> bool:
    """Return True for a 'normal' that denies what precedes it: 'interstitial markings are normal'."""
    kinds, starts, ends = phrases.kinds, phrases.starts, phrases.ends
    word, at = phrases.values[index].word, index - 1
    if kinds[at] == "verb" and starts[index] == ends[at]:
        at -= 1
    elif word != "appear" and not _is_test(phrases, at):
        return False
    touches = kinds[at] == "finding" and (starts[at + 1] == ends[at] or _is_test(phrases, at))
    return touches and word in _USUAL and phrases.values[at].kin not in KEPT


def _is_test(phrases: Phrases, at: int) -> bool:
    """True if a finding is what the one word behind it looks for."""
    end = phrases.ends[at]
    return phrases.starts[at + 1] == end + 1 and phrases.tokens[end] in _TESTS


def answers(phrases: Phrases, index: int, looked_for: Sequence[Draft]) -> bool:
    """Take up what was looked for if a word says what came of it: 'the test for thrombosis is negative'.

    Args:
        phrases: Those of the sentence.
        index: Number of that word.
        looked_for: The findings before it.
    """
    if not looked_for or not looked_for[-1].dropped:
        return False
    last, kinds = looked_for[-1], phrases.kinds
    before = index - 1 if kinds[index - 1] == "verb" else index
    cue = looked_for[0].at - 1
    while kinds[cue] in PLACED or kinds[cue] in DEGREES or kinds[cue] in CHANGES:
        cue -= 1
    if kinds[before - 1] in SIDES:
        before -= 1
    touches = phrases.starts[before] - last.end <= 1
    if not touches or kinds[cue] != "no-claim" or phrases.tokens[phrases.ends[cue] - 1] not in _LOOKING:
        return False
    for draft in looked_for:
        draft.dropped = False
    return True


def is_denied(told: Sequence[Draft], modal: str) -> bool:
    """Return True if 'could explain' only says what a thing that is denied before it would mean."""
    return bool(told) and modal in _COULD and told[-1].presence == "absent"


def is_denied_remark(sentence: Sentence, index: int) -> bool:
    """Return True if 'which' leads to what something would mean that is denied before it.

    'No air-fluid level, which would suggest an abscess', 'no oedema that might indicate a strain'. Behind a
    comma, 'which may suggest' is what its absence means.

    Args:
        sentence: It, as far as it was read.
        index: Number of the phrase that parts its clauses.
    """
    phrases, drafts = sentence.phrases, sentence.drafts
    if phrases.kinds[index + 1] != "uncertain-before":
        return False
    if phrases.starts[index + 1] - phrases.ends[index] > 1:
        return False
    modal = phrases.values[index + 1].word
    denied = bool(drafts) and drafts[-1].presence == "absent" and drafts[-1].concept is not NORMAL
    return denied and (modal == "would" or (modal in _MODAL and phrases.kinds[index - 1] != ","))


def tells_what(phrases: Phrases, index: int) -> bool:
    """Return True if a verb tells what something is: 'include', and 'is' or 'are' before a finding."""
    if phrases.kinds[index] == "include":
        return True
    near = phrases.starts[index + 1] - phrases.ends[index] <= _NEAR
    return near and phrases.values[index].word in {"is", "are"} and phrases.kinds[index + 1] in _TOLD


def after_side(phrases: Phrases, index: int) -> bool:
    """Return True for 'there is' behind nothing but a side: 'on the right there is a mass'."""
    return phrases.values[index].word == "there" and _SIDE_ALONE.issuperset(phrases.kinds[1:index])


def concedes(phrases: Phrases, index: int) -> bool:
    """Return True for the last comma of 'although there is no fracture or effusion, the disc bulges'."""
    begins = phrases.kinds[1] == "break" and phrases.values[1].word in _CONCEDING
    return begins and "," not in phrases.kinds[index + 1 :]


def ending_at(findings: Sequence[Draft], end: int) -> Iterator[Draft]:
    """Yield the findings that stand right before a token, the last first, with 'and' between them at most."""
    for draft in reversed(findings):
        if draft.end < end - 1:
            break
        yield draft
        end = draft.start
