"""Stepping, forwards and backwards: the page shows what the trace says, and no more than that."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def moment(trace: Any, step: int) -> dict[str, tuple[list[float], list[int], str] | None]:
    """What each tensor holds after so many steps: values, shape and whose; None where unwritten.

    The wire's own words: a step writes one tensor; an update writes the next parameters and reads
    the gradients of the batch.
    """
    held: dict[str, tuple[list[float], list[int], str] | None] = {
        name: (tensor["values"], tensor["shape"], "image")
        for name, tensor in trace["tensors"].items()
    }
    updating = step > 0 and trace["steps"][step - 1]["phase"] == "update"
    for one in trace["steps"]:
        name, done = one["writes"], one["number"] <= step
        if one["phase"] != "update":
            held[name] = held[name] if done else None
        elif done:
            tensor = trace["batch"]["updated"][name]
            held[name] = (tensor["values"], tensor["shape"], "next")
    if updating:
        for name, tensor in trace["batch"]["gradients"].items():
            held[name] = (tensor["values"], tensor["shape"], "batch")
    return held


def place(shape: list[int], index: list[int]) -> int:
    """The place of an index in row-major values."""
    at = 0
    for size, number in zip(shape, index, strict=True):
        at = at * size + number
    return at


def expected(stage: Any, shown: list[Any], trace: Any, step: int) -> list[Any]:
    """The cells as they should look: the trace's values in the page's way to write them."""
    held = moment(trace, step)
    numbers = [value for tensor in held.values() if tensor for value in tensor[0]]
    written = stage.formatted(numbers)
    cells = []
    for cell in shown:
        tensor = held[cell["tensor"]]
        if tensor is None:
            cells.append({**cell, "text": None, "filled": False, "said": "not computed yet"})
            continue
        values, shape, of = tensor
        short, spoken = written[values[place(shape, cell["index"])]]
        text = None if cell["tensor"] in {"I.a", "I.da"} else short
        cells.append({**cell, "of": of, "text": text, "filled": True, "said": spoken})
    return cells


def without_place(cells: list[Any]) -> list[Any]:
    """What is said of a cell's value alone, without row, column and rings."""
    return [{**cell, "said": cell["said"].split(": ")[1].split(",")[0]} for cell in cells]


def test_a_button_goes_to_the_end_of_the_phase(stage: Any) -> None:
    """Without a keyboard, too, one goes phase by phase, and from the last one on."""
    steps = stage.trace()["steps"]
    ends = [one["number"] for one, after in pairwise(steps) if one["phase"] != after["phase"]]
    for end in [*ends, len(steps)]:
        stage.page.get_by_role("button", name="Next phase").click()
        stage.at_step(end)
    stage.page.get_by_role("button", name="Next phase").click()
    stage.at_iteration(1)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_every_number_is_the_traces(
    stage: Any, in_filter: Callable[[int], None], number: int
) -> None:
    """After each of the 20 steps every cell shows the trace's value, or nothing if unwritten."""
    in_filter(number)
    trace = stage.trace()
    assert len(trace["steps"]) == 20
    for step in range(21):
        stage.at_step(step)
        shown = without_place(stage.cells())
        assert shown == expected(stage, shown, trace, step)
        stage.press("ArrowRight")


def test_every_cell_is_on_the_page(stage: Any, in_filter: Callable[[int], None]) -> None:
    """Going through the filters, all cells of all tensors that a step writes are shown."""
    seen: set[tuple[str, tuple[int, ...]]] = set()
    for number in range(3):
        in_filter(number)
        seen |= {(cell["tensor"], tuple(cell["index"])) for cell in stage.cells()}
    trace = stage.trace()
    names = {step["writes"] for step in trace["steps"]} | {"I.a", "t"}
    for name in names:
        tensor = trace["tensors"][name]
        shown = [index for tensor_id, index in seen if tensor_id == name]
        assert len(shown) == len(tensor["values"]), name


def test_the_sum_of_costs_is_the_batches(stage: Any) -> None:
    """The corner shows the cost of all images and how many are right, as the trace's batch says."""
    batch = stage.trace()["batch"]
    corner = stage.page.locator("learning-corner")
    expect(corner.locator(".number")).to_have_text(stage.formatted([batch["C"]])[batch["C"]][1])
    expect(corner.locator(".accuracy")).to_contain_text(f"{round(100 * batch['accuracy'])} % right")


def test_each_step_says_what_it_does(stage: Any) -> None:
    """Every step has a sentence of its own, which a screen reader says too."""
    said = [""]
    sentence = stage.page.get_by_role("status").and_(stage.page.locator("#step-sentence"))
    for step in range(1, 21):
        stage.press("ArrowRight")
        stage.at_step(step)
        said.append(sentence.inner_text())
    assert all(text.endswith(".") for text in said[1:])
    assert all(text != before for before, text in pairwise(said))


def test_stepping_back_shows_the_same_numbers(stage: Any) -> None:
    """Stepping back through all 20 steps shows at each what was there on the way forward."""
    ways = []
    for _ in range(20):
        ways.append(stage.cells())
        stage.press("ArrowRight")
    for before in reversed(ways):
        stage.press("ArrowLeft")
        assert stage.cells() == before
    stage.at_step(0)


