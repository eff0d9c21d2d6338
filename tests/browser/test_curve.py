"""The cost curve: its scales, any part of it closer, exact values, and travelling from it."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

LEARNT = 3000
# Where a value lies on the canvas, by the chart's own scale: y of a cost, x of an iteration.
PLACE = """([value, scale]) => {
  const { chart } = document.querySelector('cost-chart');
  const { left, top } = chart.over.getBoundingClientRect();
  return chart.valToPos(value, scale) + (scale === 'x' ? left : top);
}"""
SEEN = """() => {
  const { chart } = document.querySelector('cost-chart');
  const { min, max } = chart.scales.x;
  return chart.data[0].filter((one) => one >= min && one <= max);
}"""


@pytest.fixture
def curve(stage: Any) -> Any:
    """The panel with the curve of a training, 3000 iterations long."""
    wanted = {"iterations": LEARNT}
    stage.http.post(f"{stage.run}/descent", json=wanted).raise_for_status()
    stage.page.reload()
    stage.ready()
    stage.press("t")
    expect(stage.page.locator("cost-chart canvas")).to_be_visible()
    stage.idle()
    stage.rest()
    return stage


def place(stage: Any, value: float, scale: str) -> float:
    """Where the chart draws a cost (y) or an iteration (x), on the page."""
    found: float = stage.page.evaluate(PLACE, [value, scale])
    return found


def middle(stage: Any) -> float:
    """A height within the chart."""
    box = stage.page.locator("cost-chart .u-over").bounding_box()
    return float(box["y"] + box["height"] / 2)


def zoom(stage: Any, first: int, last: int) -> None:
    """Drag over a part of the curve, as a reader does."""
    y = middle(stage)
    stage.page.mouse.move(place(stage, first, "x"), y)
    stage.page.mouse.down()
    stage.page.mouse.move(place(stage, last, "x"), y, steps=4)
    stage.page.mouse.up()
    stage.idle()
    stage.rest()


def costs(stage: Any) -> dict[int, float]:
    """The cost of every iteration, as the server has it."""
    found = stage.http.get(f"{stage.run}/costs", params={"points": 100_000}).json()
    return dict(zip(found["iterations"], found["C"], strict=True))


def read(stage: Any) -> str:
    """What the chart reads."""
    return str(stage.page.locator("cost-chart .chart-reading").inner_text())


def written(cost: float) -> str:
    """A cost with all its digits, as the page writes it."""
    return repr(cost).removeprefix("0").replace("e-0", "e−").replace("e-", "e−")


def test_the_scale_is_linear_or_logarithmic(curve: Any) -> None:
    """Equal steps of the linear scale are equal differences; of the logarithmic, equal ratios."""
    chart = curve.page.locator("cost-chart")
    first, second, third = (place(curve, cost, "y") for cost in (10, 20, 30))
    assert first - second == pytest.approx(second - third, abs=0.1)
    chart.get_by_role("button", name="logarithmic").click()
    curve.rest()
    first, second, third = (place(curve, cost, "y") for cost in (1, 2, 4))
    assert first - second == pytest.approx(second - third, abs=0.1)
    assert first - second > 1
    chart.get_by_role("button", name="linear").click()
    curve.rest()
    assert place(curve, 1, "y") - place(curve, 2, "y") < 10


def test_zooming_shows_every_iteration(curve: Any) -> None:
    """The whole is thinned; what is dragged over is there iteration by iteration."""
    assert len(curve.page.evaluate(SEEN)) <= 300
    zoom(curve, 1000, 1100)
    seen = curve.page.evaluate(SEEN)
    assert len(seen) > 50
    assert seen == list(range(seen[0], seen[-1] + 1))
    assert 950 <= seen[0] < seen[-1] <= 1150
    curve.page.locator("cost-chart").get_by_role("button", name="Whole curve").click()
    curve.rest()
    assert curve.page.evaluate(SEEN)[-1] == LEARNT


def test_the_logarithmic_scale_keeps_the_zoom(curve: Any) -> None:
    """Another scale shows the same part of the curve."""
    zoom(curve, 1000, 1100)
    before = curve.page.evaluate(SEEN)
    curve.page.locator("cost-chart").get_by_role("button", name="logarithmic").click()
    curve.idle()
    curve.rest()
    assert curve.page.evaluate(SEEN) == before


def test_the_pointer_reads_any_iteration(curve: Any) -> None:
    """Over a part seen closer the pointer reads each iteration's cost with all its digits."""
    zoom(curve, 1000, 1100)
    known = costs(curve)
    for iteration in (1021, 1022, 1057):
        curve.page.mouse.move(place(curve, iteration, "x"), middle(curve))
        curve.rest()
        assert read(curve).startswith(f"Iteration {iteration}: cost {written(known[iteration])},")


def test_a_click_travels_to_any_iteration(curve: Any) -> None:
    """A click on the curve goes to the very iteration that is read."""
    zoom(curve, 1000, 1100)
    curve.at_iteration(LEARNT)
    curve.page.mouse.click(place(curve, 1037, "x"), middle(curve))
    curve.at_iteration(1037)
    curve.idle()
    assert curve.state()["position"]["iteration"] == 1037


def test_the_keyboard_zooms_and_reads(curve: Any) -> None:
    """With + every iteration around the one that is read is there, and the arrows walk to it."""
    curve.page.locator("cost-chart .chart").focus()
    curve.press("End")
    curve.press("+", times=3)
    curve.idle()
    curve.press("End")
    curve.press("ArrowLeft", times=2)
    reading = re.compile(re.escape(f"{LEARNT - 2}: cost {written(costs(curve)[LEARNT - 2])}"))
    expect(curve.page.locator("cost-chart .chart")).to_have_attribute("aria-valuetext", reading)
    curve.press("Enter")
    curve.at_iteration(LEARNT - 2)


def test_a_new_future_is_seen_closer_too(curve: Any) -> None:
    """After an edit in the past the part that is looked at is the new future's."""
    zoom(curve, 1000, 1100)
    stale = costs(curve)[1050]
    curve.http.put(f"{curve.run}/position", json={"iteration": 900}).raise_for_status()
    edit = {"F.w": [{"index": [0, 0, 0, 0], "value": 2.5}]}
    curve.http.patch(f"{curve.run}/parameters", json=edit).raise_for_status()
    curve.http.post(f"{curve.run}/descent", json={"iterations": 2100}).raise_for_status()
    curve.idle()
    fresh = costs(curve)[1050]
    assert fresh != stale
    curve.page.mouse.move(place(curve, 1050, "x"), middle(curve))
    curve.rest()
    assert read(curve).startswith(f"Iteration 1050: cost {written(fresh)},")
