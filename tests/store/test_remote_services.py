"""Runs in a bucket of S3 or Cloud Storage, by their own clients: s3fs at moto, gcsfs at an emulator.

Needs `medbench[cloud]`, moto and gcp-storage-emulator: nox -s cloud.
"""

from __future__ import annotations

import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from graded_runs import graded_run

import medbench as mb
from medbench.errors import InputError, StoreError, UsageError
from medbench.steps.rescore.rescore import Rescorer
from medbench.store import remote
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.runs import find_runs

fsspec = pytest.importorskip("fsspec")
BUCKET = "lab-of-radiology"


class Service(NamedTuple):
    """A service that is listening on this machine."""

    scheme: str
    """'s3' or 'gs'."""
    files: Any
    """A client of it, which may write."""


@pytest.fixture(scope="module")
def moto() -> Iterator[str]:
    """Address of S3 as moto has it."""
    _need("s3fs", "moto")
    with _listening("moto.server", "-H", "127.0.0.1", "-p") as address:
        yield address


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    """Address of an emulator of Cloud Storage."""
    _need("gcsfs", "gcp_storage_emulator")
    begin = ("gcp_storage_emulator", "start", "--host=127.0.0.1", "--in-memory", f"--default-bucket={BUCKET}")
    with _listening(*begin, "--port") as address:
        yield address


def _need(*modules: str) -> None:
    for module in modules:
        if find_spec(module) is None:
            pytest.skip(f"needs {module}: nox -s cloud")


@contextmanager
def _listening(module: str, *arguments: str) -> Iterator[str]:
    """Start a server in a process of its own, whose last argument is the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", module, *arguments, str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, f"{module} did not start"
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def s3(moto: str, monkeypatch: pytest.MonkeyPatch) -> Service:
    """S3, and a login to it."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return Service("s3", fsspec.filesystem("s3"))


@pytest.fixture
def gs(emulator: str, monkeypatch: pytest.MonkeyPatch) -> Service:
    """Cloud Storage, where nobody need be logged in."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", emulator)
    monkeypatch.setitem(fsspec.config.conf, "gs", {"token": "anon"})
    # gcsfs reads this when it is loaded: by gRPC, which the emulator does not speak, it would wait a minute.
    monkeypatch.setenv("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    return Service("gs", fsspec.filesystem("gs"))


@pytest.fixture(params=["s3", "gs"])
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    """Each of the two, with an empty bucket."""
    found: Service = request.getfixturevalue(request.param)
    if found.files.exists(BUCKET):
        found.files.rm(BUCKET, recursive=True)
    with suppress(FileExistsError):
        found.files.mkdir(BUCKET)
    found.files.clear_instance_cache()
    yield found
    found.files.clear_instance_cache()
    remote.fetched.cache_clear()


@pytest.fixture
def lab(
    write_benchmark: Callable[..., BenchmarkFolder],
    tmp_path: Path,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[str, Any]:
    """Two scored runs and their benchmark in a bucket, and what their comparison was on the disk."""
    bench = write_benchmark(tmp_path / "here/bench", 6)
    for name, grades in (("a", "ggoo--"), ("b", "gggoo-")):
        Rescorer().rescore(graded_run(tmp_path / "here/runs/bench" / name, bench, grades))
    here = mb.compare([tmp_path / "here/runs/bench"], judge="judge-1")
    there = {
        path: f"{BUCKET}/{path.relative_to(tmp_path / 'here')}" for path in (tmp_path / "here").rglob("*")
    }
    service.files.pipe({name: path.read_bytes() for path, name in there.items() if path.is_file()})
    (tmp_path / "here").rename(tmp_path / "gone")
    monkeypatch.chdir(tmp_path)
    return f"{service.scheme}://{BUCKET}", here


def test_a_comparison_in_a_bucket_is_that_on_a_disk(lab: tuple[str, Any]) -> None:
    """Every number of every pair and row; the benchmark beside the runs is found, a slash does no harm."""
    address, here = lab
    there = mb.compare(f"{address}/runs/bench", judge="judge-1")
    assert there.record.pairs == here.record.pairs
    assert [row.metrics for row in there.record.systems] == [row.metrics for row in here.record.systems]
    assert not there.record.notices
    assert mb.runs(f"{address}/runs/bench/").names == ["a", "b"]
    assert mb.runs(f"{address}/runs/bench/a").names == ["a"]


def test_a_page_of_a_run_in_a_bucket(lab: tuple[str, Any], tmp_path: Path) -> None:
    """Written to this machine, with texts and without images."""
    address, _ = lab
    mb.report_page([f"{address}/runs/bench/a"], tmp_path / "page.html", judge="judge-1")
    assert "History of patient 3." in (tmp_path / "page.html").read_text()


@pytest.mark.parametrize("service", ["s3"], indirect=True)
def test_a_folder_of_many_files_is_read_whole(lab: tuple[str, Any], service: Service) -> None:
    """S3 lists a thousand at a time; a run that comes after them is found. The emulator takes too long."""
    address, _ = lab
    service.files.pipe({f"{BUCKET}/runs/bench/a-{n:04}/image.png": b"" for n in range(1_030)})
    service.files.invalidate_cache()
    assert mb.runs(f"{address}/runs").names == ["a", "b"]


def test_a_wrong_name_is_one_sentence(lab: tuple[str, Any], tmp_path: Path) -> None:
    """A folder without runs, one that is not there, and a bucket that is not there."""
    address, _ = lab
    for name in (f"{address}/bench", f"{address}/nowhere"):
        with pytest.raises(UsageError, match=f"no run is at '{name}'"):
            mb.compare(name)
    with pytest.raises((UsageError, InputError)) as caught:
        find_runs([f"{address}-of-another/runs"], tmp_path)
    assert "\n" not in caught.value.message


def test_nobody_is_logged_in(s3: Service, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Said with the command that logs in; what the library logs does not reach the screen beside it."""
    s3.files.clear_instance_cache()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(InputError, match="cannot be read: Unable to locate credentials") as caught:
        find_runs([f"s3://{BUCKET}/runs"], tmp_path)
    assert caught.value.hint == "check the name, and who you are there: aws configure"
    assert any(isinstance(handler, logging.NullHandler) for handler in logging.getLogger("s3fs").handlers)
    s3.files.clear_instance_cache()


def test_nothing_is_written_to_a_bucket(lab: tuple[str, Any]) -> None:
    """A run there is not scored anew."""
    address, _ = lab
    with pytest.raises(StoreError, match="nothing is written"):
        mb.rescore(f"{address}/runs/bench/a", progress=False)
