"""Write into the pages what the commands above each marked block print now.

A block stands below `<!-- printed: A; B -->`: of the last command above it, the paragraphs that begin with A
or with B. The commands are those from the first marked section on, typed in one empty folder; MedPix 2.0 and
the folder `february/` are taken from ../shared. The picture of a terminal is drawn of what was written.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
PAGES = ("docs/quickstart.md", "docs/february.md")
_BLOCK = re.compile(r"<!-- printed: (?P<kept>[^\n]*) -->\n\n?```text\n.*?```\n", re.DOTALL)
_TYPED = re.compile(r"^\$ (medbench .*)$", re.MULTILINE)


def printed_by_a_process(line: str, folder: str) -> str:
    """Return what a line prints on stdout in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", *line.split()],
        cwd=folder,
        env=os.environ | {"MEDBENCH_MEDPIX": str(SHARED / "medpix")},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout


def page_with_screens(page: str, printed: Callable[[str, str], str] = printed_by_a_process) -> str:
    """Return the page with every marked block as it is printed now.

    Args:
        page: The page as it is.
        printed: What types a line in a folder and returns what it prints.
    """
    first = _BLOCK.search(page)
    if first is None:
        return page
    typed = max(page.rfind("\n## ", 0, first.start()), 0)
    new_page, end, output = "", 0, ""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "february").symlink_to(SHARED / "seed_run", target_is_directory=True)
        for block in _BLOCK.finditer(page):
            for line in _TYPED.findall(page[typed : block.start()]):
                output = printed(line.partition("#")[0], folder)
            typed = block.end()
            kept = _kept(output, block["kept"].split("; "))
            new_page += (
                f"{page[end : block.start()]}<!-- printed: {block['kept']} -->\n```text\n{kept}\n```\n"
            )
            end = block.end()
    return new_page + page[end:]


def _kept(text: str, beginnings: list[str]) -> str:
    """Return the paragraphs that begin so, with an ellipsis where others are left out in between."""
    kept: list[str] = []
    for paragraph in text.strip().split("\n\n"):
        lines = [line.rstrip() for line in paragraph.strip("\n").splitlines()]
        if any(paragraph.lstrip("\n").startswith(words) for words in beginnings):
            kept.append("\n".join(lines))
        elif kept and kept[-1] != "…":
            kept.append("…")
    if not kept:
        raise ValueError(f"nothing printed begins with any of {beginnings}")
    return "\n\n".join(kept[:-1] if kept[-1:] == ["…"] else kept)


if __name__ == "__main__":
    if not SHARED.is_dir():
        sys.exit("../shared is not here: the pages are left as they are")
    for name in PAGES:
        path = ROOT / name
        path.write_text(page_with_screens(path.read_text("utf-8")), encoding="utf-8")
        print(f"{name} has what its commands print", flush=True)
    subprocess.run([sys.executable, ROOT / "tools" / "make_picture.py"], check=True)
