"""A model asked again on other days: the same, routed to another, changed under its name, or silent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medbench as mb
from medbench.errors import UsageError
from medbench.steps.watch import watch as compared

MODEL = """
[models.pro]
provider = "gemini"
id = "gemini-2.5-pro"
family = "gemini"
price = { free = true }
"""
FIRST, SECOND = "2025-11-30", "2025-12-01"
WORDS = (
    "There is a mass in the left upper lobe with some effusion beside it and no sign of oedema or fracture"
)


class _Days:
    """A service that answers in its own words on each day."""

    def __init__(self, gem: Any, folder: Path) -> None:
        self._gem, self._folder = gem, folder

    def asked_on(self, day: str, says: Callable[[str, int], str], version: str = "gemini-2.5-pro") -> None:
        """Let the service say something, and ask it on a day."""
        seen: dict[str, int] = {}

        def answer(request: Any) -> Any:
            key = hashlib.sha256(request.content).hexdigest()
            seen[key] = seen.get(key, 0) + 1
            text = says(key, seen[key])
            part = {"content": {"role": "model", "parts": [{"text": text}]}}
            return self._gem.answer(modelVersion=version, candidate=part)

        self._gem.answers(answer)
        self.ask(day)

    def ask(self, day: str) -> None:
        """Ask all cases, and put what came where it would lie had it been that day."""
        watch = self._folder / "runs" / "watch"
        before = set(watch.glob("*"))
        mb.watch("pro", progress=False)
        (today,) = set(watch.glob("*")) - before
        today.rename(watch / day)


@pytest.fixture
def days(gem: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Days:
    """A folder with one model, and no day yet."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "medbench.toml").write_text(MODEL, "utf-8")
    return _Days(gem, tmp_path)


def _steady(key: str, _time: int) -> str:
    return f"{WORDS}, case {key}."


def _lively(day: str) -> Callable[[str, int], str]:
    """Answers that differ at each asking by some words, drawn from the same words on every day."""

    def says(key: str, time: int) -> str:
        order = hashlib.sha256(f"{day} {key} {time}".encode()).digest()
        return " ".join(word for word, byte in zip(WORDS.split(), order, strict=False) if byte > 60)

    return says


def _screen(medbench: Callable[..., Any], *words: str, code: int) -> str:
    done = medbench("watch", *words)
    assert done.code == code
    return " ".join(done.out.split())


def test_the_same_answers_are_no_change(days: _Days, medbench: Callable[..., Any]) -> None:
    """Neither where they never vary nor where they vary on every day alike."""
    days.asked_on(FIRST, _steady)
    assert "First day: pro on 2025-11-30, 80 answers." in _screen(medbench, code=0)
    days.asked_on(SECOND, _steady)
    said = _screen(medbench, code=0)
    assert said.startswith("No change seen: pro on 2025-12-01;")
    assert "answers of different days are 1.00 alike, those of one day 1.00" in said
    assert "40 of 40" in said
    days.asked_on("2025-12-02", _lively("2025-12-02"))
    days.asked_on("2025-12-03", _lively("2025-12-03"))
    assert _screen(medbench, "--against", "2025-12-02", code=0).startswith(
        "No change seen: pro on 2025-12-03;"
    )


def test_the_routing_of_december_2026_is_an_alarm(days: _Days, medbench: Callable[..., Any]) -> None:
    """The id is still answered, by another model and at its price: as Google does with gemini-2.5-pro."""
    days.asked_on(FIRST, _lively("one"))
    days.asked_on(SECOND, _lively("two"), version="gemini-3.8-flash")
    said = _screen(medbench, code=1)
    assert said.startswith(
        "Changed: pro on 2025-12-01: 'gemini-3.8-flash' answered in the place of the model that was asked; "
        "'gemini-3.8-flash' answered, on 2025-11-30 'gemini-2.5-pro'"
    )
    assert "its answers differ" not in said


def test_a_model_that_was_another_from_the_first_day_is_an_alarm(
    days: _Days, medbench: Callable[..., Any]
) -> None:
    """There is nothing to compare with, and no need to."""
    days.asked_on(SECOND, _steady, version="gemini-3.8-flash")
    assert _screen(medbench, code=1).startswith("Changed: pro on 2025-12-01: 'gemini-3.8-flash' answered")


