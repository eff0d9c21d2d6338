"""For everyone: both languages, all themes, keyboard, touch, small screens, and what axe finds."""

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

THEMES = ("light", "dark", "projector")
PREFER = {theme: f'{{"theme": "{theme}"}}' for theme in THEMES}
SIZES = {"desk": {"width": 1366, "height": 768}, "phone": {"width": 390, "height": 844}}

# All that is read or heard: text, names and hints of what is not hidden.
STRINGS = """() => {
  const seen = [];
  for (const element of document.querySelectorAll('body *')) {
    if (!element.checkVisibility() || element.closest('.katex, svg.sheet')) continue;
    const own = [...element.childNodes].filter((node) => node.nodeType === 3);
    const texts = own.map((node) => node.textContent.trim());
    const names = ['aria-label', 'title', 'aria-valuetext'];
    const said = names.map((name) => element.getAttribute(name));
    seen.push(...texts, ...said.map((text) => text ?? ''));
  }
  return [...new Set(seen.filter((text) => /\\p{L}{3}|\\p{Script=Han}{2}/u.test(text)))];
}"""

# Names and units that are the same in every language.
NAMES = {"Back", "lit", "TeX", "NumPy", "PNG", "中文", "English"}

# What stands on the keys themselves.
KEYS = {"Space", "Home", "Esc", "Shift ←", "Shift →", "Ctrl Z", "Ctrl Y"}


def found(page: Page, where: str) -> list[str]:
    """What axe finds, in a line each."""
    violations = Axe().run(page).response["violations"]
    return [
        f"{where}: {one['id']}: {node['target']}" for one in violations for node in one["nodes"]
    ]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing(stage: Any, theme: str, size: str) -> None:
    """Axe finds no violation at the start, nor at step 13 with a pinned cell."""
    page = stage.page
    in_theme(stage, theme, size)
    violations = found(page, "start")
    stage.press("ArrowRight", times=13)
    stage.press("e")
    page.locator("formula-panel .formula-line.value").wait_for()
    assert violations + found(page, "pinned") == []


def in_theme(stage: Any, theme: str, size: str) -> None:
    """See the page in a theme, in a window of a size."""
    stage.page.set_viewport_size(SIZES[size])
    keep = "(theme) => localStorage.setItem('backlit.preferences', theme)"
    stage.page.evaluate(keep, PREFER[theme])
    stage.page.reload()
    stage.ready()


