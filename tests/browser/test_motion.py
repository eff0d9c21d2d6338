"""“Show how”: a formula played term by term, a map cell by cell, with the formula's own cells."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

pytestmark = pytest.mark.browser


@pytest.fixture(params=["no-preference"])
def browser_context_args(
    browser_context_args: dict[str, Any], request: pytest.FixtureRequest
) -> dict[str, Any]:
    """A reader who sees things move, or one who asks that nothing does."""
    return {**browser_context_args, "reduced_motion": request.param}


CALM = pytest.mark.parametrize("browser_context_args", ["reduce"], indirect=True)


def flat(shape: list[int], index: list[int]) -> int:
    """The place of an index in row-major values."""
    place = 0
    for size, at in zip(shape, index, strict=True):
        place = place * size + at
    return place


def places(trace: Any, cells: list[Any]) -> set[tuple[str, int]]:
    """Cells as places in the values of their tensors; a pooling's switch is no cell of the map."""
    shape = {name: tensor["shape"] for name, tensor in trace["tensors"].items()}
    seen = [cell for cell in cells if not cell["tensor"].endswith(".switch")]
    return {(cell["tensor"], flat(shape[cell["tensor"]], cell["index"])) for cell in seen}


def cells_of(tree: Any) -> list[Any]:
    """The cells of a tree, in order."""
    own = [tree] if tree["op"] == "cell" else []
    return own + [cell for arg in tree.get("args", []) for cell in cells_of(arg)]


def terms(tree: Any) -> list[Any]:
    """The terms of the topmost sum, nested ones too."""
    if tree["op"] != "sum":
        return [tree]
    return [term for arg in tree["args"] for term in terms(arg)]


def shown(stage: Any, step: int, tensor: str | None = None, *index: int) -> Locator:
    """The bar of a film, begun so many steps on, of a cell or of what the step tells most of."""
    stage.press("ArrowRight", times=step)
    stage.at_step(step)
    if tensor:
        stage.cell(tensor, *index).click()
        stage.page.mouse.move(683, 5)
    stage.page.locator("formula-panel .show-how").click()
    bar: Locator = stage.page.locator("motion-bar .film-bar")
    bar.wait_for()
    return bar


def lit(stage: Any, kind: str) -> set[tuple[str, int]]:
    """The places that are lit so."""
    stage.rest()
    return {(one["tensor"], one["place"]) for one in stage.lit() if one["kind"] == kind}


def left_of(stage: Any, tensor: str) -> float:
    """Where the window on a tensor begins."""
    box = stage.page.locator(f'.beat-window[data-tensor="{tensor}"]').bounding_box()
    assert box is not None
    return float(box["x"])


@CALM
@pytest.mark.parametrize(
    ("step", "tensor", "index", "count"),
    [(14, "F.dw", [1, 0, 1, 1], 16), (11, "P.da", [1, 0, 1], 3)],
)
def test_each_beat_takes_one_term_of_the_formula(
    stage: Any, step: int, tensor: str, index: list[int], count: int
) -> None:
    """Sixteen products of an error and a pixel; three paths into a pooled cell: one a beat."""
    trace, formula = stage.trace(), stage.formula(tensor, index)
    bar = shown(stage, step, tensor, *index)
    for number, term in enumerate(terms(formula["tree"])):
        expect(bar.locator(".film-count")).to_have_text(f"{number + 1} of {count}")
        assert lit(stage, "term") == places(trace, cells_of(term))
        stage.press("ArrowRight")
    total = stage.page.locator(".beat-total")
    value = trace["tensors"][tensor]["values"][flat(trace["tensors"][tensor]["shape"], index)]
    expect(total).to_have_text(stage.formatted([value])[value][0])


