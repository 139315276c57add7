"""What `import medbench as mb` offers."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import medbench as mb

SOURCE = Path(str(mb.__file__))


def test_every_name_can_be_taken() -> None:
    """Each name of `__all__` is there, has a docstring, and is called what it is called."""
    assert mb.__version__ == version("medbench")
    for name in set(mb.__all__) - {"__version__"}:
        value = getattr(mb, name)
        assert value.__name__ == name
        assert value.__doc__


def test_completion_offers_every_name() -> None:
    """`dir(mb)` has all names before any of them is used, and nothing twice."""
    code = "import medbench as mb; print(*dir(mb))"
    names = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert set(mb.__all__) <= set(names)
    assert len(names) == len(set(names))
    assert mb.__all__ == sorted(mb.__all__)


def test_editors_and_the_type_checker_know_every_name() -> None:
    """What is loaded lazily is imported from the same modules where types are checked."""
    module = ast.parse(SOURCE.read_text("utf-8"))
    for_types = next(node for node in module.body if isinstance(node, ast.If))
    imported = {
        alias.name: node.module
        for node in for_types.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert imported == mb._MODULES
    assert {*imported, "__version__"} == set(mb.__all__)


def test_a_wrong_name_is_an_attribute_error_that_names_the_nearest() -> None:
    """A typing error is answered as Python does; `hasattr` and `from medbench import …` work."""
    code = "import medbench as mb; mb.skore"
    failed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr
    assert re.search("AttributeError: module 'medbench' has no attribute 'skore'", failed)
    if sys.version_info >= (3, 12):
        assert "Did you mean: 'score'" in failed
    assert not hasattr(mb, "nothing_of_that_name")
    with pytest.raises(ImportError):
        exec("from medbench import nothing_of_that_name")
