"""What if: a number is dragged and everything follows; curves, tangents and pictures beside it."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A reader whose clipboard the page may write to."""
    return {**browser_context_args, "permissions": ["clipboard-read", "clipboard-write"]}


def pinned(stage: Any, step: int, tensor: str, *index: int) -> Locator:
    """The formula panel with a cell pinned, so many steps on."""
    stage.press("ArrowRight", times=step)
    stage.at_step(step)
    stage.cell(tensor, *index).click()
    panel: Locator = stage.page.locator("formula-panel")
    panel.locator(".formula-line.value").wait_for()
    return panel


def drag(stage: Any, cell: Locator, right: int, up: int = 0, *, drop: bool = True) -> None:
    """Drag a number or a cell, slowly enough to be followed."""
    box = cell.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = stage.page.mouse
    mouse.move(x, y)
    mouse.down()
    stage.page.wait_for_timeout(300)
    mouse.move(x + right, y - up, steps=8)
    if drop:
        mouse.up()
        stage.idle()
        stage.rest()


def told(stage: Any, tensor: str, *index: int) -> str:
    """What a cell shows."""
    return str(stage.cell(tensor, *index).locator("text").text_content())


def test_everything_follows_a_dragged_weight(stage: Any) -> None:
    """While a weight is dragged the page shows what would be; the run is not touched."""
    stage.press("ArrowRight", times=6)
    before, shown = stage.trace(), told(stage, "C")
    drag(stage, stage.cell("F.w", 1, 0, 1, 1), 0, 70, drop=False)
    expect(stage.cell("C").locator("text")).not_to_have_text(shown)
    assert stage.trace()["tensors"] == before["tensors"]
    stage.page.mouse.up()
    stage.idle()


def test_a_dragged_weight_is_one_deed(stage: Any) -> None:
    """Let go, the weight is kept where one is; undo brings back every bit, redo the change."""
    stage.press("ArrowRight", times=13)
    before = stage.trace()["tensors"]
    drag(stage, stage.cell("F.w", 1, 0, 1, 1), 0, 50)
    stage.at_step(13)
    changed = stage.trace()["tensors"]
    was, now = before["F.w"]["values"][13], changed["F.w"]["values"][13]
    assert now == pytest.approx(was + 1, abs=0.011)
    expect(stage.cell("F.w", 1, 0, 1, 1).locator("text")).to_have_text(
        stage.formatted([now])[now][0]
    )
    stage.press("Control+z")
    stage.idle()
    assert stage.trace()["tensors"] == before
    stage.press("Control+y")
    stage.idle()
    assert stage.trace()["tensors"] == changed


def test_a_question_discards_no_future(stage: Any) -> None:
    """Where later iterations are there, the weight springs back, and the page asks first."""
    stage.told("/descent", lambda: stage.page.locator(".descents button").nth(1).click())
    stage.press("Shift+ArrowLeft")
    stage.idle()
    before = stage.trace()["tensors"]
    shown = told(stage, "F.w", 1, 0, 1, 1)
    drag(stage, stage.cell("F.w", 1, 0, 1, 1), 0, 60)
    dialog = stage.page.locator("future-dialog")
    expect(dialog).to_contain_text("what comes after this one: iteration 10.")
    assert told(stage, "F.w", 1, 0, 1, 1) == shown
    dialog.get_by_role("button", name="Do not edit").click()
    expect(dialog.get_by_role("dialog")).to_be_hidden()
    stage.idle()
    assert told(stage, "F.w", 1, 0, 1, 1) == shown
    assert stage.trace()["tensors"] == before
    assert stage.state()["iterations"] == 10


def test_a_drag_in_the_past_begins_a_new_future(stage: Any) -> None:
    """Where the reader agrees, the dragged weight is kept and what came after is replaced."""
    stage.told("/descent", lambda: stage.page.locator(".descents button").nth(1).click())
    stage.press("Shift+ArrowLeft")
    stage.idle()
    before = stage.trace()["tensors"]["F.w"]["values"][13]
    drag(stage, stage.cell("F.w", 1, 0, 1, 1), 0, 60)
    stage.page.get_by_role("button", name="Replace them").click()
    stage.idle()
    now = stage.trace()["tensors"]["F.w"]["values"][13]
    assert now == pytest.approx(before + 1.2, abs=0.011)
    expect(stage.cell("F.w", 1, 0, 1, 1).locator("text")).to_have_text(
        stage.formatted([now])[now][0]
    )
    assert stage.state()["iterations"] == 9
    stage.press("Control+z")
    stage.idle()
    assert stage.trace()["tensors"]["F.w"]["values"][13] == before


