"""Checks of the cases on the page: filters, search, keys, pictures, links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHOOSE = """select => {
    const begun = performance.now();
    select.value = select.options[1].value;
    select.dispatchEvent(new Event("input", { bubbles: true }));
    document.body.offsetHeight;
    return performance.now() - begun;
}"""
_SLIDE = """(control, value) => {
    const input = control.querySelector("input");
    input.value = value;
    input.dispatchEvent(new Event("input"));
}"""
_DRAWN = """Promise.all([...document.querySelectorAll("#case img")].map(one => one.decode())).then(
    () => [...document.querySelectorAll("#case img")].filter(one => one.naturalWidth).length)"""


def filters(page: Any) -> Iterator[str]:
    """Yield what is wrong with filters and search."""
    rows, reset = page.locator("#rows tr").count(), page.locator("#filters button[type=reset]")
    for one in page.locator("[data-filter]").all():
        name = one.get_attribute("data-filter")
        spent = one.evaluate(_CHOOSE)
        kept = page.locator("#rows tr:visible").count()
        print(f"  {name}: {kept} of {rows} cases in {spent:.1f} ms")
        if kept == rows and name in {"region", "modality"}:
            yield f"the filter by {name} keeps all"
        if f"{kept} of {rows}" not in page.locator("#count").inner_text() and kept != rows:
            yield f"beside {kept} cases stands '{page.locator('#count').inner_text()}'"
        reset.click()
        page.wait_for_function("document.querySelector('#count').value.indexOf(' of ') < 0")
    page.locator("body").press("f")
    page.keyboard.type(page.locator("#rows tr").first.get_attribute("data-id"))
    page.keyboard.press("Escape")
    if page.locator("#rows tr:visible").count() != 1:
        yield "a search for one case keeps others"
    reset.click()
    page.evaluate("document.activeElement.blur()")


def keys(page: Any) -> Iterator[str]:
    """Yield what is wrong with the keys, and with the address of the case that they open."""
    ids = page.locator("#rows tr").evaluate_all("rows => rows.map(row => row.dataset.id)")
    for key, number in zip("jjkj", (0, 1, 0, 1), strict=True):
        page.keyboard.press(key)
        opened = page.locator("#rows tr.open").get_attribute("data-id")
        if opened != ids[number] or opened not in page.locator("#case-title").inner_text():
            yield f"{key} opens '{opened}' instead of '{ids[number]}'"
    if not page.url.endswith(f"#case={ids[1]}"):
        yield f"'{ids[1]}' is open at {page.url}"
    page.keyboard.press("Enter")
    if page.evaluate("document.activeElement.id") != "case":
        yield "Enter does not go to the case"
    page.keyboard.press("?")
    if not page.locator("#help").is_visible():
        yield "? shows no help"
    page.keyboard.press("Escape")
    if page.locator("#help").is_visible():
        yield "Escape does not close the help"
    page.locator(f"#rows a[href='#case={ids[-1]}']").press("Enter")
    if ids[-1] not in page.locator("#case-title").inner_text():
        yield "Enter on the link of a case does not open it"
    linked = page.context.new_page()
    linked.goto(page.url)
    if ids[-1] not in linked.locator("#case-title").inner_text():
        yield "the link to a case does not open it"
    linked.close()


def pictures(page: Any) -> Iterator[str]:
    """Yield what is wrong with the pictures of the case that is open."""
    image = page.locator("#case img").first
    if not page.evaluate(_DRAWN):
        yield "no picture is drawn"
        return
    controls = page.locator("#case .controls").filter(has_text="Zoom").first
    height = image.bounding_box()["height"]
    controls.locator("label", has_text="Zoom").evaluate(_SLIDE, 300)
    if not 2.9 < image.bounding_box()["height"] / height < 3.1:
        yield f"a zoom of 300 % makes {height} {image.bounding_box()['height']} high"
    for label, value in (("Brightness", 150), ("Contrast", 200)):
        controls.locator("label", has_text=label).evaluate(_SLIDE, value)
    look = image.evaluate("image => getComputedStyle(image).filter")
    if look != "brightness(1.5) contrast(2)":
        yield f"brightness 150 and contrast 200 make '{look}'"
    controls.get_by_role("button", name="As it was").click()
    if image.bounding_box()["height"] != height:
        yield "'As it was' leaves the zoom"
    page.locator("#case .images button").first.click()
    figure, room = (page.locator(one).first.bounding_box()["width"] for one in ("#case figure", "#case"))
    if figure < 0.8 * room:
        yield "a click on a picture does not make it larger"
    page.locator("#case .images button").first.click()
