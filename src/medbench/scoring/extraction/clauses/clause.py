"""Reads a clause from left to right: each cue acts on its findings.

'No' acts on what follows, 'is not seen' on what precedes it, 'possible' up to the next statement, 'normal' on
a place. `attributes/giving.py` says to which finding a place, side or size belongs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.attributes.giving import give_away, is_of_another, widened
from medbench.scoring.extraction.clauses import naming, nearby
from medbench.scoring.extraction.drafts.draft import ATTRIBUTES, IMAGES, PLACED, SIDES, WHOLE, Draft
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.scoring.extraction.drafts.draft import Sentence
    from medbench.scoring.extraction.observed import Presence
    from medbench.scoring.extraction.vocabulary.vocabulary import Concept, Place

_NOT_REACH: Final = 2
_PAST_REACH: Final = 4
"""Number of words behind them that 'not' and 'old' act on."""


class Clause:
    """A clause while it is being read."""

    def __init__(self, sentence: Sentence, first: int, end: int) -> None:
        self.sentence = sentence
        self.phrases = phrases = sentence.phrases
        self.kinds, self.values = phrases.kinds, phrases.values
        self.starts, self.ends = phrases.starts, phrases.ends
        self.first, self.end = first, end
        """Numbers of the clause's first phrase and of the one behind its last."""
        self.negated = self.doubted = self.skipped = self.normal_said = False
        self.listing = sentence.listing
        self.unsure, sentence.unsure = sentence.unsure or sentence.listing, False
        self.used, self.negated_at = False, end
        """True once what negates or doubts has met a finding and a verb ends it; the phrase that negates."""
        self.not_from = self.not_until = self.past_until = -1
        """First and last token for 'not', and the last for 'old'."""
        self.findings: list[Draft] = []
        self.statement: list[Draft] = []
        """Findings since the last verb."""
        self.before = sentence.statement
        """Findings of the statement before."""
        self.doubtable: list[Draft] = []
        """Findings since the last comma."""
        self.attributes: list[int] = []
        """Numbers of the phrases that belong to a finding."""
        self.free: list[int] = []
        """Places since the last finding, of which 'normal' may speak."""
        self.scope: list[int] = []
        """Attributes of the images themselves: 'CT through the ankle shows'."""

    def read(self, *, names_the_last: bool) -> None:
        """Read the clause into its sentence.

        Args:
            names_the_last: True if 'consistent with' or the like stands before it.
        """
        for index, handler in enumerate(map(_HANDLERS.get, self.kinds[self.first : self.end]), self.first):
            if handler is not None:
                handler(self, index)
        if names_the_last and self.findings:
            if naming.gives_name(self.sentence, self.findings[0]):
                del self.findings[0]
            else:
                self.findings[0].names_the_last = True
        if self.negated and not self.used:
            # 'Without extension into the mediastinum' denies the place too.
            self.attributes = [at for at in self.attributes if at < self.negated_at]
        if self.attributes or self.scope:
            widely = widened(self.sentence, self.scope, self.attributes)
            give_away(self.sentence, widely, self.findings, normal_said=self.normal_said)
        self.sentence.statement = self.statement or self.before
        self.sentence.drafts += self.findings

    def on_finding(self, index: int) -> None:
        """A finding: present unless a cue says otherwise."""
        self._find(self.values[index], index)

    def _find(self, concept: Concept, index: int) -> None:
        start, end = self.starts[index], self.ends[index]
        if concept.name in nearby.GENERAL and self.findings and nearby.is_closed(self.findings[-1], start):
            self.findings[-1].end = end
            return
        presence: Presence = "present"
        if self.negated and nearby.is_presupposed(self.phrases, index):
            self.negated = False
        if self.negated or start <= self.not_until:
            presence = "absent"
        elif start <= self.past_until and concept.kin not in nearby.KEPT:
            presence = "past"
        elif self.unsure and not nearby.is_near(self.phrases, index):
            presence = "uncertain"
        draft = Draft(concept, index, start, end, presence)
        if self.kinds[index - 1] == "," and naming.names(self.phrases, self.findings, draft):
            return
        self.used = True
        draft.dropped = self.skipped
        for drafts in (self.statement, self.doubtable, self.findings):
            drafts.append(draft)
        self.free.clear()

    def on_denied(self, index: int) -> None:
        """'Noncalcified': a finding that its prefix denies."""
        self.on_finding(index)
        self.findings[-1].presence = "absent"

    def on_free(self, index: int) -> None:
        """'Stone-free': the finding right before it."""
        if self.findings and self.findings[-1].end == self.starts[index]:
            self.findings[-1].presence = "absent"

    def on_protocol(self, index: int) -> None:
        """'Pulmonary embolism protocol': what is right before it is looked for."""
        for draft in naming.ending_at(self.findings, self.starts[index]):
            draft.dropped = True

    def on_place(self, index: int) -> None:
        """A place: of the nearest finding, or of 'normal', which alone can speak of the study as a whole."""
        if nearby.is_compared(self.phrases, index, self.findings):
            return
        if self.starts[index] <= self.not_until and self._spared():
            return
        if self.kinds[index - 1] in nearby.DENYING and nearby.is_missing(self.phrases, index):
            self.negated = False
            self._find(vocabulary().concepts["absence"], index)
        place: Place = self.values[index]
        if place.path == IMAGES:
            self.sentence.images_said = True
        else:
            self.free.append(index)
        if place.path not in {IMAGES, WHOLE}:
            self.attributes.append(index)

    def on_attribute(self, index: int) -> None:
        """A side, size, degree, number, change or sequence: of the nearest finding."""
        kind = self.kinds[index]
        if kind == "severe" and nearby.is_prominent(self.phrases, index):
            self._find(vocabulary().concepts["enlargement"], index)
            return
        spared = kind in SIDES and self.starts[index] <= self.not_until and self._spared()
        if not spared and not is_of_another(self.phrases, index):
            self.attributes.append(index)

    def _spared(self) -> bool:
        """True if a side or place behind 'not' is only named to be denied."""
        return self.findings[-1].end <= self.not_from if self.findings else bool(self.before)

    def on_verb(self, index: int) -> None:
        """A verb ends a statement, and a negation or doubt that has met its finding."""
        if naming.is_attributive(self.phrases, index):
            return
        compared = self.negated and nearby.is_seen_in_disease(self.phrases, index)
        if self.sentence.images_said and not self.findings and not self.scope:
            self.scope, self.attributes = self.attributes, []
        if self.statement:
            self.before, self.statement = self.statement, []
            self.sentence.aside |= self.sentence.teaching and naming.tells_what(self.phrases, index)
        if self.used:
            self.negated = self.unsure = self.listing = self.doubted = False
        if self.values[index].word in nearby.SHOWING and self.kinds[index - 1] != "past-before":
            self.past_until = -1
        self.skipped = compared

    def on_include(self, index: int) -> None:
        """'Includes': a verb, behind which the list of a differential stands."""
        self.on_verb(index)
        self.sentence.aside |= self.sentence.signs
        if self.sentence.differing:
            self.on_uncertain_list(index)

    def on_mark(self, index: int) -> None:
        """A comma or colon ends a doubt, unless it is of a list, and what 'although there is no …' denies."""
        if self.unsure and self.used and naming.opens_list(self.phrases, index):
            return
        self.negated = self.negated and not (self.used and naming.concedes(self.phrases, index))
        self.doubtable = []
        self.doubted = self.unsure
        self.unsure = self.listing

    def on_namely(self, index: int) -> None:
        """'Specifically', 'such as': what follows is as sure as what it explains."""
        if self.unsure or self.doubted:
            self.on_uncertain_list(index)

    def on_medium(self, index: int) -> None:
        """'Oral contrast', 'due to intravenous contrast': that it is dense is no finding."""
        if self.findings and nearby.is_medium_of(self.phrases, index, self.findings[-1]):
            self.findings[-1].dropped = True

    def on_and(self, index: int) -> None:
        """'And' ends the reach of 'old'; 'or' between two findings doubts both."""
        self.past_until = -1
        if not self.negated and naming.leaves_open(self.phrases, index):
            self.on_versus(index)

    def on_absent_before(self, index: int) -> None:
        """'No': to the end of the clause, or to the verb behind its findings."""
        self.negated, self.used, self.negated_at = True, False, index

    def on_not(self, index: int) -> None:
        """'Not': the next words; at the end of the clause, 'the right is not', the side before it."""
        self.not_from, self.not_until = self.starts[index], self.ends[index] + _NOT_REACH
        if index + 1 == self.end and self.attributes and self.kinds[self.attributes[-1]] in PLACED:
            last = self.attributes.pop()
            self.free = [place for place in self.free if place != last]

    def on_non(self, index: int) -> None:
        """'Non-enhancing': the next word."""
        self.not_until = self.ends[index]

    def on_past_before(self, index: int) -> None:
        """'Old', 'resolved': the next words; 'has completely resolved', what precedes."""
        reach, following = index, index + 1
        plain = self.kinds[following] == "plain"
        if plain and self.starts[index + 2] == self.ends[following]:
            reach = following  # 'resolution of the previously noted effusion'
        elif self._closes(index) or plain or naming.is_perfect(self.phrases, index, self.before):
            if nearby.looks_back(self.phrases, index):
                self._look_back("past", last=nearby.is_set_apart(self.phrases, index))
            return
        self.past_until = self.ends[reach] + _PAST_REACH

    def on_absent(self, index: int) -> None:
        """'Absent': what precedes; at the beginning of its statement what follows."""
        if not self.statement and nearby.place_that_is_missing(self.phrases, index):
            self._find(vocabulary().concepts["absence"], index)
        elif self.kinds[index - 1] == "verb" or (
            self._closes(index) and self.starts[index + 1] == self.ends[index]
        ):
            self._look_back("absent")
        else:
            self.on_absent_before(index)

    def on_uncertain_before(self, index: int) -> None:
        """'Possible', '?': what follows; at the end of its statement, 'tumor suspected', what precedes."""
        if naming.is_alternative(self.phrases, index):
            self.on_uncertain_list(index)
        elif (self.statement or self.before) and naming.is_of_place(self.phrases, index):
            return
        elif naming.leads_on(self.phrases, index):
            self.sentence.unsure = True
        elif self._closes(index) and not naming.says_of_what(self.phrases, index):
            self._look_back("uncertain")
        else:
            self.unsure, self.used = True, False

    def on_uncertain_list(self, _index: int) -> None:
        """'The differential includes': all that follows."""
        self.unsure = self.listing = self.sentence.listing = True
        self.used = False

    def on_sentence(self, index: int) -> None:
        """'Indication:', 'in the right clinical setting', 'the differential for': it is of the sentence."""
        setattr(self.sentence, naming.OF_SENTENCE[self.kinds[index]], True)

    def on_after(self, index: int) -> None:
        """'Is not seen', 'has resolved', 'cannot be excluded': what precedes."""
        told = self.statement or self.before
        if not told and self.kinds[index] == "absent-after" and nearby.touches_finding(self.phrases, index):
            self.on_absent_before(index)  # 'The scan has not demonstrated a fracture'.
            return
        twice = told and self.kinds[told[-1].at - 1] == "verb" and nearby.is_joined(self.phrases, index)
        # 'The artery is occluded and not seen distally' speaks of it twice.
        if (
            not twice
            and not nearby.is_void(self.phrases, index)
            and not naming.is_denied(told, self.values[index].word)
        ):
            self._look_back(naming.AFTER[self.kinds[index]])

    def _closes(self, index: int) -> bool:
        """True if nothing that a cue can act on follows it in its statement."""
        told = self.statement or self.before
        return nearby.is_last(self.phrases, index, self.end, after_finding=bool(told))

    def on_versus(self, index: int) -> None:
        """'Versus': both sides are unsure; between two places it leaves open where, and not if."""
        if nearby.is_between_places(self.phrases, index) or "size" in self.kinds[index - 1 : index + 2]:
            return
        for draft in (self.statement or self.before)[-1:]:
            if draft.presence == "present":
                draft.presence = "uncertain"
        self.unsure, self.used = True, False

    def on_no_claim(self, index: int) -> None:
        """'Evaluate for', 'is recommended': the image itself isn't described."""
        self.skipped = True
        for draft in (self.statement or self.before) if self.values[index].word in nearby.LEANS_BACK else ():
            # 'Hypodensities, which should be evaluated' are seen all the same.
            draft.dropped = draft in self.findings

    def on_normal(self, index: int) -> None:
        """'Normal': the places before it, the places right after it, or the finding right after it."""
        start, end = self.starts[index], self.ends[index]
        if start <= self.not_until:
            self.not_until = -1  # 'Not normal' denies nothing else.
            return
        if self.kinds[index - 1] == "absent-before":
            return
        if naming.answers(self.phrases, index, self.statement or self.before):
            self._look_back("absent")  # 'The test for thrombosis is negative'.
            return
        self.normal_said = True
        if index + 1 < self.end and self.kinds[index + 1] == "in":
            self.negated, self.used = True, False  # 'normal in size' denies what it lists
        places, negates = nearby.places_after(self.phrases, index, self.end)
        if negates and self.values[index].word in {"normal", "negative"}:
            self.not_until = max(end + _NOT_REACH, nearby.end_of_traits(self.phrases, index))
            return
        if not places and self.findings and naming.is_denied_by_normal(self.phrases, index):
            self._look_back("absent", last=True)
        places = places or self.free
        self.attributes = [kept for kept in self.attributes if kept not in places]
        for place in places:
            side = self.sentence.sides.get(place, "")
            self.findings.append(Draft.normal(self.values[place], side, index, start, end))
        self.free.clear()

    def on_positive(self, index: int) -> None:
        """'Positive': there is what the test before it was for."""
        naming.answers(self.phrases, index, self.statement or self.before)

    def _look_back(self, presence: Presence, *, last: bool = False) -> None:
        drafts = (self.statement or self.before)[-1 if last else 0 :]
        for draft in naming.doubted(drafts, self.doubtable) if presence == "uncertain" else drafts:
            draft.presence = presence


_HANDLERS: Final[dict[str, Callable[[Clause, int], None]]] = {
    **dict.fromkeys(ATTRIBUTES, Clause.on_attribute),
    **dict.fromkeys(naming.AFTER, Clause.on_after),
    **dict.fromkeys(naming.OF_SENTENCE, Clause.on_sentence),
    **dict.fromkeys(("?", "uncertain-before", "uncertain-cause"), Clause.on_uncertain_before),
    **dict.fromkeys((",", ":"), Clause.on_mark),
    "and": Clause.on_and, "namely": Clause.on_namely, "medium": Clause.on_medium,
    "finding": Clause.on_finding, "denied": Clause.on_denied, "free": Clause.on_free,
    "place": Clause.on_place, "protocol": Clause.on_protocol, "verb": Clause.on_verb,
    "include": Clause.on_include, "absent-before": Clause.on_absent_before,
    "absent-either": Clause.on_absent, "non": Clause.on_non, "not": Clause.on_not,
    "past-before": Clause.on_past_before, "uncertain-list": Clause.on_uncertain_list,
    "versus": Clause.on_versus, "no-claim": Clause.on_no_claim, "normal": Clause.on_normal,
    "positive": Clause.on_positive,
}  # fmt: skip
