"""Edits in the past: each says what it replaces before it does, and nothing need be done."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

LEARNT = 12
LATER = f"iterations 5 to {LEARNT}"
TELL = """([name, detail]) =>
  document.dispatchEvent(new CustomEvent(name, { detail, bubbles: true }))"""
EDIT = {"tensor": "F.w", "index": [0, 0, 0, 0], "value": 2.5}


def tell(stage: Any, name: str, detail: Any = None) -> None:
    """Want something of the page, as its elements do."""
    stage.page.evaluate(TELL, [name, detail])


def learn(stage: Any, count: int = LEARNT) -> None:
    """Make some updates, on from the newest iteration."""
    tell(stage, "descend", {"iterations": count})
    stage.idle()


def wind(stage: Any, iteration: int) -> None:
    """Go back to an iteration."""
    tell(stage, "iteration", {"to": iteration})
    stage.at_iteration(iteration)
    stage.idle()


def declined(stage: Any, says: str, iterations: int = LEARNT) -> None:
    """The page says what would be replaced; where the reader declines, all is as it was."""
    dialog = stage.page.locator("future-dialog")
    expect(dialog.get_by_role("dialog")).to_be_visible()
    expect(dialog).to_contain_text(says)
    assert stage.state()["iterations"] == iterations
    before = stage.state()
    dialog.get_by_role("button", name="Leave it as it is").or_(
        dialog.get_by_role("button", name="Do not edit")
    ).click()
    expect(dialog.get_by_role("dialog")).to_be_hidden()
    stage.idle()
    assert stage.state() == before


def replaced(stage: Any) -> None:
    """Agree to what the page has asked."""
    stage.page.get_by_role("button", name="Replace them").click()
    stage.idle()


def from_stage(stage: Any) -> None:
    """Learn some updates from the image on stage alone, wind back, and put another one there."""
    tell(stage, "configure", {"training": {"learn_from": "stage"}})
    stage.idle()
    learn(stage)
    wind(stage, 4)
    tell(stage, "choose-sample", {"sample": 5})
    stage.idle()


IN_THE_PAST: dict[str, Any] = {
    "edit-parameter": EDIT,
    "configure": {"training": {"learning_rate": 0.1}},
    "add-drawing": None,
    "split-dataset": None,
    "lesson-pool": {"kind": "average"},
    "learn-from": None,
    "new-weights": None,
}


@pytest.mark.parametrize("name", IN_THE_PAST)
def test_an_edit_in_the_past_asks_first(stage: Any, name: str) -> None:
    """Whatever edits the past names the iterations that it would replace; new weights name all."""
    learn(stage)
    wind(stage, 4)
    tell(stage, name, IN_THE_PAST[name])
    first = 1 if name == "new-weights" else 5
    declined(stage, f"iterations {first} to {LEARNT}")


def test_new_weights_ask_at_the_newest_iteration_too(stage: Any) -> None:
    """New weights begin at iteration 0, so that all that was learnt goes: where one agrees."""
    learn(stage)
    button = stage.page.get_by_role("button", name="New weights")
    button.click()
    declined(stage, f"all that was learnt: iterations 1 to {LEARNT}")
    stage.at_iteration(LEARNT)
    button.click()
    replaced(stage)
    assert (stage.state()["iterations"], stage.state()["config"]["training"]["seed"]) == (0, 1)


def test_undo_goes_where_the_edit_was_made(stage: Any) -> None:
    """To undo an edit says what came after it, goes back to its iteration, and so does redo."""
    learn(stage, 4)
    before = stage.trace()["tensors"]["F.w"]["values"]
    tell(stage, "edit-parameter", EDIT)
    stage.idle()
    learn(stage, 8)
    tell(stage, "undo")
    declined(stage, "This was edited at iteration 4. Undoing it goes back there")
    stage.at_iteration(LEARNT)
    tell(stage, "undo")
    replaced(stage)
    stage.at_iteration(4)
    assert stage.state()["iterations"] == 4
    assert stage.trace()["tensors"]["F.w"]["values"] == before
    learn(stage, 8)
    tell(stage, "redo")
    declined(stage, f"iterations 5 to {LEARNT}")
    tell(stage, "redo")
    replaced(stage)
    stage.at_iteration(4)
    assert stage.trace()["tensors"]["F.w"]["values"] == [2.5, *before[1:]]


def test_undoing_new_weights_brings_back_what_was_learnt(stage: Any) -> None:
    """Settings that need new weights, undone: those of before, to the bit; redone: the new ones."""
    learn(stage, 4)
    learnt = weights(stage)
    layers = stage.state()["config"]["layers"]
    tell(stage, "configure", {"layers": [{**layers[0], "filters": 2}, *layers[1:]]})
    stage.idle()
    drawn = weights(stage)
    assert len(drawn["F.b"]) == 2
    tell(stage, "undo")
    stage.idle()
    stage.at_iteration(4)
    assert weights(stage) == learnt
    expect(stage.cell("O.b", 1)).to_contain_text(f"{abs(learnt['O.b'][1]):.2f}".lstrip("0"))
    tell(stage, "redo")
    stage.idle()
    assert weights(stage) == drawn


def test_undoing_other_settings_leaves_the_weights_alone(stage: Any) -> None:
    """Only where new weights were drawn are the old ones put back: not over those of others."""
    learn(stage, 4)
    tell(stage, "configure", {"training": {"learning_rate": 0.1}})
    stage.idle()
    other = {"F.b": [9.5, 0.0, 0.0]}
    stage.http.patch(f"{stage.run}/parameters", json=other).raise_for_status()
    expect(stage.cell("F.b", 1)).to_contain_text("0")
    tell(stage, "undo")
    stage.idle()
    assert weights(stage)["F.b"] == other["F.b"]
    assert stage.state()["config"]["training"]["learning_rate"] == 0.2


def test_weights_that_cannot_be_put_back_are_said(stage: Any) -> None:
    """Weights beyond what an edit may set: the settings come back, and the page says the rest."""
    stage.refused.append(422)
    rate = {"training": {"learning_rate": 1_000_000.0}}
    stage.http.patch(f"{stage.run}/config", json=rate).raise_for_status()
    stage.http.post(f"{stage.run}/descent", json={"iterations": 4}).raise_for_status()
    stage.page.reload()
    stage.ready()
    assert max(abs(one) for one in weights(stage)["O.w"]) > 1_000_000
    layers = stage.state()["config"]["layers"]
    tell(stage, "configure", {"layers": [{**layers[0], "filters": 2}, *layers[1:]]})
    stage.idle()
    tell(stage, "undo")
    expect(stage.page.locator("#message")).to_contain_text("could not be put back")
    stage.idle()
    assert len(weights(stage)["F.b"]) == 3
    expect(stage.page.locator("svg[data-tensor='F.w'].large")).to_have_count(1)


def weights(stage: Any) -> dict[str, list[float]]:
    """The parameters that there are."""
    tensors = stage.trace()["tensors"]
    return {name: tensors[name]["values"] for name in ("F.w", "F.b", "O.w", "O.b")}


def test_what_is_replaced_is_undone_no_more(stage: Any) -> None:
    """An edit of a future that another edit replaced is not undone where it never was."""
    learn(stage, 4)
    tell(stage, "edit-parameter", EDIT)
    stage.idle()
    wind(stage, 2)
    tell(stage, "edit-parameter", {**EDIT, "index": [1, 0, 0, 0]})
    replaced(stage)
    learn(stage, 4)
    for _ in range(2):
        tell(stage, "undo")
        stage.idle()
        if stage.page.locator("future-dialog dialog").is_visible():
            replaced(stage)
    stage.at_iteration(2)
    assert stage.state()["iterations"] == 2


def test_undoing_a_setting_leaves_an_edit_that_was_under_way(stage: Any) -> None:
    """A weight that was being edited when a setting was changed is not taken back with that."""
    both = """([edit, config]) => {
      for (const [name, detail] of [["edit-parameter", edit], ["configure", config]])
        document.dispatchEvent(new CustomEvent(name, { detail }));
    }"""
    stage.page.evaluate(both, [EDIT, {"training": {"learning_rate": 0.1}}])
    stage.idle()
    tell(stage, "undo")
    stage.idle()
    assert stage.state()["config"]["training"]["learning_rate"] == 0.2
    assert stage.trace()["tensors"]["F.w"]["values"][0] == EDIT["value"]


LEARNING: dict[str, Callable[[Any], object]] = {
    "descend": lambda stage: tell(stage, "descend", {"iterations": 1}),
    "train": lambda stage: tell(stage, "train", {"iterations": 5}),
}


@pytest.mark.parametrize("name", LEARNING)
def test_learning_from_another_image_asks_first(stage: Any, name: str) -> None:
    """Where another image was learnt than the one on stage, updates say what they replace."""
    from_stage(stage)
    LEARNING[name](stage)
    declined(stage, f"Learning from this one takes the place of what comes after: {LATER}.")
    LEARNING[name](stage)
    replaced(stage)
    stage.at_iteration({"descend": 5, "train": 9}[name])


def test_learning_from_the_same_image_asks_nothing(stage: Any) -> None:
    """Where the image on stage is the one that was learnt, updates walk along what is there."""
    tell(stage, "configure", {"training": {"learn_from": "stage"}})
    stage.idle()
    learn(stage)
    wind(stage, 4)
    learn(stage, 1)
    stage.at_iteration(5)
    assert stage.state()["iterations"] == LEARNT


def test_a_training_that_goes_on_asks_first(stage: Any) -> None:
    """A training that was paused, wound back and given another image says what it replaces."""
    tell(stage, "configure", {"training": {"learn_from": "stage"}})
    stage.idle()
    learn(stage)
    tell(stage, "train", {"iterations": 100_000, "speed": 1})
    expect(stage.page.locator("#iterations")).not_to_have_js_property("value", str(LEARNT))
    tell(stage, "train-pause", {"paused": True})
    stage.idle()
    reached = stage.state()["iterations"]
    wind(stage, 4)
    tell(stage, "choose-sample", {"sample": 5})
    stage.idle()
    tell(stage, "train-pause", {"paused": False})
    declined(stage, f"iterations 5 to {reached}", reached)


ONWARD: dict[str, Callable[[Any], object]] = {
    "step": lambda stage: stage.press("ArrowRight"),
    "phase": lambda stage: stage.press("ArrowDown"),
    "iteration": lambda stage: stage.press("Shift+ArrowRight"),
    "button": lambda stage: stage.page.get_by_role("button", name="Next iteration").click(),
}


@pytest.mark.parametrize("name", ONWARD)
def test_over_an_update_that_was_not_made_asks_first(stage: Any, name: str) -> None:
    """The update on show is the one that happens, to the bit, or the page asks what it replaces."""
    from_stage(stage)
    steps = len(stage.trace()["steps"])
    tell(stage, "step", {"to": steps})
    stage.kept(steps)
    promised = stage.trace()["batch"]["updated"]["F.w"]["values"]
    ONWARD[name](stage)
    declined(stage, f"Learning from this one takes the place of what comes after: {LATER}.")
    ONWARD[name](stage)
    replaced(stage)
    stage.at_iteration(5)
    assert stage.state()["iterations"] == 5
    assert stage.trace()["tensors"]["F.w"]["values"] == promised


def test_play_stops_where_it_would_replace_something(stage: Any) -> None:
    """Playing over such an update asks once, and plays no further."""
    from_stage(stage)
    tell(stage, "step", {"to": len(stage.trace()["steps"])})
    stage.idle()
    stage.press("Space")
    declined(stage, LATER)
    expect(stage.page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    stage.at_iteration(4)
