"""Drawing and choosing images: the network answers, and every deed can be undone."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# Strokes of a 1 and of a 3, as (row, column) of the 6×6 pixels.
ONE = [(row, 3) for row in range(6)]
THREE = [(0, 1), (0, 4), (1, 4), (2, 2), (2, 4), (4, 4), (5, 4), (5, 1)]


def pixels(stage: Any) -> list[float]:
    """The pixels that the server has on stage."""
    values: list[float] = stage.trace()["tensors"]["I.a"]["values"]
    return values


def inked(stage: Any) -> list[tuple[int, int]]:
    """The pixels of the pad that a screen reader hears as ink."""
    cells = [cell for cell in stage.cells() if cell["tensor"] == "I.a"]
    return [tuple(cell["index"][1:]) for cell in cells if not cell["said"].endswith(": 0")]


def clear(stage: Any) -> None:
    """Blank the pad, and see that the server has heard of it."""
    stage.told("/stage", lambda: stage.page.get_by_role("button", name="Clear").click())
    assert inked(stage) == []


def draw(stage: Any, stroke: list[tuple[int, int]]) -> None:
    """Draw from pixel to pixel with the mouse held down."""
    boxes = [stage.cell("I.a", 0, row, column).bounding_box() for row, column in stroke]
    mouse = stage.page.mouse
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    mouse.move(*middles[0])
    mouse.down()
    for x, y in middles[1:]:
        mouse.move(x, y, steps=4)
    stage.told("/stage", mouse.up)
    stage.idle()


def verdict(stage: Any) -> str:
    """The class that the page says the network sees, when the forward pass is done."""
    stage.page.keyboard.press("ArrowDown")
    stage.rest()
    text: str = stage.page.locator("#verdict b").inner_text()
    return text


def test_a_digit_drawn_with_the_mouse_is_answered(stage: Any) -> None:
    """A drawn digit is what the server has on stage, and the page says what the API says of it."""
    stage.http.post(f"{stage.run}/descent", json={"iterations": 150}).raise_for_status()
    stage.page.reload()
    stage.ready()
    says = {}
    for name, stroke in (("1", ONE), ("3", THREE)):
        clear(stage)
        draw(stage, stroke)
        assert set(stroke) <= set(inked(stage))
        trace = stage.trace()
        values = [value > 0 for value in trace["tensors"]["I.a"]["values"]]
        assert [divmod(at, 6) for at, ink in enumerate(values) if ink] == inked(stage)
        stage.press("Home")
        says[name] = verdict(stage)
        assert says[name] == "123"[trace["prediction"]]
    assert says["1"] != says["3"]


def test_a_digit_drawn_by_keyboard_is_answered(stage: Any) -> None:
    """Arrows move in the pad and Space inks: the server has the drawing, the page its answer."""
    clear(stage)
    stage.press("d")
    expect(stage.page.locator('svg[data-tensor="I.a"] :focus')).to_be_attached()
    stage.press("ArrowRight")
    for _ in range(3):
        stage.press("Space")
        stage.press("ArrowDown")
    stage.idle()
    assert inked(stage) == [(0, 1), (1, 1), (2, 1)]
    assert [at for at, value in enumerate(pixels(stage)) if value] == [1, 7, 13]
    stage.press("Escape")
    assert verdict(stage) == "123"[stage.trace()["prediction"]]


def test_the_network_answers_while_the_pen_moves(stage: Any) -> None:
    """Before the pen is lifted, the numbers of the network are those of the drawing."""
    clear(stage)
    stage.press("ArrowDown")
    blank = [cell["text"] for cell in stage.cells() if cell["tensor"] == "F.z"]
    box = stage.cell("I.a", 0, 2, 2).bounding_box()
    stage.page.mouse.move(box["x"] + 8, box["y"] + 8)
    stage.told("/stage", stage.page.mouse.down)
    assert stage.texts_beyond("F.z", blank) != blank
    stage.page.mouse.up()


def test_a_stroke_is_undone_and_redone(stage: Any) -> None:
    """Ctrl+Z takes a stroke back and Ctrl+Y draws it again, on the page and on the server."""
    before = pixels(stage)
    clear(stage)
    draw(stage, ONE)
    after = pixels(stage)
    for key, wanted in (
        ("Control+z", [0.0] * 36),
        ("Control+z", before),
        ("Control+y", [0.0] * 36),
    ):
        stage.told("/stage", lambda key=key: stage.page.keyboard.press(key))
        assert pixels(stage) == wanted
    stage.told("/stage", lambda: stage.page.get_by_role("button", name="Redo").click())
    stage.idle()
    assert pixels(stage) == after
    assert inked(stage) == sorted(ONE)


def test_a_drawing_is_inverted(stage: Any) -> None:
    """Invert makes ink of paper and paper of ink."""
    before = pixels(stage)
    stage.told("/stage", lambda: stage.page.get_by_role("button", name="Invert").click())
    assert pixels(stage) == [1 - value for value in before]


def test_a_drawing_is_shifted(stage: Any) -> None:
    """Shift right moves all pixels by one column; what comes in is blank."""
    before = pixels(stage)
    stage.told("/stage", lambda: stage.page.get_by_role("button", name="Shift right").click())
    rows = [before[at : at + 6] for at in range(0, 36, 6)]
    assert pixels(stage) == [value for row in rows for value in [0.0, *row[:-1]]]


def test_the_label_says_what_is_meant(stage: Any) -> None:
    """The key 3 tells the network that a 3 is meant: t, its cost and its errors follow."""
    stage.told("/stage", lambda: stage.page.keyboard.press("3"))
    stage.idle()
    trace = stage.trace()
    assert trace["tensors"]["t"]["values"] == [0, 0, 1]
    shown = [cell["text"] for cell in stage.cells() if cell["tensor"] == "t"]
    written = stage.formatted([0.0, 1.0])
    assert shown == [written[0.0][0], written[0.0][0], written[1.0][0]]


def test_an_image_of_the_gallery_is_put_on_stage(stage: Any) -> None:
    """A click on a training image shows it, large, and tells the server."""
    stage.page.get_by_role("button", name="Images").click()
    image = stage.page.locator('image-gallery [role=option][data-sample="41"]')
    stage.told("/stage", image.click)
    expect(stage.page.locator("#on-stage")).to_contain_text("42")
    assert stage.trace()["stage"]["sample"] == 41
    values = pixels(stage)
    assert [divmod(at, 6) for at, value in enumerate(values) if value] == inked(stage)


def test_the_gallery_shows_all_images_and_what_the_network_says(stage: Any) -> None:
    """The gallery has all 96 images and counts how many the network is right about."""
    stage.page.get_by_role("button", name="Images").click()
    expect(stage.page.locator("image-gallery [role=option]")).to_have_count(96)
    right = round(96 * stage.trace()["batch"]["accuracy"])
    expect(stage.page.locator("image-gallery")).to_contain_text(f"Right on {right} of 96")
