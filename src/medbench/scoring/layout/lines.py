"""Reads a text line by line: titles and the lists below them, rows, ticks, questions, labels with values."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from medbench.scoring.layout.attributes import attribute
from medbench.scoring.layout.bullets import BOX, BULLET, stance_of
from medbench.scoring.layout.labels import ADJECTIVES, labelled, several
from medbench.scoring.layout.pieces import line_end, pieces
from medbench.scoring.layout.rows import of_row
from medbench.scoring.layout.statement import Statement, sentences
from medbench.scoring.layout.status import Stance, Status, status_of
from medbench.scoring.layout.table import Table
from medbench.scoring.layout.titles import LONGEST, Lead, asks, is_sentence, is_specific, lead_of, names_kinds
from medbench.scoring.layout.words import words_of

_ONLY_BULLET: Final = re.compile(r"[\W\d]{0,40}")
_AROUND: Final = " \t\n\"'"
_OPENS_TABLE: Final = re.compile("[\t,;+]")
_ANSWER: Final = re.compile(r"\W*(?:a(?:nswer)?\s?\d{0,2}\s?[.:)-]|answer\b|response\s?:)?\W*", re.IGNORECASE)
_SUSPECTS: Final = re.compile(
    r"(?:clinical )?(?:concern|suspect|suspic|possib|rule|r/o|question|query|evaluat|assess|eval\b|\?)",
    re.IGNORECASE,
)
"""The beginning of what a study is to answer."""
_LONGEST_LINE: Final = 4_000
_NAMING: Final = frozenset(words_of("key-naming")) - {
    "structure",
    "organ",
    "anatomy",
    "type",
    "title",
    "diagnosis",
}
_SAYING: Final = frozenset(words_of("key-saying"))
_STANCES: Final[dict[Lead, Stance]] = {"absent": "absent", "uncertain": "uncertain"}


class _List(NamedTuple):
    """The list that is open: its title, what that says of all entries, and where it stands."""

    title: str = ""
    lead: Lead = ""
    indent: int = -1
    bulleted: bool = False


class Lines:
    """The lines of a piece of text while they are being read."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self._text = text
        self._start = start
        self._end = end
        self._read: list[Statement] = []
        self._list: _List | None = None
        self._entries = 0
        """Entries of the open list so far."""
        self._asked: Statement | None = None
        """A question or bare label that waits for its answer."""
        self._table = Table()
        self._label = ""
        """The label of this line, whose value goes on behind a semicolon."""
        self._aside = False
        """True behind the history or question in the line, of which a fragment may be the rest."""
        self._ahead = self._coming = ""
        """What 'Side: left' right before says of the thing that is named now, and of the next."""

    def read(self) -> list[Statement]:
        """Return the statements."""
        for start, end in pieces(self._text, self._start, self._end):
            if start == end:
                self._blank()
            elif not self._row(start, end):
                self._line(start, end)
        self._settle()
        return self._read

    def _blank(self) -> None:
        self._table = Table()
        if self._list is not None and self._entries and not self._list.bulleted:
            self._list = None

    def _settle(self) -> None:
        """Take what waited for an answer that did not come as it is."""
        if self._asked is not None:
            self._read.append(self._asked)
            self._asked = None

    def _row(self, start: int, end: int) -> bool:
        """Read a row of a table; return False if this line is not a row."""
        line = self._text[start:end]
        barred = "|" in line or "\u2502" in line
        if not self._table.is_open and not barred and (line[-1] == "." or not _OPENS_TABLE.search(line)):
            return False
        below = self._text[end + 1 : min(line_end(self._text, end + 1, self._end), end + _LONGEST_LINE)]
        rows = self._table.rows(line, below)
        if rows is None:
            return False
        self._settle()
        self._read += [of_row(row, start, end) for row in rows]
        return True

    def _line(self, start: int, end: int) -> None:
        text = self._text
        bullet = BULLET.match(text, start, end)
        at = bullet.end() if bullet else start
        before = text[start:at].rstrip()
        bulleted = bool(before)
        indent = len(before) - len(before.lstrip()) if bulleted else at - start
        box = None if text[at : at + 1].isalnum() else BOX.match(text, at, end)
        self._label = ""
        if self._list is not None:
            self._leave(self._list, indent, bulleted=bulleted or box is not None)
        if box:
            self._settle()
            self._ticked(box.end(), end, stance_of(box))
            return
        if (
            text[end - 1] != "."
            and end - at <= 2 * LONGEST
            and self._open(at, end, indent if bulleted else -1)
        ):
            return
        first, self._aside = True, False
        content = text[at : min(end, at + LONGEST)]
        leaders = "..." in content or "\u2026" in content or ". . ." in content
        for begin, stop in [(at, end)] if leaders else sentences(text, at, end):
            self._sentence(begin, stop, entry=first)
            first = False
        self._entries += 1

    def _leave(self, opened: _List, indent: int, *, bulleted: bool) -> None:
        """Close the list if a line is not in it."""
        if (self._entries and opened.bulleted and not bulleted) or (bulleted and indent <= opened.indent):
            self._list = None
        elif not self._entries and bulleted != opened.bulleted:
            self._list = _List(opened.title, opened.lead, opened.indent, bulleted)

    def _open(self, at: int, end: int, indent: int) -> bool:
        """Return True if a line is a title, which opens a list.

        Args:
            at: Its first character, behind the bullet.
            end: The character behind its last.
            indent: Where its bullet stands; -1 without one.
        """
        content = self._text[at:end].strip(_AROUND)
        bare = content.strip("*_# \t")
        closed = bare.endswith((":", "\uff1a"))
        name = bare.rstrip(": \uff1a*_")
        if not name or (not closed and name.endswith((".", "!", "?", ","))):
            return False
        kinds = names_kinds(name)
        marked = content.startswith("#") or (content[:2] in {"**", "__"} and content[-2:] in {"**", "__"})
        if not closed and not kinds and (not marked or self._entry_follows(at, end)):
            return False
        if not closed and kinds and not marked and indent < 0 and end >= self._end:
            return False
        lead = lead_of(name)
        if is_sentence(name) and not lead:
            return False
        self._list = _List("" if kinds or lead else name, lead, indent)
        self._entries = 0
        self._settle()
        # A title that says more than a name, such as a side, claims what it names.
        claims = not closed and not kinds and is_specific(name)
        self._read.append(Statement(at, end, f"{name}:", heading=not claims))
        return True

    def _entry_follows(self, at: int, end: int) -> bool:
        """Return True if the next line is of the same form, or there is none: then a title is an entry."""
        below = self._text[end + 1 : min(self._end, end + 400)].lstrip()
        line = below.partition("\n")[0].strip()
        here = self._text[at:end].strip()
        return not line or (line[:2] == here[:2] and line.endswith(here[-2:]))

    def _ticked(self, at: int, end: int, stance: Stance) -> None:
        content = self._text[at:end].strip("*_ \t\n")
        label, value, worded = labelled(content) or (content, "", None)
        if worded is not None and worded.stance not in {"", "unknown"}:
            stance, value = worded.stance, value[worded.rest :]
        elif not value:
            label, _, value = content.partition(",")
        self._read.append(Statement(at, end, content, label, value, stance))

    def _sentence(self, start: int, end: int, *, entry: bool) -> None:
        """Read a sentence, after what waited for it."""
        words = self._text[start:end].strip("\"' \t")
        self._ahead, self._coming = self._coming, ""
        if self._asked is not None and self._answers(self._asked, words, end):
            return
        self._settle()
        if self._list is not None and self._list.lead == "silent":
            return
        if self._aside and _SUSPECTS.match(words) and not is_sentence(words):
            return
        if words.endswith("?") and len(words) < _LONGEST_LINE:
            # A fragment with a question mark is a doubt, a question is nothing.
            if lead_of(words.partition(":")[0]) != "silent":
                doubt = not asks(words)
                stance: Stance = "uncertain" if doubt else ""
                self._asked = Statement(start, end, words, stance=stance, heading=not doubt)
            return
        labels = 0
        for part in several(words):
            found = labelled(part) if len(part) < _LONGEST_LINE else None
            if found is not None:
                labels += 1
                self._of_label(start, end, part, *found)
        if labels:
            return
        if words.endswith(";") and not is_sentence(words):
            self._asked = self._listed(start, end, words.rstrip("; "), entry=entry)
        else:
            self._read.append(self._listed(start, end, words, entry=entry))

    def _answers(self, asked: Statement, words: str, end: int) -> bool:
        """Return True if a sentence answers what was asked; then that is read."""
        if asked.label:
            return self._goes_on(asked, words, end)
        start = _ANSWER.match(words)
        value = words[start.end() if start else 0 :]
        answer = status_of(value)
        if answer is None or answer.stance in {"", "unknown"}:
            return False
        # Behind a semicolon only a word such as 'absent' is an answer, no statement.
        if not asked.words.endswith("?") and not ADJECTIVES.match(words):
            return False
        rest = value[answer.rest :]
        self._read.append(Statement(asked.start, end, asked.words, asked.words, rest, answer.stance))
        self._asked = None
        return True

    def _goes_on(self, record: Statement, words: str, end: int) -> bool:
        """Return True if a line says more of the finding that the line before names: 'Present: no'."""
        label, value, status = labelled(words) or ("", "", None)
        key = label.lower().replace(" ", "_")
        if key in _SAYING and status is not None:
            value = f"{record.value}{value[status.rest :]}"
            self._asked = record._replace(end=end, value=value, stance=status.stance)
        elif (added := attribute(label, value, status)) is not None:
            more = ", ".join(filter(None, (record.value, added)))
            self._asked = record._replace(end=end, value=more, words=f"{record.label}: {more}")
        else:
            return False
        return True

    def _of_label(  # noqa: PLR0913 - what was seen of one sentence
        self, start: int, end: int, words: str, label: str, value: str, status: Status | None
    ) -> None:
        lead = lead_of(label)
        self._aside = lead == "silent"
        if self._aside:
            return
        if lead and lead != "plain" and status is None:
            normal = lead == "normal" and not is_sentence(value)
            self._read.append(Statement(start, end, value, stance=_STANCES.get(lead, ""), normal=normal))
            return
        key = label.lower().replace(" ", "_")
        if status is None and key in _NAMING and value and not is_sentence(value):
            self._settle()
            self._asked = self._with_ahead(Statement(start, end, words, value), value)
            return
        title = self._list.title if self._list else ""
        added = attribute(label, value, status)
        if added == "" and title:
            return
        if added is not None and (name := self._above(start, title)):
            self._asked = Statement(start, end, f"{name}: {added}", name, added)
            return
        if added and not title:
            self._coming = ", ".join(filter(None, (self._ahead, added)))
        if status is not None and key in _SAYING and title:
            label, words = title, f"{title}: {value}"
        self._label = label if words.endswith(";") else ""
        under = self._list.title if self._list else ""
        stance, rest = (status.stance, value[status.rest :]) if status else ("", value)
        self._read.append(Statement(start, end, words, label, rest, stance, under=under))

    def _with_ahead(self, named: Statement, name: str) -> Statement:
        """Return the statement of a name with what is said before it: 'Side: left. Finding: mass'."""
        if not self._ahead:
            return named
        return named._replace(words=f"{name}: {self._ahead}", label=name, value=self._ahead)

    def _above(self, start: int, title: str) -> str:
        """Return what an attribute's line is of: an entry above, which is taken back, or the title."""
        last = self._read[-1] if self._read else None
        if last is not None and not (last.heading or last.label or last.stance or last.normal):
            name = last.words.rstrip(":. ")
            between = self._text[last.end : start]
            directly = not title and not is_sentence(name) and _ONLY_BULLET.fullmatch(between)
            if directly or name == title:
                self._read.pop()
                return name
        return title

    def _listed(self, start: int, end: int, words: str, *, entry: bool) -> Statement:
        """Return a sentence, as an entry of the open list if there is one."""
        opened = self._list
        if opened is None or self._label:
            said = Statement(start, end, words, under=self._label)
            named = self._ahead and not is_sentence(words)
            return self._with_ahead(said, words.rstrip(" .")) if named else said
        if opened.lead in _STANCES:
            return Statement(start, end, words, stance=_STANCES[opened.lead])
        if opened.lead == "normal":
            return Statement(start, end, words, normal=not is_sentence(words))
        status = status_of(words) if opened.title and entry and not self._entries else None
        if status is not None:
            return Statement(start, end, words, opened.title, words[status.rest :], status.stance)
        return Statement(start, end, words, under=opened.title)
