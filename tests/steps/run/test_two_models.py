"""A pipeline of two models, outside the package: one describes the images, the other writes the report."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medbench.schema.response import Response
from medbench.schema.run import Output, Run
from medbench.schema.score import Score, Summary
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_one, read_records
from medbench.store.runs import HEAD, OUTPUTS, RESPONSES, SCORES, SUMMARY

CODE = """
import json, os, pathlib, signal
from medbench.errors import ProviderError
from medbench.pipelines import Pipeline, Result
from medbench.providers import Provider
from medbench.schema.response import Reply, Usage


class TwoStage(Pipeline):
    roles = ("describer", "reporter")

    def plan(self, case, replicate):
        text, bounded = self._tools.answer_to_come("describer")
        return [self._describe(case, replicate), self._report(case, replicate, text, bounded)]

    async def answer(self, case, replicate):
        described = await self._tools.ask(self._describe(case, replicate))
        if described.text is None:
            return Result.of([described], None)
        written = await self._tools.ask(self._report(case, replicate, described.text))
        return Result.of([described, written], written.text)

    def _describe(self, case, replicate):
        text = self._tools.filled("describer", case, case.images)
        return self._tools.call("describer", case, replicate, text, case.images)

    def _report(self, case, replicate, description, bounded=True):
        text = "Report: " + description
        return self._tools.call("reporter", case, replicate, text, bounded=bounded)


class Unplanned(TwoStage):
    plan = Pipeline.plan


class _Fake(Provider):
    role = ""

    async def ask(self, request):
        with open("asked.jsonl", "a") as file:
            line = {"role": self.role, "key": request.case_key, "text": request.text}
            file.write(json.dumps(line | {"images": len(request.images), **request.settings}) + "\\n")
        number = len(pathlib.Path("asked.jsonl").read_text().splitlines())
        if number == int(os.environ.get("DIE_AT", "-1")):
            os.kill(os.getpid(), signal.SIGKILL)
        if os.environ.get("BLOCKED") == f"{self.role} {request.case_key}":
            raise ProviderError("blocked", "no", final=True)
        cut = os.environ.get("CUT") == f"{self.role} {request.case_key}"
        return Reply(
            text=self.says(request),
            answered=self._model.id,
            finish_reason="length" if cut else "stop",
            images_sent=tuple(image.sha256 for image in request.images),
            usage=Usage(input=100, output=50, source="provider"),
        )


class Describer(_Fake):
    role = "describer"

    def says(self, request):
        return "a mass in " + request.case_key


class Reporter(_Fake):
    role = "reporter"

    def says(self, request):
        return "FINDINGS: There is " + request.text.removeprefix("Report: ") + "."
