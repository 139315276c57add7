"""Names that go by a number, a sequence or a map: levels of the spine, ribs, signals of MR, perfusion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_ORDINALS: Final = (
    ("first", "1st"), ("second", "2nd"), ("third", "3rd"), ("fourth", "4th"), ("fifth", "5th"),
    ("sixth", "6th"), ("seventh", "7th"), ("eighth", "8th"), ("ninth", "9th"), ("tenth", "10th"),
    ("eleventh", "11th"), ("twelfth", "12th"),
)  # fmt: skip


def levels() -> Iterator[tuple[str, str]]:
    """Yield the names of the spine's levels, with their places: 'L4', 'L4-5', 'L4-L5', 'T12 vertebra'."""
    parts = (("c", "cervical", 7), ("t", "thoracic", 12), ("l", "lumbar", 5), ("s", "sacrum", 2))
    below = {"c": "t1", "t": "l1", "l": "s1"}
    for letter, part, most in parts:
        for number in range(1, most + 1):
            level, path = f"{letter}{number}", f"spine/{part}/{letter}{number}"
            following = f"{letter}{number + 1}" if number < most else below.get(letter)
            if following:
                # 'T1, T2' are sequences of MR.
                both = () if level == "t1" else (f"{level} {following}",)
                for words in (*both, f"{level} {following[1:]}"):
                    yield words, f"{path}_{following[1:]}"
            for ending in ("vertebra", "vertebral body", "level", "body"):
                yield f"{level} {ending}", path
                if part != "sacrum":
                    yield from ((f"{name} {part} {ending}", path) for name in _ORDINALS[number - 1])
            # T1 and T2 by themselves are sequences of MR.
            if level not in {"t1", "t2"}:
                yield level, path
                yield f"{letter} {number}", path


def ribs() -> Iterator[tuple[str, str]]:
    """Yield the names of the ribs by their number, with their places: 'seventh rib', '7th rib'."""
    for number, names in enumerate(_ORDINALS, 1):
        for name in names:
            yield f"{name} rib", f"bone/rib/{number}"


def signals() -> Iterator[tuple[str, str]]:
    """Yield signals of MR with the sequence inside, and their concept: 'increased T2 signal intensity'."""
    levels = {
        "hyperintensity": ("high", "increased", "increase", "bright", "elevated"),
        "hypointensity": ("low", "decreased", "dark", "reduced"),
        "signal abnormality": ("abnormal", "altered"),
    }
    sequences = ("t1", "t2", "flair", "stir", "t1 weighted", "t2 weighted", "t2w", "t1w", "t2 flair")
    qualities = ("focal", "diffuse", "linear", "patchy", "internal", "intrasubstance", "central", "marrow")
    for name, words in levels.items():
        for word in words:
            for quality in qualities:
                yield f"{word} {quality} signal", name
                yield f"{word} {quality} signal intensity", name
            for sequence in sequences:
                yield f"{word} {sequence} signal", name
                yield f"{word} {sequence} signal intensity", name
                yield f"{word} signal on {sequence}", name
                if word != "abnormal":
                    # 'Low T1, high T2', 'dark on T1 and bright on T2'.
                    yield from ((f"{word} {sequence}", name), (f"{word} on {sequence}", name))
            for both in ("t1 and t2", "t2 and flair", "t1 and flair", "t2 and stir"):
                yield f"{word} {both} signal", name
                yield f"{word} {both} signal intensity", name


def maps() -> Iterator[tuple[str, str]]:
    """Yield what maps of perfusion and diffusion show, and its concept: 'prolonged MTT', 'ADC is low'."""
    high, low = ("increased", "elevated", "high"), ("decreased", "reduced", "diminished", "low")
    long, delay = ("prolonged", "delayed", "increased", "elevated"), "perfusion defect"
    times = ("mtt", "mean transit time", "tmax", "time to peak", "ttp", "time to maximum")
    flows = ("cbf", "cbv", "rcbf", "rcbv", "relative cbv", "cerebral blood flow", "cerebral blood volume")
    diffusivities = ("adc", "adc value", "adc signal", "apparent diffusion coefficient")
    for quantities, words, name in (
        (times, long, delay),
        (flows, low, delay),
        (flows, high, "hyperperfusion"),
        (diffusivities, low, "restricted diffusion"),
        (diffusivities, high, "facilitated diffusion"),
    ):
        for quantity in quantities:
            for word in words:
                yield f"{word} {quantity}", name
                yield f"{quantity} is {word}", name
                yield f"{quantity} are {word}", name
