"""Fixtures that several test folders share."""

from __future__ import annotations

import gc
import hashlib
import importlib
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
from exhaustive import bounded
from hints import hints, refused
from own_source import SOURCE, TESTED, other_code

from medbench.offline import VARIABLE
from medbench.schema.benchmark import POOL, Benchmark, Dataset, Draw
from medbench.schema.case import Case, Image
from medbench.schema.reference import Reference
from medbench.store.benchmark import (
    CASES,
    HEAD,
    REFERENCES,
    BenchmarkFolder,
    benchmark_digest,
)
from medbench.store.jsonl import file_digest, write_one, write_records

pytest_plugins = (
    "batch_server",
    "broken_engine",
    "chat_server",
    "claude_server",
    "gemini_server",
    "gemini_batch_server",
    "vertex_batch_server",
    "graded_runs",
    "hostile_world",
    "hub_server",
    "judged_world",
    "notebook_world",
    "peaks",
    "seeing_server",
    "unreadable_files",
    "vertex_server",
    "vertex_cloud",
)

# A slow machine is no failure.
hypothesis.settings.register_profile("medbench", deadline=None, max_examples=bounded(300, 30))
hypothesis.settings.load_profile("medbench")

REGIONS = ("Head", "Thorax", "Abdomen")
MODALITIES = ("CT", "MR")


def pytest_configure() -> None:
    """End where the medbench that would be tested is not that of this checkout."""
    if said := other_code(TESTED, SOURCE):
        raise pytest.UsageError(said)


def pytest_collection() -> None:
    """Collect no garbage while tests are collected: what is made then stays."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Leave the tests themselves, half a million objects, out of collections of garbage, of which few do."""
    gc.enable()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="module", autouse=True)
def _few_draws(request: pytest.FixtureRequest) -> None:
    """No test there is about digits of intervals; those that hold what others computed take `all_draws`."""
    if request.path.relative_to(Path(__file__).parent).parts[0] in {"api", "cli", "report", "steps"}:
        request.getfixturevalue("few_draws")


@pytest.fixture(scope="session", autouse=True)
def _hears_signals() -> Iterator[None]:
    """A shell that starts the tests in its background makes them, and what they start, deaf to Ctrl-C.

    nohup makes them deaf to a closed terminal: the tests stay so, what they start does not.
    """
    before = {signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler)}
    if os.name != "nt" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, lambda *_: None)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(autouse=True)
def _ctrl_c_is_put_back() -> Iterator[None]:
    """No test leaves Ctrl-C to what has ended: a later one would wait for ever."""
    before = signal.getsignal(signal.SIGINT)
    yield
    assert signal.getsignal(signal.SIGINT) is before


@pytest.fixture(scope="session", autouse=True)
def _nothing_waits_for_the_disk() -> Iterator[None]:
    """Leave out syncs, which guard against a power cut; tests of when there is one put another in."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(autouse=True)
def _settings_are_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files of settings that a test writes count at once; tests of trust put the check back."""
    monkeypatch.setattr("medbench.config.state_of", lambda _file, _content: "trusted")


@pytest.fixture(scope="session", autouse=True)
def _own_configuration_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what tests trust out of the user's configuration folder."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder 'shared' beside the repository root with the real runs; skips where it is not there."""
    folder = Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("needs ../shared")
    return folder


def _png(seed: int) -> bytes:
    from PIL import Image as pillow  # noqa: N813 - the class of that name is a record here

    noise = hashlib.shake_256(str(seed).encode()).digest(64)
    made = io.BytesIO()
    pillow.frombytes("L", (8, 8), noise).resize((16, 16)).save(made, "PNG")
    return made.getvalue()


def _case(folder: Path, number: int, case_id: str, images: int) -> Case:
    (folder / "images").mkdir(parents=True, exist_ok=True)
    made = []
    for part in range(images):
        data = _png(1000 * number + part)
        name = f"images/{case_id}-{part + 1}.png"
        (folder / name).write_bytes(data)
        made.append(
            Image.model_validate(
                {
                    "file": name,
                    "sha256": hashlib.sha256(data).hexdigest(),
                    "bytes": len(data),
                    "width": 16,
                    "height": 16,
                    "mode": "L",
                    "modality": MODALITIES[number % 2],
                }
            )
        )
    history = f"History of patient {number}."
    return Case(case_id=case_id, region=REGIONS[number % len(REGIONS)], history=history, images=tuple(made))


