"""One scene: commands typed in a fresh folder, and what each of them printed and wrote."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from normal import Normal
from server import Server

LINKS = {
    "MedPix-2.0": "medpix",
    "february": "seed_run",
    "old-1": "old_runs/222216",
    "old-2": "old_runs/232354",
}
"""Names in the folder of a scene, and the folders of ../shared/data behind them."""
MODEL = """
[models.{name}]
provider = "openai"
id = "{name}-1"
family = "{family}"
base_url = "http://127.0.0.1:{port}/v1"
key_env = ""
price = {price}
limits = {{ images = 4, image_tokens = 256 }}
settings = {{ max_tokens = 500, temperature = 0.0 }}
"""
PAID = "{ input = 1.0, output = 2.0 }"


@dataclass(frozen=True)
class Step:
    """What one command did."""

    line: str
    """What was typed behind `medbench`."""
    code: int
    """Its exit code."""
    parts: dict[str, str]
    """'stdout', 'stderr', 'requests' and the files that it changed, by their paths."""


def play(tree: Path, shared: Path, scene: dict[str, Any]) -> list[Step]:
    """Type the commands of a scene with the code of a checkout.

    Args:
        tree: The checkout.
        shared: The folder with the real data.
        scene: An entry of scenes.toml.
    """
    server = Server() if scene.get("server") else None
    with tempfile.TemporaryDirectory(prefix="same-") as name:
        folder = Path(name).resolve() / "work"
        folder.mkdir()
        _lay_out(folder, shared if scene.get("shared") else None, server)
        normal = Normal(
            folder,
            tree,
            server.server_port if server else 0,
            recorded_times=scene.get("recorded_times", False),
            prints_times=scene.get("prints_times", False),
        )
        typist = _Typist(folder, tree, normal, server)
        steps = [typist.type(line) for line in scene["lines"].removeprefix("\n").splitlines()]
    if server:
        server.shutdown()
        server.server_close()
    return steps


def _lay_out(folder: Path, shared: Path | None, server: Server | None) -> None:
    for link, target in LINKS.items() if shared else ():
        (folder / link).symlink_to(f"{shared}/data/{target}", target_is_directory=True)
    if server:
        models = (
            ("tiny", "gemini", PAID),
            ("other", "medgemma", "{ free = true }"),
            ("grader", "other", PAID),
        )
        settings = folder / "medbench.toml"
        settings.write_text(
            "".join(
                MODEL.format(name=name, family=family, price=price, port=server.server_port)
                for name, family, price in models
            )
        )
        trusted = folder.parent / ".config" / "medbench" / "trusted.json"  # as `medbench trust` writes it
        trusted.parent.mkdir(parents=True)
        trusted.write_text(json.dumps({str(settings): hashlib.sha256(settings.read_bytes()).hexdigest()}))


class _Typist:
    def __init__(self, folder: Path, tree: Path, normal: Normal, server: Server | None) -> None:
        self._folder, self._normal, self._server = folder, normal, server
        self._known: dict[Path, tuple[int, int]] = {}
        self._number = 0
        own = tree / ".venv" / "bin" / "python"
        self._python = str(own) if own.exists() else sys.executable
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        screen = {"COLUMNS": "100", "LINES": "40", "NO_COLOR": "1", "TERM": "dumb", "TZ": "UTC"}
        self._environment = {
            **kept,
            **screen,
            "HOME": str(folder.parent),
            "PYTHONPATH": str(tree / "src"),
            "PYTHONHASHSEED": "0",
            "PYTHONUTF8": "1",
        }

    def type(self, line: str) -> Step:
        """Type a command and collect what it did."""
        self._prepare(line)
        self._number += 1
        if self._server:
            self._server.seen.clear()
        script = str(Path(__file__).with_name("typed.py"))
        done = subprocess.run(
            [self._python, script, str(self._number), *shlex.split(line)],
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if "Traceback (most recent call last)" in done.stderr:
            sys.stderr.write(f"medbench {line}\n{done.stderr}\n")
        changed = self._changed()
        self._normal.learn(changed)
        parts = {
            "stdout": self._normal.screen(done.stdout, unordered="--findings" in line),
            "stderr": self._normal.screen(done.stderr),
            **{str(path.relative_to(self._folder)): self._normal.file(path) for path in changed},
        }
        if self._server:
            parts["requests"] = self._normal.text("".join(sorted(self._server.seen)))
        return Step(line, done.returncode, parts)

    def _changed(self) -> list[Path]:
        """The files that are new, or were written, since the last call."""
        states = {}
        for path in sorted(self._folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.name != ".lock":
                stat = path.stat()
                states[path] = (stat.st_mtime_ns, stat.st_size)
        changed = [path for path, state in states.items() if self._known.get(path) != state]
        self._known = states
        return changed

    def _prepare(self, line: str) -> None:
        """Write the files that a person would have written before this command."""
        if "filled.csv" in line:
            _fill(self._folder / "review-1.csv", self._folder / "filled.csv")
        if "table.csv" in line:
            _write_table(self._folder / "small", self._folder / "table.csv")
        if "answers.jsonl" in line:
            _write_answers(self._folder / "small", self._folder / "answers.jsonl")
        self._changed()


def _fill(sheet: Path, filled: Path) -> None:
    """Fill in a review sheet."""
    with sheet.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        row |= {
            "grade": ("good", "partial", "poor")[number % 3],
            "key_finding": ("yes", "no")[number % 2],
            "reviewer": "ann",
        }
    with filled.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _write_table(benchmark: Path, table: Path) -> None:
    """A table of six cases of a benchmark, as `build folder` takes it; one line of nonsense without one."""
    if not benchmark.is_dir():
        table.write_text("id,words\n1,two\n")
        return
    texts = {record["case_id"]: record["text"] for record in _records(benchmark / "references.jsonl")}
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "images", "reference", "region", "history"])
        for case in _records(benchmark / "cases.jsonl")[:6]:
            images = ";".join(Path(image["file"]).name for image in case["images"])
            reference = texts[case["case_id"]]
            writer.writerow([case["case_id"], images, reference, case["region"], case.get("history") or ""])


def _write_answers(benchmark: Path, file: Path) -> None:
    """Answers to nine cases of a benchmark, as `import` takes them."""
    lines = [
        json.dumps({"case_id": case["case_id"], "text": f"A mass of {number} cm. No effusion."})
        for number, case in enumerate(_records(benchmark / "cases.jsonl")[:9], 1)
    ]
    file.write_text("\n".join(lines) + "\n", "utf-8")


def _records(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
