"""The yes and no of a screening run against its references: sensitivity, specificity, and how sure it was."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from medbench.prompts.prompt import load_prompt
from medbench.registry import shipped_names
from medbench.schema.results.cards.screening_card import ScreeningCard, ScreeningRates, ScreeningRow
from medbench.scoring.screening import NAMING, SAYING, SURE, answers, asked_in, concept_of, truth
from medbench.stats.auc import auc
from medbench.stats.rates import rate
from medbench.steps.reading.score_columns import Cases, benchmark_of, cases_of
from medbench.steps.reading.selection import wanted_ids
from medbench.store.outputs import outputs_that_count
from medbench.store.runs import OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from medbench.schema.run import System
    from medbench.schema.score import Estimate
    from medbench.scoring.screening import Answer
    from medbench.store.runs import RunFolder

    Array = NDArray[np.float64]
    Bools = NDArray[np.bool_]

KIND = "findings"
ALL = "all"


@dataclass(frozen=True, slots=True)
class _Asked:
    """Statements of references and outputs on findings, an entry a finding of a case-replicate."""

    case: NDArray[np.int64]
    """Index of the case."""
    truth: NDArray[np.str_]
    """Statement of the reference."""
    answered: Bools
    """True with a yes or no."""
    yes: Bools
    """True with a yes."""
    score: Array
    """How sure the output is that it is there; NaN where it is not known."""


def screening_card(run: RunFolder, name: str | None = None) -> ScreeningCard | None:
    """Return how rightly a run says yes or no by finding.

    Args:
        run: The run.
        name: The name of its system in what is shown; its own by default.

    Returns:
        None where its prompt does not ask for that, or its benchmark is gone or was changed.
    """
    known = _asked_by(run.head.system)
    asked = _asked_by_answers(run) if known is None else known
    benchmark = benchmark_of([run]) if asked else None
    if benchmark is None:
        return None
    references = {one.case_id: one.text for one in benchmark.references()}
    cases = cases_of([run])
    wanted = [
        (case_id, replicate)
        for case_id, replicates in wanted_ids(benchmark, run.goals(), references)
        for replicate in range(replicates)
    ]
    given = {
        (one.case_id, one.replicate): answers(one.text, asked)
        for one in outputs_that_count(run)
        if one.text is not None
    }
    read = {key: given[key] for key in wanted if key in given}
    measured = [finding for finding in asked if concept_of(finding)]
    by_finding = {finding: _asked(finding, wanted, references, read, cases) for finding in measured}
    return ScreeningCard(
        system=name or run.name,
        wanted=len(wanted),
        failed=len(wanted) - len(read),
        unreadable=sum(not said for said in read.values()),
        findings=tuple(_row(finding, one, cases) for finding, one in by_finding.items()),
        together=_row(ALL, _joined([*by_finding.values()]), cases),
        unmeasured=tuple(finding for finding in asked if finding not in measured),
    )


def screening_cards(runs: Mapping[str, RunFolder]) -> tuple[ScreeningCard, ...]:
    """Return the cards of those of the runs that say yes or no by finding, under these names."""
    return tuple(filter(None, (screening_card(run, name) for name, run in runs.items())))


def _asked_by(system: System) -> tuple[str, ...] | None:
    """Return the findings that the last prompt of a system asks for by yes or no; None where unknown."""
    if system.is_floor:
        return ()
    last = system.stages[-1] if system.stages else None
    if last is not None and (schema := last.settings.get("response_schema")) is not None:
        return tuple(_names(schema))
    if last is None or last.prompt is None or last.prompt.name not in shipped_names(f"prompts/{KIND}"):
        return None
    prompt = load_prompt(KIND, last.prompt.name)
    return tuple(_names(prompt.response_schema)) if prompt.digest == last.prompt.digest else None


def _names(schema: Any) -> Iterator[str]:
    """Yield the names that a JSON Schema allows for a finding, where it wants a yes or no beside it."""
    if not isinstance(schema, dict):
        return
    properties = schema.get("properties")
    if isinstance(properties, dict) and SAYING in properties and isinstance(properties.get(NAMING), dict):
        names = properties[NAMING].get("enum", ())
        yield from (name for name in names if isinstance(name, str))
        return
    for value in schema.values():
        yield from _names(value)


def _asked_by_answers(run: RunFolder) -> tuple[str, ...]:
    """Return the findings that outputs answer in the form of a screening prompt."""
    if not _may_be_screening(run.path / OUTPUTS):
        return ()
    texts = (one.text for one in outputs_that_count(run) if one.text is not None)
    return tuple(dict.fromkeys(name for text in texts for name in asked_in(text)))


def _may_be_screening(path: Path) -> bool:
    """Return False if no line of a file of outputs can hold an answer that says how sure it is.

    The bytes tell: of a million outputs each needs no reading of its own.
    """
    if not path.is_file():
        return False
    word = SURE.encode()
    with path.open("rb") as file:
        # The brace of the record comes first, then that of an answer. A key may also be written in escapes,
        # which double in a line of JSON.
        braced = (line for line in file if line.find(b"{", 1) > 0)
        return any(word in line.lower() or b"\\\\" in line for line in braced)


def _asked(
    finding: str,
    wanted: Sequence[tuple[str, int]],
    references: Mapping[str, str],
    read: Mapping[tuple[str, int], Mapping[str, Answer]],
    cases: Cases,
) -> _Asked:
    keys = [key for key in wanted if key[0] in cases.index]
    said = [read.get(key, {}).get(finding) for key in keys]
    scores = [one.score if one else None for one in said]
    return _Asked(
        case=np.array([cases.index[case_id] for case_id, _ in keys], dtype=np.int64),
        truth=np.array([truth(references[case_id], finding) for case_id, _ in keys], dtype=np.str_),
        answered=np.array([one is not None for one in said], dtype=bool),
        yes=np.array([one is not None and one.yes for one in said], dtype=bool),
        score=np.array([np.nan if score is None else score for score in scores], dtype=float),
    )


def _joined(parts: Sequence[_Asked]) -> _Asked:
    """Return all entries; those of no part where there is none."""
    none = _asked("", (), {}, {}, Cases((), {}, np.zeros(0, dtype=np.int64), {}))
    columns = (field.name for field in fields(_Asked))
    return _Asked(*(np.concatenate([getattr(one, name) for one in (none, *parts)]) for name in columns))


def _row(finding: str, asked: _Asked, cases: Cases) -> ScreeningRow:
    present, denied, unsaid = (asked.truth == said for said in ("present", "denied", "unsaid"))
    return ScreeningRow(
        finding=finding,
        present=int(present.sum()),
        denied=int(denied.sum()),
        unsaid=int(unsaid.sum()),
        unclear=int((asked.truth == "unclear").sum()),
        answered=int(asked.answered.sum()),
        sensitivity=_rate(asked, asked.yes, present & asked.answered, int(present.sum()), cases),
        said=_rates(asked, present, denied, cases),
        unsaid_absent=_rates(asked, present, denied | unsaid, cases),
    )


def _rates(asked: _Asked, present: Bools, absent: Bools, cases: Cases) -> ScreeningRates:
    known = present | absent
    yes, no = known & asked.yes, known & asked.answered & ~asked.yes
    silent = int((known & ~asked.answered).sum())
    topics = cases.topics[asked.case]
    return ScreeningRates(
        specificity=_rate(asked, ~asked.yes, absent & asked.answered, int(absent.sum()), cases),
        ppv=_rate(asked, present, yes, int(yes.sum()) + silent, cases),
        npv=_rate(asked, absent, no, int(no.sum()) + silent, cases),
        auc=auc(asked.score[known], present[known], topics[known]),
    )


def _rate(asked: _Asked, hit: Bools, counted: Bools, wanted: int, cases: Cases) -> Estimate:
    hits, counts = (
        np.bincount(asked.case, weights=one, minlength=len(cases)).astype(np.float64)
        for one in (hit & counted, counted)
    )
    return rate(hits, counts, cases.topics, wanted)
