"""A server of chat completions whose answers depend on nothing but the request; it keeps what it is sent."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = (
    "FINDINGS: There is a large left pneumothorax. No pleural effusion.",
    "A 12 mm stone in the left kidney. The liver is normal.",
    "**Findings:**\n- No acute abnormality.\n- The ventricles are normal.",
    "I cannot view the image.",
    '{"findings": "A fracture of the right femur, 3 cm."}',
)
OUTCOMES = ("matched", "incomplete", "missed", "wrong_side", "matched", "wrong_size", "negated")


class Server(ThreadingHTTPServer):
    """Listens on a free port of this machine until it is closed."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.seen: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = " ".join(sorted(name.lower() for name in self.headers))
        body = re.sub(rb"(base64,)([A-Za-z0-9+/=]+)", _digest, raw).decode()
        self.server.seen.append(f"POST {self.path} {headers}\n{body}\n")
        data = json.dumps(_completion(json.loads(raw))).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def _digest(match: re.Match[bytes]) -> bytes:
    return match[1] + b"sha256:" + hashlib.sha256(base64.b64decode(match[2])).hexdigest().encode()


def _completion(body: dict[str, Any]) -> dict[str, Any]:
    text = "\n".join(part for message in body["messages"] for part in _texts(message["content"]))
    answer, reason = _answer(text, int(hashlib.sha256(text.encode()).hexdigest()[:8], 16))
    usage = {"prompt_tokens": 100 + len(text) // 4, "completion_tokens": len(answer) // 4 + 1}
    message = {"role": "assistant", "content": answer}
    choices = [{"index": 0, "message": message, "finish_reason": reason}]
    return {"object": "chat.completion", "model": f"{body['model']}@2026", "usage": usage, "choices": choices}


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    else:
        yield from (part["text"] for part in content if part.get("type") == "text")


def _answer(text: str, number: int) -> tuple[str, str]:
    """The answer to a question of a judge, or of a run, and why it ends."""
    if '"matches"' in text:
        return _matches(text, number), "stop"
    if '{"findings"' in text:
        return _listing(text), "stop"
    if "REFERENCE" in text:
        grade = ("good", "partial", "poor")[number % 3]
        verdict = {"reason": "words", "rating": grade, "key_finding": grade == "good"}
        return "unclear" if number % 11 == 0 else json.dumps(verdict), "stop"
    answer = "" if number % 13 == 0 else TEXTS[number % len(TEXTS)]
    return answer, "length" if answer and number % 7 == 0 else "stop"


def _matches(text: str, number: int) -> str:
    names = dict.fromkeys(re.findall(r"^\W*(F\d+)\b", text, re.MULTILINE))
    matches = []
    for at, name in enumerate(names):
        outcome = OUTCOMES[(number + at) % len(OUTCOMES)]
        said = "" if outcome == "missed" else "There is"
        matches.append({"finding": name, "outcome": outcome, "said": said})
    invented = [{"said": "There is", "serious": bool(number % 2)}] if number % 3 == 0 else []
    return json.dumps({"reason": "words", "matches": matches, "invented": invented})


def _listing(text: str) -> str:
    reference = re.sub(r"(?s).*?<<<[^\n]*\n|\n[^\n]*>>>.*", "", text)
    parts = [part.strip() for part in re.split(r"(?<=\.)\s", reference) if len(part) > 12][:3] or ["x"]
    findings = [{"text": part[:80], "present": True, "key": at == 0} for at, part in enumerate(parts)]
    return json.dumps({"findings": findings})
