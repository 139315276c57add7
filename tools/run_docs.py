"""Run what pages say to type: the `$ ` lines of their ```console blocks, in one empty folder a page.

A block with `<!-- not run -->` on the line above its fence is passed over. A line that fails ends the work.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_FENCE = re.compile(r"(?:^|\n)(?P<above>[^\n]*)\n+```console\n(?P<body>.*?)\n```", re.DOTALL)
NOT_RUN = "<!-- not run -->"


def lines_to_type(page: str) -> list[str]:
    """Return the commands of the blocks that are run, in order; a backslash at the end joins two lines."""
    commands: list[str] = []
    for block in _FENCE.finditer("\n" + page):
        if block["above"].strip() == NOT_RUN:
            continue
        joined = re.sub(r"\\\n\s*", "", block["body"])
        commands += [line[2:].strip() for line in joined.splitlines() if line.startswith("$ ")]
    return commands


def main(pages: list[str]) -> int:
    """Run the pages' commands with the Python of this script first on the PATH."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    for page in pages:
        lines = lines_to_type(Path(page).read_text(encoding="utf-8"))
        print(f"{page}: {len(lines)} lines")
        with tempfile.TemporaryDirectory() as folder:
            for line in lines:
                begun = time.monotonic()
                done = subprocess.run(
                    ["bash", "-c", line],
                    cwd=folder,
                    env={**os.environ, "PATH": path},
                    capture_output=True,
                    text=True,
                    check=False,
                )
                print(f"  {done.returncode}  {time.monotonic() - begun:5.1f} s  {line}")
                if done.returncode:
                    print(done.stdout, done.stderr, sep="\n")
                    return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
