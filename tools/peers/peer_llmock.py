"""Gemini as llmock speaks it, with faults: its own verdict on the client must be clean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from one_run import ask, run_medbench
from place import free_port, serving, venv

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "llmock==0.2.2"
MODEL = """
provider = "gemini"
id = "gemini-2.5-pro"
base_url = "http://127.0.0.1:{port}/gemini"
price = {{ free = true }}
[settings]
order = "{order}"
temperature = 0.0
max_tokens = 512
system = "You are a radiologist."
"""
PASSING = [
    {"type": "fail", "status": 429, "retry_after": 1, "times": 6},
    {"type": "fail", "status": 500, "times": 4},
    {"type": "fail", "status": 503, "times": 2},
    {"type": "delay", "seconds": 1, "times": 2},
]
"""Faults of a bad minute, of which none may cost a case."""


def main(work: Path) -> str:
    """Two runs of 40 cases: with faults that pass, and with a refusal before the first answer."""
    programs, port = venv("llmock", PACKAGE), free_port()
    root = f"http://127.0.0.1:{port}"
    serve = [programs / "llmock", "serve", "--port", str(port), "--log-level", "warning"]
    with serving(serve, f"{root}/_llmock/scenario", work / "llmock.log"):
        ask(f"{root}/_llmock/scenario", {"behaviors": PASSING})
        responses = run_medbench(work, "passing", MODEL.format(port=port, order="text-first"))
        texts = [response["text"] for response in responses]
        assert len(texts) == 40, f"{len(texts)} of 40 answers"
        assert all(texts), "an answer is missing"
        verdict = _clean_verdict(root, calls=40, attempts=52)

        ask(f"{root}/_llmock/reset", {})
        ask(f"{root}/_llmock/scenario", {"behaviors": [{"type": "fail", "status": 400, "times": 1}]})
        # Before its first answer a server may refuse every call: the same line asks that one again.
        model = MODEL.format(port=port, order="image-first")
        responses = run_medbench(work, "lasting", model, code=3)
        failures = [response["failure"] for response in responses if response["failure"]]
        assert [(one["kind"], one["final"]) for one in failures] == [("bad_request", False)], failures
        _clean_verdict(root, calls=40, attempts=40)
        responses = run_medbench(work, "lasting", model)
        assert sum(response["text"] is not None for response in responses) == 40, responses
    return (
        f"llmock: 40 of 40 with {verdict['faults_injected']} faults, {verdict['attempts']} attempts, "
        "and 39 of 40 with one that no retry can mend, 40 by the same line; no finding against the client"
    )


def _clean_verdict(root: str, *, calls: int, attempts: int) -> dict[str, Any]:
    verdict: dict[str, Any] = ask(f"{root}/_llmock/verdict")
    # By chance the second of two waits with jitter may be as long as the first.
    found = [one for one in verdict["findings"] if one["code"] != "no_backoff"]
    assert verdict["passed"], verdict
    assert not found, verdict
    assert (verdict["calls"], verdict["attempts"]) == (calls, attempts), verdict
    return verdict
