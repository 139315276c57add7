"""Outputs a second (of CPU time) of the finding scorer, new and swapped, and time on hostile text.

    python tools/bench/bench_findings.py [SEED_RUN_FOLDER]

With the folder of a seed run (raw_responses.json) its texts are scored; without, those of the embedded
benchmark. 'other references': findings of an output, extracted once, against those of every other case,
which the swap control asks for some 20 times an output. References are extracted once in both.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.scoring.extraction import extract as engine
from medbench.scoring.extraction.extract import extract
from medbench.scoring.matching.match import match
from medbench.scoring.matching.measures import measured
from medbench.scoring.matching.sides import output_side, reference_side
from medbench.scoring.parsing.text import parse

if TYPE_CHECKING:
    from collections.abc import Callable

PASSES = 40


def pairs_of(folder: Path | None) -> list[tuple[str, str]]:
    """Reference and output."""
    if folder is None:
        from importlib.resources import files

        lines = (files("medbench.datasets") / "embedded/phantom-40/references.jsonl").read_text("utf-8")
        texts = [json.loads(line)["text"] for line in lines.splitlines()]
        return list(zip(texts, [*texts[1:], texts[0]], strict=True))
    cases = json.loads((folder / "raw_responses.json").read_text("utf-8"))
    return [(case["gold_findings"], parse(case["gemini_raw"]).findings) for case in cases]


def rate(pairs: list[tuple[str, str]]) -> float:
    """Outputs a second, the best of the passes."""
    references = [reference_side(extract(reference)) for reference, _ in pairs]
    best = 0.0
    for _ in range(PASSES):
        begun = time.process_time()
        for reference, (_, text) in zip(references, pairs, strict=True):
            measured(match(reference, output_side(extract(text))), reference.key)
        best = max(best, len(pairs) / (time.process_time() - begun))
    return best


def rate_of_others(pairs: list[tuple[str, str]]) -> float:
    """Matches with another case's reference a second, all findings known; the best of the passes."""
    references = [reference_side(extract(reference)) for reference, _ in pairs]
    outputs = [output_side(extract(text)) for _, text in pairs]
    others = [
        (reference, output)
        for row, reference in enumerate(references)
        for column, output in enumerate(outputs)
        if row != column
    ]
    best = 0.0
    for _ in range(PASSES):
        begun = time.process_time()
        for reference, output in others:
            measured(match(reference, output), reference.key)
        best = max(best, len(others) / (time.process_time() - begun))
    return best


HOSTILE: dict[str, Callable[[int], str]] = {
    "repetition loop": lambda n: "There is a 2 cm mass in the left upper lobe. " * (n // 10),
    "no full stop": lambda n: "left mass and right nodule of the liver " * (n // 8),
    "one letter": lambda n: "a" * (6 * n),
    "digits": lambda n: "1 x " * n,
    "no no no": lambda n: "no " * n,
    "new places": lambda n: " ".join(f"Mass at l{i % 5 + 1} of {i} mm." for i in range(n // 6)),
    "spaces": lambda n: " " * (6 * n),
    "newlines": lambda n: "\n" * (6 * n),
    "stops": lambda n: "." * (6 * n),
}


def main() -> None:
    """Print the tables."""
    pairs = pairs_of(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    words = sum(len(text.split()) for _, text in pairs) / len(pairs)
    kind = "plain Python" if engine.__file__.endswith(".py") else "compiled"
    print(f"{kind}: {len(pairs)} outputs, mean {words:.0f} words; best of {PASSES} passes")
    print(f"  {'new texts':18}{rate(pairs):8,.0f} outputs/s")
    print(f"  {'other references':18}{rate_of_others(pairs):8,.0f} matches/s")
    print(f"{'hostile text':20}{'2,000 words':>14}{'20,000 words':>14}{'ratio':>8}")
    for name, make in HOSTILE.items():
        took = []
        for length in (2_000, 20_000):
            text = make(length)
            best = 1e9
            for _ in range(3):
                begun = time.process_time()
                found = extract(text)
                reference = reference_side(found)
                measured(match(reference, output_side(found)), reference.key)
                best = min(best, time.process_time() - begun)
            took.append(best * 1000)
        print(f"{name:20}{took[0]:>11.2f} ms{took[1]:>11.2f} ms{took[1] / took[0]:>8.1f}")


if __name__ == "__main__":
    main()