def test_the_iteration_before_is_exact(stage: Any) -> None:
    """Shift+Left goes back over an update to exactly the numbers that were there."""
    stage.press("ArrowRight", times=13)
    before = stage.cells()
    stage.press("Shift+ArrowRight")
    stage.at_iteration(1)
    stage.press("ArrowRight", times=13)
    stage.at_step(13)
    assert stage.cells() != before
    stage.press("Shift+ArrowLeft")
    stage.at_iteration(0)
    stage.at_step(0)
    stage.press("ArrowRight", times=13)
    stage.at_step(13)
    assert stage.cells() == before


def test_left_at_the_start_goes_back_over_the_update(stage: Any) -> None:
    """Left at step 0 shows the last step of the iteration before, with its numbers unchanged."""
    stage.press("ArrowRight", times=20)
    before = stage.cells()
    stage.press("ArrowRight")
    stage.at_iteration(1)
    stage.at_step(0)
    stage.press("ArrowLeft")
    stage.at_iteration(0)
    stage.at_step(20)
    assert stage.cells() == before


def test_back_over_an_update_after_a_reload(stage: Any) -> None:
    """An update is stepped back over exactly even where the page has forgotten what was before."""
    stage.press("ArrowRight", times=20)
    before = stage.cells()
    stage.press("ArrowRight")
    stage.at_iteration(1)
    stage.idle()
    stage.page.reload()
    stage.ready()
    stage.at_iteration(1)
    stage.press("ArrowLeft")
    stage.at_iteration(0)
    assert stage.cells() == before


def test_the_next_iteration_has_the_updated_weights(stage: Any) -> None:
    """The weights that the last step shows are those that the next iteration begins with."""
    stage.press("ArrowRight", times=20)
    ended = [cell["text"] for cell in stage.weights()]
    stage.press("ArrowRight")
    stage.at_iteration(1)
    assert [cell["text"] for cell in stage.weights()] == ended


def test_down_and_up_go_by_phases(stage: Any) -> None:
    """Down stops at the end of each phase, Up at the end of the one before."""
    for end in (5, 6, 16, 20):
        stage.press("ArrowDown")
        stage.at_step(end)
    for end in (16, 6, 5, 0):
        stage.press("ArrowUp")
        stage.at_step(end)


def test_home_goes_to_the_start(stage: Any) -> None:
    """Home shows the iteration before its first step."""
    stage.press("ArrowRight", times=9)
    stage.press("Home")
    stage.at_step(0)


def test_space_plays_and_pauses(stage: Any) -> None:
    """Space lets the steps go by on their own, and again stops them."""
    stage.press("Space")
    expect(stage.page.get_by_role("button", name="Pause")).to_be_visible()
    expect(stage.timeline).not_to_have_attribute("aria-valuenow", "0")
    stage.press("Space")
    expect(stage.page.get_by_role("button", name="Play")).to_be_visible()


def test_the_timeline_is_dragged(stage: Any) -> None:
    """The timeline goes to the step that the pointer is drawn to."""
    box = stage.timeline.bounding_box()
    step = box["width"] / 20
    stage.page.mouse.move(box["x"] + 0.5 * step, box["y"] + 6)
    stage.page.mouse.down()
    stage.at_step(1)
    stage.page.mouse.move(box["x"] + 12.5 * step, box["y"] + 6)
    stage.page.mouse.up()
    stage.at_step(13)


def test_arrows_belong_to_the_grid_that_has_the_focus(stage: Any) -> None:
    """Inside a grid the arrows go from cell to cell, and Esc gives them back to the steps."""
    stage.press("ArrowRight")
    stage.cell("F.z", 1, 0, 0).focus()
    stage.press("ArrowRight")
    expect(stage.cell("F.z", 1, 0, 1)).to_be_focused()
    stage.at_step(1)
    stage.press("Escape")
    stage.press("ArrowRight")
    stage.at_step(2)


def test_a_page_that_is_left_at_once_says_where_it_was(stage: Any) -> None:
    """A reload right after a step, before the position has rested, begins there and goes on."""
    for step in (3, 5, 7):
        for _ in range(3 if step == 3 else 1):
            stage.page.keyboard.press("ArrowRight")
        stage.page.reload()
        stage.page.locator("html.ready").wait_for()
        assert stage.timeline.get_attribute("aria-valuenow") == str(step)
        stage.page.keyboard.press("ArrowRight")
        stage.at_step(step + 1)
    stage.kept(8)
    expect(stage.page.locator("#message")).to_be_hidden()
    stage.page.reload()
    stage.ready()
    stage.at_step(8)


def test_a_reload_returns_to_the_same_moment(stage: Any) -> None:
    """A reload in the middle shows the same run, iteration, step and numbers."""
    stage.press("Shift+ArrowRight")
    stage.at_iteration(1)
    stage.press("ArrowRight", times=11)
    stage.kept(11)
    before, run = stage.cells(), stage.run
    stage.page.reload()
    stage.ready()
    assert stage.run == run
    stage.at_iteration(1)
    stage.at_step(11)
    assert stage.cells() == before
