"""Where models are asked: named before the first call, bounded by a benchmark's egress, none when offline."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from medbench.errors import UsageError
from medbench.offline import VARIABLE, install_guard
from medbench.registry import find_model
from medbench.schema.model import ModelFile
from medbench.schema.run import Event
from medbench.steps.access.clients import new_provider
from medbench.steps.access.hosts import check_egress, hosts_of
from medbench.store.benchmark import HEAD, BenchmarkFolder
from medbench.store.jsonl import read_records, write_one

_STREAM = socket.SOCK_STREAM
_KINDS = {"connect": _STREAM, "resolve": _STREAM, "datagram": socket.SOCK_DGRAM, "unix": _STREAM}
_OURS = "generativelanguage.googleapis.com"


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_ENTERPRISE", "GOOGLE_CLOUD_LOCATION"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("model", "hosts"),
    [
        ({"provider": "openai", "base_url": "http://User.Example:8000/v1"}, ("user.example",)),
        ({"provider": "anthropic"}, ("api.anthropic.com",)),
        ({"provider": "anthropic", "base_url": "http://[::1]:4000"}, ("::1",)),
        ({"provider": "gemini"}, (_OURS,)),
        ({"provider": "gemini", "project": "p"}, ("aiplatform.googleapis.com",)),
        (
            {"provider": "gemini", "project": "p", "location": "us-east1"},
            ("us-east1-aiplatform.googleapis.com",),
        ),
        ({"provider": "gemini", "project": "p", "location": "eu"}, ("aiplatform.eu.rep.googleapis.com",)),
        (
            {"provider": "vertex", "endpoint": "projects/p/locations/eu-w4/endpoints/1"},
            ("eu-w4-aiplatform.googleapis.com", "*.prediction.vertexai.goog"),
        ),
        ({"provider": "echo"}, ()),
        ({"provider": "replay", "base_url": "runs/x"}, ()),
        ({"provider": "hosts_mod:Thing"}, None),
    ],
)
def test_a_provider_says_at_which_hosts_it_is_asked(
    model: dict[str, Any], hosts: tuple[str, ...] | None, module: Callable[[str, str], str]
) -> None:
    """Its own service, another server, several hosts, none; unknown for code that does not say."""
    module("hosts_mod", "class Thing: pass")
    assert hosts_of(ModelFile.model_validate({"id": "m", **model})) == hosts


@pytest.mark.parametrize(
    ("egress", "allowed"),
    [
        ((), True),
        ((_OURS,), True),
        ((_OURS.upper(),), True),
        (("*.googleapis.com",), True),
        (("googleapis.com",), False),
        (("*.leapis.com",), False),
        (("evil-" + _OURS,), False),
        (("localhost",), False),
    ],
)
def test_cases_go_to_listed_hosts_only(
    bench: BenchmarkFolder, egress: tuple[str, ...], allowed: bool
) -> None:
    """Whole names, and whole labels below '*.'; nothing listed allows all."""
    head = bench.head.model_copy(update={"egress": egress})
    models = [("gemini-flash", find_model("gemini-flash", {}))]
    if allowed:
        check_egress(head, models)
    else:
        with pytest.raises(UsageError, match=f"'gemini-flash' is asked at '{_OURS}'"):
            check_egress(head, models)


def test_run_and_judge_refuse_before_anything_is_sent(
    bench: BenchmarkFolder,
    chat: Any,
    medbench: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    """A model, a judge and a fallback elsewhere are refused; a listed host is asked and recorded."""
    write_one(bench.path / HEAD, bench.head.model_copy(update={"egress": ("allowed.example",)}))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789abcdef")
    for name in ("allowed", "other"):
        (tmp_path / f"{name}.toml").write_text(
            f'provider = "openai"\nid = "{name}"\nbase_url = "http://{name}.example/v1"\n'
            "price = { free = true }\n"
        )
    seen = chat.answers(chat.completion)
    refused = medbench("run", bench.path, "-m", "./allowed.toml,./other.toml")
    assert (refused.code, seen) == (2, []), refused.err
    assert "'other' is asked at 'other.example'" in refused.err
    ran = medbench("run", bench.path, "-m", "./allowed.toml", "--limit", "1")
    assert "allowed is asked at allowed.example (OPENAI_API_KEY is set)." in ran.err
    assert {request.url.host for request in seen} == {"allowed.example"}
    events = [*read_records(tmp_path / "runs" / "bench" / "allowed" / "events.jsonl", Event)]
    assert events[0].said == "asked at allowed.example"
    seen.clear()
    for options in (("--judge", "./other.toml"), ("--judge", "./allowed.toml", "--fallback", "./other.toml")):
        judged = medbench("judge", "runs/bench/allowed", *options)
        assert (judged.code, seen) == (2, []), judged.err
        assert "'other' is asked at 'other.example'" in judged.err


@pytest.fixture
def hosts(bench: BenchmarkFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A benchmark that may go to one host, and models there, elsewhere, and elsewhere without a key."""
    write_one(bench.path / HEAD, bench.head.model_copy(update={"egress": ("allowed.example",)}))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-0123456789abcdef")
    for name, key in (("allowed", ""), ("other", ""), ("third", ""), ("keyless", 'key_env = "NO_KEY"')):
        host = "allowed" if name == "keyless" else name
        (tmp_path / f"{name}.toml").write_text(
            f'provider = "openai"\nid = "{name}"\nbase_url = "http://{host}.example/v1"\n{key}\n'
            "price = { free = true }\n"
        )


