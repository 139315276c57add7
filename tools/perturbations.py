"""What edits of a report cost, finding F1 beside ROUGE-L: the table of docs/scoring.md.

    python tools/perturbations.py Case_topic.json

Case_topic.json is MedPix 2.0's; each of its references is edited and scored against itself.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from medbench.scoring import findings, rouge
from medbench.scoring.item import Item
from medbench.scoring.parsing.parsed import ParsedText
from medbench.scoring.perturb import EDITS

METRICS = ("finding.f1", "finding.significance", "finding.key", "rouge_l.recall", "rouge_l.f1")


def references(path: Path) -> list[str]:
    """The findings texts of MedPix 2.0 that say something."""
    texts = [case["Case"].get("Findings") for case in json.loads(path.read_text("utf-8"))]
    return [text.strip() for text in texts if text and text.strip().lower() not in {"n/a", "na", "none"}]


def main() -> None:
    """Print the table."""
    texts = references(Path(sys.argv[1]))
    scorers = [findings.make(), rouge.make()]

    def scored(reference: str, text: str) -> dict[str, float | None]:
        item = Item(parsed=ParsedText("plain", "whole", text), reference=reference)
        return {name: number for score in scorers for name, number in score(item).items()}

    same = [scored(text, text) for text in texts]
    yielding = sum(one["finding.f1"] is not None for one in same)
    print(f"{len(texts)} references, {yielding} ({100 * yielding / len(texts):.1f} %) with a finding")
    print(f"{'edit':22}{'n':>5}  " + "".join(f"{name:>22}" for name in METRICS))
    for edit in EDITS:
        rows = []
        for text, before in zip(texts, same, strict=True):
            edited = edit.apply(text)
            if edited is not None and before["finding.f1"] is not None:
                rows.append((before, scored(text, edited)))
        cells = []
        for name in METRICS:
            changes = [
                (after[name] or 0.0) - (before[name] or 0.0)
                for before, after in rows
                if before[name] is not None
            ]
            cells.append(f"{sum(changes) / len(changes):>+22.3f}" if changes else f"{'-':>22}")
        print(f"{edit.name:22}{len(rows):>5}  " + "".join(cells))


if __name__ == "__main__":
    main()
