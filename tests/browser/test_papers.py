"""The pages to read and to print, in a real browser."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

BLANKS = """() =>
  [...document.querySelectorAll('.task .grid.blank td')].map((it) => it.textContent)"""
ANSWERS = """() => [...document.querySelectorAll('.task')].map((task) =>
  [...task.querySelector('.figures figure').querySelectorAll('td')].map((it) => it.textContent))"""
PREFER = "(theme) => localStorage.setItem('backlit.preferences', JSON.stringify({ theme }))"
COLOURS = """() => {
  const { color, backgroundColor } = getComputedStyle(document.body);
  return [color, backgroundColor];
}"""
FORMAT = """async (numbers) => {
  const { src } = document.querySelector('script[src$="paper.js"]');
  const { format } = await import(src.replace('paper.js', 'format.js'));
  return numbers.map((number) => format(number, 2));
}"""


def paper(stage: Any, path: str) -> Any:
    """A page to read, whole."""
    stage.page.goto(path)
    stage.page.locator("html.ready").wait_for()
    return stage.page


def at(stage: Any) -> str:
    """The address of the run's worksheet."""
    return f"/runs/{stage.run.rpartition('/')[2]}/worksheet"


def test_the_worksheet_is_blank(stage: Any) -> None:
    """Each step has its law and blanks without a number; image and weights are given."""
    page = paper(stage, at(stage))
    assert set(page.evaluate(BLANKS)) == {""}
    expect(page.locator(".task")).to_have_count(19)
    expect(page.locator(".task .law .katex")).to_have_count(19)
    expect(page.locator(".given .grid").first.locator("td")).to_have_count(36)


@pytest.mark.parametrize("filter_", [1, 3])
def test_the_key_has_the_numbers_of_the_run(stage: Any, filter_: int) -> None:
    """Each answer is the run's number, rounded as on the stage, of the filter that was chosen."""
    stage.http.post(f"{stage.run}/descent", json={"iterations": 2}).raise_for_status()
    trace = stage.trace()
    page = paper(stage, f"{at(stage)}?key=1&filter={filter_}")
    answers = page.evaluate(ANSWERS)
    steps = [step for step in trace["steps"] if step["writes"] != "I.da"]
    assert len(answers) == len(steps)
    for step, shown in zip(steps, answers, strict=True):
        held = trace["tensors"] if step.get("of") != "next" else trace["batch"]["updated"]
        expected = chosen(step["writes"], held[step["writes"]], filter_ - 1)
        assert shown == page.evaluate(FORMAT, expected), step["writes"]


def chosen(tensor: str, held: Any, filter_: int) -> list[float]:
    """The values that belong to a filter, or all where there are no maps."""
    shape, values = held["shape"], held["values"]
    if tensor.startswith("O."):
        if len(shape) < 4:
            return list(values)
        size = shape[2] * shape[3]
        starts = [(u * shape[1] + filter_) * size for u in range(shape[0])]
        return [value for start in starts for value in values[start : start + size]]
    if not shape:
        return list(values)
    size = len(values) // shape[0]
    return list(values[filter_ * size : (filter_ + 1) * size])


def test_the_worksheet_is_what_was_asked_for(stage: Any) -> None:
    """The choices above it change the steps and the answers, and stay in the address."""
    page = paper(stage, at(stage))
    page.get_by_label("Steps").select_option("backward")
    page.wait_for_url(re.compile("part=backward"))
    expect(page.locator(".task").first).to_contain_text("Now backward")
    expect(page.get_by_role("heading", name="Known from the forward pass")).to_be_visible()
    page.get_by_label("Show").select_option("1")
    page.wait_for_url(re.compile("key=1"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Answer key")
    assert page.locator(".grid.blank").count() == 0


@pytest.mark.parametrize("preset", ["two-convolutions", "hidden-layer", "glyphs-28x28"])
def test_every_network_has_a_worksheet(stage: Any, preset: str) -> None:
    """Deep and large networks too; what has no room on paper says so."""
    run = stage.http.post("/api/runs", json={"preset": preset}).json()["id"]
    stage.page.set_default_navigation_timeout(30_000)
    page = paper(stage, f"/runs/{run}/worksheet?key=1")
    assert page.locator(".task").count() > 15
    assert page.locator(".katex-error").count() == 0
    wide = "() => document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(wide) <= 0


def test_on_paper_there_are_no_tools(stage: Any) -> None:
    """In print: black on white whatever the theme, without buttons, and few pages."""
    page = stage.page
    page.evaluate(PREFER, "dark")
    paper(stage, at(stage))
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    page.emulate_media(media="print")
    expect(page.locator(".tools")).to_be_hidden()
    expect(page.locator(".paper-head")).to_be_hidden()
    assert page.evaluate(COLOURS) == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    pages = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))
    assert 1 <= pages <= 5


@pytest.mark.parametrize("path", ["/glossary", "/teachers", "worksheet", "worksheet?key=1"])
@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("width", [1366, 390])
def test_axe_finds_nothing_on_paper(stage: Any, path: str, theme: str, width: int) -> None:
    """Axe finds no violation, and nothing is wider than the window."""
    page = stage.page
    page.set_viewport_size({"width": width, "height": 844})
    page.evaluate(PREFER, theme)
    paper(stage, path if path.startswith("/") else at(stage).replace("worksheet", path))
    violations = Axe().run(page).response["violations"]
    found = [f"{one['id']}: {node['target']}" for one in violations for node in one["nodes"]]
    assert found == []
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0


def test_the_language_changes_on_paper_too(stage: Any) -> None:
    """The button leads to the same page in the other language, and back."""
    page = paper(stage, "/teachers")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("教师指南")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("For teachers")


def test_the_panel_leads_to_the_pages(stage: Any) -> None:
    """“Teach” links to the worksheet, its key, the glossary and the page for teachers."""
    stage.press("m")
    links = stage.page.locator("teach-panel a")
    expect(links).to_have_count(4)
    for link in links.all():
        answer = stage.http.get(str(link.get_attribute("href")))
        assert answer.status_code == 200
        assert "html" in answer.headers["content-type"]
