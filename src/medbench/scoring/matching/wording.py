"""Findings and pairs as records, and in words that a person reads: 'lung nodule, right upper lung, 15 mm'."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from medbench.schema.finding import FoundFinding, FoundPair, Mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.matching.pair import Pair

_DEGREES = (None, "mild", "moderate", "severe")
_COUNTS = (None, "one", "two", "many")
_ERRORS = {"conflict": "affirmed and denied"}
_SOFT_TISSUE = "soft tissue"
"""Names of the place of muscles, skin and the fat between: texts rarely say which they mean."""
_TRIVIAL = frozenset({"correct"})


@cache
def codes() -> dict[str, tuple[str | None, str | None]]:
    """Return concept to the id of its finding model and its RadLex id, where the shipped file has them."""
    text = (files("medbench.scoring.matching") / "codes.txt").read_text("utf-8")
    rows = [line.split("|") for line in text.splitlines() if line and not line.startswith("#")]
    return {name: (model or None, radlex or None) for name, model, radlex in rows}


def in_words(finding: Finding) -> str:
    """Return a finding in a few words: presence, name, side, place, size, degree, change, number."""
    if finding.is_normal:
        return f"{place_in_words(finding) or 'everything'} normal"
    sure = {"present": "", "absent": "no ", "uncertain": "possible ", "past": "past "}[finding.presence]
    parts = [f"{sure}{finding.concept.name}"]
    where = place_in_words(finding)
    if where and where != finding.concept.name:
        parts.append(where)
    if finding.size_mm:
        parts.append(f"{finding.size_mm:g} mm")
    parts += [word for word in (_DEGREES[finding.severity], finding.change) if word]
    if finding.number == 3:
        parts.append("many")
    return ", ".join(parts)


def place_in_words(finding: Finding) -> str:
    """Return side and place: 'left lung: upper'."""
    places = [
        _SOFT_TISSUE
        if path == "muscle"
        else ": ".join(path.split("/")[-2:])
        if path.count("/") > 1
        else path.split("/")[-1]
        for path in finding.places
    ]
    side = {"both": "both sides"}.get(finding.side, finding.side)
    return " ".join(part for part in (side, " and ".join(places)) if part)


def pair_in_words(pair: Pair) -> str:
    """Return a pair in words: the reference's finding, the output's, and the errors."""
    if pair.reference is None or pair.output is None:
        finding = pair.reference or pair.output
        assert finding is not None
        denied = f" ({in_words(pair.because)} was said)" if pair.because else ""
        return in_words(finding) + denied
    named = [_ERRORS.get(error, error.replace("_", " ")) for error in pair.errors]
    errors = f" ({', '.join(named)})" if named else ""
    return f"{in_words(pair.reference)} ← {in_words(pair.output)}{errors}"


def notable(pairs: Sequence[Pair]) -> list[tuple[str, str]]:
    """Return outcome and words of each pair that isn't simply right, without denials of one side."""
    return [
        (pair.outcome, pair_in_words(pair))
        for pair in pairs
        if pair.outcome not in _TRIVIAL and not _is_unsaid(pair)
    ]


def marks(pairs: Sequence[Pair], reference: str, output: str) -> list[Mark]:
    """Return each pair with its places in both texts, without denials of one side."""
    return [
        Mark(
            outcome=pair.outcome,
            words=in_words(finding) if pair.outcome == "correct" else pair_in_words(pair),
            reference=_place(pair.reference, reference),
            output=_place(pair.output, output),
        )
        for pair in pairs
        if (finding := pair.reference or pair.output) is not None and not _is_unsaid(pair)
    ]


def _is_unsaid(pair: Pair) -> bool:
    """True for a denial in one text that the other passes over."""
    finding = pair.reference or pair.output
    assert finding is not None
    return pair.outcome in {"missed", "unverifiable"} and finding.presence == "absent"


def _place(finding: Finding | None, text: str) -> tuple[int, int] | None:
    """Return where the words of a finding stand: within its sentence, or all of that."""
    if finding is None:
        return None
    start, end = finding.span
    words = re.compile(re.escape(finding.words), re.IGNORECASE)
    found = words.search(text, start, end) if finding.words else None
    return found.span() if found else (start, end)


def as_record(finding: Finding, radlex: Mapping[str, str]) -> FoundFinding:
    """Return a finding as data.

    Args:
        finding: The finding.
        radlex: Name in lower case to RadLex id, of a table that the user supplies; empty without one.
    """
    model, known = codes().get(finding.concept.name, (None, None))
    return FoundFinding(
        concept=finding.concept.name,
        presence=finding.presence,
        tier=finding.concept.tier,
        finding_model=model,
        radlex=known or radlex.get(finding.concept.name) or radlex.get(finding.words),
        side=finding.side or None,
        places=finding.places,
        places_radlex=tuple(
            dict.fromkeys(rid for path in finding.places if (rid := radlex.get(path.split("/")[-1])))
        ),
        size_mm=finding.size_mm,
        severity=_DEGREES[finding.severity],
        count=_COUNTS[finding.number],
        change=_or_none(finding.change),
        sequence=_or_none(finding.sequence),
        words=finding.words,
        span=finding.span,
    )


def _or_none(word: str) -> Any:
    return word or None


def pair_record(pair: Pair, radlex: Mapping[str, str]) -> FoundPair:
    """Return a pair as data."""
    return FoundPair(
        outcome=pair.outcome,
        credit=pair.credit,
        errors=pair.errors,
        reference=as_record(pair.reference, radlex) if pair.reference else None,
        output=as_record(pair.output, radlex) if pair.output else None,
    )
