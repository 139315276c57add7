"""`transformers serve` with a tiny random Gemma 3: asked alone, as Vertex AI, and by every experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments import conduct_all
from place import free_port, serving, venv
from tiny import OFFLINE, TRANSFORMERS, ask_all, model

if TYPE_CHECKING:
    from pathlib import Path


def main(work: Path) -> str:
    """Ask it in every way; what passed, in a line."""
    made, program = model(), venv("transformers", *TRANSFORMERS) / "transformers"
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    start = [
        program,
        "serve",
        made,
        "--host",
        "127.0.0.1",
        "--port",
        port,
        "--device",
        "cpu",
        "--dtype",
        "float32",
    ]
    with serving(start, f"{url}/v1/models", work / "server.log", OFFLINE):
        asked = ask_all(work, url, str(made))
        conducted = conduct_all(work / "experiments", url, str(made), work / "server.log")
        return f"transformers: {asked}\ntransformers: {conducted}"