def test_a_silent_change_shows_in_the_answers(days: _Days, medbench: Callable[..., Any]) -> None:
    """The service gives the same name, and the texts are others: by more than a day varies by itself."""
    days.asked_on(FIRST, _lively("one"))
    days.asked_on(SECOND, lambda key, time: f"Summary: {_lively('two')(key, time)}. Please see a doctor.")
    said = _screen(medbench, code=1)
    assert "its answers differ from those of 2025-11-30, p < .001" in said
    data = json.loads(medbench("watch", "--json").out)
    day = data["systems"][0]["days"][1]
    assert day["outcome"] == "changed"
    assert day["across"] < day["within"]
    assert day["interval"]["high"] < 0


def test_failures_are_no_answers_and_too_few_answers_no_result(
    days: _Days, gem: Any, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """A service that blocks all but some cases leaves the question open."""
    days.asked_on(FIRST, _steady)
    blocked = gem.answer(modelVersion="gemini-2.5-pro", candidate={"content": None, "finishReason": "SAFETY"})
    gem.answers(blocked)
    days.ask(SECOND)
    said = _screen(medbench, code=3)
    assert said.startswith("Undecided: pro on 2025-12-01: only 0 cases have both answers on both days.")
    assert "80 blocked" in said


def test_a_day_with_other_settings_is_left_out(
    days: _Days, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """Whoever changes the settings has changed the system, and the service nothing."""
    days.asked_on(FIRST, _lively("one"))
    (tmp_path / "medbench.toml").write_text(f"{MODEL}settings = {{ temperature = 0.9 }}\n", "utf-8")
    days.asked_on(SECOND, _steady)
    said = _screen(medbench, code=0)
    assert said.startswith("First day: pro on 2025-12-01")
    assert "Left out, with other settings, another prompt or benchmark: 2025-11-30." in said
    with pytest.raises(UsageError, match="was not asked on '2025-11-30' as it is now"):
        compared(tmp_path / "runs", "phantom-40", "pro", FIRST)


def test_a_day_that_was_judged_is_no_other_day(
    days: _Days, gem: Any, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """The judge is another model; it is neither among those that answered, nor in the dollars of the day."""
    days.asked_on(FIRST, _steady)
    days.asked_on(SECOND, _steady)
    before = json.loads(medbench("watch", "--json").out)
    verdict = '{"grade": "poor", "key_finding": false, "rationale": "none"}'
    part = {"content": {"role": "model", "parts": [{"text": verdict}]}}
    gem.answers(gem.answer(modelVersion="gemini-9-judge", candidate=part))
    run = tmp_path / "runs/watch" / SECOND / "phantom-40/pro"
    medbench("judge", run, "--judge", "pro", "--rubric", "report-like")
    assert "gemini-9-judge" in (run / "responses.jsonl").read_text("utf-8")
    assert json.loads(medbench("watch", "--json").out) == before


def test_the_days_are_no_runs_to_compare_and_runs_no_days(
    days: _Days, tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """`runs/*` of a shell names the folder as well; asking today takes nothing from another day."""
    days.asked_on(FIRST, _steady)
    days.asked_on(SECOND, _steady)
    for day in (FIRST, SECOND):
        ledger = tmp_path / "runs/watch" / day / "phantom-40/pro/responses.jsonl"
        lines = [json.loads(line) for line in ledger.read_text("utf-8").splitlines()]
        assert sum(line["kind"] == "response" if "kind" in line else "for" in line for line in lines) == 80
        assert not any(line.get("reused_from") for line in lines)
    assert medbench("verify", tmp_path / "runs/watch" / FIRST).code == 0
    medbench("run", "phantom-40", "--limit", 2)
    assert "watch" not in medbench("show").out


@pytest.mark.usefixtures("days")
def test_a_baseline_is_not_watched(medbench: Callable[..., Any]) -> None:
    """It asks no model; nothing is written."""
    with pytest.raises(UsageError, match="a baseline never changes"):
        mb.watch("baseline-normal", progress=False)
    medbench("watch", "echo")
    (today,) = (path.name for path in Path("runs/watch").iterdir())
    assert medbench("watch", "echo", "--against", "never").err.endswith(f"\nTry:   --against {today}\n")
    planned = medbench("watch", "echo", "--dry-run", "--out", "others")
    assert planned.code == 0
    assert "80 calls" in planned.out
    assert "udging" not in planned.out, "nobody grades what is watched"
    done = medbench("watch", "--out", "others")
    assert (done.code, "nothing is watched" in done.err) == (1, True)
