"""The generated pages of docs/ are what their scripts write now."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hints import refused

import medbench.schema
from medbench.schema.base import Record

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]


def _tool(name: str) -> Any:
    path = ROOT / "tools" / f"{name}.py"
    if not path.is_file():
        pytest.skip("needs the repository's tools/")
    spec = importlib.util.spec_from_file_location(f"tool_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_of_commands_is_not_stale() -> None:
    """docs/cli.md shows the help of every command as it is; `nox -s pages` writes it."""
    tool = _tool("make_cli_docs")
    written = (ROOT / "docs" / "cli.md").read_text("utf-8")
    if f"with {tool.made_with()};" not in written:
        pytest.skip(f"docs/cli.md was made by another typer than {tool.made_with()}")
    assert tool.cli_page() == written


def test_the_page_of_files_is_not_stale() -> None:
    """docs/files.md names every field of every record in the words of the code; `nox -s pages` writes it."""
    assert _tool("make_file_docs").files_page() == (ROOT / "docs" / "files.md").read_text("utf-8")


def test_every_field_of_every_record_is_described() -> None:
    """Each field of each record has a line in the code, whether or not the page of files shows it."""
    described = _tool("make_file_docs").field_docs
    modules = [
        importlib.import_module(found.name)
        for found in pkgutil.walk_packages(medbench.schema.__path__, "medbench.schema.")
    ]
    kinds = {
        kind
        for module in modules
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Record)
    }
    assert len(kinds) > 20
    wordless = [
        f"{kind.__name__}.{name}"
        for kind in kinds
        for name in kind.model_fields.keys() - described(kind).keys()
    ]
    assert not wordless


def test_the_first_page_shows_what_the_first_command_prints() -> None:
    """Every number of README.md comes out of `medbench run` today; tools/make_readme.py writes it."""
    tool = _tool("make_readme")
    page = tool.but_for_time((ROOT / "README.md").read_text("utf-8"))
    shown = page.partition("<!-- output of medbench run -->\n```text\n")[2].partition("\n```\n")[0]
    assert shown == tool.but_for_time(tool.printed())


@pytest.mark.parametrize("page", ["docs/quickstart.md", "docs/february.md"])
def test_the_screens_of_the_pages_are_not_stale(
    shared: Path, page: str, medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a page shows as printed is printed by the commands above it; tools/make_screens.py writes it."""
    monkeypatch.setenv("MEDBENCH_MEDPIX", str(shared / "data/medpix"))

    def printed(line: str, folder: str) -> str:
        with monkeypatch.context() as there:
            there.chdir(folder)
            said = medbench(*line.split()[1:])
        assert said.code == 0, said.err
        return str(said.out)

    tool = _tool("make_screens")
    assert page in tool.PAGES
    text = (ROOT / page).read_text("utf-8")
    assert "<!-- printed: " in text
    assert tool.page_with_screens(text, printed) == text


def test_the_paragraphs_asked_for_are_kept() -> None:
    """Those that begin so, with an ellipsis for what stands between; a marker that fits none is an error."""
    kept = _tool("make_screens")._kept
    text = "one\n two  \n\nmore\n\nand\n\nlast\n\nend\n"
    assert kept(text, ["one", "last"]) == "one\n two\n\n…\n\nlast"
    with pytest.raises(ValueError, match="nothing printed begins"):
        kept("one\n", ["two"])


def test_every_command_is_on_the_page_of_commands() -> None:
    """No command is left out, sub-commands included."""
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    names = (
        "run",
        "rescore",
        "compare",
        "models",
        "doctor",
        "show",
        "import",
        "build medpix",
        "build folder",
    )
    for command in names:
        assert f"\n## medbench {command}\n" in page


def test_lines_to_type_are_found_and_marked_blocks_are_passed_over() -> None:
    """Only `$ ` lines of console blocks count; a marked block does not; a backslash joins lines."""
    page = (
        "# Page\n\n```console\n$ medbench run \\\n    --limit 2\nsome output\n$ medbench show\n```\n\n"
        "<!-- not run -->\n```console\n$ medbench build medpix\n```\n\n```toml\n$ no = 1\n```\n"
    )
    assert _tool("run_docs").lines_to_type(page) == ["medbench run --limit 2", "medbench show"]


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    """Every relative link of a page names a file that is there."""
    text = (ROOT / page).read_text("utf-8")
    targets = {part.partition(")")[0].partition("#")[0] for part in text.split("](")[1:]}
    for target in sorted(target for target in targets if target and "://" not in target):
        assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"


def test_the_picture_is_what_the_page_has_as_printed() -> None:
    """tools/make_picture.py draws it; it asks no other server for a font."""
    tool = _tool("make_picture")
    drawn = tool.picture(tool.PAGE.read_text("utf-8"))
    assert drawn == tool.PICTURE.read_text("utf-8")
    assert not re.search(r"url\((?!#)|@import|href", drawn)
    assert "Inconclusive" in drawn


def test_every_page_is_in_the_list_of_the_site_and_on_the_first_page() -> None:
    """A page that nobody lists is found by nobody; decisions have a list of their own."""
    text = (ROOT / "mkdocs.yml").read_text("utf-8")
    listed = set(re.findall(r"[\w-]+\.md", text[text.index("nav:") :]))
    index = (ROOT / "docs/index.md").read_text("utf-8")
    for path in (ROOT / "docs").glob("*.md"):
        assert path.name in listed
        assert path.name == "index.md" or f"({path.name})" in index
    tool = _tool("site_hook")
    page = tool.decisions(ROOT / "docs/decisions")
    for path in (ROOT / "docs/decisions").glob("*.md"):
        assert f"]({path.name})" in page


@pytest.mark.parametrize(
    ("html", "number"),
    [
        ('<script src="https://e.org/x.js"></script>', 1),
        ("<img alt='a' src=//e.org/x.png>", 1),
        ('<link rel="stylesheet" href="http://e.org/x.css">', 1),
        ('<a href="https://e.org">x</a><link rel="next" href="https://e.org/y"><img src="a.png">', 0),
    ],
)
def test_the_build_of_the_site_stops_at_what_comes_from_elsewhere(html: str, number: int) -> None:
    """A link may lead away; a script, a style or a picture may not come from there."""
    assert len(_tool("site_hook").loads(html)) == number


def _commands(text: str) -> set[str]:
    """Return the commands of a page, in its blocks and within its sentences; forms with gaps are none."""
    blocks = re.findall(r"```console\n(.*?)\n```", text, re.DOTALL)
    lines = [line[2:] for block in blocks for line in re.sub(r"\\\n\s*", "", block).splitlines()]
    lines += re.findall(r"`(medbench [^`\n]+)`", text)
    plain = {
        re.split(r"\s+[|>#]|\s{3}|\s--(?:help|offline|install|show-com)", line)[0].strip() for line in lines
    }
    return {line for line in plain if line.startswith("medbench ") and not set("…[]|<*") & set(line)}


@pytest.mark.parametrize(
    "page", ["README.md", *sorted(f"docs/{one.name}" for one in (ROOT / "docs").glob("*.md"))]
)
def test_every_command_of_a_page_can_be_typed(page: str) -> None:
    """The application knows its options and arguments; a command that is only named may lack arguments."""
    refusals = [why for line in _commands((ROOT / page).read_text("utf-8")) if (why := refused(line))]
    assert [why for why in refusals if "Missing parameter" not in why and "Usage: " not in why] == []
