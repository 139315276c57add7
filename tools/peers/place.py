"""Where peers live and how they are started: a virtual environment each, outside the repository."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class Skipped(Exception):  # noqa: N818 - it is no error
    """A peer that cannot be had here, and why."""


def folder() -> Path:
    """Where peers are kept from one session to the next: $MEDBENCH_PEERS, or the system's cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("MEDBENCH_PEERS") or Path(cache) / "medbench-peers")


def venv(name: str, *requirements: str, without: Sequence[str] = ()) -> Path:
    """The folder of programs of a virtual environment that has these packages; made once.

    Args:
        name: Of the environment.
        requirements: What pip installs.
        without: Packages to take out again, which the others only can use.

    Raises:
        Skipped: They cannot be installed here.
    """
    place = folder() / name
    programs, mark = place / ("Scripts" if os.name == "nt" else "bin"), place / "requirements.txt"
    wanted = "\n".join([*requirements, *(f"- {package}" for package in without)])
    if mark.is_file() and mark.read_text("utf-8") == wanted:
        return programs
    python = str(programs / "python")
    steps = [
        [sys.executable, "-m", "venv", str(place)],
        [python, "-m", "pip", "install", "-q", *requirements],
    ]
    if without:
        steps.append([python, "-m", "pip", "uninstall", "-q", "-y", *without])
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip() or "pip failed").splitlines()[-1]
            raise Skipped(f"cannot be installed: {last[:200]}")
    mark.write_text(wanted, "utf-8")
    return programs


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port: int = bound.getsockname()[1]
        return port


@contextmanager
def serving(
    command: Sequence[object],
    ready: str,
    log: Path,
    env: Mapping[str, str] | None = None,
    wait_s: float = 180,
) -> Iterator[None]:
    """Run a server for the time of a with-block.

    Args:
        command: What starts it.
        ready: Address that answers once it is up, with whatever status.
        log: Where its output goes.
        env: Variables beside those of this process.
        wait_s: Seconds that it may take.

    Raises:
        Skipped: It ended, or was not up in time.
    """
    with log.open("wb") as output:
        server = subprocess.Popen(
            list(map(str, command)), stdout=output, stderr=output, env={**os.environ, **(env or {})}
        )
        try:
            _wait(server, ready, log, time.monotonic() + wait_s)
            yield
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait(server: subprocess.Popen[bytes], ready: str, log: Path, until: float) -> None:
    while time.monotonic() < until:
        if server.poll() is not None:
            lines = log.read_text("utf-8", "replace").strip().splitlines() or ["no output"]
            raise Skipped(f"the server ended by itself: {lines[-1][:200]}")
        try:
            urllib.request.urlopen(ready, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise Skipped(f"the server at {ready} was not up in time; its output: {log}")