@pytest.mark.usefixtures("hosts")
def test_dry_runs_name_each_host_where_cases_may_not_go(chat: Any, medbench: Callable[..., Any]) -> None:
    """All of them, and what else is missing; the error is the one with which the line itself ends."""
    seen = chat.answers(chat.completion)
    models = ("-m", "./keyless.toml,./other.toml,./third.toml")
    said = medbench("run", "bench", *models, "--dry-run")
    assert said.code == 2
    assert said.words.count("is asked at 'other.example'") == 1
    assert said.words.count("is asked at 'third.example'") == 1
    assert "'keyless' cannot be asked: no key" in said.words
    assert medbench("run", "bench", "-m", "./allowed.toml", "--limit", "1").code == 0
    seen.clear()
    judges = ("--judge", "./keyless.toml,./other.toml", "--fallback", "./third.toml")
    said = medbench("judge", "runs/bench/allowed", *judges, "--dry-run")
    assert said.code == 2
    assert "Missing too: 'third' is asked at 'third.example'" in said.words
    assert "Missing too: judge 'keyless' cannot be asked: no key." in said.words
    refused = medbench("judge", "runs/bench/allowed", *judges)
    for line in (said, refused):
        assert "Error: 'other' is asked at 'other.example'" in line.err
    assert seen == []


@pytest.mark.usefixtures("hosts")
@pytest.mark.parametrize(
    ("models", "named"),
    [
        ("./allowed.toml,./other.toml", "'other' is asked at 'other.example'"),
        ("./keyless.toml,./other.toml", "'other' is asked at 'other.example'"),
        ("./third.toml,./other.toml", "'third' is asked at 'third.example'"),
        ("./allowed.toml", "was run as another system"),
        ("./keyless.toml,./allowed.toml", "'keyless' cannot be asked: no key"),
        ("./allowed.toml,./keyless.toml", "was run as another system"),
        ("./moved/allowed.toml", "'allowed' is asked at 'third.example'"),
    ],
)
def test_a_dry_run_names_the_error_with_which_its_line_ends(
    chat: Any, medbench: Callable[..., Any], tmp_path: Path, models: str, named: str
) -> None:
    """Whatever else is wrong with its systems, or with the same one, whose settings were changed."""
    chat.answers(chat.completion)
    allowed = (tmp_path / "allowed.toml").read_text()
    assert medbench("run", "bench", "-m", "./allowed.toml", "--limit", "1").code == 0
    (tmp_path / "allowed.toml").write_text(f"{allowed}settings = {{ temperature = 0.5 }}\n")
    (tmp_path / "moved").mkdir()
    moved = (tmp_path / "allowed.toml").read_text().replace("allowed.example", "third.example")
    (tmp_path / "moved" / "allowed.toml").write_text(moved)
    dry = medbench("run", "bench", "-m", models, "--dry-run")
    said = medbench("run", "bench", "-m", models)
    ends = [[line for line in each.err.splitlines() if line.startswith("Error: ")] for each in (dry, said)]
    assert ends[0] == ends[1]
    assert named in said.words


