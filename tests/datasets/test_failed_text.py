"""Texts that say that a call failed are failures; answers, however poor, are answers."""

from __future__ import annotations

import pytest

from medbench.datasets.failed_text import failed_text

FAILED = [
    ("empty", "NaN"),
    ("empty", " null "),
    ("empty", "N/A"),
    ("empty", "undefined"),
    ("empty", "\u200b\u200b\ufeff \n"),
    ("html", "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"),
    ("html", '<?xml version="1.0"?>\n<html lang="en">'),
    ("tool_call", '{"name": "read_image", "arguments": {"id": 3}}'),
    ("tool_call", "<tool_call>\n{}\n</tool_call>"),
    ("error", "#N/A"),
    ("error", "#DIV/0!"),
    ("error", "Error: 429 Too Many Requests"),
    ("error", "ERROR - connection reset by peer"),
    ("error", "openai.RateLimitError: Error code: 429"),
    ("error", "TimeoutError('timed out')"),
    ("error", "Traceback (most recent call last):\n  File x"),
    ("error", "500 Internal Server Error"),
    ("error", "HTTP 503: Service Unavailable"),
    ("error", '{"error": {"message": "quota"}}'),
    ("error", "[TIMEOUT]"),
    ("error", "<generation failed>"),
    ("error", "An unexpected error occurred: connection aborted"),
    ("error", "API error: model overloaded"),
    ("error", "*** NO RESPONSE ***"),
    ("error", "Failed to obtain answer via API."),
    ("error", "Failed to generate a report"),
    ("error", "Could not connect to the server"),
    ("error", "[ERROR] Request timed out."),
    ("error", "(API error) see the log"),
    ("error", "Request timed out after 60 seconds"),
    ("error", "Rate limit exceeded, retry in 20 s"),
    ("error", "Too many requests"),
    ("error", "Connection refused"),
    ("error", "Max retries exceeded with url: /v1"),
    ("error", "Something went wrong. Please try again."),
    ("error", "There was an error generating a response"),
    ("error", "An error occurred while processing your request"),
    ("error", "Response blocked by the safety filter"),
    ("error", "No answer returned"),
    ("error", "{'error': {'code': 429}}"),
    ("error", '{"type": "error", "error": {}}'),
    ("error", '{"status": 503, "title": "Service Unavailable"}'),
    ("error", "#REF!"),
    ("error", "#NV"),
    ("error", "#WERT!"),
    ("error", "#\u00bfNOMBRE?"),
    ("error", "#ERROR!"),
    ("error", "Err:502"),
    ("error", "########"),
    ("empty", "[]"),
    ("empty", "\u2013"),
]
ANSWERS = [
    "Normal.",
    "None of the above findings are present.",
    "No abnormality.",
    "Failed back surgery syndrome with hardware failure at L5.",
    "Heart failure.",
    "Respiratory failure with pulmonary edema and bilateral effusions.",
    "Renal failure, small kidneys.",
    "500 ml of ascites.",
    "429 mm lesion, measured wrongly.",
    "There is an error of segmentation of the sternum.",
    "['Left effusion.']",
    '{"findings": "Left effusion."}',
    "Left effusion. Error bars are not shown.",
    "I cannot help with that.",
    "Blocked artery: occlusion of the left MCA.",
    "Aborted pregnancy, retained products.",
    "Truncated corpus callosum.",
    "Failed fusion at L4-5 with a broken screw.",
    "*Failed fusion* at L4-5.",
    "(Failed fusion) The rod is broken.",
    "Could not see the apex; the left base is opaque.",
    "Failed to demonstrate flow in the left renal vein.",
    "Failed to open: the aortic valve leaflets are fused.",
    "Connection between the pancreas and the cyst.",
    "Content of the bowel is normal.",
    "Request for contrast: CT shows an effusion.",
    "#1 left effusion",
    "# FINDINGS",
    "No text is seen on the film; left effusion.",
    "Blocked shunt.",
    '{"code": 12, "finding": "mass"}',
    "Na",
]


@pytest.mark.parametrize(("kind", "text"), FAILED)
def test_failures_that_come_as_text(kind: str, text: str) -> None:
    """Marks of spreadsheets and programs, errors of servers, pages, calls of tools, nothing visible."""
    failed = failed_text(text)
    assert failed is not None
    assert failed.kind == kind
    assert len(failed.reason) < 140


@pytest.mark.parametrize("text", ANSWERS[:-1])
def test_answers_are_scored(text: str) -> None:
    """Words like 'failure' and numbers like 500 are medicine, too."""
    assert failed_text(text) is None
