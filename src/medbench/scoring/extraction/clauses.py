"""Goes through the clauses of a sentence from left to right: which cue acts on which finding.

'No' acts on what follows, 'is not seen' on what precedes it in its statement, 'possible' up to the next
statement, 'normal' on a place. `attributes.py` says to which finding a place, side or size belongs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.scoring.extraction.attributes import attach, carry
from medbench.scoring.extraction.drafts import ATTRIBUTES, IMAGES, NORMAL, SIDES, WHOLE, Draft, Sentence
from medbench.scoring.extraction.phrases import last_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.scoring.extraction.observed import Presence
    from medbench.scoring.extraction.vocabulary import Concept, Cue, Place

_LEANS_BACK = frozenset({"is", "are", "not", "cannot", "difficult", "would", "should", "be", "incompletely"})
"""First words of a disclaimer that speaks of what precedes it: 'is recommended', 'cannot be assessed'."""
_KEPT = frozenset({"postoperative", "implant", "line", "enteric tube", "airway tube", "drain"})
"""Kin that are there although, or because, they are 'status post'."""
_GENERAL = frozenset({"mass", "lesion", "nodule"})
_COMPARING = frozenset({"to", "relative", "compared"})
_BETWEEN = frozenset({",", "and", "in", *SIDES})
_AFTER: dict[str, Presence] = {
    "absent-after": "absent",
    "past-after": "past",
    "uncertain-after": "uncertain",
}
_NOT_REACH, _PAST_REACH = 2, 4
"""How many words behind them 'not' and 'old' act on."""


class Clauses(Sentence):
    """Goes through the clauses of a sentence, one after the other, and reads them into its drafts."""

    __slots__ = (
        "attributes",
        "doubtable",
        "end",
        "found",
        "free",
        "group",
        "negated",
        "normal_said",
        "not_until",
        "past_until",
        "skipped",
        "unsure",
        "used",
    )

    def read(self, first: int, end: int, *, names_the_last: bool) -> None:
        """Read the next clause.

        Args:
            first: The clause's first phrase.
            end: The phrase behind its last.
            names_the_last: Whether 'consistent with' or the like stands before it.
        """
        self.end = end
        self.found: list[Draft] = []
        self.group: list[Draft] = []
        """Findings since the last verb."""
        self.doubtable: list[Draft] = []
        """Findings since the last comma."""
        self.attributes: list[int] = []
        self.free: list[int] = []
        """Places since the last finding, of which 'normal' may speak."""
        self.negated = self.unsure = self.skipped = self.normal_said = False
        self.used = False
        """Whether what negates or doubts has met a finding: then a verb ends it."""
        self.not_until = self.past_until = -1
        for index, handler in enumerate(map(_HANDLERS.get, self.said.kinds[first:end]), first):
            if handler is not None:
                handler(self, index)
        if names_the_last and self.found and self._named(self.found[0]):
            del self.found[0]
        if self.attributes:
            self._attach()
        self.before = self.group or self.before
        self.drafts += self.found

    def _attach(self) -> None:
        """Give the clause's attributes away: to its findings, else to the last one before."""
        spoken = self.found
        if self.normal_said:
            spoken = [draft for draft in spoken if draft.concept is not NORMAL]
        if spoken:
            attach(self, self.attributes, spoken)
            return
        last = self.drafts[-1] if self.drafts else None
        if last is not None and last.concept is not NORMAL and not self.normal_said:
            carry(self, self.attributes, last)
            return
        size = last_size(self.said, self.attributes)
        self.loose = self.loose if size is None else size

    def on_finding(self, index: int) -> None:
        """A finding: present unless a cue says otherwise."""
        concept: Concept = self.said.values[index]
        start, end = self.said.starts[index], self.said.ends[index]
        if concept.name in _GENERAL and self.found and _closes(self.found[-1], start):
            self.found[-1].end = end
            return
        presence: Presence = "present"
        if self.negated or start <= self.not_until:
            presence = "absent"
        elif start <= self.past_until and concept.kin not in _KEPT:
            presence = "past"
        elif self.unsure:
            presence = "uncertain"
        draft = Draft(concept, index, start, end, presence)
        self.used = True
        draft.dropped = self.skipped
        self.group.append(draft)
        self.doubtable.append(draft)
        self.found.append(draft)
        self.free.clear()

    def on_place(self, index: int) -> None:
        """A place: of the nearest finding, or of 'normal'; the study as a whole is no finding's."""
        if self.found and self._compares(index):
            return
        place: Place = self.said.values[index]
        path = place.path
        if path != IMAGES:
            self.free.append(index)
        if path not in {IMAGES, WHOLE}:
            self.attributes.append(index)

    def _compares(self, index: int) -> bool:
        """Whether a place is only what a signal or density is compared with: 'isointense to muscle'."""
        said = self.said
        if said.kinds[index - 1] != "in" or self.found[-1].concept.kin not in {"signal", "density"}:
            return False
        cue: Cue = said.values[index - 1]
        return cue.word in _COMPARING

    def on_attribute(self, index: int) -> None:
        """Whatever else belongs to the nearest finding."""
        self.attributes.append(index)

    def on_verb(self, _index: int) -> None:
        """A verb: what precedes it is a statement of its own, and what negates or doubts it has been used."""
        if self.group:
            self.before, self.group = self.group, []
        if self.used:
            self.negated = self.unsure = False
        self.skipped = False

    def on_mark(self, _index: int) -> None:
        """A comma or colon ends a doubt, and the reach of one that follows."""
        self.doubtable = []
        self.unsure = False

    def on_and(self, _index: int) -> None:
        """'And' ends the reach of 'old'."""
        self.past_until = -1

    def on_absent_before(self, _index: int) -> None:
        """'No': to the end of the clause, or to the verb behind its findings."""
        self.negated, self.used = True, False

    def on_not(self, index: int) -> None:
        """'Not': the next words."""
        self.not_until = self.said.ends[index] + _NOT_REACH

    def on_non(self, index: int) -> None:
        """'Non-enhancing': the next word."""
        self.not_until = self.said.ends[index]

    def on_past_before(self, index: int) -> None:
        """'Old': the next words."""
        self.past_until = self.said.ends[index] + _PAST_REACH

    def on_uncertain_before(self, index: int) -> None:
        """'Possible': what follows; at the end of its statement, 'carcinoma suspected', what precedes."""
        following = self.said.kinds[index + 1] if index + 1 < self.end else ":"
        if following in {",", ":", ")"}:
            self._look_back("uncertain")
        else:
            self.unsure, self.used = True, False

    def on_after(self, index: int) -> None:
        """'Is not seen', 'has resolved', 'cannot be excluded': what precedes."""
        self._look_back(_AFTER[self.said.kinds[index]])

    def on_versus(self, _index: int) -> None:
        """'Versus': both sides are unsure."""
        for draft in (self.group or self.before)[-1:]:
            if draft.presence == "present":
                draft.presence = "uncertain"
        self.unsure, self.used = True, False

    def on_no_claim(self, index: int) -> None:
        """'Evaluate for', 'is recommended': nothing is said of the image."""
        self.skipped = True
        cue: Cue = self.said.values[index]
        if cue.word in _LEANS_BACK:
            for draft in self.group or self.before:
                draft.dropped = True

    def on_normal(self, index: int) -> None:
        """'Normal': the places before it, the places right after it, or the finding right after it."""
        said = self.said
        if said.starts[index] <= self.not_until or said.kinds[index - 1] == "absent-before":
            return
        self.normal_said = True
        if index + 1 < self.end and said.kinds[index + 1] == "in":
            # 'Normal in size and density' denies what it lists.
            self.negated, self.used = True, False
        places, negates = self._following(index)
        if negates and said.values[index].word == "normal":
            self.not_until = self.said.ends[index] + _NOT_REACH
            return
        places = places or self.free
        if places:
            self.attributes = [kept for kept in self.attributes if kept not in places]
        for place in places:
            draft = Draft(NORMAL, index, said.starts[index], said.ends[index], "absent")
            draft.take("place", said.values[place], self.sides.get(place, ""))
            draft.words = "normal"
            self.found.append(draft)
        self.free.clear()

    def _following(self, index: int) -> tuple[list[int], bool]:
        """The places that an adjective 'normal' stands before, and whether it stands before a finding."""
        places: list[int] = []
        kinds, starts, end = self.said.kinds, self.said.starts, self.said.ends[index]
        for at in range(index + 1, self.end):
            kind = kinds[at]
            if not places and (starts[at] - end > 3 or kind in {",", "and"}):
                break
            if kind == "finding":
                return places, not places and starts[at] - end <= 2
            if kind == "place":
                places.append(at)
            elif kind not in _BETWEEN:
                break
        return places, False

    def _look_back(self, presence: Presence) -> None:
        drafts = self.group or self.before
        if presence == "uncertain":
            # 'Edema, and a fracture cannot be excluded' doubts the fracture alone.
            late = [draft for draft in drafts if draft in self.doubtable]
            drafts = [draft for draft in late or drafts if draft.presence == "present"]
        for draft in drafts:
            draft.presence = presence

    def _named(self, specific: Draft) -> bool:
        """Give the last finding, if it is a general word of the same kin, its specific name."""
        general = self.thing()
        if general is None or specific.presence != "present" or general.presence != "present":
            return False
        named = general.concept.kin == specific.concept.kin != "" and not general.concept.place
        if named:
            general.concept = specific.concept
        return named


def _closes(before: Draft, start: int) -> bool:
    """Whether a general word only closes the finding before it: 'cystic tumor', 'metastatic lesion'."""
    return before.end == start and before.concept.kin in {"lesion", "bone lesion"}


_HANDLERS: dict[str, Callable[[Clauses, int], None]] = {
    **dict.fromkeys(ATTRIBUTES, Clauses.on_attribute),
    **dict.fromkeys(_AFTER, Clauses.on_after),
    ",": Clauses.on_mark,
    ":": Clauses.on_mark,
    "and": Clauses.on_and,
    "finding": Clauses.on_finding,
    "place": Clauses.on_place,
    "verb": Clauses.on_verb,
    "absent-before": Clauses.on_absent_before,
    "non": Clauses.on_non,
    "not": Clauses.on_not,
    "past-before": Clauses.on_past_before,
    "uncertain-before": Clauses.on_uncertain_before,
    "versus": Clauses.on_versus,
    "no-claim": Clauses.on_no_claim,
    "normal": Clauses.on_normal,
}
