"""What texts earn that say nothing of the case: each has to stay at chance, and below real models."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from functools import cache
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from bars import Bar, Part, at_most, table
from scored import numbers, read
from sides import omit_sides
from sources import Answer, Case, february, medpix, medpix_100

from medbench.pipelines.baseline_normal import TEXT as NORMAL
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary
from medbench.scoring.generic_text import TEXT as GENERIC
from medbench.scoring.perturb import swap_sides
from medbench.toml_input import packaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

METRICS = ("finding.f1", "finding.key", "rules.good")
FITTED_ON = 40
"""References that a blind list is fitted on, at most."""
_POSITIVE = frozenset({"present", "uncertain"})
CANDIDATES = 25
"""Commonest findings of a region that a fitted list is chosen from."""


_WORDS = (
    "{} texts that do not look at the case, on medpix-100 (n = {}), and the models of February on their "
    "20 cases. Corrected for chance: (score - swap) / (1 - swap), with the mean score against the other "
    "references of the region as swap. A text that is the same for a whole region is at 0 by "
    "construction; the raw numbers say what it earns."
)


class Earned(NamedTuple):
    """Means of one text over a benchmark, raw and corrected for chance."""

    raw: tuple[float, ...]
    corrected: tuple[float, ...]


def gaming() -> Part:
    """Score every text of the suite on medpix-100, and the models of February on their cases."""
    suite = {name: earned(write, medpix_100()) for name, write in TEXTS.items()}
    models = {name: _of_answers(answers) for name, answers in february().items()}
    worst = max(suite, key=lambda name: max(suite[name].corrected))
    denied = fmean(numbers(_with_denials(case), case.reference)["finding.f1"] for case in medpix_100())
    sides = _cost_of_sides()
    header = ("text", "F1", "key", "good", "F1 corrected", "key corrected", "good corrected")
    rows = ((name, *one.raw, *one.corrected) for name, one in {**models, **suite}.items())
    price = (
        f"Reference with the denial of each of its findings: F1 {denied:.3f}. Of {sides.n} references with a "
        f"side: leaving all sides out costs {sides.omitted:.3f} of F1, swapping them {sides.swapped:.3f}."
    )
    lines = [_WORDS.format(len(suite), len(medpix_100())), "", *table(header, rows), "", price]
    return Part("Gaming", lines, [*_bars(suite, models, worst), *_price_bars(denied, sides), _normal_bar()])


def _bars(suite: dict[str, Earned], models: dict[str, Earned], worst: str) -> Iterable[Bar]:
    yield Bar("texts in the gaming suite", str(len(suite)), "≥ 20", len(suite) >= 20)
    yield at_most(f"largest corrected score of a gaming text ({worst})", max(suite[worst].corrected), 0.03)
    for n, metric in enumerate(METRICS):
        least = min(model.corrected[n] for model in models.values())
        above = [name for name, one in suite.items() if one.corrected[n] >= least]
        name = f"{metric}: gaming texts not below both models of February ({least:.3f})"
        yield Bar(name, f"{len(above)} of {len(suite)}", "0", not above)


class SideCosts(NamedTuple):
    """Mean costs in F1, over references that have a side."""

    n: int
    omitted: float
    swapped: float


def _price_bars(denied: float, sides: SideCosts) -> Iterable[Bar]:
    yield at_most("reference with the denial of each finding: F1", denied, 0.5)
    ratio = sides.omitted / sides.swapped
    yield Bar("omitting sides, as share of swapping", f"{ratio:.3f}", "≥ 0.5", ratio >= 0.5)


def earned(write: Callable[[Case], str], cases: Sequence[Case]) -> Earned:
    """Return what a writer of texts earns on cases."""
    return _of_answers([Answer(case, write(case), _PROMPT) for case in cases])


def _of_answers(answers: Sequence[Answer]) -> Earned:
    return _means([(_scores(one, one.case), _swapped(one)) for one in answers])


def _means(rows: Sequence[tuple[tuple[float, ...], tuple[float, ...]]]) -> Earned:
    raw, swap = ([*map(fmean, zip(*columns, strict=True))] for columns in zip(*rows, strict=True))
    pairs = zip(raw, swap, strict=True)
    return Earned(tuple(raw), tuple((own - by) / (1 - by) if by < 1 else 0.0 for own, by in pairs))


def _normal_bar() -> Bar:
    answers = february().values()
    normal = max(_significance(ours, text) for ours in answers for text in ("Normal.", NORMAL))
    least = min(_significance(ours) for ours in answers)
    name = "significance of 'normal', below both models of February"
    return Bar(name, f"{normal:.3f}", f"< {least:.3f}", normal < least)


def _significance(answers: Sequence[Answer], text: str | None = None) -> float:
    """Return the mean of answers, or of a fixed text in their place."""
    pairs = [(one.text if text is None else text, one.case.reference, one.prompt) for one in answers]
    return fmean(numbers(*pair)["finding.significance"] for pair in pairs)


def _scores(answer: Answer, case: Case) -> tuple[float, ...]:
    """Return the metrics of an answer against the reference of a case, its own or another."""
    return _known(answer.text, answer.prompt, case.reference)


@cache
def _known(text: str, prompt: str | None, reference: str) -> tuple[float, ...]:
    scored = numbers(text, reference, prompt)
    return tuple(scored[metric] for metric in METRICS)


def _swapped(answer: Answer) -> tuple[float, ...]:
    own = answer.case
    others = (case for case in medpix_100() if case.region == own.region and case.source_id != own.source_id)
    return tuple(map(fmean, zip(*(_scores(answer, case) for case in others), strict=True)))


def _cost_of_sides() -> SideCosts:
    rows = []
    for case in medpix():
        swapped, omitted = swap_sides(case.reference), omit_sides(case.reference)
        if swapped and omitted and (own := _f1(case.reference, case)):
            rows.append((own - _f1(omitted, case), own - _f1(swapped, case)))
    return SideCosts(len(rows), fmean(row[0] for row in rows), fmean(row[1] for row in rows))


def _f1(text: str, case: Case) -> float:
    return numbers(text, case.reference)["finding.f1"]


def _with_denials(case: Case) -> str:
    names = dict.fromkeys(one.concept.name for one in read(case.reference) if one.presence in _POSITIVE)
    return f"{case.reference} {' '.join(f'No {name}.' for name in names)}"


def _region(case: Case) -> str:
    return case.region


def _kind(case: Case) -> str:
    return f"{case.region} {case.modality}"


@cache
def _common(by: Callable[[Case], str] = _region) -> dict[str, list[str]]:
    """Return the findings of each kind of case by how many references have them, medpix-100 left out."""
    drawn = {case.source_id for case in medpix_100()}
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for case in medpix():
        if case.source_id not in drawn:
            counts[by(case)].update(_present(case.reference))
    return {region: [name for name, _ in counter.most_common()] for region, counter in counts.items()}


def _present(text: str) -> list[str]:
    return list(dict.fromkeys(one.concept.name for one in read(text) if one.presence in _POSITIVE))


def _commonest(count: int) -> Callable[[Case], str]:
    return lambda case: _listed(_common()[case.region][:count])


def _listed(names: Iterable[str]) -> str:
    return " ".join(f"{name.capitalize()}." for name in names)


@cache
def _fitted(region: str, part: int) -> str:
    """Return a list fitted greedily to references: part 0 and 1 are halves of the topics, 2 is medpix-100."""
    if part == 2:
        cases = [case for case in medpix_100() if case.region == region]
    else:
        cases = [case for case in medpix() if case.region == region and _half(case) == part]
        cases = random.Random(1).sample(cases, min(FITTED_ON, len(cases)))
    best, chosen = 0.0, list[str]()
    while len(chosen) < 8:
        options = [name for name in _common()[region][:CANDIDATES] if name not in chosen]
        scores = {name: _mean_f1(_listed([*chosen, name]), cases) for name in options}
        name = max(scores, key=lambda option: scores[option])
        if scores[name] <= best:
            break
        best, chosen = scores[name], [*chosen, name]
    return _listed(chosen)


def _mean_f1(text: str, cases: Sequence[Case]) -> float:
    return fmean(_f1(text, case) for case in cases)


def _half(case: Case) -> int:
    return random.Random(case.topic).randrange(2)


def _others(case: Case, count: int) -> list[str]:
    near = [
        other.reference for other in medpix_100() if other.region == case.region and other.topic != case.topic
    ]
    return random.Random(case.source_id).sample(near, count)


def _all_concepts(form: str) -> str:
    return "\n".join(form.format(name) for name in vocabulary().concepts)


def _of_region(form: str, count: int = 15, *, joined: str = " ") -> Callable[[Case], str]:
    return lambda case: joined.join(form.format(name) for name in _common()[case.region][:count])


def _json(*, value: bool) -> Callable[[Case], str]:
    return lambda case: json.dumps(dict.fromkeys(_common()[case.region][:15], value))


def _fixed(text: str) -> Callable[[Case], str]:
    return lambda _: text


_BOILERPLATE = (
    "The provided image has been reviewed systematically. Image quality is adequate for interpretation. All "
    "visible structures were assessed for size, shape, density, signal, symmetry and margins. Correlation "
    "with clinical history, laboratory values and prior imaging is recommended. This description does not "
    "replace a report by a radiologist. "
)
_PROMPT = str(packaged("medbench.prompts", "findings/comprehensive.toml")["text"]).replace(
    "$history", "not given"
)
TEXTS: dict[str, Callable[[Case], str]] = {
    "nothing": _fixed(""),
    "nan": _fixed("nan"),
    "API error": _fixed('{"error": {"code": 429, "message": "Resource has been exhausted."}}'),
    "refusal": _fixed("I'm sorry, but I can't interpret medical images. Please ask a radiologist."),
    "other language": _fixed("Se observa una lesi\u00f3n de aspecto indeterminado. Resto sin hallazgos."),
    "normal": _fixed("Normal."),
    "baseline-normal": _fixed(NORMAL),
    "baseline-generic": _fixed(GENERIC),
    "mass": _fixed("Mass."),
    "abnormality": _fixed("There is an abnormality."),
    "boilerplate": _fixed(_BOILERPLATE * 8),
    "prompt echo": _fixed(_PROMPT),
    "5 commonest of the region": _commonest(5),
    "15 commonest of the region": _commonest(15),
    "5 commonest of region and modality": lambda case: _listed(
        (_common(by=_kind).get(_kind(case)) or _common()[case.region])[:5]
    ),
    "5 commonest, 10 times": lambda case: " ".join([_commonest(5)(case)] * 10),
    "list fitted to medpix-100": lambda case: _fitted(case.region, 2),
    "list fitted to other topics": lambda case: _fitted(case.region, 1 - _half(case)),
    "keyword soup": _of_region("{}", 60),
    "every concept affirmed": _fixed(_all_concepts("There is {}.")),
    "every concept denied": _fixed(_all_concepts("No {}.")),
    "everything possible": _of_region("Possible {}."),
    "everything on both sides": _of_region("Bilateral {}."),
    "everything affirmed and denied": _of_region("There is {0}. There is no {0}."),
    "labels: present": _of_region("**{}:** present", joined="\n"),
    "labels: none": _of_region("**{}:** none", joined="\n"),
    "labels without values": _of_region("**{}:**", joined="\n"),
    "JSON, all true": _json(value=True),
    "JSON, all false": _json(value=False),
    "reference of another case": lambda case: _others(case, 1)[0],
    "references of five others": lambda case: "\n\n".join(_others(case, 5)),
}
"""Name to the writer of a text for a case; none looks at the case but for its region."""
