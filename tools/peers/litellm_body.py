"""Print the bodies that litellm sends for the calls on stdin; `peer_litellm.py` runs this with its Python.

Reads one JSON line a call: `messages`, `settings`, `route`. Writes one JSON line a body.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # nothing is fetched

SAID = {
    "id": "1",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "x"}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
}
BODIES: list[Any] = []


class Recorder(BaseHTTPRequestHandler):
    """Keeps each body, and answers well."""

    def do_POST(self) -> None:
        """Keep it, and say what litellm expects."""
        BODIES.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        said = {"predictions": SAID} if self.path.endswith(":predict") else SAID
        raw = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args: object) -> None:
        """Stay silent."""
        del args


def main() -> None:
    """Send each call with litellm to a recorder."""
    import litellm
    from litellm.llms.vertex_ai.vertex_llm_base import VertexBase

    litellm.suppress_debug_info = True
    # No account is needed to see what would be sent.
    VertexBase._ensure_access_token = lambda *_, **__: ("token", "p1")  # noqa: SLF001
    VertexBase.get_access_token = lambda *_, **__: ("token", "p1")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = (
        f"http://127.0.0.1:{server.server_address[1]}/v1/projects/p1/locations/us-central1/endpoints/456"
    )
    for line in sys.stdin:
        call = json.loads(line)
        chat = call["route"] == "chat"
        litellm.completion(
            model="vertex_ai/openai/456" if chat else "vertex_ai/gemma/medgemma",
            messages=call["messages"],
            vertex_project="p1",
            vertex_location="us-central1",
            api_base=endpoint if chat else f"{endpoint}:predict",
            num_retries=0,
            **call["settings"],
        )
        print(json.dumps(BODIES.pop()), flush=True)


if __name__ == "__main__":
    main()
