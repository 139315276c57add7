"""Check runs of medbench without medbench: `python verify_run.py RUN… [--benchmark FOLDER]`.

Each line as it was written (its seal is a digest over the line and the seal before it), no end missing, the
files and images of the benchmark as recorded; then the root over all of it, as `medbench verify` prints it.
What follows from the files (requests, grades, scores) is checked by that command alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

LINE = re.compile(rb',"seal":"([0-9a-f]{16})"}\n\Z')
FILE = re.compile(rb',\n "(?:seal": "([0-9a-f]{16})|.{4}": ".{16})"\n}\n\Z', re.DOTALL)  # or a damaged one
DERIVED = "scores.jsonl"


def sha256(data: bytes) -> str:
    """Return the digest of bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def split(content: bytes, form: re.Pattern[bytes]) -> tuple[bytes, str | None]:
    """Return what was sealed, and the seal: None where there is none, '' where it was damaged."""
    found = form.search(content)
    if found is None:
        return content, None
    return content[: found.start()] + (b"}" if form is LINE else b"\n}"), (found[1] or b"").decode()


def parsed(path: Path, content: bytes | None = None) -> Any:
    """Return the JSON of a file, or of a line of it; an error names the file."""
    try:
        return json.loads(path.read_bytes() if content is None else content)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


class Run:
    """A run folder, and what does not hold in it."""

    def __init__(self, path: Path, benchmark: Path | None) -> None:
        self.path = path
        self.wrong: list[str] = []
        self.records = self.unsealed = 0
        self.head = self.single("run.json") or {}
        self.benchmark = benchmark or Path(os.path.normpath(path.resolve() / self.head["benchmark"]["path"]))

    def single(self, name: str) -> dict[str, Any] | None:
        """Check a file of one record, and return it; None where it is not there."""
        if not (self.path / name).is_file():
            return None
        content = (self.path / name).read_bytes()
        body, seal = split(content, FILE)
        self.records += name != "seals.json"
        self.unsealed += seal is None
        if seal is not None and sha256(body)[:16] != seal:
            self.wrong.append(f"{self.path / name} was changed")
        return dict(parsed(self.path / name, content))

    def lines(self, path: Path, end: dict[str, Any] | None) -> None:
        """Check each line of a file, and that it goes on to the noted end at least."""
        so_far, before, number, old, position = hashlib.sha256(), "", 0, 0, 0
        for line in path.read_bytes().splitlines(keepends=True) if path.is_file() else ():
            body, seal = split(line, LINE)
            number += 1
            if not line.endswith(b"\n"):
                break
            if seal is None and old == number - 1:
                old += 1
            elif seal is None or sha256((before or so_far.hexdigest()[:16]).encode() + body)[:16] != seal:
                self.wrong.append(f"{path}, line {number}, was changed, or what stands before it was")
            before = seal or ""
            so_far.update(line)
            position += len(line)
            if end and position == end["bytes"] and seal == end["seal"]:
                end = None
        if end:
            self.wrong.append(f"{path} does not end as it did: lines were changed, or are missing")
        self.records += number
        self.unsealed += old

    def check(self) -> None:
        """Check all files of the run and of the benchmark."""
        noted = (self.single("seals.json") or {"files": {}})["files"]
        for name in sorted({*noted, *(path.name for path in self.path.glob("*.jsonl"))} - {DERIVED}):
            self.lines(self.path / name, noted.get(name))
        manifest = parsed(self.benchmark / "benchmark.json")
        expected = {self.benchmark / name: digest for name, digest in manifest["files"].items()}
        if self.head["benchmark"].get("manifest"):
            expected[self.benchmark / "benchmark.json"] = self.head["benchmark"]["manifest"]
        for part in (self.benchmark, self.benchmark / "pool"):
            for line in (part / "cases.jsonl").read_bytes().splitlines():
                images = parsed(part / "cases.jsonl", line)["images"]
                expected.update((part / image["file"], image["sha256"]) for image in images)
        copied = {each["file"]: each["sha256"] for each in self.head["imported_from"]}
        expected.update((path, copied.get(path.name)) for path in self.path.glob("imported/*"))
        if summary := self.single("summary.json"):
            expected[self.path / DERIVED] = summary["scores"]["sha256"]
        named = {name: manifest["files"][name] for name in ("cases.jsonl", "references.jsonl")}
        digest = sha256(json.dumps(named, sort_keys=True, separators=(",", ":")).encode())
        if digest != self.head["benchmark"]["digest"]:
            self.wrong.append(f"{self.benchmark} is not the benchmark of this run")
        for path, recorded in expected.items():
            if not path.is_file() or sha256(path.read_bytes()) != recorded:
                self.wrong.append(f"{path} is not the file that was recorded")

    def root(self) -> str:
        """Return the root of a Merkle tree over the files (RFC 6962): a leaf is a name and a sha256."""
        paths = [self.path / "run.json", *self.path.glob("*.jsonl"), *self.path.glob("imported/*")]
        files = {path.relative_to(self.path).as_posix(): path.read_bytes() for path in paths}
        files = {name: data for name, data in files.items() if data and name != DERIVED}
        files["benchmark/benchmark.json"] = (self.benchmark / "benchmark.json").read_bytes()
        leaves = [f"{name} {sha256(files[name])}".encode() for name in sorted(files)]
        nodes = [hashlib.sha256(b"\0" + leaf).digest() for leaf in leaves]
        while len(nodes) > 1:
            pairs = [nodes[at : at + 2] for at in range(0, len(nodes), 2)]
            nodes = [hashlib.sha256(b"\1" + b"".join(two)).digest() if two[1:] else two[0] for two in pairs]
        return nodes[0].hex()


def main(arguments: list[str]) -> int:
    """Check the runs, and return the exit code: 0 where all hold, else 1."""
    at = arguments.index("--benchmark") if "--benchmark" in arguments else len(arguments)
    benchmark = Path(arguments[at + 1]) if arguments[at + 1 :] else None
    runs = [*arguments[:at], *arguments[at + 2 :]]
    failed = not runs
    for name in runs:
        try:
            run = Run(Path(name), benchmark)
            root = run.root()
            run.check()
        except (OSError, ValueError, KeyError, TypeError) as error:
            failed = True
            print(f"{name} cannot be read: {error}. The benchmark's place: --benchmark FOLDER")
            continue
        held = f"{len(run.wrong)} do not hold" if run.wrong else f"all {run.records} records hold"
        print(f"{name}: {held}")
        print("".join(f"  {what}\n" for what in run.wrong) + f"  {run.unsealed} unsealed\n  root {root}")
        failed = failed or bool(run.wrong)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
