"""docs/notebook.md runs cell by cell in a Jupyter kernel."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

PAGE = Path(__file__).resolve().parents[2] / "docs" / "notebook.md"
FENCE = re.compile(r"(<!-- not run -->\n)?```(\w+)\n(.*?)```\n", re.DOTALL)


def _cells() -> list[tuple[str, str | None]]:
    """The cells of the page, each with the result that the page shows below it, if it shows one."""
    cells: list[tuple[str, str | None]] = []
    for skipped, language, text in FENCE.findall(PAGE.read_text("utf-8")):
        if language == "python" and not skipped:
            cells.append((text, None))
        elif language == "text":
            cells[-1] = (cells[-1][0], text)
    return cells


def _texts(cell: Any) -> str:
    """What a cell printed and gave, as plain text."""
    parts = [
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
        if output.get("name") != "stderr"
    ]
    return "".join(parts).strip()


@pytest.mark.filterwarnings("default")  # of what belongs to Jupyter
def test_the_page_runs_in_a_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cell runs, top-level await included, and gives what the page shows below it."""
    for key in ("GEMINI_API_KEY", "GOOGLE_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(key, raising=False)
    cells = _cells()
    assert any("await " in code for code, _ in cells)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code) for code, _ in cells])
    with tempfile.TemporaryDirectory() as place:  # names of sockets in tmp_path would be too long
        # Not by ports: one that is chosen for a kernel may be another process's by the time that it starts.
        by_files = {"transport": "ipc", "connection_file": f"{place}/kernel.json"}
        NotebookClient(
            notebook,
            timeout=300,
            kernel_name="python3",
            resources={"metadata": {"path": str(tmp_path)}},
            config=Config(KernelManager=by_files),
        ).execute()
    for cell, (code, shown) in zip(notebook.cells, cells, strict=True):
        if shown is not None:
            assert _texts(cell) == shown.strip(), code
        assert not any("\x1b" in output.get("text", "") for output in cell.outputs), code
    kinds = [output.get("data", {}) for cell in notebook.cells for output in cell.outputs]
    assert sum("text/html" in data for data in kinds) >= 8
    assert {path.name for path in tmp_path.iterdir()} == {"runs", "practice"}
