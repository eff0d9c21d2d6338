"""The film: training that is watched, wound back, kept and compared; several seeds."""

import re
import time
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser
ENDED = re.compile("^Done")

EDITED = 13  # the place of F.w[1, 0, 1, 1] among all weights


def open_training(stage: Any) -> None:
    """Open the panel by its key."""
    stage.page.locator("h1").click()
    stage.press("t")
    expect(stage.page.locator("training-controls form")).to_be_visible()
    stage.idle()


def begin(stage: Any, iterations: int | None = None, speed: str | None = None, **more: str) -> None:
    """Fill in the form and start."""
    form = stage.page.locator("training-controls form")
    form.locator("[name=iterations]").fill("" if iterations is None else str(iterations))
    for name, value in more.items():
        form.locator(f"[name={name}]").fill(value)
    if speed:
        form.locator("select").select_option(speed)
    form.get_by_role("button", name="Train", exact=True).click()


def ended(stage: Any) -> None:
    """See that a training came to its end, and what it says."""
    status = stage.page.locator("training-controls [role=status]")
    expect(status).to_have_text(ENDED, timeout=30_000)
    stage.idle()


def at(stage: Any) -> int:
    """The iteration that the page shows."""
    return int(stage.page.locator("#iterations").input_value())


def edit(stage: Any) -> None:
    """Make a weight of the filter in focus a little greater, with a key."""
    stage.cell("F.w", 1, 0, 1, 1).focus()
    stage.press("+")


def keep(stage: Any, name: str) -> None:
    """Keep the present future under a name."""
    branches = stage.page.locator("branch-list")
    branches.locator("[name=name]").fill(name)
    branches.get_by_role("button", name="Keep this future").click()
    expect(branches.locator("li")).to_contain_text([name])
    stage.idle()


def test_trains_until_its_number(stage: Any) -> None:
    """After a training the page shows the server's last iteration, its numbers and its curve."""
    open_training(stage)
    begin(stage, 300)
    ended(stage)
    stage.at_iteration(300)
    assert stage.state()["iterations"] == 300
    expect(stage.page.locator("cost-chart .chart")).to_have_attribute("aria-valuemax", "300")
    trace = stage.trace()
    shown = {(cell["tensor"], tuple(cell["index"])): cell["text"] for cell in stage.weights()}
    values = trace["tensors"]["F.w"]["values"]
    texts = stage.formatted(values)
    large = {place: text for place, text in shown.items() if place[0] == "F.w"}
    assert len(large) == 9
    for (_, index), text in large.items():
        assert text in texts[values[index[0] * 9 + index[2] * 3 + index[3]]]


def test_trains_until_a_cost(stage: Any) -> None:
    """A cost that is wished for ends the training where it is reached."""
    open_training(stage)
    begin(stage, cost="3")
    ended(stage)
    costs = stage.http.get(f"{stage.run}/costs", params={"points": 10_000}).json()
    assert costs["C"][-1] <= 3 < costs["C"][-2]
    stage.at_iteration(costs["iterations"][-1])


def test_pauses_goes_on_and_stops(stage: Any) -> None:
    """Frames come while it runs; paused it stands still; it goes on and is stopped by buttons."""
    open_training(stage)
    begin(stage, 100_000, speed="20")
    slider = stage.page.locator("#iterations")
    controls = stage.page.locator("training-controls")
    expect(slider).not_to_have_js_property("value", "0")
    expect(controls.locator("progress")).to_be_visible()
    controls.get_by_role("button", name="Pause").click()
    expect(controls.locator(".reading")).to_contain_text("paused")
    stage.idle()
    paused = at(stage)
    assert paused == stage.state()["position"]["iteration"]
    stage.page.wait_for_timeout(300)
    assert at(stage) == paused
    controls.get_by_role("button", name="Go on").click()
    expect(slider).not_to_have_js_property("value", str(paused))
    controls.get_by_role("button", name="Stop").click()
    expect(controls.locator("form")).to_be_visible()
    assert stage.state()["training"]["state"] == "idle"


def test_a_reload_finds_the_training(stage: Any) -> None:
    """Closed and opened again in the middle, the page shows the training that went on."""
    open_training(stage)
    begin(stage, 100_000, speed="100")
    expect(stage.page.locator("training-controls progress")).to_be_visible()
    stage.page.reload()
    expect(stage.page.locator("html.ready")).to_be_attached()
    stage.press("t")
    expect(stage.page.locator("training-controls progress")).to_be_visible()
    before = at(stage)
    expect(stage.page.locator("#iterations")).not_to_have_js_property("value", str(before))
    stage.page.locator("training-controls").get_by_role("button", name="Stop").click()
    expect(stage.page.locator("training-controls form")).to_be_visible()


