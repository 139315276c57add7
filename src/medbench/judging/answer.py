"""The answer of a judge: the schema it is given, and the only way in which an answer is read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from medbench.schema.verdict import Grade, Outcome
from medbench.scoring.parsing.refusals import is_refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

CUT = frozenset({"length", "max_tokens"})
"""Reasons to end an answer that leave it incomplete, even where it looks whole."""
MOST_FINDINGS = 60
"""Most findings of one reference: a longer list is a loop."""


class Unreadable(Exception):  # noqa: N818 - never reaches a user: a judge said something else
    """An answer that is not a verdict.

    Args:
        kind: The kind of failure, one word.
        reason: Why it cannot be read; the judge is told when it is asked again. In other words it would be
            another question, whose answer would be paid for anew.
    """

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


# The docstrings of these classes are descriptions in the schema that a judge is sent, and so are part of the
# digest by which a paid answer is found again. They are never edited, not even for a better word.


class _Answer(BaseModel):
    # Nothing is converted: "true" is not true. Fields that a model adds are left out.
    model_config = ConfigDict(strict=True, extra="ignore", json_schema_extra={"additionalProperties": False})


class Matching(_Answer):
    """What became of one finding of the reference."""

    finding: str
    outcome: Outcome
    said: str


class Invention(_Answer):
    """What the text has and the reference has not."""

    said: str
    serious: bool


class MatchesAnswer(_Answer):
    """The answer to a rubric that asks for matches. The reason comes first, so that it is thought before."""

    reason: str
    matches: list[Matching]
    invented: list[Invention]


class GradeAnswer(_Answer):
    """The answer to a rubric that asks for the grade."""

    reason: str
    key_finding: bool
    rating: Grade


class ListedAnswer(_Answer):
    """One finding of the reference."""

    text: str
    present: bool
    key: bool


class ListingAnswer(_Answer):
    """The answer to the question which findings a reference has."""

    findings: list[ListedAnswer]


A = TypeVar("A", bound=_Answer)


def answer_schema(answer: Literal["matches", "grade", "listing"]) -> dict[str, Any]:
    """Return the JSON Schema that the provider is to hold the judge to."""
    kinds: dict[str, type[_Answer]] = {
        "matches": MatchesAnswer,
        "grade": GradeAnswer,
        "listing": ListingAnswer,
    }
    return kinds[answer].model_json_schema()


def read_listing(text: str, finish_reason: str | None) -> ListingAnswer:
    """Read the list of findings in an answer.

    Raises:
        Unreadable: There is none, it is empty, or it has not exactly one key finding.
    """
    answer = _validated(ListingAnswer, _object(text, finish_reason))
    if not answer.findings or not all(finding.text.strip() for finding in answer.findings):
        raise Unreadable("no_findings", "the list, or an entry of it, is empty")
    if len(answer.findings) > MOST_FINDINGS:
        raise Unreadable("too_many_findings", f"{len(answer.findings)} entries, more than {MOST_FINDINGS}")
    keys = sum(finding.key for finding in answer.findings)
    if keys != 1:
        raise Unreadable("key_findings", f"{keys} entries are the key finding; exactly one is")
    return answer


def read_grade(text: str, finish_reason: str | None) -> GradeAnswer:
    """Read the grade in an answer.

    Raises:
        Unreadable: There is none, or more than one.
    """
    return _validated(GradeAnswer, _object(text, finish_reason))


def read_matches(text: str, finish_reason: str | None, numbers: Sequence[str]) -> MatchesAnswer:
    """Read the matches in an answer, and put them in the order of the findings.

    Args:
        text: The answer.
        finish_reason: The reason why it ended, where that is known.
        numbers: Numbers of the findings, each of which is to be matched once.

    Raises:
        Unreadable: There are none, or not one for each finding.
    """
    answer = _validated(MatchesAnswer, _object(text, finish_reason))
    given = [match.finding for match in answer.matches]
    if unknown := [number for number in given if number not in numbers]:
        raise Unreadable("unknown_finding", f"'{unknown[0][:40]}' is no finding of the list")
    if twice := [number for number in given if given.count(number) > 1]:
        raise Unreadable("repeated_finding", f"{twice[0]} is matched more than once")
    if left := [number for number in numbers if number not in given]:
        raise Unreadable("missing_finding", f"{', '.join(left[:5])} has no outcome")
    ordered = sorted(answer.matches, key=lambda match: numbers.index(match.finding))
    return answer.model_copy(update={"matches": ordered})


def _validated(kind: type[A], data: dict[str, Any]) -> A:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        reason = f"field '{field}': {first['msg']}"
        if first["type"] == "missing":
            raise Unreadable("missing_field", f"field '{field}' is not there") from None
        if first["type"] == "literal_error":
            failure = "unknown_grade" if field == "rating" else "unknown_outcome"
            raise Unreadable(failure, f"{reason}, not '{str(first['input'])[:40]}'") from None
        raise Unreadable("wrong_type", reason) from None


_WORD = re.compile(r"[\"'*.! ]*[A-Za-z_-]+[\"'*.! ]*")
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)", re.MULTILINE)


def _object(text: str, finish_reason: str | None) -> dict[str, Any]:
    """Return the JSON object that an answer is.

    An object inside other words is not taken for the answer: it may be a quotation.
    """
    answer = text.strip()
    if finish_reason in CUT:
        raise Unreadable("truncated", "the answer was cut at its limit of tokens")
    if not answer:
        raise Unreadable("empty", "the answer is empty")
    try:
        data = json.loads(answer, object_pairs_hook=_each_once, parse_constant=_not_a_number)
    except (ValueError, RecursionError):
        raise _not_json(answer) from None
    if isinstance(data, dict):
        return data
    if isinstance(data, str):
        raise Unreadable("bare_word", f"'{data[:40]}' alone is no JSON object")
    if isinstance(data, list) and len(data) > 1:
        raise Unreadable("several_objects", f"a list of {len(data)} in place of one object")
    raise Unreadable("not_an_object", "it is JSON, but no object")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a field is given twice")
    return fields


def _not_a_number(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _not_json(answer: str) -> Unreadable:
    """Tell in which way an answer is not JSON."""
    if _FENCE.search(answer):
        return Unreadable("fenced", "the object stands in a code fence; nothing may stand around it")
    start = answer.find("{")
    return _only_words(answer) if start < 0 else _broken_or_surrounded(answer, start)


def _only_words(answer: str) -> Unreadable:
    if _WORD.fullmatch(answer):
        return Unreadable("bare_word", f"'{answer[:40]}' alone is no JSON object")
    line = " ".join(answer.split())[:60]
    if is_refusal(answer):
        return Unreadable("refusal", f"the judge refused: '{line}'")
    return Unreadable("prose", f"words in place of an object: '{line}'")


def _broken_or_surrounded(answer: str, start: int) -> Unreadable:
    try:
        _, end = json.JSONDecoder().raw_decode(answer, start)
    except json.JSONDecodeError as error:
        if start == 0 and _runs_out(answer, error):
            return Unreadable("truncated", "the object has no end")
        return Unreadable("broken_json", "it is no valid JSON")
    except RecursionError:
        return Unreadable("broken_json", "it is nested too deeply")
    if "{" in answer[end:]:
        return Unreadable("several_objects", "more than one object")
    if start == 0 and not answer[end:].strip():
        return Unreadable("broken_json", "a field is given twice, or is no number")
    return Unreadable("prose", "words stand around the object; nothing may")


def _runs_out(answer: str, error: json.JSONDecodeError) -> bool:
    """Return True if all that is wrong with the object is that the text ends before it does."""
    if "Unterminated string" in error.msg:
        return True
    return error.pos >= len(answer) - 1 and not answer.endswith("}")
