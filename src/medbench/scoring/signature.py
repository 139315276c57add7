"""The signature of a number: one line that says how it was computed; equal signatures may be compared."""

from __future__ import annotations

from medbench.scoring import controls
from medbench.scoring.versions import FLAGS_METHOD, LATEST, FindingVersion, scorers_of


def signature(method: str, parser: str, benchmark_digest: str) -> str:
    """Return the signature of a scorer's numbers.

    Args:
        method: The scorer's METHOD: name and version, then what else decides, such as 'rouge_l:1|stem:yes'.
        parser: Parser that found the text that was scored.
        benchmark_digest: Benchmark that holds the references; its first eight hex digits are shown.
    """
    return f"{method}|parser:{parser}|ref:{benchmark_digest.rpartition(':')[2][:8]}"


def signatures(
    parser: str,
    benchmark_digest: str,
    swap: controls.Swap = "region",
    finding: FindingVersion = LATEST,
    *,
    questions: bool = False,
) -> dict[str, str]:
    """Return the signature of each scorer by its name, and those of flags and controls."""
    by_scorer = {
        name: signature(module.METHOD, parser, benchmark_digest)
        for name, module in scorers_of(finding, questions=questions).items()
    }
    return {**by_scorer, "flags": FLAGS_METHOD, "controls": controls.method(swap)}
