"""Score one text, list its findings, raise its flags: what scoring does to an output, for a text at hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from medbench.api.frames import Rows
from medbench.api.result import RecordResult
from medbench.faults import begins, naming
from medbench.scoring.item import Item
from medbench.scoring.parsing.text import CURRENT, parse, says_nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from medbench.report.blocks import Block
    from medbench.schema.results.validation import MetricValidation
    from medbench.schema.score import Flag
    from medbench.scoring.extraction.observed import Finding

# The scorers remember sentences and tokens they have read, and were written for one thread.
_ONE_AT_A_TIME = Lock()


def score(text: str, reference: str, *, parser: str = CURRENT) -> dict[str, float | None]:
    """Return the metrics of a text against a reference: those of its findings, and ROUGE-L.

    The numbers are those that a run with this output would have. `docs/scoring.md` says what each means.

    Args:
        text: An answer as a model gave it; the parser finds the part that is scored.
        reference: The radiologist's text.
        parser: How the answer is taken apart.

    Returns:
        Metric to number, such as 'finding.f1' and 'rouge_l.recall', each from 0 to 1, and counts such as
        'finding.missed'. None where there is nothing to measure: the text has no words, or no finding is
        known in the reference.

    Raises:
        UsageError: There is no such parser.
        FaultError: The code failed on one of the texts.
    """
    what = f"the text {begins(text)} cannot be scored against {begins(reference)}"
    with _ONE_AT_A_TIME, naming(what):
        item = Item(parsed=parse(text, parser), reference=reference, empty=says_nothing(text))
        return {metric: number for scorer in _scorers() for metric, number in scorer(item).items()}


@cache
def _scorers() -> tuple[Callable[[Item], dict[str, float | None]], ...]:
    from medbench.scoring import findings, rouge

    return findings.make(), rouge.make()


def findings(text: str) -> tuple[Finding, ...]:
    """Return the findings of a text in the order in which they are first mentioned.

    Each has a `concept` (with `name`, and `kin`, the family of concepts near it), `presence` ('present',
    'absent', 'uncertain' or 'past'), `side` ('left', 'right', 'both' or ''), `places`, and `size_mm`, None
    where no size is given. The whole text is read; `parse(text).findings` is the part that is scored.
    """
    from medbench.scoring.extraction.extract import extract

    with _ONE_AT_A_TIME, naming(f"the findings of {begins(text)} cannot be read"):
        return extract(text)


def flags(
    text: str,
    *,
    finish_reason: str | None = None,
    prompt: str | None = None,
    modalities: Iterable[str] = (),
    planes: Iterable[str] = (),
) -> tuple[Flag, ...]:
    """Return what is wrong with an answer, in alphabetical order, such as ('loop', 'truncated').

    Args:
        text: The answer as it came.
        finish_reason: Why it ended, as the provider says it; None where that is unknown.
        prompt: What was sent, to recognise an answer that repeats it.
        modalities: Modalities of the images, such as {'CT'}; without any, a wrong one is not recognised.
        planes: Planes of the images, such as {'axial'}; likewise.
    """
    from medbench.scoring.flags import find_flags

    with naming(f"the flags of {begins(text)} cannot be found"):
        return find_flags(
            text,
            finish_reason=finish_reason,
            prompt=prompt,
            modalities=frozenset(modalities),
            planes=frozenset(planes),
        )


_MEASURES = ("tau", "rho", "preference")


class ValidationResult(RecordResult):
    """Metrics beside ratings; its frame has a row for each metric and measure of agreement."""

    record: MetricValidation

    def __repr__(self) -> str:
        return f"<ValidationResult {self.record.file}: {self.record.candidates} candidates>"

    def _rows(self) -> Rows:
        kinds = {"metric": str, "measure": str, "value": float, "low": float, "high": float, "n": int}
        found = [(one.metric, name, getattr(one, name)) for one in self.record.metrics for name in _MEASURES]
        rows = [
            {"metric": metric, "measure": name, "value": agreement.value, "n": agreement.n}
            | ({"low": ends.low, "high": ends.high} if (ends := agreement.interval) else {})
            for metric, name, agreement in found
        ]
        return Rows(kinds, rows)

    def _blocks(self) -> Iterable[Block]:
        from medbench.report.cards import validation

        return validation(self.record)


def validate_metric(file: str | Path) -> ValidationResult:
    """Return how well each metric agrees with people who rated the same texts.

    Args:
        file: CSV or JSON Lines, a row for each text: 'reference', 'candidate' and 'rating', or 'reference',
            'better' and 'worse'. `docs/validity.md` describes all columns.

    Raises:
        UsageError: There is no such file.
        InputError: A row is broken.
    """
    from medbench.steps.validate import validate_metric as step

    return ValidationResult(step(Path(file)))
