"""A hostile medbench.toml, here or above: no command runs its code, asks its server or sends its key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from exhaustive import EXHAUSTIVE, spread
from hostile_world import Hostile

from medbench import trust as trust_module
from medbench.cli import app_for


class Line(NamedTuple):
    """A line to type; NAME stands for each model of the file, CODE for one of them that is code."""

    words: str
    bites: tuple[str, ...] = ()
    """Kinds of models with which it reaches out or runs code, once the file is trusted."""
    says: bool = True
    """False where it goes on without the model, so without a word."""


_ALL = ("server", "code", "pipeline", "stage")
LINES: dict[str, tuple[Line, ...]] = {
    "build phantom": (Line("build phantom --cases 3 --pool 2"),),
    "build phantom-volumes": (Line("build phantom-volumes --cases 2 --out own-volumes"),),
    "build medpix": (Line("build medpix"),),
    "build dicom": (Line("build dicom . --reports volumes.jsonl --out own-mr --recipe all+minmax"),),
    "build hf": (
        Line("build hf OWNER/NAME --folder . --table cases.jsonl --map findings=reference,image=images"),
    ),
    "build folder": (Line("build folder --cases cases.jsonl --images bench/images --out own"),),
    "run": (
        Line("run bench --limit 1 -m NAME", _ALL),
        Line("run bench --limit 1 -m NAME --dry-run", ("code", "pipeline", "stage")),
        Line("run bench --limit 1", _ALL),
        Line("run bench --limit 1 -m NAME --with-endpoint --accept-eula", _ALL),
        Line("run own.toml", ("code",)),
        Line("run own.toml --dry-run", ("code",)),
        Line("run bench --limit 1 -m replay:runs/bench/coded --out again"),
        Line("run bench --limit 1 -m baseline-normal"),
    ),
    "judge": (
        Line("judge runs --judge NAME --audit 0", _ALL),
        Line("judge runs --judge NAME --dry-run", ("code",)),
        Line("judge runs --judge echo --fallback NAME --dry-run", ("code",)),
        Line("judge runs --all", _ALL),
    ),
    "rescore": (Line("rescore runs"),),
    "compare": (Line("compare coded graded --judge CODE/report-like"), Line("compare echo graded --offline")),
    "gate": (Line("gate coded --against graded --judge CODE/report-like"),),
    "report": (Line("report coded graded --judge CODE/report-like"),),
    "plan": (
        Line("plan coded graded --judge CODE/report-like", ("code",), says=False),
        Line("plan --benchmark bench"),
    ),
    "models": (Line("models"), Line("models --all"), Line("models --new", _ALL)),
    "configs": (Line("configs"),),
    "doctor": (
        Line("doctor -m NAME", _ALL),
        Line("doctor"),
        Line("doctor bench"),
    ),
    "endpoint deploy": (
        Line("endpoint deploy NAME --accept-eula"),
        Line("endpoint deploy NAME --dry-run"),
        Line("endpoint deploy NAME --accept-eula --for 1h"),
    ),
    "endpoint status": (Line("endpoint status"), Line("endpoint status NAME")),
    "endpoint list": (Line("endpoint list"),),
    "endpoint undeploy": (Line("endpoint undeploy"), Line("endpoint undeploy NAME")),
    "show": (Line("show"), Line("show coded"), Line("show case-001 --full"), Line("show --spent")),
    "export": (
        Line("export coded --findings"),
        Line("export coded --csv"),
        Line("export bench --chat hf -o train.jsonl"),
    ),
    "import": (Line("import answers.jsonl --benchmark bench --system x"),),
    "review sheet": (Line("review sheet runs"), Line("review sheet coded --all --out blind")),
    "review import": (Line("review import graded.csv"),),
    "watch": (Line("watch NAME", _ALL), Line("watch NAME --dry-run", ("code", "pipeline", "stage"))),
    "trust": (Line("trust --list"), Line("trust")),
    "verify": (Line("verify runs"), Line("verify coded")),
    "validate-metric": (Line("validate-metric ratings.csv"),),
}


def _commands(group: Any, before: str = "") -> Iterator[str]:
    """Yield the commands of an application as they are typed, those within a command too."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def test_every_command_is_tried() -> None:
    """A command that is added has no lines here, and this fails."""
    from typer.main import get_command

    every = get_command(app_for("no command, so all"))
    assert sorted(LINES) == sorted(_commands(every))


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Check trust, as outside the tests, with an empty list."""
    monkeypatch.setattr("medbench.config.state_of", trust_module.state_of)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "trusted"))


def _typed(command: str, kinds: dict[str, str]) -> Iterator[tuple[Line, list[str], str]]:
    """Yield the lines of a command, with the words to type and the kind of the model in them.

    The first line that names a model is typed with each, the others with one of each kind.
    """
    code = next(name for name, kind in kinds.items() if kind == "code")
    of_a_kind = {name: kind for kind, name in {kind: name for name, kind in kinds.items()}.items()}
    first = next((line for line in LINES[command] if "NAME" in line.words), None)
    for line in LINES[command]:
        each = kinds if line is first or EXHAUSTIVE else of_a_kind
        names = each if "NAME" in line.words else {"": line.bites[0] if line.bites else ""}
        for name, kind in names.items():
            yield line, line.words.replace("NAME", name).replace("CODE", code).split(), kind


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize(
    ("command", "place"),
    [*((command, "here") for command in LINES), *((command, "above") for command in spread([*LINES], 8))],
)
def test_no_command_obeys_a_file_that_is_not_trusted(
    command: str, place: str, medbench: Callable[..., Any], hostile: Hostile
) -> None:
    """No code, no socket, no key; and where the file matters, the line to type is said."""
    for line, words, kind in _typed(command, hostile.plant(place)):
        said = medbench(*words)
        assert hostile.caught() == set(), words
        assert said.code in {0, 1, 2, 3}, words
        if kind in line.bites and line.says:
            assert "medbench trust" in said.out + said.err, words


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("command", LINES)
def test_a_trusted_file_is_obeyed_where_it_matters_and_nowhere_else(
    command: str, medbench: Callable[..., Any], hostile: Hostile
) -> None:
    """The same lines reach out or run code then, so that the trap is known to see it; the others never do."""
    kinds = hostile.plant("here")
    assert medbench("trust").code == 0
    for line, words, kind in _typed(command, kinds):
        said = medbench(*words)
        caught = hostile.caught()
        assert bool(caught) == (kind in line.bites), (words, kind, caught, said)
        if kind == "server" and caught:
            assert caught == {"socket", "key"}, words
        if kind == "":
            assert said.code in {0, 3}, (words, said)
