"""In front of a class: links, predict then reveal, the spotlight, what is hidden, the log."""

import re
from typing import Any

import numpy as np
import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser

# There, and yet not to be seen.
GONE = """(selector) => {
  const all = [...document.querySelectorAll(selector)];
  return all.length > 0 && all.every((one) => !one.checkVisibility({ visibilityProperty: true }));
}"""


# The code on the wall as the camera of a phone has it from afar: small, askew, blurred and pale.
SEEN = """(code, [size, turn, blur, contrast]) => {
  const canvas = new OffscreenCanvas(2 * size, 2 * size);
  const context = canvas.getContext('2d');
  context.fillStyle = '#999';
  context.fillRect(0, 0, 2 * size, 2 * size);
  context.filter = `blur(${blur}px) contrast(${contrast})`;
  context.setTransform(1, turn, -turn / 2, 1 - turn / 2, size / 2, size / 2 - turn * size / 2);
  context.drawImage(code, 0, 0, size, size);
  return [...context.getImageData(0, 0, 2 * size, 2 * size).data].filter((_, n) => n % 4 === 1);
}"""


def opened(stage: Any) -> Locator:
    """The panel for teachers."""
    stage.press("m")
    panel: Locator = stage.page.locator("teach-panel")
    panel.get_by_role("heading", name="Share this moment").wait_for()
    return panel


def link(stage: Any) -> str:
    """The link to this moment, made by the panel."""
    panel = opened(stage)
    panel.get_by_role("button", name="Make a link").click()
    address = panel.get_by_role("textbox", name="Link").input_value()
    stage.press("Escape")
    return str(address)


def numbers(page: Page) -> list[list[str | None]]:
    """Every number that the map shows, with its cell."""
    return [[cell["tensor"], str(cell["index"]), cell["text"]] for cell in page.evaluate(CELLS)]


CELLS = """() => [...document.querySelectorAll('svg.sheet [role=gridcell]')].map((cell) => ({
  tensor: cell.closest('svg').dataset.tensor,
  index: cell.dataset.index,
  text: cell.querySelector('text')?.textContent ?? null,
}))"""


def test_a_link_opens_the_same_moment(stage: Any, browser: Browser, base_url: str) -> None:
    """In another browser the link shows the same numbers, step, pinned cell, filter and theme."""
    page = stage.page
    stage.http.post(f"{stage.run}/descent", json={"iterations": 3}).raise_for_status()
    page.reload()
    stage.ready()
    stage.press("2")
    stage.press("ArrowRight", times=9)
    stage.press("p")
    stage.cell("O.delta", 1).click()
    expect(page.locator("formula-panel[pinned]")).to_be_visible()
    address = link(stage)
    stage.cell("O.delta", 1).click()
    shown, law = numbers(page), page.locator(".law").text_content()
    other = browser.new_context(base_url=base_url, viewport=page.viewport_size)
    student = other.new_page()
    student.goto(address)
    student.locator("html.ready").wait_for()
    expect(student.locator("html")).to_have_attribute("data-theme", "projector")
    expect(student.locator("formula-panel[pinned]")).to_be_visible()
    expect(student.locator(".law")).to_have_js_property("textContent", law)
    assert numbers(student) == shown
    run = student.url.split("/runs/")[1].partition("?")[0]
    assert not stage.run.endswith(run)
    before = stage.state()
    student.keyboard.press("3")
    expect(student.locator("#on-stage")).to_have_text("drawing")
    student.reload()
    student.locator("html.ready").wait_for()
    assert student.url.split("/runs/")[1].partition("?")[0] == run
    expect(student.locator("#on-stage")).to_have_text("drawing")
    assert stage.state() == before
    other.close()


def test_the_code_is_that_of_the_link(stage: Any) -> None:
    """The picture beside the link is its QR code, and grows to fill the wall."""
    panel = opened(stage)
    panel.get_by_role("button", name="Make a link").click()
    address = panel.get_by_role("textbox", name="Link").input_value()
    code = panel.get_by_role("img", name=address).first
    expect(code).to_have_js_property("complete", value=True)
    assert code.evaluate("(image) => image.naturalWidth") > 0
    panel.get_by_role("button", name="Large").click()
    wall = stage.page.locator("page-dialog .code")
    expect(wall).to_be_visible()
    box = wall.bounding_box()
    assert box is not None
    assert box["width"] > 400
    assert box["width"] == pytest.approx(box["height"])


def test_a_tampered_link_says_what_was_refused(stage: Any) -> None:
    """What is out of range is left out and said; the rest is shown, and the page works."""
    page = stage.page
    run = stage.run.rpartition("/")[2]
    page.goto(f"/runs/{run}?step=99&cell=F.z:0,1,1&theme=dark")
    stage.ready()
    expect(page.locator("#message")).to_have_text(
        "Left out of this link: step: wanted 0 to 20; came 99."
    )
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("formula-panel[pinned]")).to_be_visible()
    stage.press("ArrowRight")
    stage.at_step(1)


