"""`doctor` with models: planted servers that see, do not look, are cold, refuse, or are not there."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from seeing_server import Asked, Server, look, sees

from medbench.datasets.phantom.probe import presence_images, side_images
from medbench.errors import UsageError
from medbench.schema.model import ModelFile
from medbench.schema.response import Cost
from medbench.schema.results.doctor import Check, ModelReport
from medbench.steps.access.readiness import with_name
from medbench.steps.doctor import doctor
from medbench.steps.doctor.diagnosis import _DOUBT, ADVICE
from medbench.steps.doctor.doctor import ask_all, doctor_plan, expense
from medbench.steps.doctor.pixel_checks import _BLIND
from medbench.steps.doctor.server_words import span
from medbench.steps.reading.spending import account_under

KEY = "sk-a-key-that-must-never-be-shown-1234567890"


def _model(**more: Any) -> ModelFile:
    known: dict[str, Any] = {
        "provider": "openai",
        "id": "med-1",
        "base_url": "http://127.0.0.1:9/v1",
        "limits": {"images": 4, "concurrency": 4},
        "price": {"free": True},
        "settings": {"order": "text-first", "temperature": 0.0, "max_tokens": 8192},
    }
    return ModelFile.model_validate({**known, **more})


class Time:
    """A clock that stands still unless somebody sleeps, and what was said meanwhile."""

    def __init__(self) -> None:
        self.now = 0.0
        self.said: list[str] = []

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds

    def clock(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def time() -> Time:
    """A clock that nobody waits for."""
    return Time()


@pytest.fixture
def visit(tmp_path: Path, time: Time) -> Callable[..., ModelReport]:
    """A function that plans and asks one model."""

    def one(model: ModelFile | None = None, *, wait: bool = False, max_cost: float = 10.0) -> ModelReport:
        plan = doctor_plan("m", model or _model(), tmp_path / "doctor")
        (report,) = ask_all(
            [plan], time.said.append, max_cost=max_cost, wait=wait, sleep=time.sleep, clock=time.clock
        )
        return report

    return one


def _check(report: ModelReport, name: str) -> Check:
    return next(check for check in report.checks if check.name == name)


def _http_error(status: int, said: str = "", **headers: str) -> httpx.Response:
    return httpx.Response(status, json={"error": {"message": said}}, headers=headers)


def test_the_planted_reader_knows_the_answers_from_pixels_alone() -> None:
    """The server of these tests really looks: it finds side and presence in every drawn image."""
    assert [look(data) for _, data in side_images()] == [truth for truth, _ in side_images()]
    assert [look(data) is not None for _, data in presence_images()] == [
        truth == "yes" for truth, _ in presence_images()
    ]


def test_a_model_that_sees_can_run(server: Server, visit: Callable[..., ModelReport]) -> None:
    """Both orders, four images at once, the file's bytes, the model that answered: a row each."""
    report = visit()
    assert report.can_run
    assert {check.name: check.state for check in report.checks} == {
        "key": "ok",
        "server": "ok",
        "model": "ok",
        "sees": "ok",
        "order": "note",
        "encoding": "ok",
        "limits": "ok",
    }
    assert _check(report, "sees").words == ("side told apart 4/4, presence 4/4, without an image it says so")
    assert "text first and image first both see; text first is the setting" in _check(report, "order").words
    assert _check(report, "model").words == "asked med-1, med-1 answered"
    assert report.spent.known == 0.0


def test_what_is_sent_is_what_was_announced(
    server: Server, visit: Callable[..., ModelReport], tmp_path: Path
) -> None:
    """18 calls: eight in each order, one without an image, one with four; the first is not made twice."""
    visit()
    assert len(server.asked) == 18 == expense([doctor_plan("m", _model(), tmp_path / "x")]).calls
    assert sorted(len(asked.images) for asked in server.asked) == [0, *[1] * 16, 4]
    assert sum(asked.order == "image-first" for asked in server.asked) == 8
    assert {asked.text.splitlines()[-1] for asked in server.asked} == {
        "Answer with one word: left or right.",
        "Answer with one word: yes or no.",
    }


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: "left",
        lambda _: "The findings are normal.",
        lambda asked: "Left." if asked.wants_side else "No.",
        lambda asked: asked.text,
        lambda asked: asked.text.split()[-1],
    ],
    ids=["one word", "prose", "the likely word", "echo", "last word of the text"],
)
def test_a_model_that_reads_the_text_only_is_found_out(
    server: Server, visit: Callable[..., ModelReport], answer: Callable[[Asked], str]
) -> None:
    """Whatever it says, the same for every image: it cannot run, and the row says why."""
    server.answer = answer
    report = visit()
    assert report.state == "no"
    assert "answers do not depend on the image" in _check(report, "sees").words
    assert "drop images silently" in _check(report, "sees").todo


