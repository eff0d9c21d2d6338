"""Quiet, still and small: requests, the layout at rest, and what fits on one screen."""

from typing import Any

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

MOST_REQUESTS = 40
MOST_BYTES = 350 * 1024

# All shifts count, also those that follow a key at once and that browsers forgive.
WATCH = """() => {
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      const step = document.querySelector('#step-count').textContent;
      const moved = sources.map(({ node, previousRect, currentRect }) => [
        (node?.parentElement ?? node)?.outerHTML.slice(0, 120),
        ...[previousRect, currentRect].map(({ x, y, width, height }) => [x, y, width, height]),
      ]);
      window.shifts.push({ value, step, moved });
    }
  }).observe({ type: 'layout-shift' });
}"""

# In one go, so that a busy machine makes no rest between two of them.
TWELVE_STEPS = """() => {
  for (let step = 0; step < 12; step += 1) {
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
  }
}"""

OUTSIDE = """() => [...document.querySelectorAll('svg.sheet')].filter((sheet) => {
  const { left, top, right, bottom } = sheet.getBoundingClientRect();
  return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight || right - left < 4;
}).map((sheet) => sheet.dataset.tensor)"""


@pytest.fixture
def first_screen(before: Any) -> dict[str, float]:
    """The addresses that the first screen asks for, and their bytes on the wire.

    Formulas are no part of it: the page fetches them when it has nothing else to do.
    """
    wire = before.page.context.new_cdp_session(before.page)
    wire.send("Network.enable")
    urls: dict[str, str] = {}
    sizes: dict[str, float] = {}

    def asked(event: Any) -> None:
        urls[event["requestId"]] = event["request"]["url"]

    def finished(event: Any) -> None:
        sizes[event["requestId"]] = event["encodedDataLength"]

    wire.on("Network.requestWillBeSent", asked)
    wire.on("Network.loadingFinished", finished)
    before.open()
    before.idle()
    ours = {one: url for one, url in urls.items() if not url.startswith("data:")}
    return {url: sizes.get(one, 0) for one, url in ours.items() if "/formulas/" not in url}


def test_the_first_screen_is_light(first_screen: dict[str, float]) -> None:
    """The first screen takes at most 350 KB on the wire."""
    assert 0 < sum(first_screen.values()) <= MOST_BYTES, sum(first_screen.values())


def test_the_first_screen_asks_seldom(first_screen: dict[str, float]) -> None:
    """The first screen takes at most 40 requests."""
    assert len(first_screen) <= MOST_REQUESTS, sorted(first_screen)


def test_hovering_asks_nobody(stage: Any) -> None:
    """Once the formulas are there, pointing at cells makes no request."""
    stage.prepared()
    stage.press("ArrowRight", times=16)
    stage.kept(16)
    since = len(stage.requests)
    for tensor, index in (("F.delta", (1, 1, 2)), ("F.dw", (1, 0, 2, 1)), ("I.da", (0, 2, 2))):
        stage.cell(tensor, *index).hover()
        stage.rest()
        assert (tensor, "value") in {(one["tensor"], one["kind"]) for one in stage.lit()}
    assert stage.asked(since) == []


def test_stepping_sends_the_position_alone(stage: Any) -> None:
    """Stepping makes one request when it rests: where the page is."""
    stage.prepared()
    since = len(stage.requests)
    stage.page.evaluate(TWELVE_STEPS)
    stage.kept(12)
    assert stage.asked(since) == [("PUT", f"{stage.run}/position")]
    assert stage.state()["position"] == {"iteration": 0, "step": 12}


def test_nothing_moves_while_stepping(stage: Any) -> None:
    """Through all steps and back nothing of the page moves."""
    stage.prepared()
    stage.page.evaluate(WATCH)
    for key in ["ArrowRight"] * 20 + ["ArrowLeft"] * 20:
        stage.press(key)
    assert stage.page.evaluate("() => window.shifts") == []


def test_nothing_moves_when_the_page_comes(before: Any) -> None:
    """From the first paint on the page stands still: the letters come with the first picture."""
    before.page.add_init_script(f"addEventListener('DOMContentLoaded', {WATCH})")
    before.open()
    before.prepared()
    assert before.page.evaluate("() => window.shifts") == []


