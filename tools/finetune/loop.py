"""The closed loop of docs/finetune.md on a tiny random Gemma 3 and a CPU: `python tools/finetune/loop.py`.

Exports the phantom's pool, trains a few steps, serves the model before and after, runs both, compares them.
The weights are random, so the numbers mean nothing: that the steps fit together is what it shows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))

from place import Skipped, free_port, serving, venv  # noqa: E402 - the path first
from tiny import OFFLINE, TRANSFORMERS, medbench, model  # noqa: E402

TRAINERS = ("trl==1.16.*", "peft==0.21.*", "datasets==5.*")
CASES, STEPS, TOKENS = 4, 2, 12


def model_file(name: str, url: str) -> str:
    """A model file for what `transformers serve` serves under a name, which is its folder."""
    return (
        f'provider = "openai"\nid = "{name}"\nbase_url = "{url}/v1"\nkey_env = ""\n'
        "price = { free = true }\n"
        f'[settings]\norder = "text-first"\ntemperature = 0.0\nmax_tokens = {TOKENS}\n'
    )


def loop(work: Path) -> str:
    """Go through all steps in an empty folder; what was done, in a line.

    Raises:
        Skipped: The packages or the tiny model cannot be had here.
    """
    programs = venv("finetune", *TRANSFORMERS, *TRAINERS)
    before, after = model(), work / "tuned"
    medbench(work, "export", "phantom-40", "--chat", "hf", "-o", "train.jsonl")
    line = [programs / "python", HERE / "train.py", before, "train.jsonl", after, "--cpu", "--steps", STEPS]
    subprocess.run(list(map(str, line)), cwd=work, check=True, env={**os.environ, **OFFLINE})
    for name, folder in (("before", before), ("after", after)):
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        options = ["--host", "127.0.0.1", "--port", port, "--device", "cpu", "--dtype", "float32"]
        start = [programs / "transformers", "serve", folder, *options]
        (work / f"{name}.toml").write_text(model_file(str(folder), url), "utf-8")
        with serving(start, f"{url}/v1/models", work / f"{name}.log", OFFLINE):
            medbench(
                work, "run", "phantom-40", "-m", f"./{name}.toml", "--limit", CASES, "--min-coverage", "0"
            )
        answers = (work / "runs" / "phantom-40" / name / "responses.jsonl").read_text("utf-8").splitlines()
        failures = [json.loads(answer)["failure"] for answer in answers]
        assert len(failures) == CASES, failures
        assert all(failure is None or failure["kind"] == "empty" for failure in failures), failures
    medbench(work, "compare", "before", "after", "--min-coverage", "0")
    return f"finetune: {STEPS} steps, and {CASES} cases by the model before and after, compared"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="medbench-finetune-", ignore_cleanup_errors=True) as made:
        try:
            print(loop(Path(made)))
        except Skipped as why:
            print(f"finetune: SKIPPED, {why}")