def test_a_server_that_drops_the_images_is_found_out(
    server: Server, visit: Callable[..., ModelReport]
) -> None:
    """A model that says that there is no image was sent one: the images are lost on the way."""
    server.answer = lambda asked: sees(Asked(asked.text, [], asked.order))
    found = _check(visit(), "sees")
    assert found.state == "no"
    assert "8 of 8 say that there is no image" in found.words


def test_side_without_presence_is_no_proof(server: Server, visit: Callable[..., ModelReport]) -> None:
    """One question right and the other half right: not shown, and what guessing reaches stands beside it."""
    server.answer = lambda asked: sees(asked) if asked.wants_side else "Yes"
    found = _check(visit(), "sees")
    assert found.state == "no"
    assert found.words.startswith("side told apart 4/4, presence 2/4, without an image it still says yes")
    assert "once in 16, of both once in 256" in found.words


def test_the_patients_sides_are_a_note(server: Server, visit: Callable[..., ModelReport]) -> None:
    """A reader who says 'right' for the left of the image, as radiologists do, sees."""
    swapped = {"left": "right", "right": "left"}
    server.answer = lambda asked: swapped.get(sees(asked), sees(asked))
    report = visit()
    assert report.can_run
    assert "4/4" in _check(report, "sees").words
    assert "the patient's sides" in _check(report, "sees").words


def test_a_guess_without_an_image_is_a_note(server: Server, visit: Callable[..., ModelReport]) -> None:
    """A model that sees, but answers yes to an image that was never sent, can run; it is said."""
    server.answer = lambda asked: sees(asked) if asked.images else "Yes"
    report = visit()
    assert report.can_run
    assert _check(report, "sees").state == "note"
    assert "without an image it still says yes" in _check(report, "sees").words


def test_guessing_does_not_pass(server: Server, visit: Callable[..., ModelReport]) -> None:
    """A coin thrown for each answer is not shown to see."""
    coin = random.Random(3)
    server.answer = lambda asked: coin.choice(("left", "right") if asked.wants_side else ("yes", "no"))
    assert _check(visit(), "sees").state == "no"


def test_the_order_that_works_is_named(server: Server, visit: Callable[..., ModelReport]) -> None:
    """Where only the other order sees, the setting to change is what to do."""
    server.answer = lambda asked: sees(asked) if asked.order == "image-first" else "left"
    report = visit()
    assert _check(report, "order").words.startswith("only image first sees (4/4 and 4/4)")
    assert report.change == "--set order=image-first"
    assert not report.can_run


def test_an_order_that_does_not_work_is_told(server: Server, visit: Callable[..., ModelReport]) -> None:
    """Where only the setting's order sees, the model can run, and the other one is not to be taken."""
    server.answer = lambda asked: sees(asked) if asked.order == "text-first" else "left"
    report = visit()
    assert report.can_run
    assert "image first is not shown to see" in _check(report, "order").words


def test_another_model_that_answers_is_a_note(server: Server, visit: Callable[..., ModelReport]) -> None:
    """Asked one, answered by another: it can run, and the two names are shown."""
    server.model = "med-2"
    report = visit()
    assert report.can_run
    assert _check(report, "model").state == "note"
    assert "asked med-1, med-2 answered" in _check(report, "model").words


def test_fewer_images_than_the_file_says_are_found(server: Server, visit: Callable[..., ModelReport]) -> None:
    """A server started with one image a prompt refuses four: runs would fail, so it cannot run as it is."""
    server.answer = lambda asked: (
        _http_error(400, "At most 1 image(s) may be provided") if len(asked.images) > 1 else sees(asked)
    )
    report = visit()
    assert _check(report, "sees").state == "ok"
    assert _check(report, "limits").state == "no"
    assert "limits = { images = N }" in _check(report, "limits").todo


