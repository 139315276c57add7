"""One `medbench run` against a server, and what the server says of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def ask(url: str, body: object = None) -> Any:
    """The JSON that a server answers."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def run_medbench(
    work: Path, name: str, model: str, *options: str, code: int = 0, **more: str
) -> list[dict[str, Any]]:
    """Run a model on phantom-40, with eight calls at a time; returns the lines of its ledger.

    Args:
        work: An empty folder.
        name: What the system is called.
        model: Its TOML file.
        options: Of `medbench run`.
        code: Exit code that it must end with.
        more: Variables of its environment.
    """
    work.mkdir(parents=True, exist_ok=True)
    (work / f"{name}.toml").write_text(model, "utf-8")
    line = [
        sys.executable,
        "-m",
        "medbench",
        "run",
        "phantom-40",
        "-m",
        f"./{name}.toml",
        "--concurrency",
        "8",
    ]
    variables = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **more}
    done = subprocess.run(
        [*line, *options], cwd=work, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    ledger = work / "runs" / "phantom-40" / name / "responses.jsonl"
    return [json.loads(one) for one in ledger.read_text("utf-8").splitlines()]
