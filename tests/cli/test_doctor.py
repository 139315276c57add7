"""`medbench doctor` as it is typed: tables on stdout within 100 columns, talk on stderr, exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.cells import cell_len
from seeing_server import Asked, Server, sees

from medbench.config import Settings
from medbench.schema.account import Sum
from medbench.schema.case import Case
from medbench.schema.results.doctor import Check, ModelReport
from medbench.steps.doctor.environment import environment
from medbench.store.benchmark import BenchmarkFolder

SECRET = "sk-a-key-that-must-never-be-shown-1234567890"
SETTINGS = """
[models.{name}]
provider = "openai"
id = "med-1"
base_url = "http://127.0.0.1:9/v1"
key_env = ""
price = {{ free = true }}
settings = {{ order = "text-first", max_tokens = 64 }}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """A medbench.toml with the models 'one' and 'two'."""
    path = tmp_path / "medbench.toml"
    path.write_text(SETTINGS.format(name="one") + SETTINGS.format(name="two"), "utf-8")
    return path


def _fits(said: Any) -> None:
    for line in (said.out + said.err).splitlines():
        assert cell_len(line.rstrip()) <= 100, line


def test_without_models_nothing_is_asked(
    server: Server, medbench: Callable[..., Any], settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings, names of variables, what each model lacks, versions, runs, MedPix; no call, exit 0."""
    monkeypatch.delenv("MEDBENCH_MEDPIX", raising=False)
    monkeypatch.setenv("GEMINI_API_KEY", SECRET)
    said = medbench("doctor")
    assert said.code == 0
    assert server.asked == []
    _fits(said)
    for words in ("./medbench.toml: 2 models", "set: GEMINI_API_KEY;", "OPENAI_API_KEY", "pydantic 2."):
        assert words in " ".join(said.out.split())
    assert "git clone" in said.out, "how to get MedPix"
    assert "No call was made." in said.err
    assert "Next: medbench models" in said.err
    assert SECRET not in said.out + said.err


def test_without_settings_the_defaults_are_named(medbench: Callable[..., Any]) -> None:
    """No medbench.toml: that is said, and what holds instead."""
    said = medbench("doctor")
    assert "no medbench.toml here: the defaults, at most $10 a command" in said.words


def test_a_key_that_a_model_of_ones_own_names_is_looked_at(
    medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """key_env of medbench.toml is among the variables, and the model says what to type."""
    text = SETTINGS.format(name="mine").replace('key_env = ""', 'key_env = "MY_ABSENT_KEY"')
    (tmp_path / "medbench.toml").write_text(text, "utf-8")
    said = medbench("doctor")
    assert "Try: export MY_ABSENT_KEY=…" in said.out
    assert "MY_ABSENT_KEY" in said.out.partition("gemini-flash")[0]


def test_medpix_and_runs_are_found(
    medbench: Callable[..., Any], tmp_path: Path, bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A checkout and the runs that are there are named."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("Case_topic.json", "Descriptions.json"):
        (folder / name).write_text("[]", "utf-8")
    monkeypatch.setenv("MEDBENCH_MEDPIX", folder.name)
    assert medbench("run", "bench", "-m", "echo").code == 0
    said = medbench("doctor")
    assert re.search(r"MedPix 2.0 +ok +checkout/", said.out)
    assert "runs/: 7 runs" in said.out


def test_runs_that_cannot_be_written_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without the right to write: no, and what to do."""
    monkeypatch.setattr("os.access", lambda *_: False)
    runs = next(check for check in environment(Settings()) if check.name == "runs")
    assert runs.state == "no"
    assert runs.words.endswith("cannot be written")
    assert runs.todo


def test_models_that_see_can_run(server: Server, medbench: Callable[..., Any], settings: Path) -> None:
    """Price first, a row a check, what can run, the dry run to type next; exit 0, nothing left behind."""
    before = set(settings.parent.iterdir())
    said = medbench("doctor", "-m", "one,two")
    assert said.code == 0, said.out + said.err
    _fits(said)
    assert said.err.startswith("Settings: ./medbench.toml.\n36 calls on drawn images, free.\n")
    assert said.words.count("side told apart 4/4, presence 4/4, without an image it says so") == 2
    assert said.out.endswith("Both can run.\n")
    assert "Next: medbench run -m one,two --dry-run" in said.err
    assert set(settings.parent.iterdir()) == before, "calls of doctor are no run"


def test_a_blind_model_is_exit_1(server: Server, medbench: Callable[..., Any], settings: Path) -> None:
    """What does not see is named; so is the line without it."""
    server.answer = lambda _: "left"
    said = medbench("doctor", "-m", "one")
    assert said.code == 1
    _fits(said)
    assert "one answers, but is not shown to see as it is set up." in said.out
    assert "Next: the same line again, once that is fixed" in said.err


def test_only_the_other_order_is_a_line_to_type(
    server: Server, medbench: Callable[..., Any], settings: Path
) -> None:
    """The order that works is a line of its own."""
    server.answer = lambda asked: sees(asked) if asked.order == "image-first" else "left"
    said = medbench("doctor", "-m", "one")
    assert said.code == 1
    assert "medbench run -m one --set order=image-first --dry-run" in said.err


def _cold(_: Asked) -> httpx.Response:
    return httpx.Response(503, json={"error": {"message": "loading"}})


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls are made once."""
    from medbench.client.retry import Policy

    monkeypatch.setattr("medbench.steps.doctor.doctor.short_patience", lambda: Policy(patience_s=0.0))


@pytest.mark.usefixtures("hurried")
def test_a_cold_server_is_exit_3(server: Server, medbench: Callable[..., Any], settings: Path) -> None:
    """Waiting may help: exit 3, and --wait is what to type."""
    server.answer = _cold
    said = medbench("doctor", "-m", "one")
    assert said.code == 3
    assert "one cannot run yet: server." in said.out
    assert "Next: the same line again, with --wait, or later" in said.err


@pytest.mark.usefixtures("hurried")
def test_waiting_is_told_line_by_line(
    server: Server, medbench: Callable[..., Any], settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is cold for two calls: progress on stderr, then the table."""
    monkeypatch.setattr("medbench.steps.doctor.doctor.ASK_AGAIN_S", 0.0)
    calls = iter(range(100))
    server.answer = lambda asked: _cold(asked) if next(calls) < 2 else sees(asked)
    said = medbench("doctor", "-m", "one", "--wait")
    assert said.code == 0
    _fits(said)
    assert said.err.count("one: 503: the server is up, its model may still be loading, waiting …") == 2
    assert "ready after" in said.out


def test_ctrl_c_is_exit_130(
    server: Server, medbench: Callable[..., Any], settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C ends it, says so, and leaves nothing behind."""

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("medbench.steps.doctor.doctor.ask_all", interrupted)
    said = medbench("doctor", "-m", "one")
    assert said.code == 130
    assert "Stopped by Ctrl-C" in said.err


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("doctor -m gemini-flsh", "gemini-flsh"),
        ("doctor -m ,", "-m"),
        ("doctor --wait", "-m"),
        ("doctor -m baseline-normal", "baseline-normal"),
        ("doctor more", "more"),
        ("doctor -m echo --max-cost -1", "--max-cost"),
    ],
)
def test_a_wrong_line_is_exit_2(medbench: Callable[..., Any], line: str, value: str) -> None:
    """A wrong name or option: what is wrong, what to try, nothing on stdout."""
    said = medbench(*line.split())
    assert said.code == 2
    assert said.out == ""
    assert value in said.err
    assert said.err.splitlines()[-2].startswith("Error: ")


def test_without_models_nothing_heavy_is_loaded(tmp_path: Path) -> None:
    """The screen without -m needs no library for images, numbers or networks."""
    script = (
        "import sys, json\nfrom medbench.__main__ import _code\nsys.argv = ['medbench', 'doctor']\n"
        "assert _code() == 0\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert loaded.isdisjoint({"PIL", "numpy", "httpx", "google", "google.genai", "scipy", "nltk"})


def _report(name: str, *states: tuple[str, str], usd: float | None = 0.0) -> ModelReport:
    checks = tuple(Check(check, state, "") for check, state in states)  # type: ignore[arg-type] # states by name
    spent = Sum(calls=1, usd=usd or 0.0, unknown=int(usd is None))
    return ModelReport(name, checks, spent)


def test_what_was_spent_is_said(
    medbench: Callable[..., Any], settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the calls cost stands at the end; what is unknown is not counted as nothing."""
    reports = [_report("one", ("sees", "ok"), usd=0.0214), _report("two", ("sees", "ok"), usd=None)]
    monkeypatch.setattr("medbench.steps.doctor.doctor.ask_all", lambda *_, **__: reports)
    assert "Spent: $0.021, 1 unknown." in medbench("doctor", "-m", "one,two").err


def test_a_benchmark_is_checked(
    write_benchmark: Callable[..., BenchmarkFolder], medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Digests, images and names are looked at; what is damaged is named and makes exit code 1."""

    def named(case: Case) -> Case:
        return Case.model_validate(case.model_dump() | {"history": "Mrs Miller, 70.", "digest": ""})

    bench = write_benchmark(tmp_path / "bench", changed=named)
    said = medbench("doctor", "bench")
    assert said.code == 0, said.err
    for words in ("digest", "13 images are whole", "9 histories seem to name a person"):
        assert words in " ".join(said.out.split())
    (bench.path / "images/case-001-2.png").unlink()
    said = medbench("doctor", "bench")
    assert (said.code, "case-001-2.png" in said.out) == (1, True)
    (bench.path / "cases.jsonl").write_bytes(b"")
    assert medbench("doctor", "bench").code == 1
    assert medbench("doctor", "bench", "-m", "echo").code == 2
