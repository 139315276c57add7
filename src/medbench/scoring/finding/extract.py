"""A text's findings: what is said to be there, not there, unsure or past; where, how large, how severe.

Words of the vocabulary are found sentence by sentence, the longest phrase first. A sentence is divided into
clauses, within which cues act: 'no' on what follows, 'is not seen' on what precedes, 'possible' up to the
next statement.
Places, sides, sizes and degrees belong to the finding that is nearest. Pure; in time linear in the
text. `docs/scoring.md` holds the rules in words.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, cast

from medbench.scoring.finding.clauses import read_sentence, subject_of
from medbench.scoring.finding.observed import Finding, Item, Side
from medbench.scoring.finding.places import belongs, composed, touch
from medbench.scoring.finding.vocabulary import Entry, vocabulary
from medbench.scoring.finding.words import MOST_WORDS, TOKEN, canonical, folded, millimetres

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.scoring.finding.vocabulary import Vocabulary

VERSION = 1
"""Raised with every change of what is found in a text."""

MOST_OF_A_KIND = 24
"""Mentions of one concept at different places that are told apart in one text."""
_LONGEST_CLAUSE = 120
_MOST_SENTENCES = 20_000
_LONGEST_REMEMBERED = 1_000
_STOP = re.compile(r"[.!?](?=\s)|[;\u2022\u3002]|\n(?!\s{0,20}[a-z(,])|:\**[ \t]*\n")
_UNKNOWN, _MARK, _SIZE = 0, -1, -2
"""What stands for a word that no phrase has, for a mark and for a size, where other words have a number."""
_BARE_EFFUSION = frozenset({"effusion", "effusions"})
_SPEAKING = frozenset({"finding", "normal"})
_MARKS = frozenset({",", ":", "(", ")"})


class _Sentence(NamedTuple):
    findings: tuple[Finding, ...]
    places: tuple[str, ...]
    side: Side
    size: float | None
    is_heading: bool


class _Numbers(dict[str, int]):
    """Token to number of its canonical word, or to what else it is. Bounded."""

    def __init__(self, known: dict[str, int]) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, token: str) -> int:
        if len(self) > MOST_WORDS:
            self.clear()
        if token in _MARKS:
            number = _MARK
        elif token[0] in "0123456789" and millimetres(token) is not None:
            number = _SIZE
        else:
            number = self._known.get(canonical(token), _UNKNOWN)
        self[token] = number
        return number


@cache
def extractor() -> Extractor:
    """The extractor with the shipped vocabulary."""
    return Extractor(vocabulary())


def extract(text: str) -> tuple[Finding, ...]:
    """The findings of a text, in the order of their first mention, each once."""
    return extractor()(text)


class Extractor:
    """Finds findings, remembering the sentences it has read: reports share many, loops repeat few.

    What it remembers changes the time only: called twice it gives the same.
    """

    def __init__(self, known: Vocabulary) -> None:
        self._known = known
        self._numbers = _Numbers(known.numbers)
        self._read: dict[str, _Sentence] = {}

    def forget_sentences(self) -> None:
        """Read every sentence anew; the result is the same."""
        self._read.clear()

    def __call__(self, text: str) -> tuple[Finding, ...]:
        """The findings of a text, in the order of their first mention, each once."""
        merged = _Merged()
        heading: _Sentence | None = None
        for start, end, sentence in _sentences(text):
            read = self._read.get(sentence)
            if read is None:
                read = self._sentence(sentence)
                if len(sentence) < _LONGEST_REMEMBERED:
                    if len(self._read) > _MOST_SENTENCES:
                        self._read.clear()
                    self._read[sentence] = read
            if read.is_heading:
                heading = read
            elif read.findings or read.size is not None:
                merged.add(read, heading, (start, end))
        return merged.settled()

    def _sentence(self, sentence: str) -> _Sentence:
        tokens = TOKEN.findall(folded(sentence))
        findings: list[Finding] = []
        places: tuple[str, ...] = ()
        side: Side = ""
        loose: float | None = None
        for first in range(0, len(tokens), _LONGEST_CLAUSE):
            part = tokens[first : first + _LONGEST_CLAUSE]
            items = self._items(part)
            if not items:
                continue
            if first == 0:
                places, said = subject_of(items)
                side = cast("Side", said)
            if not any(item.kind in _SPEAKING for item in items):
                sizes = [item.value for item in items if item.kind == "size"]
                loose = cast("float", sizes[-1]) if sizes else loose
                continue
            found, size = read_sentence(items, part)
            findings += found
            loose = loose if size is None else size
        is_heading = not findings and bool(places) and sentence.rstrip("* \t\n").endswith(":")
        return _Sentence(
            tuple(findings), places, side, None if findings else loose, is_heading and len(tokens) < 12
        )

    def _items(self, tokens: list[str]) -> list[Item]:
        """The phrases of the vocabulary in the tokens, longest first, the sizes and the marks."""
        numbers, tree = self._numbers, self._known.tree
        ids = [numbers[token] for token in tokens]
        items: list[Item] = []
        last, end = len(ids), 0
        for at, number in enumerate(ids):
            if number == _UNKNOWN or at < end:
                continue
            if number < 0:
                items.append(_other(number, tokens[at], at))
                continue
            node = tree.get(number)
            best: Entry | None = None
            step = at + 1
            while node is not None:
                if node.entry is not None:
                    best, end = node.entry, step
                if step >= last or not node.steps:
                    break
                node = node.steps.get(ids[step])
                step += 1
            if best is not None:
                items.append(Item(best.kind, best.value, at, end))
        return items


def _other(number: int, token: str, at: int) -> Item:
    """A mark or a size."""
    if number == _MARK:
        return Item(token, 0.0, at, at + 1)
    return Item("size", millimetres(token) or 0.0, at, at + 1)


def _sentences(text: str) -> Iterator[tuple[int, int, str]]:
    """Start, end and text of each sentence. A line that goes on in lower case is no end."""
    at = 0
    for stop in _STOP.finditer(text):
        end = stop.end()
        if end - at > 1:
            yield from _bare(text, at, end)
        at = end
    if at < len(text):
        yield from _bare(text, at, len(text))


def _bare(text: str, start: int, end: int) -> Iterator[tuple[int, int, str]]:
    sentence = text[start:end].strip()
    if sentence:
        start = text.index(sentence[0], start)
        yield start, start + len(sentence), sentence


class _Merged:
    """The findings of a text; a second mention of the same adds what the first did not say."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self._same: dict[tuple[str, str], list[int]] = {}
        # What 'it measures 3 cm' in the next sentence speaks of: the first finding of this one.
        self._last: int | None = None

    def add(self, read: _Sentence, heading: _Sentence | None, span: tuple[int, int]) -> None:
        """Take in a sentence's findings; those without a place take the heading's."""
        if read.size is not None:
            if self._last is not None and self.findings[self._last].size_mm is None:
                self.findings[self._last] = self.findings[self._last]._replace(size_mm=read.size)
            return
        self._last = None
        for mention in read.findings:
            finding = mention
            if heading is not None and not finding.places and belongs(finding.concept, heading.places[0]):
                concept = composed(finding.concept, heading.places)
                finding = finding._replace(
                    concept=concept, places=heading.places, side=finding.side or heading.side
                )
            index = self._one(finding, span)
            if self._last is None and finding.presence in {"present", "uncertain"}:
                self._last = index

    def settled(self) -> tuple[Finding, ...]:
        """All findings; an effusion without a place, in a text on joints alone, is a joint's."""
        places = [place for finding in self.findings for place in finding.places]
        if not any(place.startswith("joint") for place in places) or any(
            place.startswith(("chest", "vessel")) for place in places
        ):
            return tuple(self.findings)
        joint = vocabulary().concepts["joint effusion"]
        return tuple(
            finding._replace(concept=joint) if finding.words in _BARE_EFFUSION else finding
            for finding in self.findings
        )

    def _one(self, finding: Finding, span: tuple[int, int]) -> int | None:
        key = (finding.concept.name, finding.presence)
        bucket = self._same.get(key)
        if bucket is None:
            self._same[key] = [len(self.findings)]
            self.findings.append(Finding(*finding[:-1], span))
            return len(self.findings) - 1
        for index in bucket:
            known = self.findings[index]
            if known[:10] == finding[:10]:
                return index
            if _is_same(known, finding):
                self.findings[index] = _joined(known, finding)
                return index
        if len(bucket) >= MOST_OF_A_KIND:
            return None
        bucket.append(len(self.findings))
        self.findings.append(Finding(*finding[:-1], span))
        return len(self.findings) - 1


def _is_same(first: Finding, second: Finding) -> bool:
    """Whether two mentions can be of one thing: no side, place or size of one speaks against the other."""
    if first.is_normal:
        return first.places == second.places and first.side == second.side
    if first.side and second.side and first.side != second.side:
        return False
    if first.places and second.places and not touch(first.places, second.places):
        return False
    if first.size_mm and second.size_mm:
        smaller, larger = sorted((first.size_mm, second.size_mm))
        return smaller >= 0.8 * larger
    return not (first.sequence and second.sequence and first.sequence != second.sequence)


def _joined(first: Finding, second: Finding) -> Finding:
    return first._replace(
        side=first.side or second.side,
        places=max(first.places, second.places, key=lambda places: max(map(len, places), default=0)),
        size_mm=first.size_mm or second.size_mm,
        severity=first.severity or second.severity,
        number=max(first.number, second.number),
        change=first.change or second.change,
        sequence=first.sequence or second.sequence,
    )
