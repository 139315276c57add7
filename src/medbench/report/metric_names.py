"""Names of metrics as a screen shows them."""

from __future__ import annotations

RECALL = "rouge_l.recall"
SHOWN = ("finding.f1", RECALL, "rouge_l.f1")
"""The metrics that have a column in tables."""
_NAMES = {
    "good": "good",
    "key_finding": "key finding",
    "finding.f1": "finding F1",
    "finding.recall": "finding recall",
    "finding.precision": "finding precision",
    RECALL: "ROUGE-L recall",
    "rouge_l.f1": "ROUGE-L F1",
}


def metric_name(metric: str) -> str:
    """Return the name of a metric in words, or the metric itself where it has none."""
    return _NAMES.get(metric, metric)
