"""Print the bodies that litellm sends for the calls on stdin; `peer_litellm.py` runs this with its Python.

Reads one JSON line a call: `arguments` of litellm.completion, with SERVER in the place of an address, and the
`answer` that the server gives. Writes one JSON line a body.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # nothing is fetched

BODIES: list[Any] = []
ANSWER: list[Any] = []


class Recorder(BaseHTTPRequestHandler):
    """Keeps each body, and answers well."""

    def do_POST(self) -> None:
        """Keep it, and answer as the call says."""
        BODIES.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        raw = json.dumps(ANSWER[-1]).encode()
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
    address = f"http://127.0.0.1:{server.server_address[1]}"
    for line in sys.stdin:
        call = json.loads(line)
        ANSWER.append(call["answer"])
        arguments = call["arguments"]
        arguments["api_base"] = arguments["api_base"].replace("SERVER", address)
        litellm.completion(num_retries=0, **arguments)
        print(json.dumps(BODIES.pop()), flush=True)


if __name__ == "__main__":
    main()
