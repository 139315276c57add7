"""The guards: find cases that cannot be answered from their images, or that give their answer away."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from medbench.datasets.modality_words import missing_modalities
from medbench.errors import UsageError
from medbench.registry import unknown
from medbench.scoring.questions.reading import plain_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.datasets.source import SourceCase
    from medbench.schema.reference import Flag

SHORT = 5
"""Words up to which a text says too little to be a reference."""
UNANSWERABLE: tuple[Flag, ...] = ("other_modality", "points_elsewhere", "too_short")
"""Flags of texts that cannot be told from the images."""
KEEPABLE = ("unanswerable", "no-radiology", "history-names-diagnosis")
"""Values of `--keep`. A case without a text can never be kept: there is nothing to compare with."""

_ELSEWHERE = re.compile(
    r"(?<![A-Za-z])(?:see (?:the )?(?:attached |above )?(?:captions?|images?|figures?|discussion|report)"
    r"(?![A-Za-z])"
    r"|(?:figures?|figs?\.?|images?|films?|slides?)\s*(?:#\s*|\(\s*)?\d"
    # … unless it is a measure: "images (99m Tc …", "image 3 mm".
    r"(?!\d*\s*(?:m\b|mm|cm|days?|hours?|images?))"
    r"|figure [A-Z](?![A-Za-z])|\(images? not (?:included|shown)|no images? shown)"
    r"|\(#\s*\d+\)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Examined:
    """A case with the remarks on it."""

    case: SourceCase
    """The case with the images that remain."""
    flags: tuple[Flag, ...]
    """Remarks that are kept with the reference."""
    reasons: tuple[str, ...]
    """Reasons why it cannot be drawn, keys of `left_out` in benchmark.json; empty where it can be."""


def check_keep(keep: Sequence[str]) -> tuple[str, ...]:
    """Return the values of `--keep` in a fixed order.

    Raises:
        UsageError: One of them is not known.
    """
    for name in keep:
        if name == "no-findings":
            raise UsageError("cases without a findings text cannot be kept.", f"--keep {KEEPABLE[0]}")
        if name not in KEEPABLE:
            raise unknown("kind of case to keep", name, KEEPABLE, option="--keep ")
    return tuple(name for name in KEEPABLE if name in keep)


def examine(cases: Iterable[SourceCase], keep: Sequence[str] = ()) -> list[Examined]:
    """Return every case of a source with its flags and reasons, in order.

    Args:
        cases: All cases of the source; duplicate texts show only among all of them.
        keep: Kinds of cases, of `KEEPABLE`, that may be drawn anyway; their flags remain.
    """
    cases = list(cases)
    seen = Counter(normalised(case.text) for case in cases if case.text.strip())
    return [_examined(case, keep, duplicate=seen[normalised(case.text)] > 1) for case in cases]


def left_out(examined: Iterable[Examined]) -> dict[str, int]:
    """Return the number of cases that cannot be drawn, by reason; one with several counts under each."""
    counts = Counter(reason for entry in examined for reason in entry.reasons)
    order = (
        "no_findings",
        "placeholder_caption",
        "shared_caption",
        "unanswerable",
        "history_names_diagnosis",
        "no_radiology_image",
        "no_answer",
        "answer_not_offered",
        "choices_alike",
    )
    return {reason: counts[reason] for reason in order if counts[reason]}


def drawable(examined: Iterable[Examined], but: str) -> int:
    """Return the number of cases that could be drawn if a reason did not count."""
    return sum(set(entry.reasons) <= {but} for entry in examined)


def flag_counts(examined: Iterable[Examined]) -> dict[str, int]:
    """Return the number of cases with each flag, among those that are left out as unanswerable."""
    counts: Counter[str] = Counter(
        flag for entry in examined if "unanswerable" in entry.reasons for flag in entry.flags
    )
    return {flag: counts[flag] for flag in UNANSWERABLE if counts[flag]}


def normalised(text: str) -> str:
    """Return a text in lower case, with single spaces and without punctuation, for comparing."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", plain))


def names_diagnosis(text: str | None, diagnosis: str | None) -> bool:
    """Return True if a text holds the diagnosis word for word, case and punctuation aside.

    Only the whole diagnosis counts, or its first line, or that line without what is in brackets: single words
    of it ("cyst", "left") are in many innocent texts.
    """
    if not text or not diagnosis:
        return False
    words = f" {normalised(text)} "
    first_line = diagnosis.strip().splitlines()[0] if diagnosis.strip() else ""
    forms = {normalised(form) for form in (diagnosis, first_line, re.sub(r"\([^)]*\)", " ", first_line))}
    return any(len(form) > 2 and f" {form} " in words for form in forms)


def _examined_question(case: SourceCase) -> Examined:
    """Return a question with the reason why it cannot be asked; what guards findings does not hold for it."""
    question = case.question
    assert question is not None
    if not case.text.strip():
        return Examined(case, (), ("no_answer",))
    offered = {plain_words(choice) for choice in question.choices}
    if question.kind == "choice" and plain_words(case.text) not in offered:
        return Examined(case, (), ("answer_not_offered",))
    if len(offered) < len(question.choices):
        return Examined(case, (), ("choices_alike",))
    return Examined(case, (), ())


def _examined(case: SourceCase, keep: Sequence[str], *, duplicate: bool) -> Examined:
    if case.question is not None:
        return _examined_question(case)
    scans = tuple(image for image in case.images if image.radiology)
    images = case.images if "no-radiology" in keep else scans
    flags = _text_flags(case, frozenset(image.modality for image in images if image.modality))
    reasons: list[str] = []
    if not case.text.strip():
        reasons.append("no_findings")
    if flags and "unanswerable" not in keep:
        reasons.append("unanswerable")
    if names_diagnosis(case.text, case.diagnosis):
        flags.append("contains_diagnosis")
    if duplicate:
        flags.append("duplicate_text")
    if any(names_diagnosis(case.history, name) for name in _names(case)):
        flags.append("history_names_diagnosis")
        if "history-names-diagnosis" not in keep:
            reasons.append("history_names_diagnosis")
    if not scans:
        flags.append("no_radiology_image")
        if not images:
            reasons.append("no_radiology_image")
    return Examined(replace(case, images=images), tuple(flags), tuple(reasons))


def _names(case: SourceCase) -> tuple[str, ...]:
    """Return the names that the case may go by; a topic is a slug: 'aortic-dissection'."""
    return tuple(name for name in (case.diagnosis, case.title, (case.topic or "").replace("-", " ")) if name)


def _text_flags(case: SourceCase, modalities: frozenset[str]) -> list[Flag]:
    if not case.text.strip():
        return []
    noted: dict[Flag, bool] = {
        "other_modality": bool(missing_modalities(case.text, modalities)),
        "points_elsewhere": bool(_ELSEWHERE.search(case.text)),
        "too_short": len(case.text.split()) <= SHORT,
    }
    return [flag for flag, holds in noted.items() if holds]