def _plain_reference(case: Case) -> Reference:
    text = f"There is a mass of {len(case.case_id)} cm in {case.case_id}. No effusion."
    return Reference(case_id=case.case_id, source_id=f"SRC-{case.case_id}", text=text)


def write_benchmark(
    folder: Path,
    cases: int = 6,
    *,
    pool: int = 3,
    reference: Callable[[Case], Reference] = _plain_reference,
    changed: Callable[[Case], Case] = lambda case: case,
) -> BenchmarkFolder:
    """A whole benchmark of tiny images: every second case has two of them.

    Args:
        folder: Where; its name is the benchmark's.
        cases: Number of cases.
        pool: Number of cases of the pool.
        reference: Makes the reference of a case.
        changed: Makes another case of a case, for benchmarks that are not what they should be.
    """
    files: dict[str, str] = {}
    for place, many, prefix in ((folder, cases, "case"), (folder / POOL, pool, "pool")):
        first = 500 if prefix == "pool" else 0
        made = [_case(place, first + n, f"{prefix}-{n:03d}", 1 + n % 2) for n in range(many)]
        place.mkdir(parents=True, exist_ok=True)
        sub = "" if place == folder else f"{POOL}/"
        write_records(place / CASES, [changed(case) for case in made])
        write_records(place / REFERENCES, [reference(case) for case in made])
        files |= {f"{sub}{name}": file_digest(place / name).sha256 for name in (CASES, REFERENCES)}
    head = Benchmark(
        name=folder.name,
        digest=benchmark_digest(files),
        dataset=Dataset(name="tests"),
        draw=Draw(),
        cases=cases,
        images=sum(1 + n % 2 for n in range(cases)),
        pool=pool,
        files=files,
        medbench="0",
    )
    write_one(folder / HEAD, head)
    return BenchmarkFolder(folder)


@pytest.fixture(name="write_benchmark", scope="session")
def _write_benchmark() -> Callable[..., BenchmarkFolder]:
    """The function that writes a tiny benchmark into a folder."""
    return write_benchmark


@pytest.fixture
def bench(tmp_path: Path) -> BenchmarkFolder:
    """A benchmark of six cases in three regions, with a pool of three."""
    return write_benchmark(tmp_path / "bench")


@pytest.fixture
def redigest() -> Callable[[Path], None]:
    """A function that makes benchmark.json fit the files again after a test changed them."""

    def again(folder: Path) -> None:
        head = BenchmarkFolder(folder).head
        files = {name: file_digest(folder / name).sha256 for name in head.files}
        new = head.model_copy(update={"files": files, "digest": benchmark_digest(files)})
        write_one(folder / HEAD, new)

    return again


@dataclass(frozen=True)
class Said:
    """What one command said, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def words(self) -> str:
        """Result and talk with one space between words, wherever lines were broken."""
        return " ".join(f"{self.out} {self.err}".split())


@pytest.fixture
def medbench(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Said]:
    """A function that runs `medbench ARGS` in this process, in tmp_path, as the command line would.

    Each command that it tells people to type is parsed by the application.
    """
    from medbench import __main__ as command
    from medbench.cli import console

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(VARIABLE, "")  # --offline sets it for the process: undone behind the test

    def run(*args: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["medbench", *map(str, args)])
        console.out.cache_clear()
        console.talk.cache_clear()
        capsys.readouterr()
        code = command._code()
        said = capsys.readouterr()
        console.out.cache_clear()
        console.talk.cache_clear()
        assert not [why for line in hints(said.out + said.err) if (why := refused(line))]
        return Said(code, said.out, said.err)

    return run


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[[str, str], str]]:
    """A function that writes a module into tmp_path, importable until the test ends; returns its name."""
    monkeypatch.syspath_prepend(str(tmp_path))
    written: list[str] = []

    def write(name: str, code: str) -> str:
        (tmp_path / f"{name}.py").write_text(code, "utf-8")
        written.append(name)
        importlib.invalidate_caches()
        sys.modules.pop(name, None)
        return name

    yield write
    for name in written:
        sys.modules.pop(name, None)
