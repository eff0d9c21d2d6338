"""The network answers at once to what is put on stage, however little of it was seen before."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

FORWARD = 5


def test_a_stroke_is_answered_before_any_step_is_done(stage: Any) -> None:
    """While the pen moves, the forward pass is written and the page says what the network says."""
    stage.at_step(0)
    box = stage.cell("I.a", 0, 2, 1).bounding_box()
    middle = box["y"] + box["height"] / 2
    stage.page.mouse.move(box["x"] + 8, middle)
    stage.told("/stage", stage.page.mouse.down)
    stage.at_step(FORWARD)
    shown = stage.page.locator("#verdict b").inner_text()
    assert shown == "123"[stage.trace()["prediction"]]
    first = [cell["text"] for cell in stage.cells() if cell["tensor"] == "F.z"]
    stage.told("/stage", lambda: stage.page.mouse.move(box["x"] + 2.5 * box["width"], middle))
    assert stage.texts_beyond("F.z", first) != first
    stage.page.mouse.up()


def test_the_last_point_of_a_fast_stroke_wins(stage: Any) -> None:
    """However fast the pen moves, page and server end with the same drawing and its numbers."""
    for row in range(6):
        box = stage.cell("I.a", 0, row, 0).bounding_box()
        stage.page.mouse.move(box["x"] + 4, box["y"] + 4)
        stage.page.mouse.down()
        stage.page.mouse.move(box["x"] + 5.5 * box["width"], box["y"] + 4, steps=12)
        stage.page.mouse.up()
    stage.idle()
    stage.rest()
    trace = stage.trace()
    shown = [cell for cell in stage.cells() if cell["tensor"] == "F.a"]
    values = trace["tensors"]["F.a"]["values"]
    written = stage.formatted(values)
    at = [cell["index"][0] * 16 + cell["index"][1] * 4 + cell["index"][2] for cell in shown]
    assert [cell["text"] for cell in shown] == [written[values[place]][0] for place in at]


@pytest.mark.parametrize("button", ["Invert", "Clear", "Shift left"])
def test_a_change_of_the_drawing_is_answered_at_once(stage: Any, button: str) -> None:
    """Inverting, clearing, shifting: the output is there; one step back hides it again."""
    stage.told("/stage", lambda: stage.page.get_by_role("button", name=button).click())
    stage.at_step(FORWARD)
    stage.press("ArrowLeft")
    stage.at_step(FORWARD - 1)
    expect(stage.page.locator("#verdict b")).to_have_text("?")


def test_a_change_in_the_backward_pass_stays_there(stage: Any) -> None:
    """Where the answer is seen already, a new label keeps the step."""
    stage.press("ArrowRight", 9)
    stage.told("/stage", lambda: stage.page.keyboard.press("3"))
    stage.at_step(9)
