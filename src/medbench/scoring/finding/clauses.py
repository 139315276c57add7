"""Reads one sentence: its clauses, which cue acts on which finding, and what each finding becomes.

'No' acts on what follows, 'is not seen' on what precedes it in its statement, 'possible' up to the next
statement, 'normal' on a place. `attributes.py` says to which finding a place, side or size belongs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from medbench.scoring.finding.attributes import attach, carry, sides_of_places
from medbench.scoring.finding.drafts import ATTRIBUTES, IMAGES, NORMAL, SIDES, WHOLE, Draft
from medbench.scoring.finding.observed import Finding
from medbench.scoring.finding.places import VAGUE, belongs, composed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medbench.scoring.finding.observed import Item, Presence, Side
    from medbench.scoring.finding.vocabulary import Concept, Cue, Place

_LEANS_BACK = frozenset({"is", "are", "not", "cannot", "difficult", "would", "should", "be", "incompletely"})
"""First words of a disclaimer that speaks of what precedes it: 'is recommended', 'cannot be assessed'."""
_NAMES = frozenset({"consistent", "compatible", "in", "representing"})
"""First words of what only names the finding before: 'consistent with', 'in keeping with'."""
_KEPT = frozenset({"postoperative", "implant", "line", "enteric tube", "airway tube", "drain"})
"""Kin that are there although, or because, they are 'status post'."""
_GENERAL = frozenset({"mass", "lesion", "nodule"})
_BETWEEN = frozenset({",", "and", "in", *SIDES})
_AFTER: dict[str, Presence] = {
    "absent-after": "absent",
    "past-after": "past",
    "uncertain-after": "uncertain",
}
_NOT_REACH, _PAST_REACH = 2, 4
"""How many words behind them 'not' and 'old' act on."""


def read_sentence(items: Sequence[Item], tokens: Sequence[str]) -> tuple[list[Finding], float | None]:
    """The findings of a sentence, and a size that belongs to none of them."""
    sentence = _Sentence(items)
    start = 0
    names_the_last = False
    for index, item in enumerate(items):
        if item.kind == "break":
            _Clause(sentence, range(start, index), names_the_last=names_the_last).read()
            start = index + 1
            names_the_last = cast("Cue", item.value).word in _NAMES
    _Clause(sentence, range(start, len(items)), names_the_last=names_the_last).read()
    subject = subject_of(items)
    found: list[Finding] = []
    for draft in sentence.drafts:
        if draft.dropped:
            continue
        own = subject
        if not own[0] and found and not draft.concept.place and draft.concept is not NORMAL:
            own = (found[-1].places, found[-1].side)
        found.append(_finished(draft, tokens, own))
    return found, sentence.loose


def subject_of(items: Sequence[Item]) -> tuple[tuple[str, ...], str]:
    """The place that a sentence starts with, before any finding, and its side."""
    side = ""
    for item in items:
        if item.kind == "finding":
            break
        if item.kind in SIDES:
            side = item.kind
        elif item.kind == "place" and cast("Place", item.value).path not in {IMAGES, WHOLE}:
            place = cast("Place", item.value)
            return (place.path,), place.side or side
    return (), ""


def _finished(draft: Draft, tokens: Sequence[str], subject: tuple[tuple[str, ...], str]) -> Finding:
    """The finding of a draft, with the sentence's subject where it has no place of its own."""
    concept, places, side = draft.concept, tuple(draft.places), draft.side
    if len(places) > 1:
        places = tuple(path for path in places if path not in VAGUE) or places[:1]
    inherits = not places and bool(subject[0]) and belongs(concept, subject[0][0])
    particular = composed(concept, subject[0] if inherits else places)
    if inherits and belongs(particular, subject[0][0]):
        places = subject[0]
        side = side or cast("Side", subject[1])
    return Finding(
        particular,
        draft.presence,
        side,
        places,
        draft.size,
        draft.severity,
        draft.number,
        draft.change,
        draft.sequence,
        draft.words or " ".join(tokens[draft.start : draft.end]),
    )


class _Sentence:
    """What the clauses of one sentence share."""

    __slots__ = ("before", "drafts", "items", "loose", "sides")

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.sides = sides_of_places(items)
        self.drafts: list[Draft] = []
        self.loose: float | None = None
        self.before: list[Draft] = []
        """The findings of the last statement that had any."""

    def thing(self) -> Draft | None:
        """The last finding so far that can have a size."""
        return next((draft for draft in reversed(self.drafts) if draft.is_thing), None)


