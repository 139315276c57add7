"""A case as a row of the list, and as data that the script makes visible when the case is opened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medbench.report.numbers import share
from medbench.report.show.case import (
    case_title,
    facts,
    failed_tries,
    image_words,
    key_words,
    verdict_words,
)
from medbench.sentences import counted, money, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from medbench.schema.finding import Mark, SeenFindings
    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.report_view import ReportCase
    from medbench.schema.results.view import OutputView

SIGNS = {
    "contradicted": "\N{NOT EQUAL TO}",
    "invented": "+",
    "missed": "\N{MINUS SIGN}",
    "partial": "\N{ALMOST EQUAL TO}",
    "unverifiable": "?",
    "correct": "\N{CHECK MARK}",
}
"""The sign of each outcome, the gravest first: of two marks in one place the graver is drawn."""
_RANKS = {outcome: rank for rank, outcome in enumerate(SIGNS)}
_RIGHT = frozenset({"good", "named"})
UNGRADED = "no grade"


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case in the list."""

    case_id: str
    source_id: str
    region: str
    modality: str
    words: tuple[tuple[str, str], ...]
    """For each system its grade and F1; without grades 'named' or 'missed' for the key finding."""
    results: str
    """All such words, to filter by."""
    right: str
    """Numbers of the systems that are right in more than half of their outputs."""
    wrong: str
    """Numbers of those that are not; of the others it is not known."""
    flags: str
    raters_differ: bool
    unsettled: bool
    """True if an output has no grade, or raters differ about one."""


def case_rows(cases: Sequence[ReportCase], comparison: Comparison) -> Iterator[CaseRow]:
    """Yield a row for each case."""
    for case in cases:
        results = [
            _results(
                [view for view in case.view.outputs if view.run == system.name],
                case.grades[system.name],
                graded=system.graded is not None,
            )
            for system in comparison.systems
        ]
        known = [[word for word in of_system if word in _KNOWN] for of_system in results]
        right = [sum(word in _RIGHT for word in words) * 2 > len(words) for words in known]
        yield CaseRow(
            case_id=case.view.case.case_id,
            source_id=case.view.reference.source_id,
            region=case.view.case.region,
            modality=case.view.case.modality,
            words=tuple(
                (", ".join(dict.fromkeys(of_system)), _f1(case, system.name))
                for of_system, system in zip(results, comparison.systems, strict=True)
            ),
            results=" ".join(sorted({word.replace(" ", "-") for words in results for word in words})),
            right=" ".join(str(n) for n, words in enumerate(known) if words and right[n]),
            wrong=" ".join(str(n) for n, words in enumerate(known) if words and not right[n]),
            flags=" ".join(
                sorted({flag for view in case.view.outputs if view.score for flag in view.score.flags})
            ),
            raters_differ=case.raters_differ,
            unsettled=case.raters_differ or not all(map(_KNOWN.issuperset, results)),
        )


_KNOWN = frozenset({"good", "partial", "poor", "named", "missed"})


def _results(views: Sequence[OutputView], grades: Sequence[str | None], *, graded: bool) -> list[str]:
    words = []
    for view, grade in zip(views, grades, strict=True):
        if view.output is None or view.output.text is None:
            words.append("not run" if view.output is None else "failed")
        else:
            words.append(grade or UNGRADED if graded else key_words(view.findings) or UNGRADED)
    return words


def _f1(case: ReportCase, system: str) -> str:
    scores = [
        view.score.scores.get("finding.f1") for view in case.view.outputs if view.run == system and view.score
    ]
    return ", ".join(share(score, 2) for score in scores)


def case_data(case: ReportCase) -> dict[str, Any]:
    """Return a case as data: texts in pieces, each with the outcome of the finding that it names."""
    view = case.view
    return {
        "id": view.case.case_id,
        "title": printable(case_title(view)),
        "history": printable(view.case.history or "not given"),
        "reference": printable(view.reference.text),
        "diagnosis": printable(view.reference.diagnosis or ""),
        "notes": [flag.replace("_", " ") for flag in view.reference.flags],
        "images": [[image.sha256, printable(image_words(image))] for image in view.case.images],
        "outputs": [_output(one, view.reference.text) for one in view.outputs],
    }


