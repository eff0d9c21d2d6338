"""Learning from the page: descent, reset, new weights, and what is said of a refusal."""

import re
from typing import Any

import pytest
from playwright.sync_api import Route, expect

pytestmark = pytest.mark.browser


def train(stage: Any, iterations: int) -> None:
    """Press the button that trains so many iterations."""
    name = "Train 1 iteration" if iterations == 1 else f"Train {iterations} iterations"
    button = stage.page.get_by_role("button", name=name, exact=True)
    stage.told("/descent", button.click)
    expect(button).to_be_enabled()
    stage.rest()


def texts(stage: Any) -> list[Any]:
    """The weights as they are shown."""
    return [(cell["tensor"], cell["index"], cell["text"]) for cell in stage.weights()]


def test_descent_moves_on_by_1_10_and_100(stage: Any) -> None:
    """The three buttons train 1, 10 and 100 iterations; the cost shown falls as the API's does."""
    reached = 0
    costs = [stage.trace()["batch"]["C"]]
    for iterations in (1, 10, 100):
        train(stage, iterations)
        reached += iterations
        stage.at_iteration(reached)
        costs.append(stage.trace()["batch"]["C"])
        shown = stage.page.locator("learning-corner .number")
        expect(shown).to_have_text(stage.formatted([costs[-1]])[costs[-1]][1])
    assert stage.state()["iterations"] == 111
    assert costs == sorted(costs, reverse=True)


def test_the_cost_curve_grows_with_the_iterations(stage: Any) -> None:
    """The curve in the corner has a point for each iteration that was reached."""
    curve = stage.page.locator("learning-corner polyline")
    expect(curve).to_have_count(0)
    train(stage, 10)
    expect(curve).to_have_count(1)
    assert len(str(curve.get_attribute("points")).split()) == 11


def test_the_large_cost_curve_reads_exact_values(stage: Any) -> None:
    """The chart of the training panel reads the cost at a point, and Enter travels there."""
    train(stage, 10)
    stage.page.locator("h1").click()
    stage.press("t")
    chart = stage.page.locator("cost-chart [role=slider]")
    expect(chart).to_have_attribute("aria-valuenow", "10")
    stage.idle()
    chart.focus()
    stage.press("Home")
    expect(chart).to_have_attribute("aria-valuenow", "0")
    stage.press("Enter")
    stage.at_iteration(0)


def test_reset_returns_to_the_same_weights(stage: Any) -> None:
    """Reset shows exactly the weights that the run began with."""
    before, values = texts(stage), stage.trace()["tensors"]["F.w"]["values"]
    train(stage, 10)
    assert texts(stage) != before
    stage.told("/position", stage.page.get_by_role("button", name="Reset", exact=True).click)
    stage.at_iteration(0)
    assert texts(stage) == before
    assert stage.trace()["tensors"]["F.w"]["values"] == values


def test_new_weights_are_others(stage: Any) -> None:
    """New weights begin again at iteration 0 with other numbers, which are the API's."""
    before = texts(stage)
    train(stage, 1)
    stage.page.get_by_role("button", name="New weights").click()
    replace = stage.page.get_by_role("button", name="Replace them")
    stage.told("/costs?points=300", replace.click)
    stage.at_iteration(0)
    assert texts(stage) != before
    values = stage.trace()["tensors"]["O.b"]["values"]
    shown = [cell["text"] for cell in stage.cells() if cell["tensor"] == "O.b"]
    assert shown == [stage.formatted(values)[value][0] for value in values]


def test_a_refused_descent_is_said_in_words(stage: Any) -> None:
    """Where learning blows up, the corner says so and the page stays at the last good iteration."""
    stage.refused.append(409)
    rate = {"training": {"learning_rate": 1e5}, "layers": RELU}
    stage.http.patch(f"{stage.run}/config", json=rate).raise_for_status()
    stage.page.reload()
    stage.ready()
    stage.told("/descent", stage.page.get_by_role("button", name="Train 100 iterations").click)
    expect(stage.page.get_by_role("alert").filter(has_text="learning rate")).to_be_visible()
    stage.at_iteration(stage.state()["position"]["iteration"])


RELU = [
    {"type": "conv", "filters": 3, "size": 3, "activation": "relu"},
    {"type": "pool", "kind": "max", "size": 2, "stride": 2},
    {"type": "dense", "units": 3, "activation": "identity"},
]


def test_an_impossible_learning_rate_is_refused_in_words(stage: Any) -> None:
    """A setting out of bounds is refused where it was made, in words, and changes nothing."""
    stage.refused.append(422)
    stage.page.get_by_role("button", name="Settings").click()
    rate = stage.page.locator("settings-panel input[type=number]")
    rate.fill("-3")
    stage.told("/config", lambda: rate.press("Tab"))
    expect(stage.page.locator("settings-panel [role=alert]")).to_contain_text("not accepted")
    assert stage.state()["config"]["training"]["learning_rate"] == 0.2


def test_a_server_that_does_not_answer_is_said_in_words(stage: Any) -> None:
    """Where no answer comes, the page says that the server does not answer, and works on after."""
    stage.refused.append(0)
    stage.page.route("**/stage", lambda route: route.abort())
    stage.page.get_by_role("button", name="Invert").click()
    expect(stage.page.get_by_role("alert").filter(has_text="does not answer")).to_be_visible()
    stage.page.unroute("**/stage")
    stage.told("/stage", stage.page.get_by_role("button", name="Clear").click)
    expect(stage.page.get_by_role("alert").filter(has_text="does not answer")).to_be_hidden()


def test_a_servers_mistake_is_said_in_words(stage: Any) -> None:
    """Where the server fails, the page says so with the server's own words."""
    stage.refused.append(500)

    def fail(route: Route) -> None:
        route.fulfill(status=500, json={"title": "Error", "detail": "the disk is full"})

    stage.page.route("**/stage", fail)
    stage.page.get_by_role("button", name="Invert").click()
    expect(stage.page.get_by_role("alert").filter(has_text="the disk is full")).to_be_visible()


def test_a_stale_window_is_told_and_recovers(before: Any) -> None:
    """Cut off from events, a window overwrites nothing: it says so, shows what is and goes on."""
    before.page.route("**/events", lambda route: route.abort())
    stage = before.open()
    stage.refused += [0, 412]
    stage.http.post(f"{stage.run}/descent", json={"iterations": 7}).raise_for_status()
    before = stage.trace()["tensors"]["I.a"]["values"]
    stage.told("/stage", stage.page.get_by_role("button", name="Invert").click)
    expect(stage.page.get_by_role("alert").filter(has_text="Another window")).to_be_visible()
    stage.at_iteration(7)
    assert stage.trace()["tensors"]["I.a"]["values"] == before
    stage.told("/stage", stage.page.get_by_role("button", name="Invert").click)
    assert stage.trace()["tensors"]["I.a"]["values"] == [1 - value for value in before]
    expect(stage.page.get_by_role("alert").filter(has_text="Another window")).to_be_hidden()


def test_the_update_says_whose_gradient_it_uses(stage: Any) -> None:
    """At the update the page says that the gradient is the sum over 96 images."""
    stage.press("ArrowRight", times=17)
    expect(stage.page.locator("#step-sentence")).to_have_text(re.compile("sum over 96 images"))