@pytest.mark.parametrize("panel", [None, "train", "images"])
def test_nothing_moves_while_it_trains(stage: Any, panel: str | None) -> None:
    """Hundreds of iterations go by, numbers grow, and nothing of the page moves for them."""
    stage.prepared()
    if panel:
        stage.page.locator(f"[data-open={panel}]").click()
    stage.press("ArrowRight", times=3)
    stage.kept(3)
    stage.page.evaluate(WATCH)
    wanted = {"iterations": 400, "speed": 200}
    stage.http.post(f"{stage.run}/training", json=wanted).raise_for_status()
    stage.at_iteration(400)
    stage.idle()
    assert stage.page.evaluate("() => window.shifts") == []


def test_a_million_iterations_have_their_place(stage: Any) -> None:
    """Where the count of iterations has seven digits, all beside it stands where it stood."""
    places = """() => ['#iterations', '.iterations button', '.reached', '.accuracy'].map((one) => {
      const { x, width } = document.querySelector(one).getBoundingClientRect();
      return [x, width];
    })"""
    counted = """async (count) => {
      const player = document.querySelector('step-player');
      Object.assign(player, { iteration: count, iterations: count });
      await player.updateComplete;
    }"""
    before = stage.page.evaluate(places)
    for count in (7, 4321, 1_000_000):
        stage.page.evaluate(counted, count)
        assert stage.page.evaluate(places) == before


def test_all_tensors_are_on_one_screen(stage: Any) -> None:
    """At 1366×768 nothing needs scrolling, and every tensor has its heatmap on the screen."""
    trace = stage.trace()
    shown = stage.page.locator("svg.sheet.large")
    names = set(shown.evaluate_all("(all) => all.map((one) => one.dataset.tensor)"))
    assert names >= {step["writes"] for step in trace["steps"]} | {"I.a", "t"}
    assert stage.page.evaluate(OUTSIDE) == []
    size = "() => [document.documentElement.scrollHeight, document.documentElement.scrollWidth]"
    assert stage.page.evaluate(size) == [768, 1366]


def test_nothing_is_asked_of_another_host(before: Any) -> None:
    """The page and all its panels work where every other host is out of reach."""
    here = before.http.base_url.netloc.decode()
    before.page.route(lambda url: here not in url, lambda route: route.abort())
    before.open()
    before.idle()
    for name in ("Images", "Train", "Settings"):
        before.page.get_by_role("button", name=name, exact=True).click()
        before.idle()
    before.page.get_by_role("button", name="Help").click()
    expect(before.page.get_by_role("dialog")).to_be_visible()
    before.idle()
    assert before.elsewhere(here) == []
    assert before.complaints() == []


def test_a_part_that_does_not_come_is_asked_for_anew_with_another_cell(before: Any) -> None:
    """Where the explanations do not come, stepping on asks for them no more than once a cell."""
    before.refused.append(0)
    before.page.route("**/formula-panel.*", lambda route: route.abort())
    stage = before.open()
    stage.press("ArrowRight", times=13)
    stage.idle()
    asked = [path for _, path in stage.asked(0) if "formula-panel" in path]
    assert 0 < len(asked) <= 14
    expect(stage.page.get_by_role("alert").filter(has_text="could not be loaded")).to_be_visible()
    before.console.clear()


def test_tooltips_name_the_keys_of_the_help(stage: Any) -> None:
    """A button that has a key says so, in both languages, and the help has the key."""
    titles = """() => [...document.querySelectorAll('[data-key]')].map((button) =>
      [button.title, button.dataset.key])"""
    for language in ("en", "zh-Hans"):
        expect(stage.page.locator("html")).to_have_attribute("lang", language)
        found = stage.page.evaluate(titles)
        assert len(found) >= 7
        assert [title for title, key in found if not title.endswith(f" ({key})")] == []
        stage.press("l")
    stage.press("?")
    keys = stage.page.locator("help-dialog kbd")
    keys.first.wait_for()
    listed = keys.all_inner_texts()
    assert {key for _, key in found} <= {text.replace(" ", "+") for text in listed}


def test_every_button_holds_its_words(before: Any) -> None:
    """On a phone no button is narrower than what is written on it."""
    before.page.set_viewport_size({"width": 360, "height": 740})
    stage = before.open()
    cramped = """() => [...document.querySelectorAll('button')]
      .filter((button) => button.checkVisibility() && button.scrollWidth > button.clientWidth + 1)
      .map((button) => button.textContent.trim())"""
    assert stage.page.evaluate(cramped) == []
    assert stage.page.locator(".again button").count() == 2
