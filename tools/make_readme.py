"""Write into README.md what `medbench run` prints in an empty folder."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "README.md"
_PLACE = re.compile(r"(?<=<!-- output of medbench run -->\n)(?:\n?```text\n.*?\n```\n)?", re.DOTALL)


def printed() -> str:
    """Return what `medbench run` prints, stdout and stderr together as they come."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "medbench", "run"],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=True,
        )
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())


def but_for_time(page: str) -> str:
    """Return a page without the seconds, which differ each time."""
    return re.sub(r"[\d.]+ s, \$", "s, $", page)


if __name__ == "__main__":
    block = f"```text\n{printed()}\n```\n"
    old = PAGE.read_text("utf-8")
    new = _PLACE.sub(lambda _: block, old, count=1)
    if but_for_time(new) != but_for_time(old):
        PAGE.write_text(new, encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} has what medbench run prints\n")