def winners(tensors: Any) -> list[int]:
    """Which cell of each block wins."""
    switch: list[int] = tensors["P.switch"]["values"]
    return switch


def flipping(stage: Any) -> tuple[int, float]:
    """A pixel, and a grey of it, at which a winner of the focused filter is another one."""
    trace = stage.trace()
    pixels = trace["tensors"]["I.a"]["values"]
    was = winners(trace["tensors"])[4:8]
    for place in range(36):
        for grey in (0.0, 0.5, 1.0):
            if pixels[place] == grey:
                continue
            drawn = [*pixels[:place], grey, *pixels[place + 1 :]]
            rows = [drawn[6 * n : 6 * n + 6] for n in range(6)]
            seen = stage.http.put(f"{stage.run}/stage", json={"pixels": rows, "label": 0}).json()
            now = winners(seen["tensors"])[4:8]
            if now != was:
                stage.http.put(f"{stage.run}/stage", json={"sample": 0})
                return place, grey
    raise AssertionError("no pixel turns a winner")


def test_a_pixel_turns_the_winner_and_delta_jumps(stage: Any) -> None:
    """The grey of one pixel decides who wins a block, and so which cell gets the error."""
    place, grey = flipping(stage)
    stage.page.reload()
    stage.ready()
    stage.press("ArrowRight", times=13)
    errors = {cell["index"][-2] * 4 + cell["index"][-1]: cell["text"] for cell in deltas(stage)}
    pixel = stage.cell("I.a", 0, place // 6, place % 6)
    now = stage.trace()["tensors"]["I.a"]["values"][place]
    stage.page.keyboard.down("Shift")
    drag(stage, pixel, 0, round((grey - now) * 120) + (10 if grey > now else -10))
    stage.page.keyboard.up("Shift")
    after = {cell["index"][-2] * 4 + cell["index"][-1]: cell["text"] for cell in deltas(stage)}
    assert stage.trace()["tensors"]["I.a"]["values"][place] == pytest.approx(grey, abs=0.1)
    assert {at for at in errors if errors[at] != "0"} != {at for at in after if after[at] != "0"}
    stage.press("Control+z")
    stage.idle()
    assert stage.trace()["tensors"]["I.a"]["values"][place] == now


def deltas(stage: Any) -> list[Any]:
    """The cells of the focused filter's neuron errors."""
    return [cell for cell in stage.cells() if cell["tensor"] == "F.delta"]


def test_a_number_of_the_formula_is_dragged_too(stage: Any) -> None:
    """The bias in the formula's line follows the pointer, and so does the value of the line."""
    panel = pinned(stage, 1, "F.z", 1, 2, 3)
    before = stage.trace()["tensors"]["F.b"]["values"]
    value = panel.locator(".formula-line.value").inner_text()
    drag(stage, panel.locator("[data-node].given").nth(18), 50)
    expect(panel.locator(".formula-line.value")).not_to_have_text(value)
    now = stage.trace()["tensors"]["F.b"]["values"]
    assert now == pytest.approx([before[0], before[1] + 1, before[2]], abs=0.011)


def test_keys_change_a_number_of_the_formula(stage: Any) -> None:
    """With ↑ on a weight of the formula it grows by a twentieth."""
    panel = pinned(stage, 1, "F.z", 1, 2, 3)
    before = stage.trace()["tensors"]["F.w"]["values"][9]
    panel.get_by_role("slider").first.focus()
    stage.press("ArrowUp")
    expect(stage.cell("F.w", 1, 0, 0, 0)).to_be_visible()
    stage.idle()
    stage.rest()
    for _ in range(40):
        now = stage.trace()["tensors"]["F.w"]["values"][9]
        if now != before:
            break
        stage.page.wait_for_timeout(50)
    assert now == pytest.approx(before + 0.05, abs=0.006)


def test_the_slope_stands_on_the_activations_curve(stage: Any) -> None:
    """For δ the curve is drawn with its tangent, and every neuron of the map is on it."""
    panel = pinned(stage, 13, "F.delta", 1, 1, 1)
    curve = panel.locator("activation-curve svg")
    slope = stage.trace()["tensors"]["F.slope"]["values"][16 + 5]
    expect(curve).to_have_attribute(
        "aria-label", re.compile(re.escape(stage.formatted([slope])[slope][1]))
    )
    expect(curve.locator(".dot")).to_have_count(15)
    expect(curve.locator(".tangent")).to_have_count(1)


def test_saturated_neurons_are_marked(stage: Any) -> None:
    """A neuron with hardly any slope carries a mark and says so; the others do not."""
    stage.press("ArrowRight", times=2)
    slopes = stage.trace()["tensors"]["F.slope"]["values"][16:32]
    said = [cell["said"] for cell in stage.cells() if cell["tensor"] == "F.a"]
    assert ["saturated" in text for text in said] == [slope < 0.01 for slope in slopes]
    marks = stage.page.locator('svg.large[data-tensor="F.a"] path.flat')
    expect(marks).to_have_count(sum(slope < 0.01 for slope in slopes))


def test_the_tangent_on_the_cost_is_the_gradient(stage: Any) -> None:
    """“Check” draws C along the weight, with the gradient as the slope of its tangent."""
    panel = pinned(stage, 17, "F.w", 1, 0, 0, 2)
    panel.get_by_role("button", name="Why does this weight change").click()
    story = stage.page.locator("weight-story")
    story.get_by_role("button", name="Check").click()
    drawn = story.locator("cost-curve svg")
    expect(drawn).to_be_visible()
    gradient = stage.trace()["batch"]["gradients"]["F.dw"]["values"][9 + 2]
    assert float(str(drawn.get_attribute("data-slope"))) == pytest.approx(gradient, rel=1e-9)
    line = drawn.locator(".tangent")
    x1, y1, x2, y2 = (float(str(line.get_attribute(name))) for name in ("x1", "y1", "x2", "y2"))
    assert (y2 > y1) == (gradient < 0)
    assert x2 > x1


def test_the_story_goes_down_to_errors_and_pixels(stage: Any) -> None:
    """Why a weight changes is told down to δ and pixels, and what C_T is after the update."""
    panel = pinned(stage, 17, "F.w", 1, 0, 0, 2)
    panel.get_by_role("button", name="Why does this weight change").click()
    story = stage.page.locator("weight-story")
    expect(story).to_contain_text("Of 16 terms")
    updated = stage.trace()["batch"]["updated"]
    body = {
        name: [
            {"index": index_of(one["shape"], n), "value": value}
            for n, value in enumerate(one["values"])
        ]
        for name, one in updated.items()
    }
    seen = stage.http.post(f"{stage.run}/preview", json=body).json()
    expect(story).to_contain_text(f"{seen['batch']['C']:.4f}")


def index_of(shape: list[int], place: int) -> list[int]:
    """The index of a place in row-major values."""
    index: list[int] = []
    for size in reversed(shape):
        index.insert(0, place % size)
        place //= size
    return index


def test_a_formula_is_copied_as_a_picture(stage: Any) -> None:
    """The clipboard then holds a PNG with something in it, drawn with the formula's typefaces."""
    panel = pinned(stage, 13, "F.delta", 1, 1, 1)
    panel.get_by_role("button", name="Copy as a picture").click()
    expect(panel.locator(".formula-copied")).to_have_text("Copied.")
    put_in = stage.page.evaluate(
        """() => performance.getEntriesByType('resource')
          .filter(({ initiatorType }) => initiatorType === 'fetch')
          .map(({ name }) => name.split('/').at(-1))"""
    )
    assert {"katex.css", "KaTeX_Main-Regular.woff2", "KaTeX_Math-Italic.woff2"} <= set(put_in)
    shape = stage.page.evaluate(
        """async () => {
          const [item] = await navigator.clipboard.read();
          const image = await createImageBitmap(await item.getType('image/png'));
          const pen = new OffscreenCanvas(image.width, image.height).getContext('2d');
          pen.drawImage(image, 0, 0);
          const { data } = pen.getImageData(0, 0, image.width, image.height);
          const shades = new Set();
          for (let i = 0; i < data.length; i += 4) shades.add(data[i]);
          return [image.width, image.height, shades.size];
        }"""
    )
    width, height, shades = shape
    assert width > 300
    assert height > 200
    assert shades > 10