def test_a_text_model_is_asked_once_without_an_image(
    server: Server, visit: Callable[..., ModelReport]
) -> None:
    """A model that takes no images is not asked to see."""
    report = visit(_model(limits={"images": 0}))
    assert report.can_run
    assert _check(report, "sees").state == "note"
    assert [asked.images for asked in server.asked] == [[]]


def test_a_cold_server_is_waited_for(server: Server, visit: Callable[..., ModelReport], time: Time) -> None:
    """503 for three minutes, then ready: progress is told, and the time it took."""
    server.answer = lambda asked: sees(asked) if time.now > 180 else _http_error(503, "loading")
    report = visit(_model(needs="endpoint"), wait=True)
    assert report.can_run
    found = _check(report, "endpoint")
    assert found.words.startswith("503: the server is up, its model may still be loading; ready after 3 min")
    assert len(time.said) > 4
    assert all("m: 503" in line for line in time.said)


def test_a_cold_server_without_waiting_may_be_asked_later(
    server: Server, visit: Callable[..., ModelReport], time: Time
) -> None:
    """It is tried for some seconds; then the row says wait, and how."""
    server.answer = lambda _: _http_error(503, "loading")
    report = visit()
    assert report.state == "wait"
    assert "--wait" in _check(report, "server").todo
    assert time.now < 30
    assert time.said == []


