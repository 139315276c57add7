"""Write the pictures of docs/: a report of the free run in Chromium, on a screen and on a phone.

    python tools/browser/make_pictures.py

The images in them are phantom-40's, which medbench draws itself: no patient is in them.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chromium import launched
from PIL import Image
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Callable

PICTURES = Path(__file__).resolve().parents[2] / "docs/pictures"
SYSTEMS = ("baseline-retrieval", "baseline-generic")
CASE = "head-e04c9b"
MOST_BYTES = 150_000


def _opened(page: Any) -> None:
    """Open the case, and wait until its images are drawn."""
    page.evaluate(f"location.hash = '#case={CASE}'")
    page.locator("#case img").first.wait_for()
    page.evaluate("Promise.all([...document.querySelectorAll('#case img')].map(one => one.decode()))")
    page.evaluate("document.querySelector('#cases').scrollIntoView(); document.activeElement.blur()")


VIEWS: dict[str, tuple[tuple[int, int, float], str, Callable[[Any], None]]] = {
    "report-first-view": ((1280, 860, 1.2), "light", lambda _: None),
    "report-case": ((1280, 1330, 1), "light", _opened),
    "report-phone": ((400, 840, 1.2), "dark", lambda _: None),
}
"""Name of each picture: the window and its scale, the colours, and what is done before it is taken."""


def main() -> None:
    """Write them, each below the size that a page can bear."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        for line in (["run"], ["report", *SYSTEMS]):
            subprocess.run(
                [sys.executable, "-m", "medbench", *line], cwd=folder, check=True, capture_output=True
            )
        browser: Any = launched(playwright)
        for name, ((width, height, scale), scheme, act) in VIEWS.items():
            window = {"width": width, "height": height}
            page = browser.new_context(
                viewport=window, color_scheme=scheme, device_scale_factor=scale
            ).new_page()
            page.goto(Path(folder, "report.html").as_uri())
            act(page)
            picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
            path = PICTURES / f"{name}.webp"
            picture.save(path, "WEBP", quality=74, method=6)
            size = path.stat().st_size
            print(f"{path.name} {size / 1000:.0f} kB")
            if size > MOST_BYTES:
                sys.exit(f"{path.name} is larger than {MOST_BYTES // 1000} kB")
        browser.close()


if __name__ == "__main__":
    main()
