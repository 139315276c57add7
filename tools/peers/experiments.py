"""Every experiment that comes with medbench, on MedPix cases, with one real server for all models."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

from place import Skipped
from stand_ins import stand_ins
from tiny import MEDPIX, TOKENS, medbench

from medbench.registry import shipped_names
from medbench.steps.experiment.read import CONFIGS, read_experiment
from medbench.trust import trust

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

USUAL = {"out": "medpix-100", "per_stratum": 1}
SIZES = {"next-50": 10, "ct-vs-mr": 2, "per-image": 2}
"""Cases of a stratum in the experiments that one is too few for."""
KEPT = ("order", "temperature", "system", "image_transform")
"""Settings of a model file that this server knows."""
POST = re.compile(r'"POST /v1/chat/completions[^"]*" (\d+)')


def conduct_all(work: Path, url: str, model: str, log: Path) -> str:
    """Conduct each experiment as it was shipped, on a few cases.

    Args:
        work: A folder to make.
        url: The server.
        model: What it calls its model.
        log: What it writes of its requests.

    Returns:
        What passed, in words.

    Raises:
        Skipped: MedPix is not here.
    """
    if not (os.environ.get("MEDBENCH_MEDPIX") or MEDPIX.is_dir()):
        raise Skipped("needs MedPix 2.0: $MEDBENCH_MEDPIX")
    os.environ.setdefault("MEDBENCH_MEDPIX", str(MEDPIX))

    def other(file: Mapping[str, Any]) -> dict[str, Any]:
        settings = {key: value for key, value in file.get("settings", {}).items() if key in KEPT}
        limits = {key: value for key, value in file.get("limits", {}).items() if key == "images"}
        here = {"provider": "openai", "id": model, "base_url": f"{url}/v1", "key_env": "", "limits": limits}
        return {**here, "price": {"free": True}, "settings": {**settings, "max_tokens": TOKENS}}

    work.mkdir()
    os.environ["XDG_CONFIG_HOME"] = str(work / "config")  # where it is written that the file is trusted
    settings = work / "medbench.toml"
    settings.write_text(stand_ins(other), "utf-8")
    trust(settings, settings.read_bytes())
    before = len(POST.findall(log.read_text("utf-8", "replace")))
    seen: Counter[str] = Counter()
    for name in shipped_names(CONFIGS):
        seen += _conduct(work, name)
    statuses = Counter(POST.findall(log.read_text("utf-8", "replace"))[before:])
    assert set(statuses) == {"200"}, statuses
    # Random weights say nothing, or nothing that can be read; whatever else failed is ours or the server's.
    wrong = [what for what in seen if re.match(r"(outputs|single): (?!texts|empty)", what)]
    assert not wrong, seen
    missing = [what for what in ("several images", "schema", "labels", "transform") if not seen[what]]
    assert not missing, f"nothing was sent with {missing}"
    came = ", ".join(f"{number} {what}" for what, number in sorted(seen.items()) if number)
    number = len(shipped_names(CONFIGS))
    return f"{number} experiments, {statuses['200']} requests accepted on MedPix cases; {came}"


def _conduct(work: Path, name: str) -> Counter[str]:
    """Build its benchmark if it is not there, and conduct it to its comparison; what was sent and came."""
    experiment = read_experiment(name).experiment
    benchmark = experiment.benchmark
    options = dict(USUAL) if isinstance(benchmark, str) else {**benchmark, "per_stratum": 1}
    options.pop("build", None)
    options["per_stratum"] = SIZES.get(name, options["per_stratum"])
    if not (work / str(options["out"])).is_dir():
        words = [word for key, value in options.items() for word in (f"--{key.replace('_', '-')}", value)]
        medbench(work, "build", "medpix", "--available-only", *words)
    line = [sys.executable, "-m", "medbench", "run", name, "--out", f"runs-{name}"]
    wide = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(line, cwd=work, env=wide, capture_output=True, text=True, check=False)
    said = f"{name}: exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert done.returncode in {0, 3}, said  # 3: texts that no judge of random weights could grade
    assert experiment.question in " ".join(done.stdout.split()), said
    seen: Counter[str] = Counter()
    for run in sorted((work / f"runs-{name}").glob("*/*/run.json")):
        head = json.loads(run.read_text("utf-8"))["system"]
        if head["family"] == "baseline":
            continue
        seen += _counted(run.parent, head)
        assert head.get("probe") or f"\n{head['name'][:30]}" in done.stdout, (
            f"no row of {head['name']}\n{said}"
        )
    return seen


def _counted(run: Path, system: dict[str, Any]) -> Counter[str]:
    """What a run sent and got; each case has a text, or a failure that such a model may have."""
    seen: Counter[str] = Counter()
    settings = system["settings"]
    for line in _lines(run / "responses.jsonl"):
        seen[f"{line['for']['stage']}: {line['failure']['kind'] if line['failure'] else 'texts'}"] += 1
        if line["for"]["stage"] not in {"judge", "listing"}:
            seen["several images"] += len(line["images_sent"] or ()) > 1
            seen["schema"] += "response_schema" in settings
            seen["labels"] += settings.get("image_labels", "none") != "none"
            seen["transform"] += settings.get("image_transform", "none") != "none"
    outputs = _lines(run / "outputs.jsonl")
    assert outputs, f"no output of {run}"
    for line in outputs:
        seen[f"outputs: {line['failure']['kind'] if line['failure'] else 'texts'}"] += 1
    return seen


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.is_file() else []
