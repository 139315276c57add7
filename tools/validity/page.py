"""How far the finding metric can be trusted: one page, each figure beside the bar that it has to reach.

    python tools/validity/page.py [--write]

Prints the page; --write puts it into docs/validity.md, and its first table into docs/scoring.md. Ends with
1 if a bar is missed. What needs ../shared (MedPix, RadPref, the run of February 2026) is skipped without it,
and the page says so.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/fixtures"))

from bars import table  # noqa: E402 - after the path of the ranking set
from edits import edits  # noqa: E402
from gaming import gaming  # noqa: E402
from judged import judged  # noqa: E402
from ladder import ladder  # noqa: E402
from layouts import layouts  # noqa: E402
from phantom import phantom  # noqa: E402
from readers import ranking, ratings  # noqa: E402
from shared_cases import shared_cases  # noqa: E402
from sources import SHARED  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bars import Bar

PAGES = {"page": ROOT / "docs/validity.md", "bars": ROOT / "docs/scoring.md"}
"""Name of a block to the page that shows it."""
HERE = (layouts, ranking, phantom)
NEED_SHARED = (gaming, shared_cases, ratings, judged, ladder, edits)


def main() -> int:
    """Print the page, and return 1 if a bar is missed."""
    parts = [measure() for measure in (*HERE, *(NEED_SHARED if SHARED.is_dir() else ()))]
    bars = [bar for part in parts for bar in part.bars]
    blocks = {"bars": _summary(bars)}
    sections = ("\n".join(["", f"### {part.title}", "", *part.lines]) for part in parts)
    blocks["page"] = "\n".join([blocks["bars"], *sections])
    print(blocks["page"])
    if "--write" in sys.argv:
        for name, page in PAGES.items():
            mark, end = f"<!-- nox -s validity: {name} -->\n", "<!-- end -->"
            before, _, rest = page.read_text("utf-8").partition(mark)
            after = rest.partition(end)[2]
            page.write_text(f"{before}{mark}\n{blocks[name]}\n\n{end}{after}", encoding="utf-8")
    return not all(bar.met for bar in bars)


def _summary(bars: Sequence[Bar]) -> str:
    lines = [f"{sum(bar.met for bar in bars)} of {len(bars)} bars are met.", ""]
    if not SHARED.is_dir():
        skipped = ", ".join(part.__name__ for part in NEED_SHARED)
        lines += [f"Skipped, as ../shared is not here: {skipped}.", ""]
    rows = ((*bar[:3], "met" if bar.met else "missed") for bar in bars)
    return "\n".join([*lines, *table(("bar", "seen", "wanted", ""), rows)])


if __name__ == "__main__":
    sys.exit(main())
