"""Compiles the finding engine with mypyc while a wheel is built, where that is asked for.

    HATCH_BUILD_HOOK_ENABLE_CUSTOM=1 pip install .

pyproject.toml lists the modules. All is made in a temporary folder, so that the checkout stays as it is: an
extension module that was left there would be imported in place of its source, whatever that says by then.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledEngine(BuildHookInterface[Any]):
    """Adds the extension modules to the wheel, beside the sources that they are made of."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the modules.

        Args:
            version: 'standard', or 'editable': then nothing is compiled, since the sources are to be changed.
            build_data: What goes into the wheel; it becomes one for this Python and this kind of machine.
        """
        if version == "editable":
            return
        self._folder = TemporaryDirectory()
        modules = [
            str(path.relative_to(self.root))
            for pattern in self.config["modules"]
            for path in sorted(Path(self.root).glob(pattern))
            if path.name not in self.config["plain"]
        ]
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["force_include"].update(_compiled(modules, Path(self._folder.name)))

    def finalize(self, version: str, _build_data: dict[str, Any], _artifact_path: str) -> None:
        """Remove the temporary folder, when the wheel is written."""
        if version != "editable":
            self._folder.cleanup()


def _compiled(modules: list[str], folder: Path) -> dict[str, str]:
    """Compile modules into a folder; return where each file is to its place in the wheel."""
    from mypyc.build import mypycify
    from setuptools import Distribution

    # The types were checked with all of the project; here what is not compiled is not read.
    checked = ["--config-file=", f"--cache-dir={os.devnull}", "--follow-imports=skip", *modules]
    extensions = mypycify(checked, target_dir=str(folder / "c"), group_name="medbench")
    build = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
    build.build_lib, build.build_temp = str(folder / "lib"), str(folder / "objects")
    build.ensure_finalized()
    build.run()
    return {path: str(Path(path).relative_to(folder / "lib")) for path in build.get_outputs()}