def test_an_address_may_name_a_step(stage: Any) -> None:
    """``?step=7`` goes there once; a reload stays where the reader has gone since."""
    run = stage.run.rpartition("/")[2]
    stage.page.goto(f"/runs/{run}?step=7")
    stage.ready()
    stage.at_step(7)
    assert "step=" not in stage.page.url
    stage.press("ArrowRight")
    stage.kept(8)
    stage.page.reload()
    stage.ready()
    stage.at_step(8)


def test_predict_then_reveal(stage: Any) -> None:
    """Each result is covered until → or R, its formula's numbers too; steps back stay revealed."""
    page = stage.page
    opened(stage).get_by_label("Predict first").check()
    page.locator("#panel .close").click()
    stage.press("Escape")
    filled = [cell for cell in stage.cells() if cell["tensor"] == "F.z" and cell["filled"]]
    assert filled == []
    stage.press("ArrowRight")
    expect(page.locator("#step-count")).to_contain_text("What will come out?")
    covered = [cell for cell in stage.cells() if cell["tensor"] == "F.z"]
    assert len(covered) == 16
    assert [cell for cell in covered if cell["filled"] or cell["text"]] == []
    page.locator(".formula-line").first.wait_for(state="attached")
    assert page.evaluate(GONE, ".formula-line")
    stage.press("ArrowRight")
    stage.at_step(1)
    shown = [cell for cell in stage.cells() if cell["tensor"] == "F.z"]
    assert all(cell["filled"] and cell["text"] for cell in shown)
    expect(page.locator(".formula-line.value")).to_be_visible()
    stage.press("ArrowRight")
    stage.at_step(2)
    assert not any(cell["filled"] for cell in stage.cells() if cell["tensor"] == "F.a")
    stage.press("r")
    assert all(cell["filled"] for cell in stage.cells() if cell["tensor"] == "F.a")
    stage.press("ArrowLeft")
    stage.at_step(1)
    assert all(cell["filled"] for cell in stage.cells() if cell["tensor"] == "F.z")


def test_the_spotlight_is_on_one_tensor(stage: Any) -> None:
    """S lights the tensor of the step alone and again everything; the veil leaves it free."""
    page = stage.page
    stage.press("ArrowRight", times=3)
    stage.press("s")
    veil = page.locator("spot-light .veil")
    hole, sheets = veil.bounding_box(), page.locator('svg.large[data-tensor="P.a"]')
    sheet = sheets.first.bounding_box()
    assert hole is not None
    assert sheet is not None
    assert hole["x"] <= sheet["x"]
    assert hole["y"] <= sheet["y"]
    assert hole["x"] + hole["width"] >= sheet["x"] + sheet["width"]
    other = page.locator('svg.large[data-tensor="O.w"]').first.bounding_box()
    assert other is not None
    assert hole["x"] + hole["width"] <= other["x"] + 8
    stage.press("s")
    expect(veil).to_have_count(0)


@pytest.mark.parametrize(
    ("what", "gone"),
    [
        ("backward", '.heading[data-lane="1"], svg[data-tensor="F.delta"], .tick.backward'),
        ("formulas", "formula-panel"),
        ("numbers", ".sheet text, .formula-line:not(.law)"),
        ("answer", "#verdict"),
        ("training", "learning-corner, [data-open=train]"),
        ("images", "[data-open=images]"),
        ("settings", "[data-open=settings]"),
    ],
)
def test_what_is_hidden_is_not_seen(stage: Any, what: str, gone: str) -> None:
    """What an address hides is not there to be seen, and the rest of the map stays in its place."""
    page = stage.page
    stage.press("ArrowRight", times=6)
    stage.kept(6)
    stage.press("e")
    page.locator(".formula-line.value").wait_for()
    place = page.locator('svg.large[data-tensor="F.z"]').bounding_box()
    assert not page.evaluate(GONE, gone)
    run = stage.run.rpartition("/")[2]
    page.goto(f"/runs/{run}?hide={what}&step=6&cell=C:")
    stage.ready()
    page.locator("formula-panel .formula-line").first.wait_for(state="attached")
    assert page.evaluate(GONE, gone)
    assert page.locator('svg.large[data-tensor="F.z"]').bounding_box() == place


def test_nobody_steps_into_what_is_hidden(stage: Any) -> None:
    """Where the way back is hidden, the last step is that of the cost; shown again, it goes on."""
    opened(stage).get_by_label("the way back").check()
    stage.page.locator("#panel .close").click()
    stage.press("ArrowRight", times=9)
    stage.at_step(6)
    stage.press("ArrowDown")
    stage.at_step(6)
    opened(stage).get_by_label("the way back").uncheck()
    stage.page.locator("#panel .close").click()
    stage.press("ArrowRight")
    stage.at_step(7)


