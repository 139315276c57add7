"""A face of Vertex AI over any server of chat completions: `vertex_front.py PORT UPSTREAM MODEL SHAPE`.

SHAPE is how `:predict` wraps the completion: dict, list, nested or text; there is no chat route then.
With 'chat' there is, and nothing else.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SHAPES = ("chat", "dict", "list", "nested", "text")


def wrapped(completion: dict[str, Any], shape: str) -> Any:
    """The completion as a prediction of that shape; with counts as floats, as Vertex AI hands them on."""
    usage = {key: float(n) for key, n in (completion.get("usage") or {}).items() if isinstance(n, int)}
    whole = {**completion, "usage": usage}
    return {
        "dict": whole,
        "list": [whole],
        "nested": [completion["choices"]],
        "text": [completion["choices"][0]["message"]["content"]],
    }[shape]


def serve(port: int, upstream: str, model: str, shape: str) -> None:
    """Answer until stopped."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._say(200, {})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path.endswith("/chat/completions") and shape == "chat":
                self._say(*_asked(upstream, {**body, "model": model}))
            elif self.path.endswith(":predict") and shape != "chat":
                (instance,) = body["instances"]
                if instance.pop("@requestFormat") != "chatCompletions":
                    raise ValueError("unknown format")
                status, said = _asked(upstream, {**instance, "model": model})
                text = {"error": {"code": status, "message": json.dumps(said), "status": "INVALID_ARGUMENT"}}
                self._say(status, {"predictions": wrapped(said, shape)} if status == 200 else text)
            else:
                self._say(404, {"error": {"code": 404, "message": "Not Found", "status": "NOT_FOUND"}})

        def _say(self, status: int, said: object) -> None:
            raw = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json; charset=UTF-8")
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *args: object) -> None:
            del args

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def _asked(upstream: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    asked = urllib.request.Request(
        f"{upstream}/v1/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    try:
        with urllib.request.urlopen(asked, timeout=300) as response:
            return 200, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


if __name__ == "__main__":
    serve(int(sys.argv[1]), *sys.argv[2:])