@pytest.mark.usefixtures("hosts")
def test_a_host_comes_before_a_run_on_other_cases_in_a_dry_run_too(
    chat: Any, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """The forecast opens the runs that were begun, and one of them cannot be gone on with."""
    chat.answers(chat.completion)
    assert medbench("run", "bench", "-m", "./allowed.toml", "--limit", "1").code == 0
    begun = tmp_path / "runs" / "bench" / "allowed" / "run.json"
    digest = json.loads(begun.read_text())["benchmark"]["digest"]
    begun.write_text(begun.read_text().replace(digest, "0" * len(digest)))
    line = ("run", "bench", "-m", "./allowed.toml,./other.toml")
    for words in (line, (*line, "--dry-run")):
        assert "'other' is asked at 'other.example'" in medbench(*words).words
    alone = medbench("run", "bench", "-m", "./allowed.toml", "--dry-run")
    assert "other.example" not in alone.words
    assert alone.code


@pytest.mark.usefixtures("hosts")
@pytest.mark.parametrize(
    "who", ['judge = ["./other.toml"]', 'judge = ["./allowed.toml"]\nfallback = "./other.toml"']
)
@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_an_experiment_pays_for_nothing_that_may_not_be_judged(
    who: str, dry: tuple[str, ...], chat: Any, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Its models are at a listed host, a judge or the fallback is not."""
    seen = chat.answers(chat.completion)
    (tmp_path / "own.toml").write_text(
        'question = "Which?"\nprimary = "good"\nbenchmark = "bench"\nmax_cost = 5\n'
        f'[grid]\nmodel = ["./allowed.toml", "baseline-normal"]\n[judge]\n{who}\n'
    )
    said = medbench("run", "own.toml", *dry)
    assert (said.code, seen) == (2, []), said.err
    assert "'other' is asked at 'other.example'" in said.err
    assert not [*tmp_path.glob("runs/bench/*")]


@pytest.mark.usefixtures("hosts")
def test_a_dry_run_of_a_complete_experiment_names_the_host_of_its_judge(
    chat: Any, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Its outputs are there, and are still to be judged."""
    chat.answers(chat.completion)
    text = 'question = "Which?"\nprimary = "finding.f1"\nbenchmark = "bench"\nmax_cost = 5\n'
    text += '[grid]\nmodel = ["./allowed.toml", "baseline-normal"]\n'
    (tmp_path / "own.toml").write_text(text)
    assert medbench("run", "own.toml").code == 0
    (tmp_path / "own.toml").write_text(f'{text}[judge]\njudge = ["./other.toml"]\n')
    for dry in ((), ("--dry-run",)):
        said = medbench("run", "own.toml", *dry)
        assert said.code == 2, said.err
        assert "'other' is asked at 'other.example'" in said.err


@pytest.mark.parametrize("typed", ["before", "behind", "variable"])
def test_offline_sends_nothing(
    typed: str,
    bench: BenchmarkFolder,
    chat: Any,
    medbench: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By the option or the variable: a model with a server is refused in words, baselines run."""
    monkeypatch.setenv(VARIABLE, "1" if typed == "variable" else "0")
    seen = chat.answers(chat.completion)
    (bench.path.parent / "m.toml").write_text(
        'provider = "openai"\nid = "m"\nbase_url = "http://localhost:9/v1"'
    )
    line = ["run", bench.path, "-m", "./m.toml", "--limit", "1"]
    option = ["--offline"]
    line = {"before": option + line, "behind": line + option, "variable": line}[typed]
    said = medbench(*line)
    assert (said.code, seen) == (2, [])
    assert "asking 'm' at localhost is refused: --offline" in said.err
    assert medbench("run", bench.path, "--limit", "1").code == 0


@pytest.mark.parametrize("reach", ["connect", "resolve", "datagram", "unix"])
def test_every_socket_is_refused_offline(reach: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever library asks: names, connections, datagrams, sockets of this machine."""
    monkeypatch.setenv(VARIABLE, "1")
    install_guard()
    with socket.socket(socket.AF_UNIX if reach == "unix" else socket.AF_INET, _KINDS[reach]) as made:
        attempts: dict[str, Callable[[], object]] = {
            "connect": lambda: made.connect(("127.0.0.1", 9)),
            "resolve": lambda: socket.getaddrinfo("localhost", 80),
            "datagram": lambda: made.sendto(b"", ("127.0.0.1", 9)),
            "unix": lambda: made.connect("/nowhere"),
        }
        with pytest.raises(UsageError, match="is refused: --offline"):
            attempts[reach]()
    monkeypatch.delenv(VARIABLE)
    assert socket.getaddrinfo("localhost", 80)


def test_the_guard_bears_that_python_ends() -> None:
    """The names of a module are None by then, and threads of libraries still close their files."""
    lines = (
        "import sys, medbench.offline as offline",
        "offline.install_guard()",
        "offline._REACHING_OUT = offline.is_offline = None",
        "sys.audit('open', '/nowhere', 'r', 0)",
    )
    ended = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_code_of_ones_own_may_work_offline(
    bench: BenchmarkFolder, module: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A provider that does not say where it asks is made; the guard stands before its sockets."""
    monkeypatch.setenv(VARIABLE, "yes")
    module(
        "inside_mod",
        "class Thing:\n    def __init__(self, model, pictures): pass\n    async def ask(self, r): ...\n",
    )
    from medbench.images.recorded import Pictures

    made = new_provider(ModelFile(provider="inside_mod:Thing", id="x"), Pictures(bench.path))
    assert type(made).__name__ == "Thing"


def test_a_benchmark_is_built_with_its_hosts(medbench: Callable[..., Any], tmp_path: Path) -> None:
    """`build folder --egress` writes them into its head; without it, none are listed."""
    (tmp_path / "images").mkdir()
    Image.new("L", (64, 64), 90).save(tmp_path / "images" / "a.png")
    (tmp_path / "cases.csv").write_text(
        "id,images,reference\n1,a.png,A 2 cm mass in the left upper lobe of the lung.\n"
    )
    line = ("build", "folder", "--cases", "cases.csv", "--images", "images", "--out")
    assert medbench(*line, "made", "--egress", "a.example,*.b.example").code == 0
    assert BenchmarkFolder(tmp_path / "made").head.egress == ("a.example", "*.b.example")
    assert medbench(*line, "open").code == 0
    assert "egress" not in (tmp_path / "open" / HEAD).read_text()
    assert medbench(*line, "made", "--egress", "*.b.example", "--egress", "a.example").code == 0
    for out, egress in (("open", "a.example"), ("made", "a.example")):
        said = medbench(*line, out, "--egress", egress)
        assert (said.code, "not for 'a.example'" in said.err) == (1, True)


def test_medpix_is_built_with_its_hosts(medbench: Callable[..., Any], shared: Path, tmp_path: Path) -> None:
    """The same option as that of `build folder`."""
    line = ("build", "medpix", "--source", str(shared / "data/medpix"), "--per-stratum", "1", "--pool", "0")
    said = medbench(*line, "--available-only", "--out", "few", "--egress", "a.example")
    assert said.code == 0, said.err
    assert BenchmarkFolder(tmp_path / "few").head.egress == ("a.example",)