def test_waiting_ends(
    server: Server, visit: Callable[..., ModelReport], time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that never gets ready is given up; what to do is not to wait as long again."""
    assert doctor.WAIT_S > 20 * 60, "as long as Google's documentation says that it may take"
    monkeypatch.setattr(doctor, "WAIT_S", 200.0)
    server.answer = lambda _: _http_error(503, "loading")
    report = visit(wait=True)
    assert report.state == "wait"
    assert 180 < time.now < 220
    found = _check(report, "server")
    assert "waited for 3 min" in found.words
    assert "--wait" not in found.todo


@pytest.mark.parametrize(
    ("response", "kind", "state", "todo"),
    [
        ((401, "bad key"), "unauthorized", "no", "set the key"),
        ((404, "no such model"), "not_found", "no", "id, base_url"),
        ((429, "Quota exceeded: GenerateRequestsPerDay"), "quota", "no", "a quota of zero"),
        ((429, "slow down"), "rate_limit", "wait", "a quota for a minute"),
        ((402, ""), "quota", "no", "raise it"),
    ],
)
def test_a_refusal_is_explained(
    server: Server,
    visit: Callable[..., ModelReport],
    response: tuple[int, str],
    kind: str,
    state: str,
    todo: str,
) -> None:
    """Wrong key, wrong address, used-up quota, too many at once: its kind, its words, and what to do."""
    server.answer = lambda _: _http_error(*response)
    report = visit(wait=state == "no")
    found = _check(report, "server")
    assert report.state == found.state == state
    assert found.words.startswith(f"{kind}: ")
    assert todo in found.todo
    if state == "no":
        assert len(server.asked) == 1, "nothing more is sent to it"


def test_a_key_is_named_and_never_shown(
    server: Server, visit: Callable[..., ModelReport], monkeypatch: pytest.MonkeyPatch, time: Time
) -> None:
    """The variable is named; its value is in no word, also where the server repeats it."""
    monkeypatch.setenv("MY_KEY", KEY)
    server.answer = lambda _: _http_error(401, f"the key {KEY} is wrong")
    report = visit(_model(key_env="MY_KEY"))
    assert _check(report, "key").words == "MY_KEY is set"
    assert KEY not in str(report) + str(time.said)


def test_a_missing_key_ends_before_any_call(server: Server, visit: Callable[..., ModelReport]) -> None:
    """The variable that the model file names is not set: what to type, and no call."""
    report = visit(_model(key_env="MY_ABSENT_KEY"))
    assert report.state == "no"
    assert report.checks[-1].todo == "export MY_ABSENT_KEY=…"
    assert server.asked == []


def test_a_wrong_model_file_ends_before_any_call(server: Server, visit: Callable[..., ModelReport]) -> None:
    """An address that is none, a provider that does not exist: the words of the error, and no call."""
    wrong = visit(_model(base_url="ftp://x"))
    assert (wrong.state, wrong.checks[-1].name) == ("no", "settings")
    assert visit(_model(provider="nope")).checks[-1].name == "provider"
    assert visit(_model(provider="no_mod:Provider")).checks[-1].name == "provider"
    assert server.asked == []


def test_hints_name_the_model(server: Server, tmp_path: Path, time: Time) -> None:
    """As it was typed, quoted where a shell needs it; no hint holds a gap to fill for it."""
    server.answer = lambda _: _http_error(400, "temperature must be 1")
    name = "my models/a b.toml"
    (report,) = ask_all(
        [doctor_plan(name, _model(), tmp_path / "one")], time.said.append, max_cost=1, sleep=time.sleep
    )
    assert f"medbench run -m '{name}' --set KEY=VALUE" in _check(report, "server").todo
    needs = ModelFile(provider="vertex", id="m", needs="endpoint", publisher_model="publishers/g/models/m")
    (check,) = doctor_plan("medgemma", needs, tmp_path / "two").checks
    assert check.todo.startswith("medbench endpoint deploy medgemma ")
    hints = [*ADVICE.values(), _DOUBT, _BLIND]
    assert not [hint for hint in hints if "…" in with_name(hint, "m") or "NAME" in with_name(hint, "m")]


def test_a_model_of_files_is_not_asked(tmp_path: Path) -> None:
    """It says how such a model is asked; no call is planned."""
    files = ModelFile(provider="batch-files", id="m", base_url=str(tmp_path / "files"))
    plan = doctor_plan("offline", files, tmp_path / "one")
    assert (plan.probes, plan.checks[-1].state) == ((), "no")
    assert plan.checks[-1].todo == "medbench run -m offline --batch"


def test_a_system_without_a_model_is_refused(tmp_path: Path) -> None:
    """A baseline asks nobody."""
    with pytest.raises(UsageError, match="asks no model"):
        doctor_plan("b", ModelFile(pipeline="baseline-normal"), tmp_path)


def test_nothing_listens(visit: Callable[..., ModelReport], server: Server) -> None:
    """No connection: the kind, and what to start; waiting does not help."""

    def refuse(_: Asked) -> str:
        raise httpx.ConnectError("refused")

    server.answer = refuse
    found = _check(visit(wait=True), "server")
    assert found.state == "no"
    assert found.words.startswith("connection: ")
    assert "start the server" in found.todo


def test_single_failures_are_not_taken_for_blindness(
    server: Server, visit: Callable[..., ModelReport]
) -> None:
    """Blocked answers are told as failures, and what to look at."""
    calls = iter(range(100))
    server.answer = lambda asked: sees(asked) if next(calls) == 0 else ""
    found = _check(visit(), "sees")
    assert found.state == "no"
    assert "failed: 7 empty" in found.words
    assert "max_tokens" in found.todo


def test_a_first_answer_that_is_none_does_not_end_it(
    server: Server, visit: Callable[..., ModelReport]
) -> None:
    """A server that refuses one call for good is there; the others show what it can do."""
    calls = iter(range(100))
    server.answer = lambda asked: "" if next(calls) == 0 else sees(asked)
    report = visit()
    assert _check(report, "server").state == "note"
    assert "failed: 1 empty" in _check(report, "sees").words


def test_a_server_that_answers_nothing_is_one_row(server: Server, visit: Callable[..., ModelReport]) -> None:
    """Every call refused alike: after a few it is given up; why, and nothing said about sight or limits."""
    server.answer = lambda _: _http_error(400, "no images here")
    report = visit()
    assert [check.name for check in report.checks] == ["key", "server"]
    assert "'no images here'" in _check(report, "server").words
    assert report.state == "no"


def test_the_budget_holds(
    server: Server, visit: Callable[..., ModelReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A first call that could cost more than --max-cost is not made."""
    monkeypatch.setattr("medbench.pricing.prices.Prices.worst_case", lambda *_, **__: 0.5)
    report = visit(_model(price={"input": 1.0, "output": 1.0}), max_cost=0.1)
    assert _check(report, "budget").state == "no"
    assert server.asked == []


def test_what_a_visit_paid_is_on_the_account(server: Server, tmp_path: Path) -> None:
    """Probes of a model without a price are kept for `show --spent`; under a ceiling none is sent."""
    plan = doctor_plan("m", _model(price=None), tmp_path / "new")
    with pytest.raises(UsageError, match=r"a ceiling of \$1 cannot hold: 'm' has no 'price'"):
        ask_all([plan], print, max_cost=1.0, must_hold=True)
    assert server.asked == []
    (report,) = ask_all([plan], print, max_cost=1.0, kept=tmp_path / "runs/doctor")
    account = account_under(tmp_path / "runs")
    assert {line.purpose for line in account.sums} == {"doctor"}
    assert account.total() == report.spent
    assert report.spent.unknown == len(plan.probes)
    for _ in range(2):  # at once
        ask_all([plan], print, max_cost=1.0, kept=tmp_path / "runs/doctor")
    assert account_under(tmp_path / "runs").total().unknown == 3 * len(plan.probes)


@pytest.mark.usefixtures("server")
def test_what_was_answered_is_shown_where_nothing_can_be_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that cannot be made, as on a disk for reading only: it is said, and no answer is lost."""
    plan = doctor_plan("m", _model(price=None), tmp_path / "new")
    (tmp_path / "runs").write_text("a file in the place of the folder")
    (report,) = ask_all([plan], print, max_cost=1.0, kept=tmp_path / "runs/doctor")
    assert report.spent.unknown == len(plan.probes)
    assert "cannot be written (Not a directory): show --spent will not count this" in capsys.readouterr().out


def test_the_budget_ends_in_the_middle(
    server: Server, visit: Callable[..., ModelReport], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls that no longer fit are not made, and the row says how to go on."""
    monkeypatch.setattr("medbench.pricing.prices.Prices.worst_case", lambda *_, **__: 0.5)
    monkeypatch.setattr("medbench.pricing.prices.Prices.cost", lambda *_, **__: Cost(usd=0.5, basis="tokens"))
    report = visit(_model(price={"input": 1.0, "output": 1.0}), max_cost=2.0)
    found = _check(report, "sees")
    assert "budget" in found.words
    assert found.todo.startswith("--max-cost")
    assert len(server.asked) == 4


def test_the_price_is_said_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls with a bound are added up; unknown is unknown; an endpoint is told by the hour; free is free."""
    monkeypatch.setattr("medbench.pricing.prices.Prices.worst_case", lambda *_, **__: 0.01)
    by_token = doctor_plan("t", _model(price={"input": 1.0, "output": 1.0}), tmp_path / "t")
    by_hour = doctor_plan("h", _model(price={"gpu_hour": 1.15}), tmp_path / "h")
    free = doctor_plan("f", _model(), tmp_path / "f")
    found = expense([by_token, by_hour, free])
    assert (found.calls, round(found.usd, 6), found.unknown) == (54, 0.18, ())
    assert found.hourly == (("h", 1.15),)
    monkeypatch.setattr("medbench.pricing.prices.Prices.worst_case", lambda *_, **__: None)
    assert expense([doctor_plan("u", _model(price=None), tmp_path / "u")]).unknown == ("u",)


def test_no_answer_of_pages_is_asked_for(tmp_path: Path) -> None:
    """The system's settings are its own, but the longest answer is cut to what one word and thoughts need."""
    plan = doctor_plan("m", _model(), tmp_path / "m")
    assert {probe.request.settings["max_tokens"] for probe in plan.probes} == {2048}
    assert {probe.request.settings["temperature"] for probe in plan.probes} == {0.0}


def test_a_time_is_written_as_people_say_it() -> None:
    """Seconds, or minutes and seconds."""
    assert [span(value) for value in (0.4, 59, 60, 190)] == ["0 s", "59 s", "1 min 0 s", "3 min 10 s"]


def test_an_interrupt_ends_the_waiting(server: Server, tmp_path: Path, time: Time) -> None:
    """Ctrl-C while a cold server is waited for ends at once."""
    import asyncio
    import signal

    server.answer = lambda _: _http_error(503, "loading")

    async def interrupted(seconds: float) -> None:
        if seconds == doctor.ASK_AGAIN_S:
            signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(0)

    plan = doctor_plan("m", _model(), tmp_path / "m")
    with pytest.raises(KeyboardInterrupt):
        ask_all([plan], time.said.append, max_cost=1.0, wait=True, sleep=interrupted, clock=time.clock)
