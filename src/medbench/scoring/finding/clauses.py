"""Reads one sentence: which cue acts on which finding, and which place, side, size and degree belongs to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from medbench.scoring.finding.observed import NORMAL, Finding, Item, Presence, Side
from medbench.scoring.finding.vocabulary import Concept, Cue, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.finding.vocabulary import Vocabulary

_DEGREES = {"mild": 1, "moderate": 2, "severe": 3}
_COUNTS = {"one": 1, "two": 2, "many": 3}
_CHANGES = frozenset({"new", "worse", "better", "same"})
_SIDES = frozenset({"left", "right", "both"})
_SEQUENCES = frozenset({"t1", "t2"})
_LEANS_BACK = frozenset({"is", "are", "not", "cannot", "difficult", "would", "should", "be", "incompletely"})
_KEPT = frozenset({"postoperative", "implant", "line", "enteric tube", "airway tube", "drain"})
"""Kin that are there although, or because, they are 'status post'."""
_VAGUE = frozenset({"whole", "chest", "abdomen", "pelvis", "bone", "joint", "vessel", "urinary", "muscle", "spine"})
"""Places that say nothing beside a narrower one."""
DESCRIPTORS = frozenset({"enhancement", "signal", "density", "degenerative"})
"""Kin that describe another finding: a size or a place in the same clause is rather that one's."""
_BESIDE = 4.0
_NEAR = 6
"""How far, in words and barriers, a degree, count or change may stand from its finding."""
_COMMA, _AND = 3.0, 2.0


class Draft:
    """A finding that is being read."""

    __slots__ = (
        "change", "concept", "count", "dropped", "end", "places", "presence", "sequence", "severity",
        "side", "size", "start", "words",
    )  # fmt: skip

    def __init__(self, concept: Concept, start: int, end: int) -> None:
        self.concept = concept
        self.start, self.end = start, end
        self.presence: Presence = "present"
        self.side: Side = ""
        self.places: list[str] = []
        self.size: float | None = None
        self.severity = self.count = 0
        self.change = self.sequence = self.words = ""
        self.dropped = False

    def take_side(self, side: str) -> None:
        """Add a side; two different ones are both."""
        if side:
            self.side = cast("Side", side) if self.side in {"", side} else "both"

    def take(self, item: Item, side: str) -> None:
        """Add what an attribute says."""
        kind = item.kind
        if kind == "place":
            path = cast("Place", item.value).path
            if path not in self.places and len(self.places) < 3:
                self.places.append(path)
            self.take_side(side)
        elif kind in _SIDES:
            self.take_side(kind)
        elif kind == "size":
            self.size = max(self.size or 0.0, cast("float", item.value))
        elif kind in _DEGREES:
            self.severity = self.severity or _DEGREES[kind]
        elif kind in _COUNTS:
            self.count = self.count or _COUNTS[kind]
        elif kind in _CHANGES:
            self.change = self.change or kind
        elif kind in _SEQUENCES:
            self.sequence = self.sequence or kind


def read_sentence(items: Sequence[Item], tokens: Sequence[str], known: Vocabulary) -> tuple[list[Finding], float | None]:
    """The findings of a sentence, and a size that belongs to none of them."""
    reader = _Reader(items)
    clause: list[int] = []
    for index, item in enumerate(items):
        if item.kind == "break":
            reader.clause(clause)
            clause = []
        else:
            clause.append(index)
    reader.clause(clause)
    subject = subject_of(items)
    found = [finished(draft, tokens, subject, known) for draft in reader.drafts if not draft.dropped]
    return found, reader.loose


def subject_of(items: Sequence[Item]) -> tuple[tuple[str, ...], str]:
    """The place that a sentence starts with, before any finding, and its side."""
    side = ""
    for item in items:
        if item.kind == "finding":
            break
        if item.kind in _SIDES:
            side = item.kind
        elif item.kind == "place":
            place = cast("Place", item.value)
            return (place.path,), place.side or side
    return (), ""