"""
EYES = """
provider = "two_mod:Describer"
id = "eyes-1"
limits = { image_tokens = 10, concurrency = 2 }
price = { input = 0.0, output = 1000.0 }
settings = { max_tokens = 100 }
"""
PEN = """
provider = "two_mod:Reporter"
id = "pen-1"
limits = { images = 0, concurrency = 1 }
price = { input = 0.0, output = 2000.0 }
settings = { max_tokens = 100, style = "plain" }
"""
TWO = """
pipeline = "two_mod:TwoStage"
summary = "describes, then reports"
[stages.describer]
model = "./eyes.toml"
[stages.reporter]
model = "./pen.toml"
settings = { style = "terse" }
"""
KEYS = [f"case-{number:03d}/0" for number in range(6)]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, module: Callable[[str, str], str], bench: BenchmarkFolder) -> Path:
    """A folder with the benchmark, the code and the model files; the command is typed in it."""
    module("two_mod", CODE)
    for name, text in {"eyes": EYES, "pen": PEN, "two": TWO}.items():
        (tmp_path / f"{name}.toml").write_text(text)
    return tmp_path


def _asked(place: Path) -> list[dict[str, Any]]:
    path = place / "asked.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _counts(place: Path) -> Counter[str]:
    return Counter(f"{line['role']} {line['key']}" for line in _asked(place))


def _responses(folder: Path) -> list[Response]:
    return list(read_records(folder / RESPONSES, Response))


def test_each_role_asks_its_own_model(medbench: Callable[..., Any], place: Path) -> None:
    """The describer gets prompt and images, the reporter the description alone; its text is the output."""
    said = medbench("run", "bench", "-m", "./two.toml")
    assert said.code == 0, said.err
    assert _counts(place) == {f"{role} {key}": 1 for role in ("describer", "reporter") for key in KEYS}
    for line in _asked(place):
        if line["role"] == "describer":
            assert "History of patient" in line["text"]
            assert line["images"] in {1, 2}
        else:
            assert (line["text"], line["images"]) == (f"Report: a mass in {line['key']}", 0)
            assert line["style"] == "terse"
    folder = place / "runs/bench/two"
    texts = {output.case_id: output.text for output in read_records(folder / OUTPUTS, Output)}
    assert texts["case-002"] == "FINDINGS: There is a mass in case-002/0."
    roles = Counter((one.call_for.role, one.call_for.stage, one.asked) for one in _responses(folder))
    assert roles == {("describer", "describer", "eyes-1"): 6, ("reporter", "reporter", "pen-1"): 6}
    shown = medbench("show", "two").out
    assert "describer: eyes-1 by two_mod:Describer" in " ".join(shown.split())
    assert "reporter: pen-1 by two_mod:Reporter" in " ".join(shown.split())


def test_the_run_records_its_stages(medbench: Callable[..., Any], place: Path) -> None:
    """run.json has a stage a role and no model of its own; every part of a stage is in the digest."""
    medbench("run", "bench", "-m", "./two.toml", "--limit", "1")
    system = read_one(place / "runs/bench/two" / HEAD, Run).system
    assert [(stage.role, stage.model.id, stage.images) for stage in system.stages] == [
        ("describer", "eyes-1", "spread:4"),
        ("reporter", "pen-1", "none"),
    ]
    assert system.stages[1].settings == {"max_tokens": 100, "style": "terse"}
    written = json.loads((place / "runs/bench/two" / HEAD).read_text())["system"]
    assert written["model"] is None
    assert [stage["role"] for stage in written["stages"]] == ["describer", "reporter"]
    for change in (
        {"role": "writer"},
        {"settings": {"style": "plain"}},
        {"images": "all"},
        {"prompt": None},
        {"model": system.stages[1].model.model_copy(update={"id": "pen-2"})},
    ):
        other = system.stages[1].model_copy(update=change)
        assert system.model_copy(update={"several": (system.stages[0], other)}).digest != system.digest


def test_a_dry_run_counts_both(medbench: Callable[..., Any], place: Path) -> None:
    """Twelve calls, at most 100 tokens each at $1000 and $2000 a million; nothing is asked."""
    said = medbench("run", "bench", "-m", "./two.toml", "--dry-run")
    assert said.code == 0, said.err
    assert "1 system on bench: 12 calls, 9 images" in said.out
    row = " ".join(next(line for line in said.out.splitlines() if line.startswith("two ")).split())
    assert row == "two 12 unknown unknown unknown $1.80 unknown"
    assert _asked(place) == []
    medbench("run", "bench", "-m", "./two.toml", "--limit", "2")
    said = medbench("run", "bench", "-m", "./two.toml", "--dry-run")
    row = " ".join(next(line for line in said.out.splitlines() if line.startswith("two ")).split())
    assert row.startswith("two 8 "), "two cases are done"
    assert " 400 " in row, "50 tokens out a call were recorded of each role"
    assert "$0.60 $1.20" in row, "four calls at 5 cents and four at 10; four at 10 and four at 20 at most"


def test_killed_between_the_stages_it_goes_on_with_the_second(
    medbench: Callable[..., Any], place: Path
) -> None:
    """What the describer said before the kill is on the disk: the same line asks it only what it must."""
    environment = {**os.environ, "PYTHONPATH": f"{os.environ.get('PYTHONPATH', '')}:{place}", "DIE_AT": "7"}
    line = [sys.executable, "-m", "medbench", "run", "bench", "-m", "./two.toml"]
    killed = subprocess.run(line, cwd=place, env=environment, capture_output=True, check=False)
    assert killed.returncode == -9
    kept = {(one.call_for.role, one.call_for.case_id) for one in _responses(place / "runs/bench/two")}
    assert {role for role, _ in kept} == {"describer", "reporter"}
    before = _counts(place)
    said = medbench("run", "bench", "-m", "./two.toml")
    assert said.code == 0, said.err
    asked_again = {key for key, count in (_counts(place) - before).items() if before[key]}
    assert asked_again == {key for key in before if tuple(key.removesuffix("/0").split()) not in kept}
    assert len(asked_again) <= 3, "no more than was in flight"
    texts = {one.case_id: one.text for one in read_records(place / "runs/bench/two" / OUTPUTS, Output)}
    assert texts == {key[:-2]: f"FINDINGS: There is a mass in {key}." for key in KEYS}


def test_a_budget_holds_over_both(medbench: Callable[..., Any], place: Path) -> None:
    """No more than --max-cost is spent by the two together; the same line with more asks the rest."""
    said = medbench("run", "bench", "-m", "./two.toml", "--max-cost", "0.5")
    assert said.code == 3
    folder = place / "runs/bench/two"
    spent = sum(one.cost.usd for one in _responses(folder) if one.cost)
    assert 0.3 < spent <= 0.5
    said = medbench("run", "bench", "-m", "./two.toml", "--max-cost", "5")
    assert said.code == 0, said.err
    assert set(_counts(place).values()) == {1}
    assert sum(one.cost.usd for one in _responses(folder) if one.cost) == pytest.approx(6 * 0.05 + 6 * 0.1)
    assert read_one(folder / SUMMARY, Summary).cost_usd == pytest.approx(0.9)


def test_a_role_without_a_bound_is_refused_beforehand(medbench: Callable[..., Any], place: Path) -> None:
    """An answer of any length has no bound: the model and its missing key are named."""
    (place / "eyes.toml").write_text(EYES.replace("settings = { max_tokens = 100 }", ""))
    said = medbench("run", "bench", "-m", "./two.toml", "--max-cost", "10")
    assert said.code == 2
    assert "'eyes' has no 'settings.max_tokens'" in said.err
    assert _asked(place) == []
    assert not (place / "runs").exists()


def test_only_who_wrote_the_text_can_have_cut_it(
    medbench: Callable[..., Any], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A description that ran to its limit is no truncated report; a report that did is."""
    flags = {}
    for role in ("describer", "reporter"):
        monkeypatch.setenv("CUT", f"{role} case-001/0")
        assert medbench("run", "bench", "-m", "./two.toml", "--out", role).code == 0
        scores = read_records(place / role / "bench/two" / SCORES, Score)
        flags[role] = {score.case_id: score.flags for score in scores if score.flags}
    assert flags == {"describer": {}, "reporter": {"case-001": ("truncated",)}}