def test_the_step_that_is_looked_at_outlives_a_training(stage: Any) -> None:
    """Where a training ends, the page stays at its step, and is there again after a reload."""
    stage.press("ArrowRight", times=7)
    open_training(stage)
    begin(stage, 50)
    ended(stage)
    stage.at_step(7)
    stage.kept(7)
    stage.page.reload()
    stage.ready()
    stage.at_iteration(50)
    stage.at_step(7)


def test_two_windows_agree(stage: Any, browser: Browser, base_url: str) -> None:
    """What one window trains and where it goes, the other shows too."""
    run = stage.run.rpartition("/")[2]
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="en-GB")
    other: Page = context.new_page()
    beside = type(stage)(other, stage.http)
    beside.listen()
    beside.open(f"{base_url}/runs/{run}")
    open_training(stage)
    begin(stage, 120)
    ended(stage)
    there = other.locator("#iterations")
    expect(there).to_have_js_property("value", "120")
    beside.idle()
    stage.idle()
    stage.page.locator("#iterations").focus()
    stage.press("Home")
    stage.at_iteration(0)
    expect(there).to_have_js_property("value", "0")
    context.close()


def test_an_edit_in_the_past_says_what_it_replaces(stage: Any) -> None:
    """Before an edit in the past the page names the iterations, and nothing need be done."""
    stage.press("Shift+ArrowRight", times=1)
    stage.at_iteration(1)
    page = stage.page
    page.locator("#iterations").focus()
    stage.press("Home")
    stage.at_iteration(0)
    edit(stage)
    dialog = page.locator("future-dialog dialog")
    expect(dialog).to_be_visible()
    expect(page.locator("future-dialog")).to_contain_text("what comes after this one: iteration 1.")
    page.get_by_role("button", name="Do not edit").click()
    expect(dialog).to_be_hidden()
    assert stage.state()["iterations"] == 1


def test_wind_back_edit_keep_and_compare(stage: Any) -> None:
    """Wound back and edited, the old future is kept, compared, and come back to, to the bit."""
    open_training(stage)
    begin(stage, 50)
    ended(stage)
    old = stage.trace()["tensors"]
    stage.page.locator("#iterations").focus()
    stage.press("Home")
    stage.at_iteration(0)
    stage.idle()
    weight = stage.trace()["tensors"]["F.w"]["values"][EDITED]
    edit(stage)
    stage.page.get_by_role("button", name="Keep them as a branch").click()
    branches = stage.page.locator("branch-list li")
    expect(branches).to_have_count(1)
    stage.idle()
    assert stage.state()["iterations"] == 0
    assert stage.trace()["tensors"]["F.w"]["values"][EDITED] != weight
    begin(stage, 30)
    ended(stage)
    branches.get_by_role("checkbox").check()
    expect(branches.get_by_role("checkbox")).to_be_checked()
    stage.idle()
    branches.get_by_role("button", name="Go back to it").click()
    expect(stage.page.locator("#iterations")).to_have_attribute("max", "50")
    stage.at_iteration(0)
    stage.page.locator("#iterations").focus()
    stage.press("End")
    stage.at_iteration(50)
    stage.idle()
    assert stage.trace()["tensors"] == old


def test_the_film_shows_any_iteration(stage: Any) -> None:
    """Dragged, the film shows the past as it was; played, it runs from the start to the end."""
    open_training(stage)
    begin(stage, 60)
    ended(stage)
    bar = stage.page.locator("replay-bar")
    slider = bar.get_by_role("slider")
    slider.evaluate(
        """(input) => { input.value = "17"; input.dispatchEvent(new Event("input")); }"""
    )
    stage.at_iteration(17)
    stage.idle()
    past = stage.http.get(f"{stage.run}/trace", params={"iteration": 17}).json()
    shown = stage.page.locator("learning-corner .number")
    cost = past["batch"]["C"]
    expect(shown).to_have_text(stage.formatted([cost])[cost][1])
    slider.evaluate(
        """(input) => { input.value = "60"; input.dispatchEvent(new Event("input")); }"""
    )
    stage.at_iteration(60)
    bar.get_by_role("button", name="Play").click()
    expect(stage.page.locator("#iterations")).not_to_have_js_property("value", "60")
    expect(bar.get_by_role("button", name="Play")).to_be_visible(timeout=30_000)
    stage.at_iteration(60)


