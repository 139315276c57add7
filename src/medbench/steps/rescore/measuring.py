"""The score of one output: the same in whatever process and order it is computed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from medbench.errors import FaultError
from medbench.faults import naming
from medbench.schema.score import Score
from medbench.scoring.controls import Controls, Scorers
from medbench.scoring.flags import CUT_REASONS, find_flags
from medbench.scoring.item import Item
from medbench.scoring.parsing.formatting import formatting_of
from medbench.scoring.parsing.text import parse
from medbench.scoring.questions import answers
from medbench.scoring.versions import scorers_of
from medbench.steps.rescore.call_facts import asked_of, totals

if TYPE_CHECKING:
    from medbench.schema.run import Output
    from medbench.scoring.controls import Cases, Swap
    from medbench.scoring.versions import FindingVersion
    from medbench.steps.rescore.call_facts import CallFacts

_LEFT = "The outputs are kept, and no score of the run was written."
# Baselines say the same for every case.
_flags_of = lru_cache(maxsize=16)(find_flags)
_parsed = lru_cache(maxsize=16)(parse)
_formatting_of = lru_cache(maxsize=16)(formatting_of)


class Job(NamedTuple):
    """One output to score."""

    run: str
    """Folder of its run, for messages."""
    output: Output
    case: int
    """Place of its case among all."""
    calls: tuple[CallFacts, ...]
    """The calls behind it."""
    examples: tuple[str, ...] = ()
    """Texts of the pool that its prompt showed."""


class Measurer:
    """Scores the outputs of one benchmark; references are taken apart once."""

    def __init__(self, cases: Cases, parser: str, version: FindingVersion, swap: Swap) -> None:
        self._cases, self._parser = cases, parser
        self.controls = Controls(cases, swap)
        modules = scorers_of(version, questions=self.controls.asks_questions)
        self._of_findings, self._of_questions = (
            Scorers(
                [
                    (module.make(), set(module.METRICS))
                    for name, module in modules.items()
                    if name == "usage" or (name == answers.NAME) is questions
                ]
            )
            for questions in (False, True)
        )

    def __call__(self, job: Job) -> Score:
        """Return the score of an output; that of a failure holds its kind.

        Raises:
            FaultError: The code failed on its text or on a reference, which the message names.
        """
        output = job.output
        place = f"'{job.run}', case '{output.case_id}', replicate {output.replicate}"
        try:
            with naming(f"{place}: the output cannot be scored", _LEFT):
                return self._score(job)
        except FaultError:
            self._check_references(job.case, job.run)
            raise

    def _check_references(self, case: int, run: str) -> None:
        """Score a plain text against the references that an output of the case meets.

        Raises:
            FaultError: The code failed on one of the references, whatever the output.
        """
        for other in (case, *self.controls.others(case)):
            fact = self._cases[other]
            item = Item(parse("Normal.", self._parser), fact.reference, question=fact.question)
            scorers = self._of_questions if fact.question else self._of_findings
            with naming(
                f"'{run}': nothing can be scored against the reference of case '{fact.case_id}'", _LEFT
            ):
                for score in scorers.all:
                    score(item)

    def _score(self, job: Job) -> Score:
        output, fact = job.output, self._cases[job.case]
        if output.failure is not None:
            return Score(
                case_id=output.case_id,
                replicate=output.replicate,
                failure=output.failure.kind,
                strata=fact.strata,
                parser=self._parser,
            )
        assert output.text is not None
        asked = bool(output.responses)
        last = job.calls[-1] if job.calls else None
        prompt = asked_of(job.calls, job.examples)
        # Only who wrote the text can have cut it: an earlier role's answer is not in it as it came.
        writers = [call for call in job.calls if last and call.role == last.role]
        cut = next((call for call in writers if call.finish_reason in CUT_REASONS), last)
        flags = _flags_of(
            output.text,
            # A text that no model was asked for is whole by construction.
            finish_reason=cut.finish_reason if cut else None if asked else "stop",
            prompt=prompt,
            modalities=fact.modalities,
            planes=fact.planes,
            other_model=any(call.other_model for call in job.calls),
        )
        parsed = _parsed(output.text, self._parser, prompt=prompt)
        item = Item(
            parsed,
            fact.reference,
            totals(job.calls, asked=asked),
            empty="empty" in flags,
            question=fact.question,
            packed=fact.packed,
        )
        scorers = self._of_questions if fact.question else self._of_findings
        scores: dict[str, float | None] = {}
        for score in scorers.all:
            scores.update(score(item))
        scores.update(self.controls.measure(job.case, item, scorers))
        return Score(
            case_id=output.case_id,
            replicate=output.replicate,
            strata=fact.strata,
            parser=self._parser,
            section=parsed.section,
            words=len(parsed.findings.split()),
            flags=flags,
            shape=_formatting_of(output.text, parsed),
            scored=parsed.findings,
            scores=scores,
        )
