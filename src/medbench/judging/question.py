"""The request that a judge is sent: two texts as data between markers, in an order that chance decides."""

from __future__ import annotations

import hashlib
import re
from string import Template
from typing import TYPE_CHECKING, Any

from medbench.judging.answer import answer_schema
from medbench.schema.base import digest
from medbench.schema.response import Request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.prompts.rubrics import Rubric
    from medbench.schema.model import ModelFile
    from medbench.schema.verdict import Listed, Order

_MARKER = re.compile(r"[<\u2039\u276e\uff1c]{2,}|[>\u203a\u276f\uff1e]{2,}")
_TOKEN = re.compile(r"<(?=[/|]?[A-Za-z_|])")
_EMPTY = "(the text is empty)"
NOT_JUDGING = frozenset({"order", "image_labels", "image_label_text", "image_transform", "system"})
"""Settings of a model file that say how images are shown: a judge sees none."""


def neutral(text: str) -> str:
    """Return a text that cannot end its block: no markers, no tokens of a chat template; every word stays."""
    plain = _MARKER.sub(lambda marker: " ".join(marker[0]), text)
    return _TOKEN.sub("< ", plain)


def block(name: str, text: str) -> str:
    """Return a text between its markers."""
    return f"<<<{name}>>>\n{neutral(text).strip() or _EMPTY}\n<<<END {name}>>>"


def order_of(seed: int, case_id: str, judge_replicate: int) -> Order:
    """Return which text comes first: by chance, alike for all systems; the next replicate has the other."""
    drawn = hashlib.sha256(f"{seed}/{case_id}".encode()).digest()[0] + judge_replicate
    return "reference-first" if drawn % 2 == 0 else "output-first"


def other(order: Order) -> Order:
    """Return the other order."""
    return "output-first" if order == "reference-first" else "reference-first"


def grading(  # noqa: PLR0913 - all that a judge is told
    rubric: Rubric,
    model: ModelFile,
    *,
    reference: str,
    judged: str,
    order: Order,
    listed: Sequence[Listed] = (),
    facts: str = "",
) -> Request:
    """Return the request for one verdict. It does not tell who wrote the text, or what was asked of them.

    Args:
        rubric: The rubric to grade by.
        model: The judge.
        reference: The radiologist's text.
        judged: The text to grade.
        order: The text that comes first.
        listed: The reference's findings, where the rubric asks for matches.
        facts: Hidden facts about the images; empty for none.
    """
    blocks = [block("REFERENCE", reference), block("OUTPUT", judged)]
    if order == "output-first":
        blocks.reverse()
    text = Template(rubric.text).safe_substitute(
        blocks="\n\n".join(blocks),
        facts=f"\nHidden facts about the images:\n{block('FACTS', facts)}\n" if facts else "",
        findings="\n".join(_line(number, finding) for number, finding in numbered(listed)),
    )
    return _request(model, rubric.system, text, answer_schema(rubric.answer))


def listing(rubric: Rubric, model: ModelFile, reference: str) -> Request:
    """Return the request for the list of a reference's findings."""
    text = Template(rubric.listing).safe_substitute(reference=block("REFERENCE", reference))
    return _request(model, rubric.system, text, answer_schema("listing"))


def asked_again(request: Request, reason: str) -> Request:
    """Return the same question after an answer that could not be read for that reason."""
    more = (
        f"\n\nYour answer to this could not be read: {neutral(reason)}. "
        "Answer again with one JSON object only."
    )
    return request.model_copy(update={"text": request.text + more})


def numbered(listed: Sequence[Listed]) -> list[tuple[str, Listed]]:
    """Return the findings with their numbers: F1, F2 and so on."""
    return [(f"F{number}", finding) for number, finding in enumerate(listed, 1)]


def settings_of(model: ModelFile) -> dict[str, Any]:
    """Return the settings of a judge: those of its file that do not speak of images."""
    return {key: value for key, value in model.settings.items() if key not in NOT_JUDGING}


def rater_digest(model: ModelFile, rubric: Rubric, context: str = "none") -> str:
    """Return the sha256 over all that makes a judge the rater that it is."""
    return digest(
        {
            "model": model.id,
            "settings": settings_of(model),
            "rubric": rubric.digest,
            "context": context,
        }
    )


def _line(number: str, finding: Listed) -> str:
    marks = "".join([" KEY" if finding.key else "", "" if finding.present else " ABSENT"])
    return f"{number}{marks}: {neutral(' '.join(finding.text.split()))}"


def _request(model: ModelFile, system: str, text: str, schema: dict[str, Any]) -> Request:
    return Request(
        model=model.id,
        system=system.strip() or None,
        text=text.strip(),
        settings={**settings_of(model), "response_schema": schema},
    )
