"""litellm as a client: it encodes the same calls, and each body must be the same as ours.

The calls are those of every `tests/fixtures/NAME_calls.py`. `python tools/peers/peer_litellm.py` writes what
it sent as the golden data of the tests, `tests/golden/litellm_NAME_bodies.json`.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from place import Skipped, venv

TESTS = Path(__file__).resolve().parents[2] / "tests"
sys.path.insert(0, str(TESTS / "fixtures"))
VERSION = "1.110.2"


def calls() -> dict[str, Any]:
    """The modules with calls, by NAME."""
    names = sorted(path.stem for path in (TESTS / "fixtures").glob("*_calls.py"))
    modules = {name.removesuffix("_calls"): importlib.import_module(name) for name in names}
    return {name: module for name, module in modules.items() if hasattr(module, "for_litellm")}


def bodies(module: Any, work: Path) -> dict[str, dict[str, Any]]:
    """What litellm sends for each call of a module, by its name."""
    python = venv("litellm", f"litellm=={VERSION}", "google-cloud-aiplatform") / "python"
    done = subprocess.run(
        [python, Path(__file__).with_name("litellm_body.py")],
        input="\n".join(json.dumps(module.for_litellm(name)) for name in module.NAMES),
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Skipped(f"litellm did not run: {done.stderr.strip().splitlines()[-1][:200]}")
    return dict(zip(module.NAMES, map(json.loads, done.stdout.splitlines()), strict=True))


def main(work: Path) -> str:
    """Compare all bodies; what passed, in a line."""
    parts = []
    for name, module in calls().items():
        theirs = bodies(module, work)
        for call in module.NAMES:
            ours = module.our_body(call, work)
            assert module.same_body(ours, theirs[call]), (name, call, ours, theirs[call])
        parts.append(f"{len(theirs)} bodies for {name}")
    return f"litellm: {', '.join(parts)} of litellm {VERSION} equal ours"


if __name__ == "__main__":
    for name, module in calls().items():
        with tempfile.TemporaryDirectory() as folder:
            found = {"litellm": VERSION, "bodies": bodies(module, Path(folder))}
        golden = TESTS / "golden" / f"litellm_{name}_bodies.json"
        golden.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
