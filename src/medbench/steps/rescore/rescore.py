"""The step `rescore`: parse and measure again what is on the disk; sends nothing."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from medbench.errors import InputError
from medbench.registry import unknown
from medbench.schema.score import Score, Summary
from medbench.scoring.controls import Controls, Swap, control_metrics
from medbench.scoring.flags import CUT_REASONS, find_flags
from medbench.scoring.item import Item
from medbench.scoring.parsing.formatting import formatting_of
from medbench.scoring.parsing.text import parse, parser_names
from medbench.scoring.signature import signatures
from medbench.scoring.versions import LATEST, FindingVersion, parser_of, scorers_of
from medbench.steps.reading.case_facts import case_facts
from medbench.steps.reading.selection import wanted_ids
from medbench.steps.reading.summaries import inputs_of, parser_for, rates, why_stale
from medbench.steps.rescore.call_facts import CallFacts, LedgerReader, asked_of, totals
from medbench.steps.rescore.tally import Tally
from medbench.store.jsonl import atomic_file, file_digest, write_one
from medbench.store.outputs import outputs_that_count
from medbench.store.runs import OUTPUTS, SCORES, SUMMARY, RunFolder
from medbench.store.summary import summary_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from medbench.schema.run import Output
    from medbench.scoring.item import CaseFacts
    from medbench.store.benchmark import BenchmarkFolder

# Baselines say the same for every case.
_flags_of = lru_cache(maxsize=16)(find_flags)
_parsed = lru_cache(maxsize=16)(parse)


def scored_now(run: RunFolder) -> Summary:
    """Return the summary of a run, which is scored again in its own way where its scores are stale."""
    summary = summary_of(run)
    if summary is None or why_stale(run, summary):
        return Rescorer(parser_for(summary), finding=summary.finding if summary else None).rescore(run)
    return summary


class Rescorer:
    """Scores runs; references are taken apart once for all runs of a benchmark."""

    def __init__(
        self,
        parser: str | None = None,
        swap: Swap = "region",
        finding: FindingVersion | None = None,
    ) -> None:
        """Prepare to score.

        Args:
            parser: How outputs are taken apart; by default as the version of the finding metric wants it.
            swap: The references of the swap control.
            finding: Version of the finding metric; None for the current one.
        """
        version = finding or LATEST
        parser = parser or parser_of(version)
        if parser not in parser_names():
            raise unknown("parser", parser, parser_names(), option="--parser ")
        self._parser = parser
        self._finding = finding
        self._modules = scorers_of(version)
        self._score: dict[str, Callable[[Item], dict[str, float | None]]] = {
            name: module.make() for name, module in self._modules.items()
        }
        self._with_metrics = [
            (score, set(self._modules[name].METRICS)) for name, score in self._score.items()
        ]
        self._swap: Swap = swap
        self._facts: dict[str, dict[str, CaseFacts]] = {}
        self._controls: dict[str, Controls] = {}

    def rescore(self, run: RunFolder, into: Path | None = None) -> Summary:
        """Write scores.jsonl and summary.json of a run anew, each whole or not at all.

        Args:
            run: The run.
            into: Folder to write to; None for the run's own.

        Raises:
            InputError: The benchmark is gone or was changed.
            StoreError: The folder cannot be written.
        """
        folder = into or run.path
        benchmark = run.benchmark()
        inputs = inputs_of(run)
        facts = self._facts_of(benchmark)
        controls = self._controls[benchmark.head.digest]
        sessions = run.goals()
        metrics = {metric for module in self._modules.values() for metric in module.METRICS}
        tally = Tally(
            ((facts[case_id].strata, wanted) for case_id, wanted in wanted_ids(benchmark, sessions, facts)),
            metrics | control_metrics(metrics),
            rates(self._modules.values()),
        )
        ledger = LedgerReader(run.path)
        with atomic_file(folder / SCORES) as file:
            for score in self._scores(outputs_that_count(run), run, facts, ledger, controls):
                file.write(score.to_line())
                tally.add(score, facts[score.case_id].strata, facts[score.case_id].topic)
        ledger.finish()
        spent = ledger.spent.total()
        summary = Summary(
            system=run.head.system.name,
            benchmark_digest=run.head.benchmark.digest,
            parser=self._parser,
            signatures=signatures(
                self._parser, run.head.benchmark.digest, self._swap, self._finding or LATEST
            ),
            finding=self._finding,
            swap=self._swap,
            swap_mixed=controls.mixed,
            inputs=inputs,
            scores=file_digest(folder / SCORES),
            sessions=sessions,
            cases=benchmark.head.cases,
            cost_usd=spent.known,
            cost_unknown=spent.unknown,
            cost_reused_usd=spent.reused_usd,
            cost_reused_unknown=spent.reused_unknown,
            **tally.sums(),
        )
        write_one(folder / SUMMARY, summary)
        return summary

    def scores(self, run: RunFolder, outputs: Iterable[Output]) -> Iterator[Score]:
        """Yield the scores that outputs of a run would have, such as those of an earlier stage.

        Args:
            run: The run; its ledger has the responses that the outputs name.
            outputs: The outputs, nearly in the order in which the run has them.

        Raises:
            InputError: The benchmark is gone or was changed.
        """
        benchmark = run.benchmark()
        facts = self._facts_of(benchmark)
        return self._scores(
            outputs, run, facts, LedgerReader(run.path), self._controls[benchmark.head.digest]
        )

    def _facts_of(self, benchmark: BenchmarkFolder) -> dict[str, CaseFacts]:
        facts = self._facts.get(benchmark.head.digest)
        if facts is None:
            facts = case_facts(benchmark)
            self._facts = {benchmark.head.digest: facts}
            self._controls = {benchmark.head.digest: Controls(facts, self._swap)}
        return facts

    def _scores(
        self,
        outputs: Iterable[Output],
        run: RunFolder,
        facts: dict[str, CaseFacts],
        ledger: LedgerReader,
        controls: Controls,
    ) -> Iterator[Score]:
        pool: dict[str, str] = {}
        for output in outputs:
            fact, calls = facts.get(output.case_id), ledger.calls_of(output.responses)
            if fact is None:
                raise InputError(
                    f"{run.path / OUTPUTS} has an output for '{output.case_id}', no case of its benchmark.",
                    "restore the file from a copy; medbench changes no line once it is written",
                )
            if output.failure is not None:
                yield Score(
                    case_id=output.case_id,
                    replicate=output.replicate,
                    failure=output.failure.kind,
                    strata=fact.strata,
                    parser=self._parser,
                )
            else:
                shown = [name for name, _ in output.notes.get("neighbours", ())]
                if shown and not pool:
                    pool = {one.case.case_id: one.text for one in run.benchmark().pool}
                examples = [pool[name] for name in shown if name in pool]
                yield self._measured(output, fact, calls, controls, examples)

    def _measured(
        self,
        output: Output,
        fact: CaseFacts,
        calls: Sequence[CallFacts],
        controls: Controls,
        examples: Sequence[str],
    ) -> Score:
        assert output.text is not None
        asked = bool(output.responses)
        last = calls[-1] if calls else None
        prompt = asked_of(calls, examples)
        # Only who wrote the text can have cut it: an earlier role's answer is not in it as it came.
        writers = [call for call in calls if last and call.role == last.role]
        cut = next((call for call in writers if call.finish_reason in CUT_REASONS), last)
        flags = _flags_of(
            output.text,
            # A text that no model was asked for is whole by construction.
            finish_reason=cut.finish_reason if cut else None if asked else "stop",
            prompt=prompt,
            modalities=fact.modalities,
            planes=fact.planes,
            other_model=any(call.other_model for call in calls),
        )
        parsed = _parsed(output.text, self._parser, prompt=prompt)
        item = Item(parsed, fact.reference, totals(calls, asked=asked), empty="empty" in flags)
        scores: dict[str, float | None] = {}
        for score in self._score.values():
            scores.update(score(item))
        scores.update(controls.measure(output.case_id, item, self._with_metrics))
        return Score(
            case_id=output.case_id,
            replicate=output.replicate,
            strata=fact.strata,
            parser=self._parser,
            section=parsed.section,
            words=len(parsed.findings.split()),
            flags=flags,
            shape=formatting_of(output.text, parsed),
            scored=parsed.findings,
            scores=scores,
        )