def _output(view: OutputView, reference: str) -> dict[str, Any]:
    text, scored = (view.output.text if view.output else None) or "", view.scored or ""
    seen: SeenFindings | None = view.findings
    marks = seen.marks if seen else ()
    start = text.find(scored) if scored else -1
    # The rest of the answer stands around the part that was scored; where that was put together, below it.
    around = [text[:start], text[start + len(scored) :]] if start >= 0 else ["", ""]
    return {
        "run": printable(view.run),
        "facts": printable(facts(view)),
        "calls": _calls(view),
        "text": _pieces(scored, ((mark.output, mark) for mark in marks)),
        "around": [printable(part) for part in around],
        "whole": printable(text) if start < 0 else "",
        "reference": _pieces(reference, ((mark.reference, mark) for mark in marks)),
        "marks": [[mark.outcome, printable(mark.words)] for mark in sorted(marks, key=_rank)],
        "key": printable(seen.key) if seen and seen.key else "",
        "hit": seen.key_hit if seen else None,
        "verdicts": [printable(verdict_words(verdict)) for verdict in view.verdicts],
        "matches": [
            [match.outcome, printable(match.reference or ""), printable(match.output)]
            for verdict in view.verdicts
            for match in verdict.matches
        ],
        "requests": list(_requests(view)),
    }


def _rank(mark: Mark) -> int:
    return _RANKS[mark.outcome]


def _calls(view: OutputView) -> str:
    """Return how the answer was had: attempts, seconds, dollars."""
    if not view.calls:
        return ""
    attempts = sum(len(call.attempts) or 1 for call in view.calls)
    costs = [call.cost.whole_usd if call.cost else None for call in view.calls]
    known = [usd for usd in costs if usd is not None]
    cost = money(sum(known)) if len(known) == len(costs) else "cost unknown"
    reused = next((f" · taken from {call.reused_from}" for call in view.calls if call.reused_from), "")
    words = failed_tries(view)
    failed = f" ({printable(words)})" if words else ""
    return f"{counted(len(view.calls), 'call')} · {counted(attempts, 'attempt')}{failed} · {cost}{reused}"


def _requests(view: OutputView) -> Iterator[list[str]]:
    """Yield the stage and the text of each request, and the answer to it where that is not the output."""
    for number, call in enumerate(view.calls, 1):
        if call.prompt:
            answer = call.text if number < len(view.calls) else None
            yield [printable(call.call_for.stage), printable(call.prompt), printable(answer or "")]


def _pieces(text: str, placed: Iterable[tuple[tuple[int, int] | None, Mark]]) -> list[list[str]]:
    """Return the text in pieces: [text], or [text, outcome] where a finding is named."""
    taken: list[tuple[int, int, str]] = []
    for place, mark in sorted(
        ((place, mark) for place, mark in placed if place), key=lambda one: _rank(one[1])
    ):
        if all(place[1] <= start or place[0] >= end for start, end, _ in taken):
            taken.append((*place, mark.outcome))
    pieces: list[list[str]] = []
    at = 0
    for start, end, outcome in sorted(taken):
        pieces += [[printable(text[at:start])], [printable(text[start:end]), outcome]]
        at = end
    return [piece for piece in [*pieces, [printable(text[at:])]] if piece[0]]


def options(rows: Sequence[CaseRow], comparison: Comparison) -> Mapping[str, list[str]]:
    """Return what the list can be filtered by."""
    return {
        "region": sorted({row.region for row in rows}),
        "modality": sorted({row.modality for row in rows}),
        "result": sorted({word for row in rows for word in row.results.split()}),
        "flag": sorted({flag for row in rows for flag in row.flags.split()}),
        "systems": [row.name for row in comparison.systems] if len(comparison.systems) > 1 else [],
    }
