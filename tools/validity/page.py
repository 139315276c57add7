"""How far the finding metric can be trusted: one page, each figure beside the bar that it has to reach.

    python tools/validity/page.py [--write]

Prints the page; --write puts it into docs/validity.md. Ends with 1 if a bar is missed. What needs ../shared
(MedPix, RadPref, the run of February 2026) is skipped without it, and the page says so.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/fixtures"))

from bars import table  # noqa: E402 - after the path of the ranking set
from gaming import gaming  # noqa: E402
from judged import judged  # noqa: E402
from ladder import ladder  # noqa: E402
from layouts import layouts  # noqa: E402
from readers import ranking, ratings  # noqa: E402
from shared_cases import shared_cases  # noqa: E402
from sources import SHARED  # noqa: E402

PAGE = ROOT / "docs/validity.md"
HERE = (layouts, ranking)
NEED_SHARED = (gaming, shared_cases, ratings, judged, ladder)
_BLOCK = re.compile(r"(<!-- nox -s validity -->\n).*?(<!-- end -->\n)", re.DOTALL)


def main() -> int:
    """Print the page, and return 1 if a bar is missed."""
    parts = [measure() for measure in (*HERE, *(NEED_SHARED if SHARED.is_dir() else ()))]
    bars = [bar for part in parts for bar in part.bars]
    missed = [bar for bar in bars if not bar.met]
    lines = [f"{len(bars) - len(missed)} of {len(bars)} bars are met.", ""]
    if not SHARED.is_dir():
        lines += [
            f"Skipped, as ../shared is not here: {', '.join(part.__name__ for part in NEED_SHARED)}.",
            "",
        ]
    lines += table(
        ("bar", "seen", "wanted", ""), ((*bar[:3], "met" if bar.met else "missed") for bar in bars)
    )
    for part in parts:
        lines += ["", f"### {part.title}", "", *part.lines]
    page = "\n".join(lines)
    print(page)
    if "--write" in sys.argv:
        written = _BLOCK.sub(lambda block: f"{block[1]}\n{page}\n\n{block[2]}", PAGE.read_text("utf-8"))
        PAGE.write_text(written, encoding="utf-8")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
