"""`medbench --help` against the import of its three libraries; and what it must not load."""

from __future__ import annotations

import subprocess
import sys

from measure import line, median_of, seconds_of

ROUNDS = 15
HEAVY = ("google", "httpx", "scipy", "nltk", "PIL", "numpy", "rouge_score", "rapidfuzz", "requests")


def main() -> None:
    """Measure."""
    base = [sys.executable, "-c", "import typer, pydantic, rich.console"]
    page = [sys.executable, "-m", "medbench", "--help"]
    seconds_of(base)
    seconds_of(page)
    pairs = [(seconds_of(base), seconds_of(page)) for _ in range(ROUNDS)]
    base_s, page_s = (median_of(times) for times in zip(*pairs, strict=True))
    detail = f"{page_s * 1000:.0f} ms against {base_s * 1000:.0f} ms, medians of {ROUNDS}"
    line("medbench --help / import typer, pydantic, rich.console", page_s / base_s, "<= 2", detail)
    traced = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "medbench", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {row.rpartition("|")[2].strip().partition(".")[0] for row in traced.stderr.splitlines()}
    found = sorted(loaded.intersection(HEAVY))
    print(
        f"heavy libraries that --help loads: {', '.join(found) or 'none'}   (looked for: {', '.join(HEAVY)})"
    )


if __name__ == "__main__":
    main()
