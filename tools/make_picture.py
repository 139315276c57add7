"""Draw what a page shows as printed as a picture of a terminal: docs/pictures/compare.svg, by Rich."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "pictures" / "compare.svg"
PAGE = ROOT / "docs" / "february.md"
COMMAND = "medbench compare gemini-3-flash-preview medgemma-4b"
_PRINTED = re.compile(r"<!-- printed: [^\n]* -->\n```text\n(.*?)\n```\n", re.DOTALL)
_THEME = TerminalTheme((16, 24, 32), (226, 232, 240), [(0, 0, 0)] * 8)
# As Rich's own, without the font that it fetches from elsewhere.
_FORM = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-family: system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def picture(page: str) -> str:
    """Return the first printed block of a page below its command, as SVG that asks nothing of the network."""
    printed = _PRINTED.search(page)
    if printed is None:
        raise ValueError("the page has no printed block")
    console = Console(width=82, record=True, file=io.StringIO(), force_jupyter=False)
    console.print(Text(f"$ {COMMAND}", "bold"))
    console.print(Text(printed[1]))
    return console.export_svg(title="medbench", theme=_THEME, code_format=_FORM, unique_id="medbench")


if __name__ == "__main__":
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(PAGE.read_text("utf-8")), encoding="utf-8")
    print(f"{PICTURE.relative_to(ROOT)} shows what docs/february.md has as printed")
