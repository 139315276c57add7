"""The shape of the house: directions of import, sizes, descriptions, and what `--help` may load."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Container
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import medbench

ROOT = Path(__file__).resolve().parents[1]
SOURCE = Path(str(medbench.__file__)).parent
MODULES = sorted(SOURCE.rglob("*.py"))
COMMAND = "import sys\nfrom medbench.__main__ import _code\nsys.argv = ['medbench',"
HEAVY = (
    "nltk",
    "scipy",
    "PIL",
    "jinja2",
    "numpy",
    "google",
    "rouge_score",
    "rapidfuzz",
    "rich.progress",
    "httpx",
    "httpx2",
)


def _loaded(code: str) -> set[str]:
    script = f"{code}\nimport json, sys; print('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "code",
    [
        f"{COMMAND} '--help']\nassert _code() == 0",
        f"{COMMAND} 'run', '--help']\nassert _code() == 0",
        "import medbench",
    ],
    ids=["help", "run help", "import"],
)
def test_help_loads_nothing_heavy(code: str) -> None:
    """`medbench --help`, the help of a command and `import medbench` load nothing that they do not need."""
    loaded = _loaded(code)
    assert "medbench" in loaded
    heavy = {name for name in loaded for one in HEAVY if name == one or name.startswith(f"{one}.")}
    assert heavy == set()


def test_help_needs_typer_alone() -> None:
    """Beside the package and the standard library, `medbench --help` loads what typer loads, no more."""
    loaded = _loaded(f"{COMMAND} '--help']\nassert _code() == 0") - _loaded("import typer")
    rooms = {name.partition(".")[0] for name in loaded}
    assert rooms - sys.stdlib_module_names <= {"medbench", "typer"}


def test_a_complete_run_loads_nothing_heavy(tmp_path: Path) -> None:
    """A run that has all its outputs shows its table without what images, numbers or batches take."""
    line = f"{COMMAND} 'run', '-m', 'baseline-normal', '--limit', '2', '--out', {str(tmp_path)!r}]"
    first = _loaded(f"{line}\nassert _code() == 0")
    again = _loaded(f"{line}\nassert _code() == 0")
    assert "numpy" in first
    heavy = {
        *HEAVY,
        "medbench.client.batch",
        "medbench.scoring.flags",
        "medbench.steps.rescore.rescore",
        "medbench.schema.results.view",
    }
    assert heavy & again == set()


def test_no_private_name_of_a_dependency_is_imported() -> None:
    """Neither a module nor a name that begins with an underscore, in the package and its tools."""
    private = []
    for path in (*MODULES, *(ROOT / "tools").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and not node.module.startswith("medbench"):
                names = {*node.module.split("."), *(alias.name for alias in node.names)} - {"__future__"}
                private += [(path.name, name) for name in names if name.startswith("_")]
    assert private == []


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_is_described_and_short(path: Path) -> None:
    """Each module's first line says what it does, and it has 350 lines at most."""
    source = path.read_text("utf-8")
    docstring = ast.get_docstring(ast.parse(source))
    assert docstring
    assert docstring.splitlines()[0].endswith((".", ":", "?"))
    assert len(source.splitlines()) <= 350


def test_no_folder_is_crowded() -> None:
    """No folder of the package has more than 20 Python files."""
    files = Counter(path.parent for path in MODULES)
    assert {str(folder): number for folder, number in files.items() if number > 20} == {}


def test_no_module_is_in_a_circle() -> None:
    """No import leads back to its module, imports for types included."""
    names = {_dotted(path): path for path in MODULES}
    graph = {name: _imports(path, names) - {name} for name, path in names.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def _dotted(path: Path) -> str:
    return ".".join(("medbench", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")


def _imports(path: Path, names: Container[str]) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module in names:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in names else node.module for name in inner}
    return found


@pytest.mark.parametrize("room", ["pipelines", "prompts", "providers", "executors"])
def test_no_room_before_the_answer_names_a_reference(room: str) -> None:
    """Nothing that builds or sends a request imports references, verdicts or the files that hold them."""
    forbidden = {"medbench.schema.reference", "medbench.schema.verdict", "medbench.store.benchmark"}
    for path in (SOURCE / room).rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not imported & forbidden, path


def test_every_test_says_what_it_shows() -> None:
    """Each test function has a docstring that states the behaviour."""
    silent = [
        f"{path.name}: {node.name}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_every_room_is_on_the_map() -> None:
    """docs/architecture.md names each folder of the package below the folder that it is in, and no other."""
    tree = (ROOT / "docs" / "architecture.md").read_text("utf-8").split("```text\n")[1].split("```")[0]
    rooms, above = set(), {0: ""}
    for line in tree.splitlines()[1:]:
        depth = len(line) - len(line.lstrip())
        name = line.split()[0]
        if depth and name.endswith("/"):
            above[depth] = f"{above.get(depth - 2, '') if depth > 2 else ''}{name}"
            rooms.add(above[depth])
    inside = {path.parent for path in SOURCE.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    folders = {f"{path.relative_to(SOURCE).as_posix()}/" for path in inside} - {"./"}
    known = {folder for folder in folders if not folder.startswith(("prompts/", "datasets/embedded/"))}
    assert known | {"prompts/", "datasets/embedded/"} == rooms


def test_what_can_be_compiled_is_listed_as_it_is_called() -> None:
    """Every pattern and name of the hook that compiles the finding engine has files: none was moved away."""
    hook = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]["hooks"]["custom"]
    files = {pattern: [*ROOT.glob(pattern)] for pattern in hook["modules"]}
    assert all(len(found) > 5 for found in files.values()), files
    assert {path.name for found in files.values() for path in found} >= set(hook["plain"])
    assert not hook["enable-by-default"]
    copying = [
        path.name for found in files.values() for path in found if "copy import" in path.read_text("utf-8")
    ]
    assert not copying, "a compiled class has no object without __init__, as copy.copy makes one"