@CALM
def test_the_window_slides_over_the_image(stage: Any) -> None:
    """Forwards, each beat makes one cell of the map and lights what its formula reads."""
    trace = stage.trace()
    bar = shown(stage, 1)
    windows = []
    for number in range(16):
        expect(bar.locator(".film-count")).to_have_text(f"{number + 1} of 16")
        formula = stage.formula("F.z", [1, number // 4, number % 4])
        assert lit(stage, "read") == places(trace, formula["cells"])
        assert lit(stage, "value") == places(trace, [formula])
        windows.append(left_of(stage, "I.a"))
        stage.press("ArrowRight")
    assert windows[0] < windows[1] < windows[2] < windows[3]
    assert windows[:4] == windows[4:8]


@CALM
def test_the_error_pours_through_the_winners(stage: Any) -> None:
    """Each block is a beat: its error goes into the winner, and nothing to the losers."""
    trace = stage.trace()
    bar = shown(stage, 12)
    winners = set()
    for number in range(4):
        expect(bar.locator(".film-count")).to_have_text(f"{number + 1} of 4")
        assert lit(stage, "read") == places(
            trace, [{"tensor": "P.da", "index": [1, number // 2, number % 2]}]
        )
        winners |= lit(stage, "value")
        stage.press("ArrowRight")
    mask = trace["tensors"]["P.mask"]["values"]
    assert {place for _, place in winners} == {n for n in range(16, 32) if mask[n] == 1}


@CALM
def test_nothing_moves_by_itself_where_that_is_asked(stage: Any) -> None:
    """With reduced motion there is nothing to play; keys step, and Esc ends."""
    bar = shown(stage, 14, "F.dw", 1, 0, 1, 1)
    expect(bar.get_by_role("button", name=re.compile("Play|Pause"))).to_have_count(0)
    stage.page.wait_for_timeout(600)
    expect(bar.locator(".film-count")).to_have_text("1 of 16")
    stage.press("ArrowRight", times=2)
    stage.press("ArrowLeft")
    expect(bar.locator(".film-count")).to_have_text("2 of 16")
    stage.press("Escape")
    expect(bar).to_have_count(0)
    stage.at_step(14)


def test_a_film_plays_to_its_end(stage: Any) -> None:
    """Beats follow one another by themselves; at the end the whole is there."""
    bar = shown(stage, 11, "P.da", 1, 0, 1)
    expect(bar.locator(".film-count")).to_have_text("3 of 3")
    expect(bar.get_by_role("button", name=re.compile("Play"))).to_be_visible()


def test_pointing_at_a_cell_pauses_and_takes_over(stage: Any) -> None:
    """A pointer on the map stops the film and lights its own cell until it leaves."""
    bar = shown(stage, 1)
    stage.cell("F.z", 1, 0, 0).hover()
    expect(bar.get_by_role("button", name=re.compile("Play"))).to_be_visible()
    assert lit(stage, "value") == {("F.z", 16)}
    expect(stage.page.locator(".beats")).to_have_count(0)
    stage.page.mouse.move(683, 5)
    expect(stage.page.locator(".beats")).to_have_count(1)
    count = bar.locator(".film-count").inner_text()
    stage.page.wait_for_timeout(600)
    expect(bar.locator(".film-count")).to_have_text(count)


def test_a_key_pauses_and_takes_over(stage: Any) -> None:
    """An arrow stops the film where it is and steps it; Space goes on."""
    bar = shown(stage, 1)
    stage.press("Home")
    stage.press("ArrowRight")
    stage.page.wait_for_timeout(600)
    expect(bar.locator(".film-count")).to_have_text("2 of 16")
    stage.page.locator("h1").click()
    stage.press(" ")
    expect(bar.locator(".film-count")).not_to_have_text("2 of 16")


def test_a_step_ends_the_film(stage: Any) -> None:
    """Where the page goes on, the film is over."""
    bar = shown(stage, 1)
    stage.page.locator("#step").click()
    expect(bar).to_have_count(0)
    stage.at_step(2)


def test_a_film_is_begun_by_an_event(stage: Any) -> None:
    """A lesson can show how a cell comes about, standing at its first beat."""
    stage.press("ArrowRight", times=14)
    stage.page.evaluate(
        """() => document.body.dispatchEvent(new CustomEvent('show-how', {bubbles: true,
          detail: {cell: {tensor: 'F.dw', index: [1, 0, 2, 0]}, kind: 'terms', playing: false}}))"""
    )
    bar = stage.page.locator("motion-bar .film-count")
    expect(bar).to_have_text("1 of 16")
    stage.page.wait_for_timeout(500)
    expect(bar).to_have_text("1 of 16")
