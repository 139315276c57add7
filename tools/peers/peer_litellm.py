"""litellm as a client: it encodes the same calls to Vertex AI, and each body must be the same as ours.

`python tools/peers/peer_litellm.py FILE` writes what it sent as the golden data of the tests.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from place import Skipped, venv

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "fixtures"))
VERSION = "1.106.2"


def bodies(work: Path) -> dict[str, dict[str, Any]]:
    """What litellm sends for each call, by 'CALL/ROUTE'."""
    from vertex_calls import CALLS, ROUTES, SETTINGS

    python = venv("litellm", f"litellm=={VERSION}", "google-cloud-aiplatform") / "python"
    names = [f"{call.name}/{route}" for call in CALLS for route in ROUTES]
    lines = [
        json.dumps({"messages": call.messages, "settings": SETTINGS, "route": route})
        for call in CALLS
        for route in ROUTES
    ]
    done = subprocess.run(
        [python, Path(__file__).with_name("litellm_body.py")],
        input="\n".join(lines),
        cwd=work,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Skipped(f"litellm did not run: {done.stderr.strip().splitlines()[-1][:200]}")
    return dict(zip(names, map(json.loads, done.stdout.splitlines()), strict=True))


def main(work: Path) -> str:
    """Compare all bodies; what passed, in a line."""
    from vertex_calls import CALLS, ROUTES, our_body, same_body

    theirs = bodies(work)
    for call in CALLS:
        for route in ROUTES:
            ours = our_body(call, route, work)
            assert same_body(ours, theirs[f"{call.name}/{route}"]), (call.name, route, ours, theirs)
    return f"litellm: {len(theirs)} bodies of litellm {VERSION} for Vertex AI equal ours"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        found = {"litellm": VERSION, "bodies": bodies(Path(folder))}
    Path(sys.argv[1]).write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
