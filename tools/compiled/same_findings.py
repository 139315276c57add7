"""Prints a digest of all that the finding engine says of some thousand texts, and if it is compiled.

    python tools/compiled/same_findings.py

Texts are the references of the embedded benchmarks, every string of the tests of scoring, and both with words
and characters exchanged, left out or laid out otherwise. Each is held against the next as its reference.
"""

from __future__ import annotations

import ast
import hashlib
import json
import random
import re
from importlib.resources import files
from pathlib import Path

from medbench.scoring.extraction import extract as engine
from medbench.scoring.matching.conflicts import conflicts
from medbench.scoring.matching.match import match
from medbench.scoring.matching.measures import measured
from medbench.scoring.matching.sides import output_side, reference_side

CHANGED = 4_000
_LONGEST = 6_000
_CHARACTERS = "aeinorst .,:;-\n*|#()[]{}\"'?0123456789\u00e9\u2013\u2019\u2028"


def main() -> None:
    """Print the engine, the number of texts and the digest."""
    known = _texts()
    draw = random.Random(1)
    words = [word for text in known for word in text.split()]
    texts = [*known, *(_changed(draw.choice(known)[:_LONGEST], words, draw) for _ in range(CHANGED))]
    found = [engine.extract(text) for text in texts]
    digest = hashlib.sha256()
    for text, findings, asked in zip(texts, found, [*found[1:], found[0]], strict=True):
        reference, disputed = reference_side(asked), conflicts(text, findings)
        pairs = match(reference, output_side(findings, disputed))
        digest.update(repr((findings, sorted(disputed), pairs, measured(pairs, reference.key))).encode())
    kind = "plain Python" if engine.__file__.endswith(".py") else "compiled"
    print(f"{kind}: {len(texts):,} texts, {digest.hexdigest()}")


def _texts() -> list[str]:
    """Return references and strings of tests, each once."""
    embedded = files("medbench.datasets") / "embedded"
    texts = [
        json.loads(line)["text"]
        for name in ("phantom-40", "phantom-200")
        for line in (embedded / name / "references.jsonl").read_text("utf-8").splitlines()
    ]
    for path in sorted(Path("tests/scoring").rglob("*.py")):
        nodes = ast.walk(ast.parse(path.read_text("utf-8")))
        texts += [
            node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
    return [*dict.fromkeys(filter(str.strip, texts))]


def _changed(text: str, words: list[str], draw: random.Random) -> str:
    """Return a text with something in it exchanged, left out or laid out otherwise."""
    kind, parts = draw.randrange(6), text.split(" ")
    if kind == 0:
        return " ".join(draw.sample(parts, len(parts)))
    if kind == 1:
        return " ".join(draw.choice(words) if draw.random() < 0.2 else part for part in parts)
    if kind == 2:
        return "".join(draw.choice(_CHARACTERS) if draw.random() < 0.03 else letter for letter in text)
    if kind == 3:
        return re.sub(r"(\w+) ", lambda word: f"**{word[1]}**: " if draw.random() < 0.1 else word[0], text)
    lines = re.split(r"(?<=[.!?])\s+", text)
    return json.dumps({"findings": lines}) if kind == 4 else "\n".join(f"- {line}" for line in lines)


if __name__ == "__main__":
    main()