def test_the_wall_says_what_was_done_last(stage: Any) -> None:
    """In the projector theme the last actions stand in the head, the newest first."""
    page = stage.page
    log = page.get_by_role("list", name="Last actions").get_by_role("listitem")
    stage.press("p")
    stage.press("ArrowRight", times=2)
    expect(log).to_have_text([re.compile("output"), re.compile("weighted input")])
    stage.told("/stage", lambda: stage.press("3"))
    expect(log.first).to_have_text("meant to be “3”")
    stage.told("/descent", page.get_by_role("button", name="Train 10 iterations").click)
    expect(log.first).to_have_text("10 iterations learnt, now 10")
    expect(log).to_have_count(3)
    stage.press("p")
    expect(log).to_have_count(0)


def test_the_plan_can_be_done_on_the_wall(stage: Any) -> None:
    """What the plan of 45 minutes asks for is there in the projector theme, and little else."""
    page = stage.page
    stage.press("p")
    before = stage.trace()["tensors"]["F.w"]["values"]
    stage.told("/stage", page.get_by_role("button", name="Clear").click)
    assert sum(stage.trace()["tensors"]["I.a"]["values"]) == 0
    stage.told("/stage", stage.cell("I.a", 0, 2, 2).click)
    assert sum(stage.trace()["tensors"]["I.a"]["values"]) == 1
    stage.press("Escape")
    page.evaluate("() => document.dispatchEvent(new CustomEvent('step', { detail: { to: 13 } }))")
    stage.at_step(13)
    stage.cell("F.delta", 1, 1, 1).click()
    page.locator("formula-panel [data-node].unfolds").first.click()
    page.get_by_role("button", name="Fold back").click()
    expect(page.get_by_role("button", name="Fold back")).to_have_count(0)
    expect(page.locator("formula-panel .factors")).to_be_visible()
    page.evaluate("() => document.dispatchEvent(new CustomEvent('step', { detail: { to: 17 } }))")
    stage.at_step(17)
    stage.cell("F.w", 1, 0, 1, 1).click()
    page.get_by_role("button", name="Why does this weight change?").click()
    expect(page.locator("weight-story")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    stage.told("/descent", page.locator(".descents button").nth(1).click)
    page.get_by_role("button", name="Reset").click()
    stage.at_iteration(0)
    stage.idle()
    assert stage.trace()["tensors"]["F.w"]["values"] == before
    for name in ("Invert", "New weights", "Copy as TeX"):
        expect(page.get_by_role("button", name=name)).to_be_hidden()


def test_a_frame_shows_the_stage_alone(stage: Any) -> None:
    """With ``embed=1`` there is no head, the picture fits, and a link leads to the whole page."""
    page = stage.page
    run = stage.run.rpartition("/")[2]
    page.set_viewport_size({"width": 1000, "height": 640})
    page.goto(f"/runs/{run}?embed=1")
    stage.ready()
    expect(page.get_by_role("banner")).to_be_hidden()
    whole = page.get_by_role("link", name="Backlit")
    expect(whole).to_have_attribute("href", f"/runs/{run}")
    stage.press("ArrowRight")
    stage.at_step(1)
    page.locator(".formula-line.value").wait_for()
    assert page.evaluate("() => document.documentElement.scrollHeight <= innerHeight")


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("width", [1366, 390])
def test_axe_finds_nothing_in_front_of_a_class(stage: Any, theme: str, width: int) -> None:
    """Axe finds no violation in the panel, in the large code, nor in a covered, spotlit page."""
    page = stage.page
    page.set_viewport_size({"width": width, "height": 800})
    run = stage.run.rpartition("/")[2]
    page.goto(f"/runs/{run}?theme={theme}&predict=1&step=4&hide=answer,training")
    stage.ready()
    violations = found(page)
    panel = opened(stage)
    panel.get_by_role("button", name="Make a link").click()
    panel.get_by_role("textbox", name="Link").wait_for()
    violations += found(page)
    panel.get_by_role("button", name="Large").click()
    violations += found(page)
    assert violations == []


def found(page: Page) -> list[str]:
    """What axe finds, in a line each."""
    violations = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']}" for one in violations for node in one["nodes"]]


@pytest.mark.parametrize(
    ("size", "turn", "blur", "contrast"),
    [(600, 0, 0, 1), (150, 0, 0, 1), (160, 0.25, 1.2, 0.5), (110, 0.1, 0.8, 0.4)],
)
def test_a_phone_reads_the_code_from_the_wall(
    stage: Any, size: int, turn: float, blur: float, contrast: float
) -> None:
    """The code says the link, also small, askew, blurred and pale."""
    stage.press("ArrowRight", times=5)
    panel = opened(stage)
    panel.get_by_role("button", name="Make a link").click()
    address = panel.get_by_role("textbox", name="Link").input_value()
    panel.get_by_role("button", name="Large", exact=True).click()
    code = stage.page.locator("img.code")
    expect(code).to_be_visible()
    pixels = code.evaluate(SEEN, [size, turn, blur, contrast])
    found = zxingcpp.read_barcode(np.array(pixels, np.uint8).reshape(2 * size, 2 * size))
    assert found is not None
    assert found.text == address
