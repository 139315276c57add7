"""Write claims as JUnit's XML, which every service that runs tests can show."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from xml.sax.saxutils import escape, quoteattr

from medbench.report.compare.conclusion import pair_basis, sentence
from medbench.report.numbers import metric_name
from medbench.sentences import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medbench.schema.results.comparison import Comparison

Verdict = Literal["pass", "fail", "undecided"]
_ELEMENTS = {"fail": "failure", "undecided": "skipped"}
_OUTCOMES: Mapping[str, Verdict] = {"better": "pass", "equivalent": "pass", "worse": "fail"}
_NOT_OF_XML = re.compile("[\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim about two systems, and what became of it."""

    name: str
    verdict: Verdict
    said: str
    """The result in one sentence."""
    basis: Sequence[str] = ()
    """Basis of the result: n, interval, tests."""


def claims_of(comparison: Comparison) -> Iterator[Claim]:
    """Yield a claim for each pair with a conclusion: the second system is no worse than the first."""
    for pair in comparison.pairs:
        if (conclusion := pair.conclusion) is not None:
            yield Claim(
                name=f"{pair.b} is not worse than {pair.a} in {metric_name(conclusion.metric)}",
                verdict=_OUTCOMES.get(conclusion.outcome, "undecided"),
                said=sentence(pair, conclusion),
                basis=[*pair_basis(pair, comparison)],
            )


def junit(suite: str, claims: Sequence[Claim], properties: Mapping[str, str]) -> str:
    """Return a test suite with a case for each claim; what is undecided is skipped, and says why.

    Args:
        suite: Name of the suite.
        claims: The claims.
        properties: How the numbers were computed, by name.
    """
    failed, skipped = (sum(one.verdict == kind for one in claims) for kind in ("fail", "undecided"))
    counts = f'tests="{len(claims)}" failures="{failed}" errors="0" skipped="{skipped}"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="medbench" {counts}>',
        f"<testsuite name={_attribute(suite)} {counts}>",
        "<properties>",
        *(f"<property name={_attribute(k)} value={_attribute(v)}/>" for k, v in properties.items()),
        "</properties>",
        *(_case(suite, claim) for claim in claims),
        "</testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def properties_of(comparison: Comparison) -> dict[str, str]:
    """Return how the numbers of a comparison were computed."""
    return {
        "benchmark": comparison.benchmark,
        "benchmark_digest": comparison.benchmark_digest,
        "rater": comparison.rater or "",
        "parser": comparison.parser,
        **{f"signature.{scorer}": text for scorer, text in comparison.signatures.items()},
    }


def _case(suite: str, claim: Claim) -> str:
    element = _ELEMENTS.get(claim.verdict)
    text = _text("\n".join([claim.said, *claim.basis]))
    outcome = f"<{element} message={_attribute(claim.said)}>{text}</{element}>" if element else ""
    head = f"<testcase classname={_attribute(suite)} name={_attribute(claim.name)}>"
    return f"{head}{outcome}<system-out>{text}</system-out></testcase>"


def _text(text: str) -> str:
    return escape(_NOT_OF_XML.sub("\N{REPLACEMENT CHARACTER}", printable(text)))


def _attribute(text: str) -> str:
    return quoteattr(_NOT_OF_XML.sub("\N{REPLACEMENT CHARACTER}", printable(text)))
