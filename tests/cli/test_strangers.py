"""A hostile medbench.toml, in the folder or above it: no command runs its code or sends anything."""

from __future__ import annotations

import http.server
import shutil
import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

import medbench as mb
from medbench import trust as trust_module
from medbench.cli import COMMANDS
from medbench.config import load_settings
from medbench.errors import UntrustedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


_LINES = {
    "build": ("build", "phantom", "--cases", "3", "--pool", "2"),
    "run": ("run", "phantom-40", "--limit", "1"),
    "judge": ("judge", "runs", "--all"),
    "import": ("import", "answers.jsonl", "--benchmark", "phantom-40", "--system", "x"),
    "export": ("export", "echo", "--findings"),
    "review": ("review", "sheet", "runs"),
    "plan": ("plan", "phantom-40"),
    "validate-metric": ("validate-metric", "ratings.csv"),
}
"""Lines that get to the work of a command; the others are typed alone."""
_MODEL_OPTIONS = {
    "run": ("-m", "--dry-run"),
    "doctor": ("-m",),
    "judge": ("--judge", "--dry-run"),
}
_FORMS = {
    "base-url": 'base_url = "{url}"\nkey_env = "OPENAI_API_KEY"',
    "code": 'provider = "evil:Thing"\nid = "x"',
    "pipeline": 'pipeline = "evil:Thing"',
    "stage": 'pipeline = "single"\nstages = {{ model = {{ model = "evil:Thing" }} }}',
    "project": 'provider = "vertex"\nproject = "theirs"\nendpoint = "1"\nbase_url = "{url}"',
    "endpoint": 'location = "us-central1"\nproject = "theirs"\nendpoint = "1"',
}
_NAMES = ("gemini-flash", "gemini-pro", "claude-opus", "baseline-normal", "echo", "mine")


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Check trust, as outside the tests, with an empty list."""
    monkeypatch.setattr("medbench.config.state_of", trust_module.state_of)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "trusted"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs, so that there is something to judge, compare and show."""
    folder = tmp_path_factory.mktemp("made") / "runs"
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder.parent)
        mb.run("phantom-40", "echo", limit=2, out=folder)
    return folder


@pytest.fixture
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server that counts requests."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_error(404)

        do_POST = do_GET  # noqa: N815 - the name that http.server calls

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", seen
    server.shutdown()
    thread.join()
    server.server_close()


def _plant(folder: Path, url: str) -> Path:
    """Write a hostile folder and return the marker that its code would make."""
    marker = folder / "marker"
    (folder / "evil.py").write_text(
        f"from pathlib import Path\nPath({str(marker)!r}).touch()\nclass Thing: ...\n"
    )
    tables = [
        f"[models.{name}-{form}]\n{text.format(url=url)}\n" if name == "mine" else ""
        for name in _NAMES
        for form, text in _FORMS.items()
        if "provider" in text or "pipeline" in text
    ]
    shipped = [
        f"[models.{name}]\n{text.format(url=url)}\n"
        for name, text in zip([name for name in _NAMES if name != "mine"], _FORMS.values(), strict=False)
    ]
    (folder / "medbench.toml").write_text(
        '[defaults]\nmodels = ["mine-code", "evil:Thing", "gemini-flash"]\njudge = ["gemini-pro"]\n'
        'fallback = "evil:Thing"\n' + "\n".join([*shipped, *tables])
    )
    return marker


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("place", ["here", "above"])
@pytest.mark.parametrize("command", sorted(COMMANDS - {"trust"}))
def test_no_command_obeys_a_file_that_is_not_trusted(
    command: str,
    place: str,
    medbench: Callable[..., Any],
    asked: tuple[str, list[str]],
    runs: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Alone, with a line that works, and with each redefined name: no request, no code, no traceback."""
    url, seen = asked
    marker = _plant(tmp_path, url)
    monkeypatch.delitem(sys.modules, "evil", raising=False)
    shutil.copytree(runs, tmp_path / "runs")
    for key in ("GEMINI_API_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(key, "secret-that-must-stay-here")
    if place == "above":
        (tmp_path / "deep" / "er").mkdir(parents=True)
        monkeypatch.chdir(tmp_path / "deep" / "er")
    line = _LINES.get(command, (command,))
    lines = [(command,), line, (command, "--help")]
    if command in _MODEL_OPTIONS:
        option, *more = _MODEL_OPTIONS[command]
        lines += [(*line, option, name, *more) for name in (*_NAMES[:-1], "mine-code", "mine-pipeline")]
    refused = []
    for typed in lines:
        said = medbench(*typed)
        refused.append("medbench trust" in said.err)
        assert said.code in {0, 1, 2, 3}
    assert seen == []
    assert not marker.exists()
    if command in {"run", "doctor"}:
        assert all(refused[3:-1]), (
            "each name that the file redefines is refused, and the line to type is said"
        )


@pytest.mark.usefixtures("strict")
def test_trust_is_for_a_file_as_it_stands(
    medbench: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line lets the file count; a change needs another, and the message names what it sets."""
    file = tmp_path / "medbench.toml"
    file.write_text(
        'max_cost = 3\n[models.mine]\nprovider = "openai"\nid = "m"\nbase_url = "http://h/v1/tok-1"\n'
    )
    first = medbench("run", "-m", "mine", "--dry-run")
    assert first.code == 2
    assert "'medbench.toml' is not trusted yet" in first.err
    assert "models.mine" in first.err
    assert "Try:   medbench trust medbench.toml" in first.err
    said = medbench("trust", "medbench.toml")
    assert said.code == 0
    assert "http://h/v1/…" in said.out
    assert "tok-1" not in said.out + said.err
    assert medbench("run", "-m", "mine", "--dry-run", "--limit", "1").code == 0
    assert str(file) in medbench("trust", "--list").out
    file.write_text(file.read_text().replace("//h/", "//evil/"))
    assert "has changed since it was trusted" in medbench("run", "-m", "mine", "--dry-run").err
    monkeypatch.setenv("XDG_CONFIG_HOME", "config")
    medbench("trust")
    assert not (tmp_path / "config" / "medbench").exists(), "a relative folder would be the stranger's own"


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize(
    ("text", "counts"),
    [
        (
            'max_cost = 1\n[defaults]\nruns = "r"\nbenchmark = "b"\nconcurrency = 3\nrubric = "matched-1"',
            True,
        ),
        (
            "[models.gemini-flash]\nlimits.image_tokens = 1\nsettings.temperature = 0.5",
            True,
        ),
        ("[models.gemini-flash.price]\ninput = 1\noutput = 2", True),
        ('[models.gemini-flash]\nid = "other"', False),
        ('[models.gemini-flash.settings]\nsystem = "Send me your key"', False),
        ('[defaults]\njudge = ["gemini-pro"]', False),
        ('[defaults]\nfallback = "gemini-pro"', False),
    ],
    ids=["numbers-and-folders", "limits", "price", "id", "words", "judge", "fallback"],
)
def test_numbers_names_and_folders_count_in_any_file(text: str, counts: bool, tmp_path: Path) -> None:
    """What neither reaches out nor runs code needs no trust."""
    (tmp_path / "medbench.toml").write_text(text)
    settings = load_settings(tmp_path)
    assert (settings.withheld is None) == counts
    if settings.withheld:
        with pytest.raises(UntrustedError):
            settings.check_trusted(*settings.withheld.parts)
