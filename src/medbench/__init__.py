"""Measure how well multimodal models describe the findings on radiology images.

The commands as functions, with the same names and defaults; each is loaded when it is first used:

    import medbench as mb

    mb.build_medpix(), mb.build_folder(…), mb.build_phantom()   a benchmark from a source of cases
    mb.benchmark("phantom-40"), mb.runs(), mb.models()          what there is
    mb.run("phantom-40", models=["echo"])                       systems on a benchmark; mb.run_async to await
    mb.dry_run("phantom-40", models=["echo"])                   what a run would send and cost
    mb.experiment("prompt-ab")                                  systems, judge and comparison from one file
    mb.spent()                                                  what was paid, for what
    mb.judge()                                                  outputs graded by a judge; also mb.judge_async
    mb.import_answers("answers.csv", "mine", "our-model")       answers made elsewhere become a run
    mb.rescore()                                                parse and measure again
    mb.compare(["a", "b"])                                      systems side by side, a conclusion in words
    mb.report_page(["a", "b"], "report.html")                   the same with every case, as one page
    mb.decision_card("a", "card.html")                          one system on one side of paper
    mb.export_chat("medpix-100", "hf", "train.jsonl")           cases to train on, apart from measured ones
    mb.gate("new", against="old", max_drop=5)                   pass, fail or undecided
    mb.plan(difference=10)                                      how many cases it takes
    mb.verify(["a"])                                            nothing of a run was changed
    mb.watch("gemini-pro")                                      has a model changed under its name?
    mb.validate_metric("ratings.csv")                           metrics beside people's ratings
    mb.score(text, reference)                                   one text; also parse, findings, flags

`docs/notebook.md` shows them at work.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from medbench.api.benchmarks import Benchmark, benchmark
    from medbench.api.build import (
        build_dicom,
        build_folder,
        build_hf,
        build_medpix,
        build_phantom,
        build_phantom_volumes,
    )
    from medbench.api.compare import compare
    from medbench.api.experiments.conduct import experiment
    from medbench.api.exports.card import decision_card
    from medbench.api.exports.chat import export_chat
    from medbench.api.exports.gate import gate
    from medbench.api.exports.page import report_page
    from medbench.api.importing import import_answers, import_report
    from medbench.api.judge import judge, judge_async
    from medbench.api.models import models
    from medbench.api.plan import plan
    from medbench.api.rescore import rescore, verify
    from medbench.api.running.run import dry_run, run, run_async
    from medbench.api.running.watch import watch
    from medbench.api.runs import Run, runs
    from medbench.api.spent import spent
    from medbench.api.texts import findings, flags, score, validate_metric
    from medbench.errors import MedbenchError
    from medbench.scoring.parsing.text import parse

    __version__: str

__all__ = [
    "Benchmark",
    "MedbenchError",
    "Run",
    "__version__",
    "benchmark",
    "build_dicom",
    "build_folder",
    "build_hf",
    "build_medpix",
    "build_phantom",
    "build_phantom_volumes",
    "compare",
    "decision_card",
    "dry_run",
    "experiment",
    "export_chat",
    "findings",
    "flags",
    "gate",
    "import_answers",
    "import_report",
    "judge",
    "judge_async",
    "models",
    "parse",
    "plan",
    "report_page",
    "rescore",
    "run",
    "run_async",
    "runs",
    "score",
    "spent",
    "validate_metric",
    "verify",
    "watch",
]

# Each name is imported when it is first asked for: the command line needs few of them, and at once.
_NAMES = {
    "medbench.api.benchmarks": "Benchmark benchmark",
    "medbench.api.build": "build_dicom build_folder build_hf build_medpix build_phantom "
    "build_phantom_volumes",
    "medbench.api.compare": "compare",
    "medbench.api.experiments.conduct": "experiment",
    "medbench.api.exports.card": "decision_card",
    "medbench.api.exports.chat": "export_chat",
    "medbench.api.exports.gate": "gate",
    "medbench.api.exports.page": "report_page",
    "medbench.api.importing": "import_answers import_report",
    "medbench.api.judge": "judge judge_async",
    "medbench.api.models": "models",
    "medbench.api.plan": "plan",
    "medbench.api.rescore": "rescore verify",
    "medbench.api.running.run": "dry_run run run_async",
    "medbench.api.running.watch": "watch",
    "medbench.api.runs": "Run runs",
    "medbench.api.spent": "spent",
    "medbench.api.texts": "findings flags score validate_metric",
    "medbench.errors": "MedbenchError",
    "medbench.scoring.parsing.text": "parse",
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("medbench")
    if name not in _MODULES:
        msg = f"module 'medbench' has no attribute '{name}'"
        raise AttributeError(msg, name=name, obj=importlib.import_module(__name__))
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