class _Clause:
    """Goes through one clause from left to right."""

    __slots__ = (
        "attributes",
        "doubtable",
        "found",
        "free",
        "group",
        "indices",
        "items",
        "names_the_last",
        "negated",
        "normal_said",
        "not_until",
        "past_until",
        "sentence",
        "skipped",
        "unsure",
        "used",
    )

    def __init__(self, sentence: _Sentence, indices: range, *, names_the_last: bool) -> None:
        self.sentence, self.items, self.indices = sentence, sentence.items, indices
        self.names_the_last = names_the_last
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

    def read(self) -> None:
        """Read the clause into the sentence's drafts."""
        handlers = _HANDLERS
        for index in self.indices:
            item = self.items[index]
            handler = handlers.get(item.kind)
            if handler is not None:
                handler(self, index, item)
        if self.names_the_last and self.found and self._named(self.found[0]):
            del self.found[0]
        self._attach()
        self.sentence.before = self.group or self.sentence.before
        self.sentence.drafts += self.found

    def _attach(self) -> None:
        sentence = self.sentence
        spoken = [draft for draft in self.found if draft.concept is not NORMAL]
        if spoken:
            attach(self.items, self.attributes, sentence.sides, spoken, sentence.thing())
            return
        last = sentence.drafts[-1] if sentence.drafts else None
        if last is not None and last.concept is not NORMAL and not self.normal_said:
            carry(self.items, self.attributes, sentence.sides, last)
            return
        sizes = [self.items[index] for index in self.attributes if self.items[index].kind == "size"]
        if sizes:
            sentence.loose = cast("float", sizes[-1].value)

    def on_finding(self, _index: int, item: Item) -> None:
        """A finding: present unless a cue says otherwise."""
        concept = cast("Concept", item.value)
        if self.found and _closes(self.found[-1], concept, item.start):
            self.found[-1].end = item.end
            return
        draft = Draft(concept, item.start, item.end)
        if self.negated or item.start <= self.not_until:
            draft.presence = "absent"
        elif item.start <= self.past_until and concept.kin not in _KEPT:
            draft.presence = "past"
        elif self.unsure:
            draft.presence = "uncertain"
        self.used = True
        draft.dropped = self.skipped
        self.group.append(draft)
        self.doubtable.append(draft)
        self.found.append(draft)
        self.free.clear()

    def on_place(self, index: int, item: Item) -> None:
        """A place: of the nearest finding, or of 'normal'; the study as a whole is no finding's."""
        path = cast("Place", item.value).path
        if self._compares(index):
            return
        if path != IMAGES:
            self.free.append(index)
        if path not in {IMAGES, WHOLE}:
            self.attributes.append(index)

    def _compares(self, index: int) -> bool:
        """Whether a place is only what a signal or density is compared with: 'isointense to muscle'."""
        if not index or not self.found or self.found[-1].concept.kin not in {"signal", "density"}:
            return False
        before = self.items[index - 1]
        return before.kind == "in" and cast("Cue", before.value).word in {"to", "relative", "compared"}

    def on_attribute(self, index: int, _item: Item) -> None:
        """Whatever else belongs to the nearest finding."""
        self.attributes.append(index)

    def on_verb(self, _index: int, _item: Item) -> None:
        """A verb: what precedes it is a statement of its own, and what negates or doubts it has been used."""
        if self.group:
            self.sentence.before, self.group = self.group, []
        if self.used:
            self.negated = self.unsure = False
        self.skipped = False

    def on_mark(self, _index: int, _item: Item) -> None:
        """A comma or colon ends a doubt, and the reach of one that follows."""
        self.doubtable = []
        self.unsure = False

    def on_and(self, _index: int, _item: Item) -> None:
        """'And' ends the reach of 'old'."""
        self.past_until = -1

    def on_absent_before(self, _index: int, _item: Item) -> None:
        """'No': to the end of the clause, or to the verb behind its findings."""
        self.negated, self.used = True, False

    def on_not(self, _index: int, item: Item) -> None:
        """'Not': the next words."""
        self.not_until = item.end + _NOT_REACH

    def on_non(self, _index: int, item: Item) -> None:
        """'Non-enhancing': the next word."""
        self.not_until = item.end

    def on_past_before(self, _index: int, item: Item) -> None:
        """'Old': the next words."""
        self.past_until = item.end + _PAST_REACH

    def on_uncertain_before(self, index: int, _item: Item) -> None:
        """'Possible': what follows; at the end of its statement, 'carcinoma suspected', what precedes."""
        following = self.items[index + 1].kind if index + 1 < self.indices.stop else ":"
        if following in {",", ":", ")"}:
            self._look_back("uncertain")
        else:
            self.unsure, self.used = True, False

    def on_after(self, _index: int, item: Item) -> None:
        """'Is not seen', 'has resolved', 'cannot be excluded': what precedes."""
        self._look_back(_AFTER[item.kind])

    def on_versus(self, _index: int, _item: Item) -> None:
        """'Versus': both sides are unsure."""
        for draft in (self.group or self.sentence.before)[-1:]:
            if draft.presence == "present":
                draft.presence = "uncertain"
        self.unsure, self.used = True, False

    def on_no_claim(self, _index: int, item: Item) -> None:
        """'Evaluate for', 'is recommended': nothing is said of the image."""
        self.skipped = True
        if cast("Cue", item.value).word in _LEANS_BACK:
            for draft in self.group or self.sentence.before:
                draft.dropped = True

    def on_normal(self, index: int, item: Item) -> None:
        """'Normal': the places before it, the places right after it, or the finding right after it."""
        if item.start <= self.not_until or (index and self.items[index - 1].kind == "absent-before"):
            return
        self.normal_said = True
        if index + 1 < self.indices.stop and self.items[index + 1].kind == "in":
            # 'Normal in size and density' denies what it lists.
            self.negated, self.used = True, False
        places, negates = self._following(index)
        if negates and cast("Cue", item.value).word == "normal":
            self.not_until = item.end + _NOT_REACH
            return
        for place in places or list(self.free):
            self.attributes = [kept for kept in self.attributes if kept != place]
            draft = Draft(NORMAL, item.start, item.end, "absent")
            draft.take(self.items[place], self.sentence.sides.get(place, ""))
            draft.words = "normal"
            self.found.append(draft)
        self.free.clear()

    def _following(self, index: int) -> tuple[list[int], bool]:
        """The places that an adjective 'normal' stands before, and whether it stands before a finding."""
        places: list[int] = []
        end = self.items[index].end
        for at in range(index + 1, self.indices.stop):
            item = self.items[at]
            if not places and (item.start - end > 3 or item.kind in {",", "and"}):
                break
            if item.kind == "finding":
                return places, not places and item.start - end <= 2
            if item.kind == "place":
                places.append(at)
            elif item.kind not in _BETWEEN:
                break
        return places, False

    def _look_back(self, presence: Presence) -> None:
        drafts = self.group or self.sentence.before
        if presence == "uncertain":
            # 'Edema, and a fracture cannot be excluded' doubts the fracture alone.
            late = [draft for draft in drafts if draft in self.doubtable]
            drafts = [draft for draft in late or drafts if draft.presence == "present"]
        for draft in drafts:
            draft.presence = presence

    def _named(self, specific: Draft) -> bool:
        """Give the last finding, if it is a general word of the same kin, its specific name."""
        general = self.sentence.thing()
        if general is None or specific.presence != "present" or general.presence != "present":
            return False
        named = general.concept.kin == specific.concept.kin != "" and not general.concept.place
        if named:
            general.concept = specific.concept
        return named


def _closes(before: Draft, concept: Concept, start: int) -> bool:
    """Whether a general word only closes the finding before it: 'cystic tumor', 'metastatic lesion'."""
    return (
        concept.name in _GENERAL and before.end == start and before.concept.kin in {"lesion", "bone lesion"}
    )


_HANDLERS: dict[str, Callable[[_Clause, int, Item], None]] = {
    **dict.fromkeys(ATTRIBUTES, _Clause.on_attribute),
    **dict.fromkeys(_AFTER, _Clause.on_after),
    ",": _Clause.on_mark,
    ":": _Clause.on_mark,
    "and": _Clause.on_and,
    "finding": _Clause.on_finding,
    "place": _Clause.on_place,
    "verb": _Clause.on_verb,
    "absent-before": _Clause.on_absent_before,
    "non": _Clause.on_non,
    "not": _Clause.on_not,
    "past-before": _Clause.on_past_before,
    "uncertain-before": _Clause.on_uncertain_before,
    "versus": _Clause.on_versus,
    "no-claim": _Clause.on_no_claim,
    "normal": _Clause.on_normal,
}