def test_a_role_that_fails_fails_the_case(
    medbench: Callable[..., Any], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a description there is no report: the reporter is not asked, and the failure is the case's."""
    monkeypatch.setenv("BLOCKED", "describer case-003/0")
    said = medbench("run", "bench", "-m", "./two.toml", "--min-coverage", "0.5")
    assert said.code == 0, said.err
    assert _counts(place)["reporter case-003/0"] == 0
    failed = [one for one in read_records(place / "runs/bench/two" / OUTPUTS, Output) if one.failure]
    assert [(one.case_id, one.failure and one.failure.kind) for one in failed] == [("case-003", "blocked")]


def test_answers_are_reused_by_role(
    medbench: Callable[..., Any], place: Path, write_benchmark: Callable[..., BenchmarkFolder]
) -> None:
    """A larger draw costs the new cases alone, two calls each."""
    medbench("run", "bench", "-m", "./two.toml")
    write_benchmark(place / "larger", 8)
    said = medbench("run", "larger", "-m", "./two.toml", "--dry-run")
    assert " ".join(said.out.split()).startswith("1 system on larger: ")
    medbench("run", "larger", "-m", "./two.toml")
    assert len(_asked(place)) == 12 + 4
    outputs = read_records(place / "runs/larger/two" / OUTPUTS, Output)
    assert sorted(one.reused_from or "" for one in outputs) == [""] * 2 + ["bench/two"] * 6


@pytest.mark.parametrize(
    ("file", "options", "why", "hint"),
    [
        (TWO.replace("[stages.reporter]", "[stages.reportr]"), (), "'reportr'", "reporter"),
        (
            TWO.split("[stages.reporter]", maxsplit=1)[0],
            (),
            "stage 'reporter' of 'two' has no model",
            "[stages.reporter]",
        ),
        (TWO.replace("./pen", "./missing"), (), "missing.toml", "check the path"),
        (
            TWO.replace("./pen.toml", "baseline-normal"),
            (),
            "'baseline-normal' is not a model",
            "medbench models",
        ),
        (TWO + "temprature = 1\n", (), "unknown field 'stages.reporter.temprature'", "one of: model"),
        (TWO.replace("style =", "stile ="), (), "'stile' is not a setting of pen", "style"),
        (TWO, ("--set", "temperature=1"), "'temperature' is not a setting of two", "two has no settings"),
        (TWO.replace("TwoStage", "Unplanned"), (), "asks models and has no `plan`", "docs/extending.md"),
        ("[stages.a]\nmodel = 'echo'\n", (), "needs 'provider', 'pipeline' or both", ""),
        (EYES + "[stages.a]\nmodel = 'echo'\n", (), "has 'stages' and no 'pipeline'", ""),
    ],
)
def test_what_does_not_fit_is_said_before_anything_is_asked(
    medbench: Callable[..., Any], place: Path, file: str, options: tuple[str, ...], why: str, hint: str
) -> None:
    """A stage, model, setting or pipeline that is wrong: two lines that name it, and nothing is written."""
    (place / "two.toml").write_text(file)
    said = medbench("run", "bench", "-m", "./two.toml", *options)
    assert said.code == 2, said.err
    assert why in said.err
    assert hint in said.err
    assert not (place / "runs").exists()
    assert _asked(place) == []