def finished(
    draft: Draft, tokens: Sequence[str], subject: tuple[tuple[str, ...], str], known: Vocabulary
) -> Finding:
    """The finding of a draft, with the sentence's subject where it has no place of its own."""
    concept, places, side = draft.concept, tuple(draft.places), draft.side
    if len(places) > 1:
        places = tuple(path for path in places if path not in _VAGUE) or places[:1]
    inherits = not places and bool(subject[0]) and belongs(concept, subject[0][0])
    particular = composed(concept, subject[0] if inherits else places, known)
    if inherits and belongs(particular, subject[0][0]):
        places = subject[0]
        side = side or cast("Side", subject[1])
    return Finding(
        particular, draft.presence, side, places, draft.size, draft.severity, draft.count, draft.change,
        draft.sequence, draft.words or " ".join(tokens[draft.start : draft.end]),
    )  # fmt: skip


def belongs(concept: Concept, path: str) -> bool:
    """Whether a finding without a place may be at that place."""
    place = concept.place
    if not place:
        return True
    return within(place, path) or within(path, place) or (place[:7] == path[:7] == "urinary")


def within(path: str, other: str) -> bool:
    """Whether a place lies in another one, or is it."""
    return path.startswith(other) and (len(path) == len(other) or path[len(other)] == "/")


def composed(concept: Concept, places: tuple[str, ...], known: Vocabulary) -> Concept:
    """The particular concept that a general one is at these places."""
    rules = known.composed.get(concept.name)
    if rules is None:
        return concept
    for place, particular in rules:
        if place == "*":
            if not places:
                return particular
        elif any(within(path, place) for path in places):
            return particular
    return concept


