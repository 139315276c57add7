"""The guards: which cases cannot be answered from their images, or give their answer away."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from medbench.datasets.modality_words import missing_modalities
from medbench.errors import UsageError
from medbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.datasets.source import SourceCase
    from medbench.schema.reference import Flag

SHORT = 5
"""Words up to which a text says too little to be a reference."""
UNANSWERABLE: tuple[Flag, ...] = ("other_modality", "points_elsewhere", "too_short")
"""Flags of texts that cannot be told from the images."""
KEEPABLE = ("unanswerable", "no-radiology", "history-names-diagnosis")
"""What `--keep` takes. A case without a text can never be kept: there is nothing to compare with."""

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
    """A case with what was noted about it."""

    case: SourceCase
    """The case with the images that remain."""
    flags: tuple[Flag, ...]
    """What was noted."""
    reasons: tuple[str, ...]
    """Why it cannot be drawn: keys of `benchmark.json`'s left_out; empty where it can be."""


def check_keep(keep: Sequence[str]) -> tuple[str, ...]:
    """The values of `--keep`, checked.

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
    """Look at every case of a source, in order.

    Args:
        cases: All cases of the source: whether a text is a duplicate shows only among all of them.
        keep: Kinds of cases, of `KEEPABLE`, that may be drawn all the same; their flags remain.
    """
    cases = list(cases)
    seen = Counter(normalised(case.text) for case in cases if case.text.strip())
    return [_examined(case, keep, duplicate=seen[normalised(case.text)] > 1) for case in cases]


def left_out(examined: Iterable[Examined]) -> dict[str, int]:
    """How many cases cannot be drawn, by reason; one with several reasons counts under each."""
    counts = Counter(reason for one in examined for reason in one.reasons)
    order = ("no_findings", "unanswerable", "history_names_diagnosis", "no_radiology_image")
    return {reason: counts[reason] for reason in order if counts[reason]}


def drawable(examined: Iterable[Examined], but: str) -> int:
    """How many cases could be drawn if a reason did not count."""
    return sum(set(one.reasons) <= {but} for one in examined)


def flag_counts(examined: Iterable[Examined]) -> dict[str, int]:
    """How many cases carry each flag, among those that cannot be drawn as unanswerable."""
    counts: Counter[str] = Counter(
        flag for one in examined if "unanswerable" in one.reasons for flag in one.flags
    )
    return {flag: counts[flag] for flag in UNANSWERABLE if counts[flag]}


def normalised(text: str) -> str:
    """A text in lower case with single spaces and without punctuation, for comparing."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.findall(r"\w+", plain))


def names_diagnosis(text: str | None, diagnosis: str | None) -> bool:
    """Whether a text holds the diagnosis word for word (case and punctuation aside).

    Only whole diagnoses count, or what stands before brackets or on the first line: parts of one ("cyst",
    "left") stand in many innocent texts.
    """
    if not text or not diagnosis:
        return False
    words = f" {normalised(text)} "
    first_line = diagnosis.strip().splitlines()[0] if diagnosis.strip() else ""
    forms = {normalised(form) for form in (diagnosis, first_line, re.sub(r"\([^)]*\)", " ", first_line))}
    return any(len(form) > 2 and f" {form} " in words for form in forms)


def _examined(case: SourceCase, keep: Sequence[str], *, duplicate: bool) -> Examined:
    scans = tuple(image for image in case.images if image.radiology)
    images = case.images if "no-radiology" in keep else scans
    text_flags = _text_flags(case, frozenset(image.modality for image in images if image.modality))
    flags: list[Flag] = list(text_flags)
    reasons: list[str] = []
    if not case.text.strip():
        reasons.append("no_findings")
    if text_flags and "unanswerable" not in keep:
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
    """What the case may be called; a topic is a slug: 'aortic-dissection'."""
    return tuple(name for name in (case.diagnosis, case.title, (case.topic or "").replace("-", " ")) if name)


def _text_flags(case: SourceCase, there: frozenset[str]) -> tuple[Flag, ...]:
    if not case.text.strip():
        return ()
    found: list[Flag] = []
    if missing_modalities(case.text, there):
        found.append("other_modality")
    if _ELSEWHERE.search(case.text):
        found.append("points_elsewhere")
    if len(case.text.split()) <= SHORT:
        found.append("too_short")
    return tuple(found)
