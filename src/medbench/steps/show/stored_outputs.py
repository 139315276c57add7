"""The outputs of a run with all that was recorded of them, read once and given case by case."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from medbench.faults import naming
from medbench.schema.finding import SeenFindings
from medbench.schema.response import Response
from medbench.schema.results.view import OutputView
from medbench.schema.score import Score
from medbench.schema.verdict import Verdict
from medbench.scoring import findings, rules
from medbench.scoring.matching.key import key_finding
from medbench.scoring.matching.wording import in_words, marks, notable
from medbench.scoring.parsing.text import CURRENT, parse, parser_names
from medbench.store.jsonl import read_records
from medbench.store.outputs import OutputIndex
from medbench.store.runs import RESPONSES, SCORES, VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.run import Output
    from medbench.store.runs import RunFolder


class StoredOutputs:
    """The outputs of a run, their scores, verdicts and calls.

    Args:
        run: The run.
        cases: The cases whose outputs are held in memory; None for all.
        name: The name of the run in what is shown; its own by default.
    """

    def __init__(self, run: RunFolder, cases: frozenset[str] | None = None, name: str | None = None) -> None:
        self._name = name or run.name
        self._outputs: dict[str, list[Output]] = defaultdict(list)
        self._verdicts: dict[str, list[Verdict]] = defaultdict(list)
        self._scores: dict[tuple[str, int], Score] = {}
        self._calls: dict[str, Response] = {}
        self._last_call: dict[str, Response] = {}
        for output in OutputIndex(run.path, cases=cases).outputs():
            self._outputs[output.case_id].append(output)
        for score in read_records(run.path / SCORES, Score):
            if cases is None or score.case_id in cases:
                self._scores[score.case_id, score.replicate] = score
        for verdict in read_records(run.path / VERDICTS, Verdict):
            if cases is None or verdict.case_id in cases:
                self._verdicts[verdict.case_id].append(verdict)
        for response in read_records(run.path / RESPONSES, Response):
            wanted = cases is None or response.call_for.case_id in cases
            if wanted and not response.call_for.is_judging:
                self._calls[response.response_id] = response
                self._last_call[response.call_for.case_id] = response

    def views(self, case_id: str, reference: str) -> Iterator[OutputView]:
        """Yield the outputs for a case; one without an output where it was not run."""
        outputs, verdicts = self._outputs[case_id], self._verdicts[case_id]
        for output in outputs:
            calls = tuple(self._calls[name] for name in output.responses if name in self._calls)
            score = self._scores.get((case_id, output.replicate))
            place = f"'{self._name}', case '{case_id}', replicate {output.replicate}"
            with naming(f"{place}: the output cannot be read"):
                text = None if output.text is None else scored_text(output.text, score)
                seen = None if text is None else _seen(text, reference)
            yield OutputView(
                run=self._name,
                output=output,
                score=score,
                prompt=calls[-1].prompt if calls else None,
                latency_s=calls[-1].latency_s if calls else None,
                verdicts=tuple(one for one in verdicts if one.replicate == output.replicate),
                findings=seen,
                scored=text,
                calls=calls,
            )
        if not outputs:
            calls = (self._last_call[case_id],) if case_id in self._last_call else ()
            yield OutputView(self._name, None, None, None, None, tuple(verdicts), calls=calls)


def scored_text(output: str, score: Score | None) -> str:
    """Return the part of an output that is scored."""
    if score is not None and score.scored is not None:
        return score.scored
    return parse(output, score.parser if score and score.parser in parser_names() else CURRENT).findings


def _seen(text: str, reference: str) -> SeenFindings:
    """Return the findings of a text against those of the reference, as the rules see them."""
    pairs = findings.matched(reference, text)
    grade, key_hit = rules.graded(pairs, findings.measured(reference, text))
    key = key_finding(findings.reference_findings(reference))
    return SeenFindings(
        grade=grade,
        key=in_words(key) if key else None,
        key_hit=key_hit,
        lines=tuple(notable(pairs)),
        marks=tuple(marks(pairs, reference, text)),
    )