def test_sixteen_seeds(stage: Any) -> None:
    """Sixteen networks learn side by side, and the page says how many have everything right."""
    open_training(stage)
    wall = stage.page.locator("seeds-wall")
    wall.locator("[name=iterations]").fill("100")
    wall.get_by_role("button", name="Try").click()
    expect(wall.locator("li")).to_have_count(16)
    expect(wall.locator("[role=status]")).to_contain_text("After 100 updates", timeout=30_000)
    seeds = stage.http.get(f"{stage.run}/seeds").json()["seeds"]
    right = sum(one["accuracy"] == 1 for one in seeds)
    expect(wall.locator("[role=status]")).to_contain_text(f"{right} of 16")
    wall.get_by_role("button", name="Clear").click()
    expect(wall.locator("li")).to_have_count(0)


def test_histograms_of_every_layer(stage: Any) -> None:
    """δ and gradients of both layers stand there as bars, with what they count said in words."""
    open_training(stage)
    layers = stage.page.locator("layer-histograms .layer")
    expect(layers).to_have_count(2)
    expect(layers.first.locator("figure").get_by_role("img")).to_have_count(2)
    found = stage.http.get(f"{stage.run}/histograms").json()["layers"][0]
    bars = layers.first.locator("figure rect")
    assert bars.count() == len(found["delta"]["counts"]) + len(found["gradient"]["counts"])


def test_a_run_deleted_elsewhere_is_said(stage: Any, base_url: str) -> None:
    """A window on a run that another one deletes says so, without being asked."""
    stage.prepared()
    httpx.delete(f"{base_url}{stage.run}").raise_for_status()
    expect(stage.page.get_by_text("This run is no longer there.")).to_be_visible()


def test_a_lost_future_can_be_dropped(stage: Any, base_url: str) -> None:
    """A kept future that cannot be read says so, cannot be gone back to, and can be dropped."""
    open_training(stage)
    keep(stage, "first")
    run = f"{base_url}/api/runs/{stage.state()['id']}"
    (branch,) = httpx.get(f"{run}/branches").json()["branches"]
    httpx.delete(f"{base_url}/api/runs/{branch['id']}").raise_for_status()
    keep(stage, "second")
    lost = stage.page.locator("branch-list li").first
    expect(lost).to_contain_text("It can no longer be read")
    expect(lost.get_by_role("button")).to_have_count(1)
    lost.get_by_role("button").click()
    expect(stage.page.locator("branch-list li")).to_have_count(1)


def test_saturated_neurons_are_marked(stage: Any) -> None:
    """A filter with a large bias is saturated at each of its places: marked there, and named."""
    parameters = {"F.b": [0.0, 30.0, 0.0]}
    stage.http.patch(f"{stage.run}/parameters", json=parameters).raise_for_status()
    open_training(stage)
    layer = stage.page.locator("layer-histograms .layer").first
    expect(layer).to_contain_text("Saturated on nearly all images: 16 (aF211")
    expect(layer.locator(".units .saturated")).to_have_count(16)


def test_the_film_ends_where_the_reader_goes(stage: Any) -> None:
    """A click on the curve, or closing the panel, ends the film that plays."""
    open_training(stage)
    begin(stage, 600)
    ended(stage)
    bar, chart = stage.page.locator("replay-bar"), stage.page.locator("cost-chart .u-over")
    play, pause = (bar.get_by_role("button", name=name) for name in ("Play", "Pause"))
    play.click()
    expect(pause).to_be_visible()
    chart.click(position={"x": 60, "y": 40})
    expect(play).to_be_visible()
    play.click()
    expect(pause).to_be_visible()
    stage.press("Escape")
    expect(play).to_be_hidden()
    stage.idle()
    at_rest = int(stage.page.locator("#iterations").input_value())
    assert stage.state()["position"]["iteration"] == at_rest
    open_training(stage)
    expect(play).to_be_visible()
    stage.at_iteration(at_rest)


def test_the_gallery_learns_live(stage: Any) -> None:
    """While it trains, one question at a time is asked, at most five a second; the last stands."""
    stage.prepared()
    page = stage.page
    page.locator("[data-open=images]").click()
    expect(page.locator("[data-sample]")).to_have_count(96)
    asked: list[str] = []
    under_way: set[Any] = set()
    most: list[int] = []

    def begins(request: Any) -> None:
        if request.url.endswith("/predictions"):
            asked.append(request.url)
            under_way.add(request)
            most.append(len(under_way))

    def ends(request: Any) -> None:
        under_way.discard(request)

    page.on("request", begins)
    page.on("requestfinished", ends)
    said = "() => [...document.querySelectorAll('[data-sample]')].map((one) => one.ariaLabel)"
    before = page.evaluate(said)
    wanted = {"iterations": 10_000, "speed": 40}
    began = time.monotonic()
    stage.http.post(f"{stage.run}/training", json=wanted).raise_for_status()
    seen = {tuple(before)}
    for _ in range(250):
        page.wait_for_timeout(120)
        seen.add(tuple(page.evaluate(said)))
        if len(seen) > 3:
            break
    assert len(seen) > 3
    stage.http.delete(f"{stage.run}/training").raise_for_status()
    stage.at_iteration(stage.state()["position"]["iteration"])
    stage.idle()
    assert max(most) == 1
    assert len(asked) <= 5 * (time.monotonic() - began) + 2
    found = stage.http.get(f"{stage.run}/predictions").json()
    classes, labels = ["1", "2", "3"], page.evaluate(said)
    for text, answer in zip(labels, found["predictions"], strict=True):
        assert "so too" in text or f"“{classes[answer]}”" in text
    assert sum("so too" in text for text in labels) == found["correct"]


