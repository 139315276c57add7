"""How long a page takes in Chromium: until it is painted, to filter, to search, to open a case.

    python tools/browser/speed.py PAGE.html

Prints medians; 'busy' is the processor time of the page's own thread, to which other work on the machine does
not add.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from typing import Any

from chromium import launched
from playwright.sync_api import sync_playwright

TIMES = 15
PAINTED = """() => new Promise(done => new PerformanceObserver(
    list => done(list.getEntriesByName("first-contentful-paint")[0].startTime)
).observe({ type: "paint", buffered: true }))"""
FRAME = "new Promise(done => requestAnimationFrame(() => setTimeout(done)))"
FILTER = f"""async number => {{
    const select = document.querySelector("[data-filter=region]"), begun = performance.now();
    select.selectedIndex = 1 + number % (select.options.length - 1);
    select.dispatchEvent(new Event("input", {{ bubbles: true }}));
    document.body.offsetHeight;
    const spent = performance.now() - begun;
    await {FRAME};
    return spent;
}}"""
SEARCH = f"""async number => {{
    const input = document.querySelector("#search"), begun = performance.now();
    input.value = ["effusion", "mass", "left", "kidney"][number % 4];
    input.dispatchEvent(new Event("input", {{ bubbles: true }}));
    document.body.offsetHeight;
    const spent = performance.now() - begun;
    await {FRAME};
    return spent;
}}"""
OPEN = f"""async number => {{
    const rows = document.querySelectorAll("#rows tr"), row = rows[(number * 37) % rows.length];
    const begun = performance.now();
    row.querySelector("a").click();
    document.body.offsetHeight;
    const spent = performance.now() - begun;
    await {FRAME};
    return spent;
}}"""


def measured(page: Any, act: str) -> tuple[float, float]:
    """Return the median of milliseconds that an act takes, and of those that the page's thread is busy."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "TaskDuration"))

    spent, used = [], []
    for number in range(TIMES):
        before = busy()
        spent.append(page.evaluate(act, number))
        used.append(1_000 * (busy() - before))
    return median(spent), median(used)


def main() -> None:
    """Measure the page that is named."""
    address = Path(sys.argv[1]).resolve().as_uri()
    with sync_playwright() as playwright:
        browser: Any = launched(playwright)
        painted, loaded = [], []
        for _ in range(5):
            page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
            page.goto(address, wait_until="commit")
            painted.append(page.evaluate(PAINTED))
            page.wait_for_load_state("domcontentloaded")
            loaded.append(page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive"))
            page.context.close()
        print(f"first paint {median(painted):.0f} ms, all of it read after {median(loaded):.0f} ms")
        page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
        page.goto(address)
        print(f"the first search, which reads every text: {page.evaluate(SEARCH, 0):.0f} ms")
        for name, act in (("a case", OPEN), ("a filter", FILTER), ("a search", SEARCH)):
            spent, used = measured(page, act)
            print(f"{name}: {spent:.1f} ms (busy {used:.1f} ms)")
        browser.close()


if __name__ == "__main__":
    main()
