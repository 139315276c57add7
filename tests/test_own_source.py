"""Tests end at once where they would test an older medbench that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from own_source import CHECKOUT, SOURCE, other_code


def _copy(folder: Path) -> Path:
    return Path(shutil.copytree(SOURCE, folder / "medbench", ignore=shutil.ignore_patterns("__pycache__")))


def test_the_same_code_elsewhere_is_no_other(tmp_path: Path) -> None:
    """A wheel of this checkout is tested where it is installed."""
    assert other_code(SOURCE, SOURCE) is None
    copied = _copy(tmp_path)
    (copied / "compiled.so").touch()
    assert other_code(copied, SOURCE) is None


@pytest.mark.parametrize("name", ["__init__.py", "executors/cluster/crew.py"])
@pytest.mark.parametrize("lacks", [True, False])
def test_another_code_is_named(tmp_path: Path, name: str, *, lacks: bool) -> None:
    """A module that was changed since, or came since."""
    changed = _copy(tmp_path) / name
    if lacks:
        changed.unlink()
    else:
        changed.write_text("# as it was\n")
    said = str(other_code(tmp_path / "medbench", SOURCE))
    assert f"whose {name} is not that of {SOURCE}" in said


def test_nothing_is_tested_then(tmp_path: Path) -> None:
    """Not a single test, whatever of the code they use."""
    changed = _copy(tmp_path) / "stats" / "rates.py"
    changed.write_bytes(changed.read_bytes() + b"# as it was\n")
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/test_paths.py"],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == pytest.ExitCode.USAGE_ERROR, ended.stdout + ended.stderr
    assert "whose stats/rates.py is not that of" in ended.stderr
    assert "passed" not in ended.stdout
