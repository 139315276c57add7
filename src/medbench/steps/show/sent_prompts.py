"""Finds the distinct prompts in the requests of some runs: the words that stay when the case changes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from medbench.prompts.prompt import NOT_GIVEN
from medbench.schema.response import Response
from medbench.schema.results.report_view import SentPrompt
from medbench.store.jsonl import read_records
from medbench.store.runs import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from medbench.schema.case import Case, Example
    from medbench.schema.results.report_view import ReportCase
    from medbench.schema.results.view import OutputView
    from medbench.store.runs import RunFolder

HISTORY, ANSWER, EXAMPLE = "[history of the case]", "[answer of the stage before]", "[text of a pool case]"
MOST = 60
"""Distinct prompts that a page shows; each request stands under its case."""
_NUMBER = re.compile(r"\d+")


@dataclass(slots=True)
class _Found:
    """Requests with the same words."""

    text: str
    used_by: dict[tuple[str, str], None] = field(default_factory=dict)
    cases: dict[str, None] = field(default_factory=dict)
    parts: dict[str, None] = field(default_factory=dict)
    requests: int = 0


def sent_prompts(
    cases: Sequence[ReportCase], runs: Mapping[str, RunFolder], pool: Iterable[Example]
) -> Iterator[SentPrompt]:
    """Yield the distinct prompts of the systems' requests, in the order of the cases.

    Two are the same where they differ in nothing but the case's history, an earlier answer, examples from
    the pool, and numbers, such as that of the images.

    Args:
        cases: The cases with the calls of each output.
        runs: The runs, by their names in the cases.
        pool: The cases that may have been shown as examples.
    """
    without = {
        (name, stage.role)
        for name, run in runs.items()
        for stage in run.head.system.stages
        if stage.settings.get("history") is False
    }
    texts = {example.case.case_id: example.text for example in pool}
    found: dict[str, _Found] = {}
    for case in cases:
        for view in case.view.outputs:
            for call, text in _requests(view, case.view.case, texts, without):
                one = found.setdefault(_NUMBER.sub("#", text), _Found(text))
                one.used_by[view.run, call.call_for.stage] = None
                one.cases[case.view.case.case_id] = None
                one.parts[case.view.case.region] = None
                one.requests += 1
    regions = {case.view.case.region for case in cases}
    for one in list(found.values())[:MOST]:
        everywhere = one.parts.keys() == regions
        yield SentPrompt(
            used_by=tuple(one.used_by),
            text=one.text,
            requests=one.requests,
            cases=len(one.cases),
            regions=() if everywhere else tuple(one.parts),
        )


def judging_prompts(runs: Mapping[str, RunFolder]) -> Iterator[SentPrompt]:
    """Yield the first request to each judge and in each of its stages, with the case that it was about."""
    seen: set[tuple[str, str]] = set()
    for name, run in runs.items():
        for response in read_records(run.path / RESPONSES, Response):
            call_for = response.call_for
            place = response.asked, call_for.stage
            if call_for.stage in {"judge", "listing"} and response.prompt and place not in seen:
                seen.add(place)
                yield SentPrompt(
                    used_by=((name, f"{call_for.stage} {response.asked}"),),
                    text=response.prompt,
                    requests=1,
                    cases=1,
                    regions=(),
                    example=call_for.case_id,
                )


def _requests(
    view: OutputView, case: Case, pool: Mapping[str, str], without: Container[tuple[str, str]]
) -> Iterator[tuple[Response, str]]:
    """Yield the calls of an output whose prompt is known, each with what does not depend on the case."""
    notes = view.output.notes if view.output else {}
    examples = [pool[name] for name, *_ in notes.get("neighbours", ()) if name in pool]
    before: list[str] = []
    for call in view.calls:
        if call.prompt is not None:
            words = _marked(call.prompt, case.history, before, examples)
            shown = case.history or (view.run, call.call_for.role) in without
            yield call, words if shown else words.replace(NOT_GIVEN, HISTORY, 1)
        if call.text:
            before.append(call.text)


def _marked(prompt: str, history: str | None, answers: Sequence[str], examples: Sequence[str]) -> str:
    """Return a prompt with marks in the place of what it was filled in with."""
    filled = dict.fromkeys(answers, ANSWER) | dict.fromkeys(examples, EXAMPLE)
    filled |= {history: HISTORY} if history else {}
    for text in sorted(filled, key=len, reverse=True):  # a short one may stand within a longer one
        if text.strip():
            prompt = prompt.replace(text, filled[text])
    return prompt
