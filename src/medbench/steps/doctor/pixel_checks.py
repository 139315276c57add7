"""The checks of `doctor --pixels` in words, from the answers of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.schema.results.doctor import Check
from medbench.scoring.pixels import TRIALS, PlaceCounts, counted_places
from medbench.sentences import counted
from medbench.steps.doctor.diagnosis import MAY_PASS
from medbench.steps.doctor.pixels import DICOM, PARTS, WIDTHS, series_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from medbench.schema.model import ModelFile
    from medbench.schema.results.doctor import Answered, State

    Counts = Mapping[str, PlaceCounts]

_CHANCE: Final = "guessing gets 4 of 16"
_FEWER: Final = "fewer at a time: medbench run -m NAME --images spread:N"
_BLIND: Final = "a first check: medbench doctor -m NAME, which asks about larger things"
_SIDE: Final = 896


def pixel_checks(model: ModelFile, answers: Sequence[Answered]) -> list[Check]:
    """Return a check for each thing that can happen to pixels.

    Nothing is said of pixels where the answers do not show that pictures are seen.

    Args:
        model: The model.
        answers: To the calls of `pixel_probes`; those not made are left out.
    """
    questions = dict.fromkeys(answer.probe.question for answer in answers)
    counts = {
        question: counted_places([answer for answer in answers if answer.probe.question == question])
        for question in questions
    }
    sees = counts.get("square", PlaceCounts(0, 0, 0, 0))
    if sees.outcome != "seen":
        return [_not_seen(sees, answers)]
    words = f"a bright square is found {_share(sees)}; {_CHANCE}"
    return [
        Check("pixels", "ok", words),
        _detail(counts),
        _jpeg(model, counts["colour"]),
        *_series(model, counts),
        *_dicom(counts, answers),
    ]


def _not_seen(sees: PlaceCounts, answers: Sequence[Answered]) -> Check:
    failures = [
        answer.failure for answer in answers if answer.text is None and answer.probe.question == "square"
    ]
    if failures:
        state: State = "wait" if set(failures) <= MAY_PASS else "note"
        kinds = ", ".join(sorted(set(failures)))
        words = f"cannot tell: {len(failures)} of {counted(sees.asked, 'call')} failed ({kinds})"
        return Check("pixels", state, words, "the same line again")
    words = f"cannot tell: a bright square is found {_share(sees)}; {_CHANCE}, 10 show that it is seen"
    return Check("pixels", "note", words, _BLIND)


def _share(counts: PlaceCounts) -> str:
    return f"{counts.target}/{counts.asked}"


def _detail(counts: Counts) -> Check:
    rows = ", ".join(f"{width} {_share(counts[f'lines-{width}'])}" for width in WIDTHS)
    found = f"lines by their width in pixels, of {_SIDE} x {_SIDE}: {rows}"
    outcomes = {width: counts[f"lines-{width}"].outcome for width in WIDTHS}
    seen = [width for width in WIDTHS if outcomes[width] == "seen"]
    lost = [width for width in WIDTHS if outcomes[width] == "lost"]
    if not seen:
        return Check("resizing", "note", f"cannot tell: which lines are upright is not seen; {found}")
    if min(seen) == 1:
        # Lines beat with the pixels of a smaller picture: some of them are seen, not as they were sent.
        words = "lines of 1 pixel are seen; scaling down a little, as to two thirds, is not noticed"
        return Check("resizing", "ok", f"{words}; {found}")
    if not lost:
        return Check("resizing", "note", f"cannot tell; {found}")
    # A line needs a pixel of its own after scaling down.
    words = (
        f"lines of {max(lost)} and less are lost: pictures are scaled down on their way, to fewer than about "
        f"{_SIDE // max(lost)} pixels a side, or the model does not tell such lines apart"
    )
    return Check(
        "resizing",
        "note",
        f"{words}; {found}",
        "what is smaller in a picture cannot be found: crop, or window, before it is sent",
    )


def _jpeg(model: ModelFile, found: PlaceCounts) -> Check:
    named = f"colours as sent {_share(found)}, as JPEG makes them {found.decoy}/{found.asked}"
    if found.outcome == "seen":
        return Check("JPEG", "ok", f"colours arrive as sent; {named}")
    if found.outcome != "fault":
        return Check("JPEG", "note", f"cannot tell; {named}")
    own = str(model.settings.get("image_transform", "none"))
    if "jpeg" in own:
        return Check("JPEG", "note", f"pictures are lossy JPEG, as image_transform {own} makes them; {named}")
    return Check(
        "JPEG",
        "no",
        f"pictures become lossy JPEG or WebP on their way, with a colour for each two pixels; {named}",
        "fine for grey pictures; three windows as red, green and blue lose most: send one window as grey",
    )


def _series(model: ModelFile, counts: Counts) -> list[Check]:
    count = series_of(model)
    parts = [part for part in PARTS if part in counts]
    if not parts:
        return [Check("slices", "note", "not asked: the model takes one image a call")]
    rows = ", ".join(f"{part} {_share(counts[part])}" for part in parts)
    found = f"a square in one of {count} pictures: {rows}"
    lost = [part for part in parts if counts[part].outcome == "lost"]
    seen = [part for part in parts if counts[part].outcome == "seen"]
    if lost and seen:
        words = (
            f"the {' and '.join(lost)} of {count} pictures do not reach the answers: dropped, or overlooked"
        )
        return [
            Check(
                "slices", "no", f"{words}; {found}", "fewer at a time: medbench run -m NAME --images spread:N"
            )
        ]
    if len(seen) == len(parts):
        return [Check("slices", "ok", f"first, middle and last of {count} arrive; {found}")]
    return [Check("slices", "note", f"cannot tell; {found}{_silent(counts, parts)}")]


def _silent(counts: Counts, parts: Sequence[str]) -> str:
    silent = sum(counts[part].asked - counts[part].said for part in parts)
    return f"; {counted(silent, 'call')} had no answer" if silent else ""


def _dicom(counts: Counts, answers: Sequence[Answered]) -> list[Check]:
    asked = [answer for answer in answers if answer.probe.question in DICOM]
    if not asked:
        return [
            Check("DICOM", "note", "not asked: pydicom is not installed", "pip install 'medbench[dicom]'")
        ]
    if all(answer.text is None for answer in asked):
        words = f"the server takes no DICOM file ({asked[0].failure}): windows are medbench's own, at build"
        return [Check("DICOM", "ok", words)]
    return [_window(counts["window"]), _wrap(counts["wrap"])]


def _window(found: PlaceCounts) -> Check:
    named = f"from -135 HU {_share(found)}, from 135 HU {found.decoy}/{found.asked}"
    if found.outcome == "seen":
        return Check("window", "ok", f"of a DICOM file, soft tissue is shown; {named}")
    if found.outcome == "fault":
        words = (
            f"of a DICOM file, green is 135 to 215 HU in place of -135 to 215: soft tissue is black; {named}"
        )
        return Check("window", "no", words, _AS_PICTURES)
    return Check("window", "note", f"cannot tell; {named}")


def _wrap(found: PlaceCounts) -> Check:
    named = f"air dark {_share(found)}, air white {found.decoy}/{found.asked}"
    if found.outcome == "seen":
        return Check("wrap", "ok", f"unsigned values of a DICOM file stay below 0; {named}")
    if found.outcome == "fault":
        words = f"unsigned values of a DICOM file wrap below 0: air and fat turn white; {named}"
        return Check("wrap", "no", words, _AS_PICTURES)
    return Check("wrap", "note", f"cannot tell; {named}")


_AS_PICTURES: Final = "send pictures, made by medbench build dicom, and no DICOM files"
assert TRIALS == 16  # the sentences say so
