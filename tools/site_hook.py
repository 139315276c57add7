"""What MkDocs does beside building the pages: a list of the decisions; nothing is loaded from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

LIST = "decisions/index.md"
_LOADS = re.compile(
    r"""<(?:script|img|iframe|link(?=[^>]*stylesheet))[^>]*?(?:src|href)=["']?(?:https?:)?//[^>]*"""
)
_TITLE = re.compile(r"^# (.*)$", re.MULTILINE)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the list of decisions, which a folder is on GitHub and a page has to be here."""
    from mkdocs.structure.files import File

    files.append(File.generated(config, LIST, content=decisions(Path(config.docs_dir, "decisions"))))
    return files


def decisions(folder: Path) -> str:
    """Return a page with a link to each decision, in their order."""
    titles = {path.name: _TITLE.search(path.read_text("utf-8")) for path in sorted(folder.glob("0*.md"))}
    lines = [f"- [{title[1] if title else name}]({name})" for name, title in titles.items()]
    return "\n".join(["# Decisions", "", "Why it is as it is.", "", *lines, ""])


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let the link to the folder of decisions lead to their list."""
    del page, config, files
    return markdown.replace("](decisions/)", f"]({LIST})")


def on_post_page(output: str, *, page: Page, config: MkDocsConfig) -> str:
    """Stop the build at a page that would load a script, style, font or picture from another server."""
    del config
    if loaded := loads(output):
        from mkdocs.exceptions import PluginError

        raise PluginError(f"{page.file.src_uri} loads from elsewhere: {loaded[0]}")
    return output


def loads(html: str) -> list[str]:
    """Return the elements of a page that load something from another server."""
    return _LOADS.findall(html)
