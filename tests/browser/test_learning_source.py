"""At the update the page says whose gradient is used, and one button there changes it."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

# How far the button reaches down into the lines of the sentence that stand under it, in pixels.
COVERED = """() => {
  const button = document.querySelector('#learn-from').getBoundingClientRect();
  const words = document.createRange();
  words.selectNodeContents(document.querySelector('#step-sentence'));
  const under = [...words.getClientRects()].filter((line) => line.right > button.left);
  return Math.max(0, ...under.map((line) => button.bottom - line.top));
}"""


def test_one_button_changes_whose_gradient_is_used(stage: Any) -> None:
    """The sum over all images, then this image alone, at the same step; undo takes it back."""
    button = stage.page.locator("#learn-from")
    sentence = stage.page.locator("#step-sentence")
    expect(button).to_be_hidden()
    steps = len(stage.trace()["steps"])
    stage.press("ArrowRight", steps)
    expect(sentence).to_contain_text("the sum over 96 images")
    stage.told("/trace", button.click)
    expect(sentence).to_contain_text("this image alone")
    stage.at_step(steps)
    trace = stage.trace()
    assert trace["batch"]["samples"] in ([], [trace["stage"]["sample"]])
    stage.told("/trace", lambda: stage.page.keyboard.press("Control+z"))
    stage.idle()
    assert stage.state()["config"]["training"]["learn_from"] == "set"


def test_the_button_leaves_the_sentence_readable(stage: Any) -> None:
    """It stands beside the count of the steps and covers no letter of the sentence."""
    stage.press("ArrowRight", len(stage.trace()["steps"]))
    expect(stage.page.locator("#learn-from")).to_be_visible()
    assert stage.page.evaluate(COVERED) <= 2
