"""The commands as they are typed: two-line errors, exit codes, results on stdout, talk on stderr."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from medbench.cli import console
from medbench.store.benchmark import BenchmarkFolder

COMMANDS = ["run", "rescore", "compare", "models", "doctor", "show", "import", "build"]


def _process(folder: Path, line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A line of the shell, in which MEDBENCH is the command."""
    command = f"{sys.executable} -m medbench"
    return subprocess.run(
        ["bash", "-c", line.replace("MEDBENCH", command)],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _is_two_lines(err: str) -> None:
    assert "Traceback" not in err
    said = [line for line in err.splitlines() if line.startswith(("Error: ", "Try:   "))]
    assert [line[:7] for line in said] == ["Error: ", "Try:   "], err
    assert said[0].endswith("."), "a whole sentence"
    assert err.rstrip().splitlines()[-2:] == said, "the error is the last that is said"


@pytest.fixture(scope="module")
def ran_once(
    tmp_path_factory: pytest.TempPathFactory, write_benchmark: Callable[..., BenchmarkFolder]
) -> Path:
    """A folder in which echo and the baselines were run on a benchmark."""
    folder = tmp_path_factory.mktemp("ran")
    write_benchmark(folder / "bench")
    line = [sys.executable, "-m", "medbench", "run", "bench", "-m", "echo"]
    subprocess.run(line, cwd=folder, capture_output=True, check=True)
    return folder


@pytest.fixture
def ran(ran_once: Path, tmp_path: Path) -> BenchmarkFolder:
    """A benchmark with echo and the baselines run on it."""
    shutil.copytree(ran_once, tmp_path, dirs_exist_ok=True)
    return BenchmarkFolder(tmp_path / "bench")


def test_help_begins_with_commands_to_type(medbench: Callable[..., Any]) -> None:
    """`medbench --help` shows lines to type, every command and the exit codes."""
    said = medbench("--help")
    assert said.code == 0
    assert "medbench run " in said.out
    assert all(f"\n  {name} " in said.out for name in COMMANDS)
    assert "0 done" in said.out
    assert "130 stopped" in said.out
    assert not re.search(r"\S(?: |)(?:offline|may pay|pays)$", said.out, re.MULTILINE), "columns run together"
    assert max(map(len, said.out.splitlines())) <= 80
    assert medbench().out == said.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(medbench: Callable[..., Any], command: str) -> None:
    """`medbench COMMAND --help` shows what it does."""
    said = medbench(command, "--help")
    assert said.code == 0
    assert f"medbench {command}" in said.out


def test_the_version_is_that_of_the_package(medbench: Callable[..., Any]) -> None:
    """`medbench --version` says which one it is."""
    from importlib.metadata import version

    assert medbench("--version").out == f"medbench {version('medbench')}\n"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("runn", "runn"),
        ("run bench --lmit 3", "--lmit"),
        ("run bench --limit 0", "--limit"),
        ("run bench --limit two", "--limit"),
        ("run bench --replicates -1", "--replicates"),
        ("run bench --min-coverage 2", "--min-coverage"),
        ("run bench -m gemini-flash", "GEMINI_API_KEY"),
        ("run bench -m no_mod:Provider", "no_mod:Provider"),
        ("run bench -m echo --set t=1", "t"),
        ("run bench --set t=1", "t"),
        ("run bench more", "more"),
        ("compare --jsn", "--jsn"),
        ("rescore bench --parser nope", "nope"),
        ("import", "OLD"),
        ("import answers.csv", "--benchmark"),
        ("run none", "'none'"),
        ("compare none", "'none'"),
        ("rescore none", "'none'"),
        ("judge none", "'none'"),
        ("plan none", "'none'"),
        ("plan --benchmark none", "'none'"),
        ("export none --findings", "'none'"),
        ("show none", "'none'"),
        ("show case-999", "'case-999'"),
        ("import none --benchmark bench --system s", "none'"),
        ("import cases.csv --benchmark none --system s", "'cases.csv'"),
        ("import answers.csv --benchmark none --system s", "'none'"),
        ("run bench -m replay:none", "'none'"),
        ("build medpix --source none", "'none'"),
        ("build folder --cases none.csv --images bench --out x", "'none.csv'"),
        ("build folder --cases none.csv --images none --out x", "'none'"),
        ("review import none.csv", "'none.csv'"),
    ],
)
def test_a_usage_error_is_two_lines_and_exit_2(
    ran: BenchmarkFolder,
    medbench: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    line: str,
    value: str,
) -> None:
    """A wrong command, option, value or name: what is wrong, what to try, exit 2, nothing on stdout."""
    for name in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "GOOGLE_GENAI_USE_VERTEXAI"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "answers.csv").write_text("case_id,text\ncase-000,y\n")
    said = medbench(*line.split())
    assert said.code == 2, said.err
    _is_two_lines(said.err)
    assert value in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("run half", "'half'"),
        ("import half --benchmark bench", "half'"),
        ("import a.jsonl --benchmark bench --system s", "'x'"),
        ("build medpix --source half", "half"),
    ],
)
def test_an_error_is_two_lines_and_exit_1(
    ran: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path, line: str, value: str
) -> None:
    """Something that is there and cannot be used: what, in quotes, what to try, exit 1."""
    (tmp_path / "half").mkdir()
    (tmp_path / "a.jsonl").write_text('{"case_id": "x", "text": "y"}\n')
    said = medbench(*line.split())
    assert said.code == 1, said.err
    _is_two_lines(said.err)
    assert value in said.err
    assert said.out == ""