class _Reader:
    """Goes through the clauses of one sentence from left to right."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = items
        self.drafts: list[Draft] = []
        self.loose: float | None = None
        self._before: list[Draft] = []
        self._sides = _sides_of_places(items)

    def clause(self, indices: list[int]) -> None:
        """Read one clause: the indices of its items."""
        items = self._items
        group: list[Draft] = []
        found: list[Draft] = []
        free: list[int] = []
        attributes: list[int] = []
        negated = unsure = skipped = False
        negated_any = unsure_any = False
        not_until = past_until = -1
        consumed: set[int] = set()
        normal_said = False
        for order, index in enumerate(indices):
            kind, value, start, end = items[index]
            if kind == "finding":
                draft = Draft(cast("Concept", value), start, end)
                if negated or start <= not_until:
                    draft.presence = "absent"
                    negated_any = True
                elif start <= past_until and draft.concept.kin not in _KEPT:
                    draft.presence = "past"
                elif unsure:
                    draft.presence = "uncertain"
                    unsure_any = True
                draft.dropped = skipped
                group.append(draft)
                found.append(draft)
                free.clear()
            elif kind == "place":
                free.append(index)
                attributes.append(index)
            elif kind in _ATTRIBUTES:
                attributes.append(index)
            elif kind == "verb":
                if group:
                    self._before, group = group, []
                if negated_any:
                    negated = negated_any = False
                if unsure_any:
                    unsure = unsure_any = False
                skipped = False
            elif kind == ",":
                if unsure_any:
                    unsure = unsure_any = False
            elif kind == "absent-before":
                negated, negated_any = True, False
            elif kind == "not":
                not_until = end + 2
            elif kind == "uncertain-before":
                unsure, unsure_any = True, False
            elif kind == "past-before":
                past_until = end + 4
            elif kind == "normal":
                if start <= not_until or (negated and items[indices[order - 1]].kind == "absent-before"):
                    continue
                normal_said = True
                following = self._following(indices, order)
                if following == -1:
                    not_until = end + 2
                    continue
                for place in (indices[order + 1 : following] if following else list(free)):
                    if items[place].kind == "place":
                        consumed.add(place)
                        self._normal(place, start, end, found)
                free.clear()
            elif kind in _AFTER:
                self._look_back(group or self._before, _AFTER[kind])
            elif kind == "versus":
                for draft in (group or self._before)[-1:]:
                    if draft.presence == "present":
                        draft.presence = "uncertain"
                unsure, unsure_any = True, False
            elif kind == "no-claim":
                skipped = True
                if cast("Cue", value).word in _LEANS_BACK:
                    for draft in group or self._before:
                        draft.dropped = True
        spoken = [draft for draft in found if draft.concept is not NORMAL]
        self._attach(attributes, consumed, spoken, normal_said=normal_said)
        self._before = group or self._before
        self.drafts += found

    def _following(self, indices: list[int], order: int) -> int:
        """Where the places end that an adjective 'normal' stands before; 0 for none, -1 before a finding."""
        items = self._items
        at = order + 1
        last = at
        end = items[indices[order]].end
        if at < len(indices) and items[indices[at]].kind in {",", "and"}:
            return 0
        while at < len(indices):
            item = items[indices[at]]
            if item.kind == "finding":
                return -1 if last == order + 1 and item.start - end <= 2 else (last if last > order + 1 else 0)
            if item.kind == "place":
                if last == order + 1 and item.start - end > 3:
                    return 0
                last = at + 1
            elif item.kind not in _BETWEEN:
                break
            at += 1
        return last if last > order + 1 else 0

    def _normal(self, place: int, start: int, end: int, found: list[Draft]) -> None:
        draft = Draft(NORMAL, start, end)
        item = self._items[place]
        draft.presence = "absent"
        draft.take(item, self._sides.get(place, "") or cast("Place", item.value).side)
        draft.words = "normal"
        found.append(draft)

    @staticmethod
    def _look_back(group: list[Draft], presence: Presence) -> None:
        for draft in group:
            if presence != "uncertain" or draft.presence == "present":
                draft.presence = presence

    def _attach(
        self, attributes: list[int], consumed: set[int], found: list[Draft], *, normal_said: bool
    ) -> None:
        """Give every place, side, size and degree to the finding that is nearest."""
        items, sides = self._items, self._sides
        if not found:
            target = self.drafts[-1] if self.drafts and not normal_said else None
            for index in attributes:
                item = items[index]
                if target is not None and item.kind in _CARRIED and target.concept is not NORMAL:
                    if item.kind != "size" or target.size is None:
                        target.take(item, sides.get(index, ""))
                elif item.kind == "size":
                    self.loose = cast("float", item.value)
            return
        if len(found) == 1:
            only = found[0]
            for index in attributes:
                item = items[index]
                if index in consumed or sides.get(index) == _TAKEN:
                    continue
                near = item.kind in _ANYWHERE or _gap(item, only) <= _NEAR
                if near:
                    only.take(item, sides.get(index, "") or _own_side(item))
            return
        cost = _costs(items, attributes, found)
        for index in attributes:
            item = items[index]
            if index in consumed or sides.get(index) == _TAKEN:
                continue
            at = cost[item.start]
            best, least = found[0], 1e9
            for draft in found:
                distance = abs(cost[draft.start] - at)
                if draft.concept.kin in DESCRIPTORS and item.kind in _ANYWHERE:
                    distance += 50.0 if item.kind == "size" else _BESIDE
                if distance < least:
                    best, least = draft, distance
            if item.kind in _ANYWHERE or least <= _NEAR + 2:
                best.take(item, sides.get(index, "") or _own_side(item))


_TAKEN = "taken"
_AFTER: dict[str, Presence] = {"absent-after": "absent", "past-after": "past", "uncertain-after": "uncertain"}
_ATTRIBUTES = frozenset({*_DEGREES, *_COUNTS, *_CHANGES, *_SIDES, *_SEQUENCES, "size"})
_ANYWHERE = frozenset({"place", "size", *_SIDES})
_CARRIED = frozenset({"place", "size", *_SIDES})
_BETWEEN = frozenset({",", "and", "in", "left", "right", "both"})


def _own_side(item: Item) -> str:
    return item.value.side if isinstance(item.value, Place) else ""


def _gap(item: Item, draft: Draft) -> int:
    return draft.start - item.end if item.end <= draft.start else item.start - draft.end


def _sides_of_places(items: Sequence[Item]) -> dict[int, str]:
    """Index of a place to the side that stands right before it; that side's own index to 'taken'."""
    found: dict[int, str] = {}
    for index in range(len(items) - 1):
        side, place = items[index], items[index + 1]
        if side.kind in _SIDES and place.kind == "place" and place.start - side.end <= 1:
            found[index + 1] = side.kind
            found[index] = _TAKEN
    return found


def _costs(items: Sequence[Item], attributes: list[int], found: list[Draft]) -> dict[int, float]:
    """First token of each item to how far it is from the start of the clause: words, commas, joints."""
    starts = {draft.start for draft in found} | {items[index].start for index in attributes}
    cost: dict[int, float] = {}
    total, before = 0.0, 0
    for item in items:
        total += item.start - before
        if item.start in starts:
            cost[item.start] = total
        if item.kind == ",":
            total += _COMMA
        elif item.kind == "and":
            total += _AND
        elif item.kind != "in":
            total += 0.5
        before = item.end
    return cost
