"""The examples of docs/extending.md work as they stand there."""

from __future__ import annotations

import asyncio
import importlib
import re
import shlex
import sys
from pathlib import Path

import pytest
from forked import COMMAND, Forked

import medbench.scoring
from medbench.images.recorded import Pictures
from medbench.pipelines import Tools
from medbench.schema.case import Case
from medbench.schema.response import Response
from medbench.schema.run import System
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.jsonl import read_records
from medbench.store.runs import RESPONSES, RunFolder

PAGE = Path(__file__).resolve().parents[1] / "docs" / "extending.md"
_FILE = re.compile(r"^`(?P<path>[\w./-]+)`:\n\n```\w+\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_LINE = re.compile(r"^\$ medbench (.*)$", re.MULTILINE)


def _files() -> dict[str, str]:
    return {found["path"]: found["text"] for found in _FILE.finditer(PAGE.read_text("utf-8"))}


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page's files in it, in which its lines were typed one after the other."""
    folder = tmp_path_factory.mktemp("extending")
    for name, text in _files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for line in _LINE.findall(PAGE.read_text("utf-8")):
        code, out, err = Forked(COMMAND, *shlex.split(line), folder=folder).end()
        assert code == 0, f"medbench {line}\n{out}\n{err}"
    return folder


def test_every_kind_of_addition_has_an_example() -> None:
    """The page has a file for a provider, a model, a prompt, a scorer and a pipeline."""
    assert set(_files()) == {
        "my_pkg/my_mod.py",
        "mine.toml",
        "medbench.toml",
        "short.toml",
        "src/medbench/scoring/lines.py",
        "src/medbench/pipelines/echo_history.py",
        "my_pkg/two_stage.py",
        "two.toml",
    }


def test_the_lines_make_the_systems_that_the_page_names(workplace: Path) -> None:
    """Provider, model file, setting, own model and own prompt each give a run of their own, complete."""
    runs = {path.name for path in (workplace / "runs" / "small").iterdir()}
    assert {"my_pkg.my_mod-Local", "mine", "mine+words=4", "tuned", "tuned+short", "two"} <= runs
    for name in runs:
        outputs = [*RunFolder(workplace / "runs" / "small" / name).outputs()]
        assert len(outputs) == 5
        assert all(output.text for output in outputs)


def test_a_setting_reaches_the_provider(workplace: Path) -> None:
    """`--set words=4` makes the example's answers four words long."""
    texts = [
        output.text or "" for output in RunFolder(workplace / "runs" / "small" / "mine+words=4").outputs()
    ]
    assert {len(text.split()) for text in texts} == {4}


def test_two_models_make_an_output_together(workplace: Path) -> None:
    """Each case of the two-stage example has two responses, one a role, and the second one's text."""
    run = RunFolder(workplace / "runs" / "small" / "two")
    roles = {one.response_id: one.call_for.role for one in read_records(run.path / RESPONSES, Response)}
    for output in run.outputs():
        assert [roles[name] for name in output.responses] == ["describer", "reporter"]


def test_a_scorer_is_found_by_its_file(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in scoring/ adds its metric and its signature to every summary."""
    folder = workplace / "src" / "medbench" / "scoring"
    monkeypatch.setattr(medbench.scoring, "__path__", [*medbench.scoring.__path__, str(folder)])
    monkeypatch.delitem(sys.modules, "medbench.scoring.lines", raising=False)
    summary = Rescorer().rescore(RunFolder(workplace / "runs" / "small" / "mine"))
    monkeypatch.delitem(sys.modules, "medbench.scoring.lines")
    assert summary.everything.metrics["lines"].mean == 1
    assert summary.signatures["lines"].startswith("lines:1|parser:")


def test_a_pipeline_makes_an_output_of_a_case(workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example answers with the history, and fails with a kind and a reason where there is none."""
    monkeypatch.syspath_prepend(str(workplace / "src" / "medbench" / "pipelines"))
    module = importlib.import_module("echo_history")
    system = System(name="echo-history", family="baseline", pipeline="echo-history")
    tools = Tools(system=system, pictures=Pictures(workplace), pool=(), pool_pictures=Pictures(workplace))
    pipeline = module.Pipeline(tools)
    case = Case(case_id="a-1", region="Head", history="Headache.", images=())
    assert asyncio.run(pipeline.answer(case, 0)).text == "FINDINGS: Headache."
    silent = asyncio.run(pipeline.answer(Case(case_id="a-2", region="Head", images=()), 0))
    assert silent.text is None
    assert silent.failure.kind == "no_history"
