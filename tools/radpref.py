"""`medbench validate-metric` on the file of RadPref (rajpurkarlab/CRIMSON, MIT).

python tools/radpref.py RADPREF.json          the cases at even positions, which may be tuned on
python tools/radpref.py RADPREF.json --all    all of them
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import medbench as mb

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def rows(cases: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a row for each candidate: {"cases": [{"reference", "candidates": [{"report", "ratings"}]}]}."""
    for number, case in enumerate(cases):
        for candidate in case["candidates"]:
            texts = {"reference": case["reference"], "candidate": candidate["report"]}
            yield {**texts, "ratings": candidate["ratings"], "group": number}


def main() -> None:
    """Print the table."""
    cases = json.loads(Path(sys.argv[1]).read_text("utf-8"))["cases"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "radpref.jsonl"
        chosen = cases if "--all" in sys.argv else cases[0::2]
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rows(chosen)), "utf-8")
        print(mb.validate_metric(file))


if __name__ == "__main__":
    main()