PANELS = {
    "Lesson": "lesson-panel .goes",
    "Images": "image-gallery [role=option]",
    "Train": "cost-chart canvas",
    "Settings": "network-form button",
    "Teach": "teach-panel section",
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_any_panel(stage: Any, theme: str, size: str) -> None:
    """Axe finds no violation in the panels and in the help."""
    page = stage.page
    stage.http.post(f"{stage.run}/descent", json={"iterations": 5}).raise_for_status()
    in_theme(stage, theme, size)
    violations = []
    for name, inside in PANELS.items():
        page.get_by_role("button", name=name, exact=True).click()
        page.locator(inside).first.wait_for()
        violations += found(page, name)
        page.locator("#panel .close").click()
    page.get_by_role("button", name="Help").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations + found(page, "Help") == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_where_something_waits(stage: Any, theme: str, size: str) -> None:
    """Axe finds no violation in seeds that learnt, a compared branch, a draft and an offer."""
    page, http = stage.page, stage.http
    http.post(f"{stage.run}/descent", json={"iterations": 20}).raise_for_status()
    http.post(f"{stage.run}/branches", json={"name": "before"}).raise_for_status()
    http.post(f"{stage.run}/seeds", json={"seeds": [1, 2, 3], "iterations": 5}).raise_for_status()
    in_theme(stage, theme, size)
    page.locator("[data-open=train]").click()
    expect(page.locator("seeds-wall .seeds polyline")).to_have_count(3)
    page.locator("branch-list input[type=checkbox]").check()
    violations = found(page, "compared")
    page.locator("#panel .close").click()
    page.locator("[data-open=settings]").click()
    page.locator("network-form input[name=filters]").fill("5")
    page.locator("network-form input[name=filters]").press("Tab")
    page.locator("network-form .verdict.waiting").wait_for()
    violations += found(page, "draft")
    page.locator("#panel .close").click()
    page.locator("[data-open=images]").click()
    page.locator("dataset-shelf select").select_option("digits-8x8")
    page.locator("dataset-shelf .offer").wait_for()
    violations += found(page, "offer")
    stage.refused.append(404)
    page.goto("/m/there-is-no-such-moment")
    assert violations + found(page, "no moment") == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_any_window(stage: Any, theme: str, size: str) -> None:
    """Axe finds no violation in a map opened large, a film, a weight's story, a warning."""
    page = stage.page
    stage.http.post(f"{stage.run}/descent", json={"iterations": 5}).raise_for_status()
    stage.http.put(f"{stage.run}/position", json={"iteration": 2}).raise_for_status()
    in_theme(stage, theme, size)
    stage.press("ArrowRight", times=17)
    stage.press("z")
    page.locator("large-map").wait_for()
    violations = found(page, "large")
    stage.press("Escape")
    page.get_by_role("button", name="Show how").click()
    page.locator("beat-overlay").wait_for(state="attached")
    violations += found(page, "film")
    stage.press("Escape")
    page.get_by_role("button", name="Why does this weight change?").click()
    page.locator("weight-story").wait_for()
    violations += found(page, "story")
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Train", exact=True).scroll_into_view_if_needed()
    page.get_by_role("button", name="this image alone").click()
    page.get_by_role("dialog").wait_for()
    assert violations + found(page, "warning") == []


def in_chinese(stage: Any, change: Callable[[], object], same: Collection[str] = ()) -> set[str]:
    """See that no string stays English when the language is changed; the English ones."""
    english = set(stage.page.evaluate(STRINGS)) - NAMES
    change()
    expect(stage.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    stage.idle()
    chinese = set(stage.page.evaluate(STRINGS)) - NAMES - set(same)
    assert english & chinese == set()
    assert {text for text in chinese if not re.search(r"[\u4e00-\u9fff]", text)} == set()
    return english


def test_every_visible_string_changes_with_the_language(stage: Any) -> None:
    """L turns every string into Chinese and every one back, at once, and says so to the browser."""
    page = stage.page
    stage.press("ArrowRight", times=13)
    stage.press("e")
    page.locator("formula-panel .formula-line.value").wait_for()
    page.locator("activation-curve").first.wait_for()
    stage.idle()
    english = in_chinese(stage, lambda: stage.press("l"))
    assert len(english) > 40
    stage.press("l")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    stage.idle()
    assert set(page.evaluate(STRINGS)) - NAMES == english


@pytest.mark.parametrize("name", PANELS)
def test_every_string_of_a_panel_changes_too(stage: Any, name: str) -> None:
    """In a panel, with results, branches and seeds in it, nothing stays in the other language."""
    page, http = stage.page, stage.http
    http.post(f"{stage.run}/descent", json={"iterations": 5}).raise_for_status()
    http.post(f"{stage.run}/branches", json={"name": "1"}).raise_for_status()
    http.post(f"{stage.run}/seeds", json={"seeds": [1, 2], "iterations": 3}).raise_for_status()
    page.get_by_role("button", name=name, exact=True).click()
    page.locator(PANELS[name]).first.wait_for()
    stage.idle()
    in_chinese(stage, lambda: stage.press("l"))


def test_every_string_of_the_help_changes_too(stage: Any) -> None:
    """The help that is open speaks the other language at once."""
    page = stage.page
    stage.press("?")
    page.locator("help-dialog kbd").first.wait_for()
    tell = "() => document.dispatchEvent(new CustomEvent('language'))"
    in_chinese(stage, lambda: page.evaluate(tell), same=KEYS)


def test_the_language_is_kept(stage: Any) -> None:
    """A reload comes back in the language that was chosen."""
    stage.page.get_by_role("button", name="中文").click()
    expect(stage.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    stage.page.reload()
    stage.ready()
    expect(stage.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(stage.page.locator("#step")).to_have_text(re.compile(r"[\u4e00-\u9fff]"))


@pytest.mark.parametrize("theme", THEMES)
def test_the_theme_is_kept(stage: Any, theme: str) -> None:
    """A theme that was chosen in the settings shows at once and is there after a reload."""
    page = stage.page
    page.get_by_role("button", name="Settings").click()
    other = "dark" if theme == "light" else "light"
    page.get_by_role("radio", name=other).check()
    before = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    page.get_by_role("radio", name=theme).check()
    expect(page.locator("html")).to_have_attribute("data-theme", theme)
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") != before
    page.reload()
    stage.ready()
    expect(page.locator("html")).to_have_attribute("data-theme", theme)


def test_the_system_chooses_the_first_theme(before: Any) -> None:
    """A reader whose system is dark finds the page dark."""
    before.page.emulate_media(color_scheme="dark")
    before.open()
    expect(before.page.locator("html")).to_have_attribute("data-theme", "dark")


def test_single_letter_keys_can_be_switched_off(stage: Any) -> None:
    """Where single-letter keys are switched off, L changes nothing."""
    stage.page.get_by_role("button", name="Settings").click()
    stage.page.get_by_role("checkbox", name="Single-letter keys").uncheck()
    stage.page.locator("h1").click()
    stage.press("l")
    stage.press("ArrowRight")
    stage.at_step(1)
    expect(stage.page.locator("html")).to_have_attribute("lang", "en")


@pytest.fixture
def touched(browser: Browser, before: Any, base_url: str) -> Iterator[Any]:
    """The page on a phone of 360 pixels, under a finger."""
    context = browser.new_context(
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
        base_url=base_url,
        locale="en-GB",
    )
    stage = type(before)(context.new_page(), before.http)
    stage.page.set_default_timeout(10_000)
    stage.page.on("console", lambda message: stage.console.append(message.text))
    yield stage.open()
    assert stage.console == []
    context.close()


def test_a_phone_needs_no_sideways_scrolling_of_the_page(touched: Any) -> None:
    """At 360 pixels the page is as wide as the screen, whatever panel is open."""
    wide = "() => document.documentElement.scrollWidth"
    assert touched.page.evaluate(wide) == 360
    touched.http.post(f"{touched.run}/descent", json={"iterations": 5}).raise_for_status()
    for name in ("Images", "Train", "Settings"):
        touched.page.get_by_role("button", name=name, exact=True).click()
        touched.page.locator(PANELS[name]).first.wait_for()
        touched.rest()
        assert touched.page.evaluate(wide) == 360, name
        touched.page.locator("#panel .close").click()


def test_everything_is_reached_on_a_phone(touched: Any) -> None:
    """At 360 pixels every heatmap, button and line can be scrolled into view."""
    page = touched.page
    controls = page.locator("svg.sheet.large, button:visible, #verdict, #step-sentence")
    for one in controls.all():
        one.scroll_into_view_if_needed()
        expect(one).to_be_in_viewport()


def test_a_second_tap_pins(touched: Any) -> None:
    """A tap explains a cell, a second tap on it pins it."""
    page = touched.page
    for _ in range(3):
        page.locator("#step").tap()
    cell = touched.cell("F.z", 1, 1, 1)
    cell.scroll_into_view_if_needed()
    cell.tap()
    lit = touched.lit_as(20)
    assert ("F.z", 16 + 5, "value") in {(one["tensor"], one["place"], one["kind"]) for one in lit}
    expect(page.locator("formula-panel")).not_to_have_attribute("pinned", "")
    cell.tap()
    expect(page.locator("formula-panel")).to_have_attribute("pinned", "")