def test_before_the_first_run_every_command_says_how_to_begin(medbench: Callable[..., Any]) -> None:
    """compare, rescore and show in an empty folder: two lines that lead to a first result."""
    for command in ("compare", "rescore", "show"):
        said = medbench(command)
        assert said.code == 1
        _is_two_lines(said.err)
        assert "medbench run" in said.err


def test_run_shows_results_on_stdout_and_talk_on_stderr(
    bench: BenchmarkFolder, medbench: Callable[..., Any]
) -> None:
    """The table is the result; progress, lesson and what to type next are talk; twice is the same."""
    said = medbench("run", "bench", "-m", "echo")
    assert said.code == 0
    assert "above chance" in said.out
    assert "echo" in said.out
    assert "Next:" not in said.out
    assert "Next: medbench compare" in said.err
    assert "6/6" in said.err
    again = medbench("run", "bench", "-m", "echo")
    assert again.out == said.out


def test_numbers_for_machines_are_all_of_stdout(ran: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """`compare --json` prints one JSON document, even when something had to be scored again first."""
    (ran.path.parent / "runs/bench/echo/summary.json").unlink()
    said = medbench("compare", "--json")
    assert said.code == 0
    names = [system["name"] for system in json.loads(said.out)["systems"]]
    assert names == ["echo"]
    assert "again" in said.err


def test_a_dry_run_writes_and_sends_nothing(
    bench: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """--dry-run shows how much is left and one call as it would go out, and leaves no trace."""
    before = sorted(tmp_path.rglob("*"))
    said = medbench("run", "bench", "-m", "echo", "--limit", "2", "--dry-run")
    assert said.code == 0, said.err
    assert "History of patient" in said.out
    assert "1 system on bench: 2 calls" in said.out
    assert sorted(tmp_path.rglob("*")) == before


def test_limit_replicates_and_fresh(
    bench: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """--limit and --replicates decide how much; --fresh begins a second run, not of the floors."""
    assert medbench("run", "bench", "-m", "echo", "--limit", "2", "--replicates", "3").code == 0
    outputs = tmp_path / "runs/bench/echo/outputs.jsonl"
    assert len(outputs.read_text().splitlines()) == 6
    assert medbench("run", "bench", "-m", "echo", "--fresh", "--out", "runs").code == 0
    names = sorted(path.name for path in (tmp_path / "runs/bench").iterdir())
    assert "echo@2" in names
    assert not [name for name in names if "baseline" in name and "@" in name]


def test_exit_3_while_something_can_still_be_completed(
    bench: BenchmarkFolder, medbench: Callable[..., Any], module: Callable[[str, str], str]
) -> None:
    """Failures that may pass: exit 3 and the same line; once they are gone: exit 0."""
    module(
        "moody_mod",
        "import os\nfrom medbench.errors import ProviderError\nfrom medbench.schema.response import Reply\n"
        "class Provider:\n    def __init__(self, model, pictures): pass\n    async def ask(self, request):\n"
        "        if os.path.exists('down') and 'case-00' in request.case_key:\n"
        "            raise ProviderError('timeout', '60 s', final=False, later=True)\n"
        "        return Reply(text='a mass')\n",
    )
    line = ("run", "bench", "-m", "moody_mod:Provider")
    (bench.path.parent / "down").touch()
    said = medbench(*line)
    assert said.code == 3, said.err
    assert "timeout" in said.err
    assert "same line again" in said.err
    (bench.path.parent / "down").unlink()
    assert medbench(*line).code == 0


def test_models_lists_what_is_ready(medbench: Callable[..., Any], tmp_path: Path) -> None:
    """Each model with its provider and price; those without a provider say so; hidden ones with --all."""
    (tmp_path / "medbench.toml").write_text('[models.mine]\nprovider = "echo"\nid = "mine-1"\n')
    said = medbench("models")
    assert said.code == 0
    assert "gemini-flash" in said.out
    assert "mine-1" in said.out
    assert "\necho" not in said.out
    assert "\necho" in medbench("models", "--all").out


@pytest.mark.parametrize("content", ["max_cots = 1", "a = ="])
def test_a_wrong_medbench_toml_is_two_lines(
    ran: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path, content: str
) -> None:
    """Every command that reads medbench.toml refuses a wrong one in a sentence."""
    (tmp_path / "medbench.toml").write_text(content)
    for line in ("run bench", "compare", "rescore", "show", "models"):
        said = medbench(*line.split())
        assert said.code == 2
        _is_two_lines(said.err)
        assert "medbench.toml" in said.err


def test_show_shows_runs_and_cases(ran: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """All runs; one run; a folder of runs; a case by its id and by its source's."""
    assert "\necho " in medbench("show").out
    assert "pipeline single" in medbench("show", "echo").out
    assert "\necho " in medbench("show", "bench").out
    by_id, by_source = medbench("show", "case-001"), medbench("show", "SRC-case-001")
    assert by_id.out == by_source.out
    assert "There is a mass of 8 cm in case-001" in by_id.out
    assert "Clinical history: History of patient 1." in by_id.out


@pytest.mark.parametrize(
    ("file", "commands"),
    [
        ("bench/benchmark.json", ["run bench", "rescore"]),
        ("runs/bench/echo/run.json", ["run bench -m echo", "rescore", "compare", "show"]),
        ("runs/bench/echo/outputs.jsonl", ["run bench -m echo", "rescore", "compare", "show"]),
        ("runs/bench/echo/responses.jsonl", ["run bench -m echo --limit 3", "rescore", "compare", "show"]),
        ("runs/bench/echo/events.jsonl", ["rescore", "compare", "show"]),
    ],
)
@pytest.mark.parametrize("how", ["newer", "garbage", "unknown"])
@pytest.mark.usefixtures("all_draws")
def test_a_file_that_cannot_be_read_is_two_lines(
    ran: BenchmarkFolder,
    medbench: Callable[..., Any],
    tmp_path: Path,
    file: str,
    commands: list[str],
    how: str,
) -> None:
    """A newer, broken or foreign file of any kind: exit 1, a sentence with its name, no file touched."""
    path = tmp_path / file
    text = path.read_text()
    text = {
        "newer": text.replace('"schema_version": 1', '"schema_version": 9').replace(
            '"schema_version":1', '"schema_version":9'
        ),
        "garbage": "\x1b[31m{]\n" + text,
        "unknown": text.replace("{", '{"from_tomorrow": 1, ', 1),
    }[how]
    path.write_text(text)
    before = {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file() and one.name != ".lock"}
    for line in commands:
        said = medbench(*line.split())
        assert said.code == 1, (line, said.err)
        _is_two_lines(said.err)
        assert path.name in said.err
        assert how != "newer" or "schema version '9'" in said.err
        assert "\x1b" not in said.err, "what is quoted from a file is printed safely"
    after = {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file() and one.name != ".lock"}
    assert after == before


def test_a_changed_benchmark_stops_a_run(ran: BenchmarkFolder, medbench: Callable[..., Any]) -> None:
    """cases.jsonl that is not the frozen one: refused before anything is asked."""
    path = ran.path / "cases.jsonl"
    path.write_bytes(path.read_bytes().replace(b"History", b"Mystery"))
    said = medbench("run", "bench", "-m", "echo", "--fresh")
    assert said.code == 1
    _is_two_lines(said.err)
    assert "cases.jsonl" in said.err


def test_unprintable_names_are_printed_safely(
    bench: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Escapes in an argument or in a foreign case id never reach the terminal."""
    (tmp_path / "a.jsonl").write_text(
        json.dumps({"case_id": "\x1b[31mevil\u202e", "text": "x"})
        + '\n{"case_id": "case-000", "text": "y"}\n'
    )
    for line in (
        ["import", "a.jsonl", "--benchmark", "bench", "--system", "s"],
        ["run", "\x1b[31mevil"],
        ["show", "\x1b[31mevil"],
        ["run", "bench", "-m", "\x1b[31mevil"],
    ):
        said = medbench(*line)
        assert "\x1b" not in said.out + said.err
        assert "\u202e" not in said.out + said.err


def test_a_closed_pipe_is_silent(ran: BenchmarkFolder, tmp_path: Path) -> None:
    """`| head -1` and a reader that is gone at once: no complaint on stderr."""
    for line in (
        "MEDBENCH show case-001 | head -1",
        "MEDBENCH compare --json | head -1",
        "MEDBENCH --help | true",
    ):
        done = _process(tmp_path, line)
        assert "Traceback" not in done.stderr
        assert "roken" not in done.stderr
        assert "Exception" not in done.stderr


def test_on_a_terminal_there_are_bars(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """On a terminal stderr shows bars; the result on stdout stays plain text."""
    master, slave = pty.openpty()
    line = [sys.executable, "-m", "medbench", "run", "bench", "-m", "echo"]
    with subprocess.Popen(line, cwd=tmp_path, stdout=subprocess.PIPE, stderr=slave) as process:
        os.close(slave)
        talk = b""
        with suppress(OSError):
            while block := os.read(master, 4096):
                talk += block
        out = process.communicate(timeout=30)[0]
    os.close(master)
    assert process.returncode == 0, talk
    assert b"\x1b[" in talk
    assert b"6/6" in talk
    assert b"\x1b" not in out
    assert b"echo" in out


def test_a_full_stdout_is_two_lines(ran: BenchmarkFolder, tmp_path: Path) -> None:
    """A result that cannot be written is an error, not a success."""
    if not os.path.exists("/dev/full"):  # noqa: PTH110 - a device
        pytest.skip("needs /dev/full")
    done = _process(tmp_path, "MEDBENCH compare > /dev/full")
    assert done.returncode == 1
    _is_two_lines(done.stderr)


def test_a_terminal_without_unicode_gets_a_result(ran: BenchmarkFolder, tmp_path: Path) -> None:
    """With an encoding that lacks a character the result is still printed."""
    for command in ("compare", "show case-001", "models"):
        done = _process(tmp_path, f"MEDBENCH {command}", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_a_moved_benchmark_leaves_the_list_of_runs(
    ran: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """`medbench show` lists every run, also one whose benchmark is not where it was."""
    shutil.move(ran.path, tmp_path / "far" / "off")
    said = medbench("show")
    assert said.code == 0, said.err
    assert "bench/echo" in said.out
    for line in ("compare", "rescore", "run bench", "show case-001"):
        said = medbench(*line.split())
        assert (said.code, line) == ({"compare": 0, "run bench": 2}.get(line, 1), line)
        if said.code:
            _is_two_lines(said.err)


READING = ("compare", "show", "show case-001", "show echo", "review sheet", "export echo --csv", "verify")


@pytest.mark.parametrize("line", READING)
@pytest.mark.usefixtures("all_draws")
def test_a_command_that_reads_takes_a_moved_benchmark_and_links_nothing(
    ran: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path, line: str
) -> None:
    """`--benchmark FOLDER` serves that line alone: every file of the runs stays as it is."""
    place = shutil.move(ran.path, tmp_path / "far" / "off")
    before = {path: path.read_bytes() for path in (tmp_path / "runs").rglob("*") if path.is_file()}
    said = medbench(*line.split(), "--benchmark", place)
    assert said.code == 0, said.err
    after = {path: path.read_bytes() for path in (tmp_path / "runs").rglob("*") if path.is_file()}
    assert after == before
    assert medbench("rescore", "bench/echo").code == 1


@pytest.mark.parametrize("line", ["rescore", "run"])
def test_a_moved_benchmark_is_linked_anew(
    ran: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path, line: str
) -> None:
    """A command that writes takes `--benchmark FOLDER`, `run` the folder; the runs know it from then on."""
    place = shutil.move(ran.path, tmp_path / "far" / "off")
    said = (
        medbench("run", place, "-m", "echo")
        if line == "run"
        else medbench(*line.split(), "--benchmark", place)
    )
    assert said.code == 0, said.err
    said = medbench("rescore", "bench/echo")
    assert said.code == 0, said.err


def test_the_floors_beside_a_run_are_linked_with_it(
    ran: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """They are scored again with the run that is compared, and so must find the benchmark, too."""
    place = shutil.move(ran.path, tmp_path / "far" / "off")
    (tmp_path / "runs/bench/baseline-normal/summary.json").unlink()
    said = medbench("compare", "echo", "--benchmark", place)
    assert said.code == 0, said.err


def test_the_same_line_goes_on_where_the_benchmark_was_moved(
    ran: BenchmarkFolder, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """The runs of that name say which one it is; one that is not near is said to be gone."""
    shutil.move(ran.path, tmp_path / "renamed")
    said = medbench("run", "bench", "-m", "echo", "--fresh")
    assert said.code == 0, said.err
    assert "'bench' was moved; by the digest of its runs it is" in said.err
    shutil.move(tmp_path / "renamed", tmp_path / "far" / "off")
    said = medbench("run", "bench", "-m", "echo", "--fresh")
    assert (said.code, "medbench run FOLDER" in said.err) == (2, True)


def test_undecodable_arguments_are_no_crash(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Bytes in an argument that are no text: a run or two lines, never a traceback."""
    for line in ("MEDBENCH run $'\\xff'", "MEDBENCH run bench --out $'a\\xff'", "MEDBENCH show $'\\xff'"):
        assert "Traceback" not in _process(tmp_path, line).stderr


def test_a_new_run_is_scored_in_the_way_of_those_beside_it(
    ran: BenchmarkFolder, medbench: Callable[..., Any]
) -> None:
    """After `rescore --parser --swap`, runs keep that way, a new one takes it, and its end says so."""
    assert medbench("rescore", "--parser", "report-2026-02", "--swap", "any").code == 0
    for line in (["-m", "echo"], ["-m", "echo", "--fresh"], []):
        said = medbench("run", "bench", *line)
        assert said.code == 0, said.err
        assert "parser report-2026-02" in said.out
        assert "medbench rescore --parser findings-2" in " ".join(said.err.split())
    ways = {
        (found["parser"], found["swap"])
        for path in ran.path.parent.glob("runs/bench/*/summary.json")
        if (found := json.loads(path.read_text("utf-8")))
    }
    assert ways == {("report-2026-02", "any")}
    assert medbench("compare").code == 0


def test_a_run_ends_with_its_table_beside_runs_of_another_way(
    ran: BenchmarkFolder, medbench: Callable[..., Any]
) -> None:
    """Runs that were scored in different ways are shown with a warning by `run`, and refused by `compare`."""
    assert medbench("rescore", "runs/bench/echo", "--swap", "any").code == 0
    said = medbench("run", "bench", "-m", "echo", "-m", "baseline-normal")
    assert said.code == 0, said.err
    assert "floor: " in said.out
    assert "do not compare these rows" in " ".join(said.err.split())
    assert medbench("compare", "runs/bench/echo", "runs/bench/baseline-normal").code == 1


@pytest.mark.parametrize("when", ["while libraries are loaded", "in the command", "and it says so itself"])
def test_ctrl_c_is_never_silent(
    medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    """Exit code 130, what is kept and what to type, once, and no traceback."""

    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    def stopped(*_: object, **__: object) -> int:
        return console.stopped("all is kept")

    monkeypatch.setattr(console, "_STOP_SAID", [])
    if when.startswith("while"):
        monkeypatch.setattr("medbench.__main__.is_offline", interrupted)
    else:
        does = interrupted if when == "in the command" else stopped
        monkeypatch.setattr("medbench.cli.doctor._environment", does)
    said = medbench("doctor")
    assert said.code == 130
    assert said.words.count("Stopped by Ctrl-C: ") == 1
    assert "Next: the same line again" in said.words
