"""The part of an output that is judged, and its digest; the models that answered unasked."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from medbench.schema.response import Response
from medbench.schema.verdict import JudgedText
from medbench.scoring.parsing.text import CURRENT, parse
from medbench.store.jsonl import read_records
from medbench.store.runs import RESPONSES

if TYPE_CHECKING:
    from medbench.store.runs import RunFolder


def judged_text(output: str) -> tuple[str, JudgedText]:
    """Return the text that is graded: the findings, whole, or the raw output where it has no such section."""
    parsed = parse(output, CURRENT)
    text = parsed.findings if parsed.section == "findings" else output
    return text, JudgedText(sha256=sha256(text), parser=CURRENT)


def sha256(text: str) -> str:
    """Return the digest of a text's UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def other_models(run: RunFolder) -> tuple[str, ...]:
    """Return the models that answered a run and were not asked for, in the order in which they came."""
    responses = read_records(run.path / RESPONSES, Response)
    others = (one for one in responses if not one.call_for.is_judging and one.is_by_another)
    return tuple(dict.fromkeys(str(one.answered) for one in others))
