"""The summary of a run, checked against the files that it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.scoring.parsing.text import CURRENT, parser_names
from medbench.scoring.questions import answers
from medbench.scoring.signature import signatures
from medbench.scoring.versions import LATEST
from medbench.stats.method import METHOD as STATISTICS
from medbench.store.jsonl import file_digest, write_one
from medbench.store.runs import OUTPUTS, RESPONSES, SCORES, SUMMARY, RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

    from medbench.schema.score import InputFile, Summary
    from medbench.scoring.controls import Swap
    from medbench.scoring.versions import FindingVersion


CHANGED_METHOD: Final = "the way of scoring has changed"
"""Why scores are stale whose signatures are not those of now."""


def rates(modules: Iterable[ModuleType]) -> frozenset[str]:
    """Return the metrics that are 1 or 0 for each output: a scorer names them as RATES."""
    return frozenset(metric for module in modules for metric in getattr(module, "RATES", ()))


def inputs_of(run: RunFolder) -> dict[str, InputFile]:
    """Return the digests of the files that a summary rests on."""
    return {name: file_digest(run.path / name) for name in (OUTPUTS, RESPONSES)}


def why_stale(run: RunFolder, summary: Summary | None) -> str | None:
    """Return why the scores on the disk do not fit what they rest on any more; None where they do."""
    if summary is None or not (run.path / SCORES).is_file():
        return "it was not scored yet"
    if summary.inputs != inputs_of(run):
        return "its outputs have changed"
    if summary.scores != file_digest(run.path / SCORES):
        return "its scores are not those of its summary"
    if summary.sessions != run.goals():
        return "more was asked for since"
    if summary.signatures != signatures_of(run, summary):
        return CHANGED_METHOD
    return None


def signatures_of(run: RunFolder, summary: Summary) -> dict[str, str]:
    """Return the signatures that the numbers of a summary would have now."""
    finding = summary.finding or LATEST
    asked = answers.NAME in summary.signatures  # a benchmark with one digest asks questions or does not
    return all_signatures(
        parser_for(summary), run.head.benchmark.digest, summary.swap, finding, questions=asked
    )


def all_signatures(
    parser: str, benchmark_digest: str, swap: Swap, finding: FindingVersion, *, questions: bool
) -> dict[str, str]:
    """Return the signatures of a summary: of its scores, and of the intervals beside them."""
    of_scores = signatures(parser, benchmark_digest, swap, finding, questions=questions)
    return {**of_scores, "statistics": STATISTICS}


def refresh_digests(run: RunFolder, summary: Summary) -> None:
    """Write the digests of the run's files anew into a summary that fitted them.

    For a step that adds to a file what no score rests on, such as the calls of a judge.
    """
    inputs = inputs_of(run)
    if inputs != summary.inputs:
        write_one(run.path / SUMMARY, summary.model_copy(update={"inputs": inputs}))


def parser_for(summary: Summary | None) -> str:
    """Return the parser to score a run with again: a fixed one stays, the current one moves with medbench."""
    if summary is None or summary.parser not in parser_names():
        return CURRENT
    family = CURRENT.rpartition("-")[0]
    moves = summary.finding is None and summary.parser.rpartition("-")[0] == family
    return CURRENT if moves else summary.parser
