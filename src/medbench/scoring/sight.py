"""Reads short answers to closed questions, to tell if a model looked at the images."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.results.doctor import Answered

Without = Literal["", "says so", "changes", "same", "unclear", "failed"]
"""The answer without an image; '' where that was not tried."""

_MARKS: Final = re.compile(r"[*_`#>\"\u201c\u201d()\[\]{}\\|]+")
_CURLY: Final = re.compile(r"[\u2018\u2019]")
_QUOTE: Final = re.compile(r"(?<!\w)'|'(?!\w)")
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n+")
_IMAGE: Final = r"(?:images?|pictures?|drawings?|photos?|attachments?|visuals?)\b"
_NOT: Final = r"(?:can ?not|can't|could(?: not|n't)|do(?: not|n't)|did(?: not|n't)|unable to|not able to)\b"
_LOOK: Final = r"(?:see|view|access|find|have|receive|analy[sz]e|process|open|display|interpret|look at)\b"
_BETWEEN: Final = (
    r"(?:\s+(?:to|any|an|a|the|your|this|that|attached|uploaded|actual|access|ability|view|see|or|and|"
    r"visual))*"
)
_SENT: Final = r"(?:provided|attached|included|given|sent|shared|uploaded|available)\b"
# 'I cannot see a spot in this image' speaks of an image, 'I cannot see this image' says that there is none.
_DENIES: Final = re.compile(
    rf"\bno {_IMAGE}(?! of\b)"
    rf"|\b{_IMAGE}\s+(?:was|were|is|are|has|have)(?:\s+not|n't)\s+(?:been\s+)?{_SENT}"
    rf"|\b{_NOT}(?:\s+\w+){{0,2}}?\s+{_LOOK}{_BETWEEN}\s+{_IMAGE}"
    rf"|\b(?:please|could you|if you)\s+(?:re-?)?(?:provide|upload|attach|share|send){_BETWEEN}\s+{_IMAGE}"
    r"|\b(?:text[- ](?:based|only)|language) (?:ai |language )?model\b"
)
_NOT_THERE: Final = re.compile(
    r"\b(?:not?|cannot|can't|isn't|doesn't|don't)\b(?:\s+\w+){0,6}\s+(?:spot|present|visible|seen|there)\b"
    r"|\babsent\b|\bnone\b"
)
_THERE: Final = re.compile(
    r"\bthere (?:is|appears to be|seems to be) (?:a|one)\b"
    r"|\bspot (?:is|can be) (?:\w+ )?(?:present|visible|seen|there)\b"
)
_REJECTED: Final = re.compile(
    r"\b(?:not|rather than|instead of|than)\s+(?:(?:on|in|at|to)\s+)?(?:the\s+)?(?:left|right)\b"
)


@dataclass(frozen=True, slots=True)
class AnswerCounts:
    """Counts of the answers to one question."""

    asked: int
    """Number of images that were asked about."""
    right: int
    """Number of right answers."""
    swapped: int
    """Number of answers that are the other word."""

    @property
    def all_right(self) -> bool:
        """True if every answer is right."""
        return self.right == self.asked > 0

    @property
    def all_swapped(self) -> bool:
        """True if every answer is the other word: the images were told apart, under the wrong names."""
        return self.swapped == self.asked > 0


@dataclass(frozen=True, slots=True)
class Sight:
    """Evidence that a model sees the images, or doesn't."""

    side: AnswerCounts
    presence: AnswerCounts
    blind: bool
    """True if each question got the same answer whatever the image was."""
    denied: int
    """Number of answers to an image that say there is none."""
    failures: dict[str, int]
    """Number of failed calls, by kind."""
    without: Without
    """The answer where no image was sent."""
    example: str
    """An answer that isn't right; '' without one."""

    @property
    def proven(self) -> bool:
        """True if both questions were answered by the images alone."""
        return (self.side.all_right or self.side.all_swapped) and self.presence.all_right


def side_in(text: str) -> str | None:
    """Return 'left' or 'right', where an answer says one of them."""
    if denies_image(text):
        return None
    return _only_word(
        _REJECTED.sub(" ", _plain(text)),
        {"left": r"\bleft(?:most|ward|-\w+)?\b", "right": r"\bright(?:most|ward|-\w+)?\b"},
    )


def presence_in(text: str) -> str | None:
    """Return 'yes' or 'no', where an answer says one of them."""
    if denies_image(text):
        return None
    plain = _plain(text)
    word = _only_word(plain, {"yes": r"\byes\b", "no": r"\bno\b(?=\s*(?:[.,;:!\u2014-]|$))"})
    if word:
        return word
    if _NOT_THERE.search(plain):
        return "no"
    return "yes" if _THERE.search(plain) else None


def denies_image(text: str) -> bool:
    """Return True if an answer says that there is no image to look at."""
    return _DENIES.search(_plain(text)) is not None


def sight(answers: Sequence[Answered]) -> Sight:
    """Return what the answers under one order of text and images show.

    Args:
        answers: To the questions with an image, and to the one without.
    """
    by_question: dict[str, list[Answered]] = {"side": [], "presence": []}
    without: Without = ""
    for answer in answers:
        if answer.probe.question in by_question:
            by_question[answer.probe.question].append(answer)
        elif answer.probe.question == "without":
            without = _without(answer)
    shown = [*by_question["side"], *by_question["presence"]]
    texts = [answer for answer in shown if answer.text is not None]
    return Sight(
        side=_counts(by_question["side"]),
        presence=_counts(by_question["presence"]),
        blind=all(map(_are_alike, by_question.values())),
        denied=sum(denies_image(answer.text or "") for answer in texts),
        failures=dict(Counter(answer.failure for answer in shown if answer.text is None)),
        without=without,
        example=next(
            (answer.text or "" for answer in texts if _read(answer) != answer.probe.truth),
            "",
        ),
    )


def _counts(answers: Sequence[Answered]) -> AnswerCounts:
    words = [_read(answer) for answer in answers]
    right = sum(word == answer.probe.truth for word, answer in zip(words, answers, strict=True))
    return AnswerCounts(len(words), right, sum(word is not None for word in words) - right)


def _read(answer: Answered) -> str | None:
    if answer.text is None:
        return None
    return side_in(answer.text) if answer.probe.question == "side" else presence_in(answer.text)


def _are_alike(answers: Sequence[Answered]) -> bool:
    """Return True if all answers say the same, though the images differ."""
    known = [answer for answer in answers if answer.text is not None]
    words = {_read(answer) or " ".join(_plain(answer.text or "").split()) for answer in known}
    return len(words) == 1 and len({answer.probe.truth for answer in known}) > 1


def _without(answer: Answered) -> Without:
    if answer.text is None:
        return "failed"
    if denies_image(answer.text):
        return "says so"
    word = presence_in(answer.text)
    return "unclear" if word is None else "same" if word == "yes" else "changes"


def _plain(text: str) -> str:
    """Return small letters without marks of emphasis or quotes; an apostrophe inside a word stays."""
    return _MARKS.sub(" ", _QUOTE.sub(" ", _CURLY.sub("'", text))).lower()


def _only_word(text: str, words: dict[str, str]) -> str | None:
    """Return the only one of the words in the text, else at its start, else at its end."""
    sentences = [part for part in _SENTENCE.split(text.strip()) if part.strip()]
    if not sentences:
        return None
    start = re.split(r"[\s.,;:!\u2014-]+", sentences[0].strip(), maxsplit=1)[0]
    for part in (text, start, sentences[-1]):
        present = [word for word, pattern in words.items() if re.search(pattern, part)]
        if len(present) == 1:
            return present[0]
    return None
