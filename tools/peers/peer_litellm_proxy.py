"""Gemini as litellm's proxy speaks it: with answers of its own, and as a proxy before llmock with faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from one_run import ask, run_medbench
from peer_llmock import PACKAGE as MOCK
from place import free_port, serving, venv

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE = "litellm[proxy]==1.108.7"
KEY = "sk-medbench-peers-0123456789"
CONFIG = """
model_list:
  - model_name: gemini-3-flash-preview
    litellm_params:
      model: gemini/gemini-3-flash-preview
      api_key: none
      mock_response: "FINDINGS: a mass in the left lung. No effusion."
  - model_name: gemini-behind
    litellm_params:
      model: gemini/gemini-3-flash-preview
      api_key: none
      api_base: http://127.0.0.1:{behind}/gemini/v1beta
litellm_settings:
  num_retries: 0
  telemetry: false
"""
MODEL = """
provider = "gemini"
id = "{model}"
base_url = "http://127.0.0.1:{port}"
key_env = "PROXY_KEY"
price = {{ free = true }}
[settings]
temperature = 1.0
thinking = "low"
max_tokens = 512
"""
FAULTS = [
    {"type": "fail", "status": 429, "retry_after": 1, "times": 4},
    {"type": "fail", "status": 500, "times": 3},
    {"type": "fail", "status": 503, "times": 2},
]


def main(work: Path) -> str:
    """A run of 40 cases on each of the two models."""
    programs, port, behind = venv("litellm-proxy", PACKAGE), free_port(), free_port()
    mock = [venv("llmock", MOCK) / "llmock", "serve", "--port", str(behind)]
    config = work / "litellm.yaml"
    config.write_text(CONFIG.format(behind=behind), "utf-8")
    proxy = [programs / "litellm", "--config", config, "--host", "127.0.0.1", "--port", str(port)]
    quiet = {
        "LITELLM_MASTER_KEY": KEY,
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "DISABLE_ADMIN_UI": "True",
        "LITELLM_TELEMETRY": "False",
    }
    root = f"http://127.0.0.1:{behind}/_llmock"
    with (
        serving(mock, f"{root}/scenario", work / "behind.log"),
        serving(proxy, f"http://127.0.0.1:{port}/health/liveliness", work / "litellm.log", quiet),
    ):
        model = MODEL.format(port=port, model="gemini-3-flash-preview")
        responses = run_medbench(work, "mocked", model, PROXY_KEY=KEY)
        texts = {response["text"] for response in responses}
        assert texts == {"FINDINGS: a mass in the left lung. No effusion."}, texts
        ask(f"{root}/scenario", {"behaviors": FAULTS})
        model = MODEL.format(port=port, model="gemini-behind")
        responses = run_medbench(work, "behind", model, PROXY_KEY=KEY)
        assert len(responses) == 40, len(responses)
        assert all(response["text"] for response in responses), responses
        tries = sum(len(response["attempts"]) for response in responses)
        assert tries > 40, "no fault came through"
    return f"litellm proxy: 40 of 40, and 40 of 40 through it with faults behind it ({tries} tries)"