def test_results_and_histograms_follow_a_training(stage: Any) -> None:
    """While it trains, table and histograms are new about once a second, and right at its end."""
    stage.prepared()
    open_training(stage)
    shown = """() => ['results-tables', 'layer-histograms'].map(
      (name) => document.querySelector(name).innerHTML)"""
    since = len(stage.requests)
    seen: list[set[str]] = [set(), set()]
    wanted = {"iterations": 200, "speed": 40}
    stage.http.post(f"{stage.run}/training", json=wanted).raise_for_status()
    for _ in range(150):
        stage.page.wait_for_timeout(100)
        for place, html in zip(seen, stage.page.evaluate(shown), strict=True):
            place.add(html)
        if min(map(len, seen)) > 2:
            break
    assert [len(place) > 2 for place in seen] == [True, True]
    stage.at_iteration(200)
    stage.idle()
    asked = [path for _, path in stage.asked(since) if path.endswith("/results")]
    assert 2 <= len(asked) <= 9
    found = stage.http.get(f"{stage.run}/results").json()["training"]["confusion"]
    cells = stage.page.locator("results-tables td").all_inner_texts()
    assert [int(text) for text in cells] == [count for row in found for count in row]


def test_a_run_from_another_machine_says_so(before: Any) -> None:
    """A trace that was made elsewhere carries a quiet sentence; one that was made here does not."""
    stage = before.open()
    said = stage.page.locator("#elsewhere")
    expect(said).to_be_hidden()

    def elsewhere(route: Any) -> None:
        answer = route.fetch()
        replay = {"made_on": "one", "here": "another", "difference": 2e-15}
        route.fulfill(response=answer, json={**answer.json(), "replay": replay})

    stage.page.route("**/descent", elsewhere)
    stage.page.locator("learning-corner .descents button").nth(1).click()
    expect(said).to_contain_text("begun on another machine")
    expect(said).to_contain_text("2e−15")


def test_the_same_scale_over_time(stage: Any) -> None:
    """The colour of a cell at an iteration is the same at each visit, and after a reload."""
    stage.http.post(f"{stage.run}/descent", json={"iterations": 200}).raise_for_status()
    stage.page.reload()
    stage.ready()
    stage.press("ArrowRight", times=3)
    open_training(stage)
    rect = stage.cell("F.w", 1, 0, 1, 1).locator("rect").first
    bar = stage.page.locator("replay-bar")

    def colour_at(iteration: int) -> str:
        tell = "(to) => document.dispatchEvent(new CustomEvent('replay', { detail: { to } }))"
        stage.page.evaluate(tell, iteration)
        stage.at_iteration(iteration)
        while stage.state()["position"]["iteration"] != iteration:
            stage.page.wait_for_timeout(50)
        return str(rect.get_attribute("fill"))

    own = colour_at(0)
    bar.get_by_role("checkbox").check()
    stage.idle()
    first, middle, last = (colour_at(iteration) for iteration in (0, 57, 200))
    assert first not in {own, last}
    assert (colour_at(57), colour_at(0)) == (middle, first)
    stage.page.reload()
    stage.ready()
    stage.idle()
    assert str(rect.get_attribute("fill")) == first
    assert colour_at(57) == middle


def test_beyond_the_scale_that_is_kept_the_range_says_so(stage: Any) -> None:
    """Values beyond the scale have its deepest colour, and an arrow beside the range says so."""
    stage.prepared()
    kept = "document.dispatchEvent(new CustomEvent('prefer', {detail: {sameScale: true}}))"
    stage.page.evaluate(kept)
    stage.idle()
    beyond = stage.page.locator(".heading .beyond")
    expect(beyond).to_have_count(0)
    wanted = {"iterations": 10_000, "speed": 50}
    stage.http.post(f"{stage.run}/training", json=wanted).raise_for_status()
    expect(beyond.first).to_contain_text("what lies beyond has the colour of the limit")
    stage.http.delete(f"{stage.run}/training").raise_for_status()
    expect(beyond).to_have_count(0, timeout=10_000)
