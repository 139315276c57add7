"""Compare, byte for byte, what the commands of two checkouts print and write.

    python tools/same_bytes/compare.py OLD NEW

A scene is a list of commands that are typed in one fresh folder; scenes.toml has them. Compared are the exit
code, stdout, stderr and every file that a command writes, and where models are asked every request that they
get. What must differ between two calls is made equal first, see normal.py. The exit code is 1 where something
differs.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinds import Kinds
from scene import Step, play

if TYPE_CHECKING:
    from collections.abc import Iterator

SCENES: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("scenes.toml").read_text("utf-8"))
WIDEST = 240


def differences(old: list[Step], new: list[Step], most: int) -> Iterator[str]:
    """Yield a text for each command in which the two differ."""
    for before, after in zip(old, new, strict=True):
        lines: list[str] = []
        if before.code != after.code:
            lines.append(f"exit code {before.code} -> {after.code}")
        for name in dict.fromkeys([*before.parts, *after.parts]):
            if name not in before.parts:
                lines.append(f"written by the new one only: {name}")
            elif name not in after.parts:
                lines.append(f"written by the old one only: {name}")
            else:
                lines += _diff(name, before.parts[name], after.parts[name])
        if lines:
            more = [f"… {len(lines) - most} lines more"] if len(lines) > most else []
            yield "\n".join(
                [f"$ medbench {after.line}", *(line[:WIDEST] for line in lines[:most]), *more, ""]
            )


def _diff(name: str, old: str, new: str) -> list[str]:
    if old == new:
        return []
    if _indented(old) != _indented(new):  # else they differ in nothing but the layout of their JSON
        old, new = _indented(old), _indented(new)
    names = f"old {name}", f"new {name}"
    return list(difflib.unified_diff(old.splitlines(), new.splitlines(), *names, lineterm="", n=2))


def _indented(text: str) -> str:
    """The text with each line of JSON Lines spread over several, so that a diff shows what changed in it."""
    return "\n".join(_spread(line) if line.startswith("{") else line for line in text.splitlines())


def _spread(line: str) -> str:
    quoted = re.sub(r"(?<=[: ])(<[a-z ]+>)", r'"\1"', line)
    try:
        return json.dumps(json.loads(quoted), indent=1, ensure_ascii=False)
    except ValueError:
        return line


def main() -> int:
    """Play the scenes in both trees and print what differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("old", type=Path, help="a checkout")
    parser.add_argument("new", type=Path, help="another one; the folder shared beside it has the real data")
    parser.add_argument("--only", help=f"scenes, with commas: {', '.join(SCENES)}")
    parser.add_argument(
        "--kinds", action="store_true", help="count differences by kind, with an example each"
    )
    parser.add_argument("--lines", type=int, default=60, help="most lines of a command's diff")
    typed = parser.parse_args()
    shared = typed.new.resolve().parent / "shared"
    names = typed.only.split(",") if typed.only else list(SCENES)
    names = [name for name in names if shared.is_dir() or not SCENES[name].get("shared")]
    count, kinds = 0, Kinds()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        plays = {
            name: [pool.submit(play, tree.resolve(), shared, SCENES[name]) for tree in (typed.old, typed.new)]
            for name in names
        }
        for name, (old, new) in plays.items():
            if typed.kinds:
                for before, after in zip(old.result(), new.result(), strict=True):
                    kinds.take(before, after)
            for text in differences(old.result(), new.result(), typed.lines):
                count += 1
                if not typed.kinds:
                    print(f"[{name}] {text}", flush=True)
    print("\n".join(kinds.lines()))
    print(f"{count} commands of {', '.join(names)} differ" if count else f"the same: {', '.join(names)}")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
