"""What the peers that hold a model are asked: a few cases through `medbench run`, and what must come back."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from place import Skipped, folder, free_port, serving, venv
from vertex_front import SHAPES

HERE = Path(__file__).resolve().parent
PHANTOM = HERE.parents[1] / "src" / "medbench" / "datasets" / "embedded" / "phantom-40" / "images"
SHARED = HERE.parents[2] / "shared" / "peers"
MAKER = SHARED / "tiny_gemma3" / "build_tiny_gemma3.py"
MEDPIX = SHARED.parent / "data" / "medpix"
TOKENS = 12
IMAGES = (1, 4)
"""Images of the two kinds of cases."""
TRANSFORMERS = ("torch==2.13.0", "transformers[serving]==5.23.*", "accelerate", "pillow", "sentencepiece")
OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "OMP_NUM_THREADS": "1"}


def model() -> Path:
    """The folder of the tiny random Gemma 3, made once.

    Raises:
        Skipped: What makes it cannot be installed, or its script was not found.
    """
    made = folder() / "tiny-gemma3"
    if (made / "processor_config.json").is_file():
        return made
    if not MAKER.is_file():
        raise Skipped("needs ../shared, whose script makes the tiny model")
    python = venv("transformers", *TRANSFORMERS) / "python"
    done = subprocess.run(
        [python, MAKER, made], capture_output=True, text=True, check=False, env={**os.environ, **OFFLINE}
    )
    if done.returncode:
        raise Skipped(f"the tiny model cannot be made: {done.stderr.strip().splitlines()[-1][:200]}")
    return made


def benchmark(work: Path) -> str:
    """Build a benchmark of two cases, with one and with four images; says what the images are."""
    source = Path(os.environ.get("MEDBENCH_MEDPIX") or MEDPIX)
    place = source / "images" if source.is_dir() else PHANTOM
    images = sorted(place.glob("*.png"))[: sum(IMAGES)]
    if len(images) < sum(IMAGES):
        raise Skipped(f"there are no images in {place}")
    with (work / "cases.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "images", "reference", "region"])
        for number in IMAGES:
            names = ";".join(images.pop(0).name for _ in range(number))
            rows.writerow([f"case{number}", names, "There is a large effusion on the left.", "Thorax"])
    medbench(work, "build", "folder", "--cases", "cases.csv", "--images", place, "--out", "bench")
    return "phantom" if place == PHANTOM else "MedPix"


def medbench(work: Path, *arguments: object) -> None:
    """Run a line of medbench in a folder; its exit code must be 0."""
    line = [sys.executable, "-m", "medbench", *map(str, arguments)]
    done = subprocess.run(line, cwd=work, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(line)}\n{done.stdout}\n{done.stderr}"


def responses(work: Path, name: str) -> list[dict[str, Any]]:
    """The ledger of a run, by number of images."""
    lines = (work / "runs" / "bench" / name / "responses.jsonl").read_text("utf-8").splitlines()
    return sorted(map(json.loads, lines), key=lambda one: len(one["images_sent"] or ()))


def ask_all(work: Path, upstream: str, name: str) -> str:
    """Ask a server by provider openai, and by vertex behind a front in each shape; all must say the same.

    Args:
        work: An empty folder.
        upstream: The server, without '/v1'.
        name: What it calls its model.

    Returns:
        What passed, in words.
    """
    kind = benchmark(work)
    with ExitStack() as running:
        models = {"direct": _model_file("openai", name, f"{upstream}/v1")}
        for shape in SHAPES:
            port = free_port()
            front = [sys.executable, HERE / "vertex_front.py", port, upstream, name, shape]
            running.enter_context(serving(front, f"http://127.0.0.1:{port}", work / f"{shape}.log"))
            models[shape] = _model_file("vertex", "google/medgemma-1.5-4b-it", f"http://127.0.0.1:{port}")
        for file, text in models.items():
            (work / f"{file}.toml").write_text(text, "utf-8")
            medbench(work, "run", "bench", "-m", f"./{file}.toml", "--min-coverage", "0")
    direct = responses(work, "direct")
    for shape in SHAPES:
        _agree(direct, responses(work, shape), shape)
    counts = ", ".join(f"{len(one['images_sent'])} images {one['usage']['input']} tokens" for one in direct)
    return f"openai and vertex ({', '.join(SHAPES)}) answered alike on {kind} images: {counts}"


def _model_file(provider: str, name: str, url: str) -> str:
    settings = f'order = "text-first"\ntemperature = 0.0\nmax_tokens = {TOKENS}\n'
    return f'provider = "{provider}"\nid = "{name}"\nbase_url = "{url}"\nkey_env = ""\n[settings]\n{settings}'


def _agree(direct: list[dict[str, Any]], other: list[dict[str, Any]], shape: str) -> None:
    assert [len(one["images_sent"] or ()) for one in direct] == list(IMAGES), direct
    for one, same in zip(direct, other, strict=True):
        assert one["failure"] is None or one["failure"]["kind"] == "empty", one
        assert same["text"] == one["text"], (shape, one["text"], same["text"])
        assert same["images_sent"] == one["images_sent"]
        assert same["route"] == ("chat/completions" if shape == "chat" else "predict")
        assert one["usage"]["input"], one
        known = shape in {"chat", "dict", "list"}
        assert same["usage"]["input"] == (one["usage"]["input"] if known else None), (shape, same["usage"])
        assert same["usage"]["output"] == (one["usage"]["output"] if known else None), (shape, same["usage"])
        assert (same["finish_reason"] is None) == (shape == "text")
