"""The lesson: all chapters in both languages by keyboard alone, their numbers those of the API."""

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser

CHAPTERS = (
    "network",
    "cost",
    "descent",
    "neuron-error",
    "output-error",
    "output-gradients",
    "filter-gradients",
    "recursion",
    "all-images",
    "update",
    "many-updates",
)
LANGUAGES = {"en": ("Right!", "Not yet."), "zh_Hans": ("答对了！", "还不对。")}
CHOICES = {
    "en": {"up": "up", "down": "down", "lower": "lower", "higher": "higher"},
    "zh_Hans": {"up": "增大", "down": "减小", "lower": "更低", "higher": "更高"},
}
OTHER = {"up": "down", "down": "up", "lower": "higher", "higher": "lower"}

SAID = """async (number) => (await import('/static/scene.js')).said(number)"""
LIT = """() => {
  const { cell, pinned } = document.querySelector('formula-panel');
  return pinned ? cell : null;
}"""
QUESTION = """() => document.querySelector('lesson-panel').told.question"""


def open_chapter(stage: Any, chapter: str, language: str = "en", more: str = "") -> Locator:
    """Follow a link to a chapter; the panel, once its numbers are there."""
    page = stage.page
    base = re.sub(r"^(https?://[^/]+).*$", r"\1", page.url)
    page.context.add_cookies([{"name": "language", "value": language, "url": base}])
    run = stage.run.removeprefix("/api")
    stage.open(f"{run}?chapter={chapter}{more}")
    panel: Locator = page.locator("lesson-panel")
    expect(panel.locator(".row")).to_be_visible()
    return panel


def number_of(trace: Any, cell: Any) -> float:
    """The number of a cell, as the API has it."""
    kind = cell.get("of")
    batch = trace["batch"]
    place = {"batch": "gradients", "next": "updated"}.get(kind or "")
    tensor = batch[place][cell["tensor"]] if place else trace["tensors"][cell["tensor"]]
    at = 0
    for size, index in zip(tensor["shape"], cell["index"], strict=True):
        at = at * size + index
    return float(tensor["values"][at])


def on(stage: Any, panel: Locator) -> None:
    """Press the key that goes on; it is always where the focus is."""
    expect(panel.locator(".goes")).to_be_focused()
    stage.press("Enter")


def said(stage: Any, number: float) -> str:
    """A number as the lesson says it."""
    text: str = stage.page.evaluate(SAID, number)
    return text


def through_stops(stage: Any, panel: Locator) -> None:
    """Read every stop; the number said of the lit cell is that of the API."""
    for _ in range(20):
        if panel.locator(".answer").count():
            return
        before = panel.inner_text()
        on(stage, panel)
        expect(panel).not_to_have_text(before, use_inner_text=True)
        stage.idle()
        lit = stage.page.evaluate(LIT)
        if lit and panel.locator("p.seen").inner_text():
            expect(panel.locator("p.seen")).to_contain_text(
                said(stage, number_of(stage.trace(), lit))
            )
    raise AssertionError("the chapter asks nothing")


def tab_to(stage: Any, target: Locator) -> None:
    """Bring the focus to an element with the Tab key."""
    for _ in range(12):
        if target.evaluate("(it) => it === document.activeElement"):
            return
        stage.press("Tab")
    expect(target).to_be_focused()


def answer_number(stage: Any, panel: Locator, language: str) -> None:
    """Type a wrong number, then the one that the API has."""
    right, wrong = LANGUAGES[language]
    cell = stage.page.evaluate(QUESTION)["cell"]
    trace = stage.trace()
    number = number_of(trace, cell)
    if cell.get("of") == "next":
        number -= number_of(trace, {**cell, "of": None})
    field = panel.locator("input")
    expect(field).to_be_focused()
    stage.page.keyboard.type(repr(2 * number + 1))
    stage.press("Enter")
    expect(panel.locator("p.seen")).to_contain_text(wrong)
    expect(panel.locator(".law")).to_be_visible()
    stage.press("Control+a")
    stage.page.keyboard.type(f"{number:.3g}")
    stage.press("Enter")
    expect(panel.locator("p.seen")).to_contain_text(right)
    expect(panel.locator("p.seen")).to_contain_text(said(stage, number))


def answer_choice(stage: Any, panel: Locator, language: str, chapter: str, first: float) -> None:
    """Choose wrongly, then as the numbers of the API say."""
    right, wrong = LANGUAGES[language]
    trace = stage.trace()
    if chapter == "many-updates":
        good = "lower" if trace["batch"]["C"] < first else "higher"
    else:
        cell = stage.page.evaluate(QUESTION)["cell"]
        good = "down" if number_of(trace, cell) > 0 else "up"
    names = CHOICES[language]
    for choice, reply in ((OTHER[good], wrong), (good, right)):
        tab_to(stage, panel.get_by_role("button", name=names[choice], exact=True))
        stage.press("Enter")
        expect(panel.locator("p.seen")).to_contain_text(reply)
        if reply == wrong:
            panel.locator(".answer button").first.focus()


def walk(stage: Any, cell: list[int]) -> None:
    """Go to a cell of the grid that has the focus, with the arrows, and choose it."""
    here = stage.page.evaluate("() => document.activeElement.dataset.index")
    at = [int(one) for one in here.split(",")]
    rows, cols = (0, None) if len(cell) == 1 else (1, 2)
    down = cell[rows] - at[rows]
    stage.press("ArrowDown" if down > 0 else "ArrowUp", times=abs(down))
    right = 0 if cols is None else cell[cols] - at[cols]
    stage.press("ArrowRight" if right > 0 else "ArrowLeft", times=abs(right))
    stage.press("Enter")


def answer_cell(stage: Any, panel: Locator, language: str, chapter: str) -> None:
    """Choose a wrong cell, then the one that the numbers of the API name."""
    right, wrong = LANGUAGES[language]
    question = stage.page.evaluate(QUESTION)
    trace = stage.trace()
    if chapter == "neuron-error":
        sizes = [abs(number) for number in trace["tensors"]["O.delta"]["values"]]
        good = [sizes.index(max(sizes))]
        bad = [(good[0] + 1) % 3]
    else:
        pixel, weight = question["pixel"]["index"], question["cell"]["index"]
        good = [weight[0], pixel[1] - weight[2], pixel[2] - weight[3]]
        bad = [good[0], good[1], (good[2] + 1) % 4]
    expect(panel.locator(".answer button")).to_be_focused()
    stage.press("Enter")
    walk(stage, bad)
    expect(panel.locator("p.seen")).to_contain_text(wrong)
    walk(stage, good)
    expect(panel.locator("p.seen")).to_contain_text(right)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_can_be_done_by_keyboard(stage: Any, chapter: str, language: str) -> None:
    """From a link to the right answer: each stop's number is the API's, a wrong answer is tried."""
    panel = open_chapter(stage, chapter, language)
    first = stage.trace()["batch"]["C"]
    through_stops(stage, panel)
    kind = stage.page.evaluate(QUESTION)["kind"]
    if kind == "number":
        answer_number(stage, panel, language)
    elif kind == "choice":
        answer_choice(stage, panel, language, chapter, first)
    else:
        answer_cell(stage, panel, language, chapter)
    if chapter != CHAPTERS[-1]:
        on(stage, panel)
        after = CHAPTERS[CHAPTERS.index(chapter) + 1]
        expect(panel.locator("select")).to_have_value(after)
    assert "{" not in panel.inner_text()
    assert re.search(r"lesson\.\w", panel.inner_text()) is None


def test_the_lesson_is_left_and_resumed(stage: Any) -> None:
    """Esc leaves; C comes back to the same text, and so does the next visit."""
    panel = open_chapter(stage, "cost")
    on(stage, panel)
    expect(panel.locator("p.seen")).to_contain_text("gap")
    text = panel.locator("p.text").inner_text()
    stage.press("Escape")
    expect(panel).to_be_hidden()
    stage.press("c")
    expect(panel.locator("p.text")).to_have_text(text, use_inner_text=True)
    stage.open(stage.run.removeprefix("/api"))
    stage.press("c")
    expect(panel.locator("p.text")).to_have_text(text, use_inner_text=True)
    expect(panel.locator("p.seen")).to_contain_text("gap")


def test_a_hint_and_the_worked_answer_are_there(stage: Any) -> None:
    """The hint shows the law; the answer shows the cell and its formula on the stage."""
    panel = open_chapter(stage, "output-error")
    through_stops(stage, panel)
    panel.get_by_role("button", name="Hint").click()
    expect(panel.locator(".law")).to_be_visible()
    panel.get_by_role("button", name="Show the answer").click()
    cell = stage.page.evaluate(QUESTION)["cell"]
    expect(panel.locator("p.seen")).to_contain_text(said(stage, number_of(stage.trace(), cell)))
    expect(stage.page.locator("formula-panel[pinned]")).to_be_visible()


def test_what_is_no_number_is_neither_right_nor_wrong(stage: Any) -> None:
    """A word is not marked wrong; the page says what it can read."""
    panel = open_chapter(stage, "cost")
    through_stops(stage, panel)
    stage.page.keyboard.type("many")
    stage.press("Enter")
    expect(panel.locator("p.seen")).to_contain_text("Write a number")


def test_a_drawing_without_an_answer_says_why_and_offers_an_image(stage: Any) -> None:
    """On a blank image no pixel meets an error; a training image has an answer."""
    blank = {"pixels": [[0] * 6] * 6, "label": 1}
    stage.http.put(f"{stage.run}/stage", json=blank).raise_for_status()
    panel = open_chapter(stage, "filter-gradients")
    for _ in range(6):
        on(stage, panel)
        stage.idle()
    expect(panel).to_contain_text("exactly 0")
    panel.get_by_role("button", name="Take a training image").press("Enter")
    expect(panel).to_contain_text("Choose its cell")
    assert stage.trace()["stage"]["sample"] == 0


@pytest.mark.parametrize("kind", ["average", "l2"])
def test_the_recursion_is_told_for_every_kind_of_pooling(stage: Any, kind: str) -> None:
    """The second factor is told for max pooling, and at a button for another kind."""
    panel = open_chapter(stage, "recursion")
    for _ in range(3):
        on(stage, panel)
    expect(panel).to_contain_text("winner")
    name = {"average": "average", "l2": "L2"}[kind]
    panel.get_by_role("button", name=name, exact=True).press("Enter")
    expect(panel).to_contain_text({"average": "share", "l2": "root"}[kind])
    stage.idle()
    assert stage.state()["config"]["layers"][1]["kind"] == kind
    lit = stage.page.evaluate(LIT)
    mask = number_of(stage.trace(), {"tensor": "P.mask", "index": lit["index"]})
    expect(panel.locator("p.seen")).to_contain_text(f"factor is {said(stage, mask)},")
    through_stops(stage, panel)
    answer_number(stage, panel, "en")


def test_what_is_hidden_from_the_class_stays_hidden(stage: Any) -> None:
    """Where the way back is hidden, a chapter of it says so and shows nothing."""
    panel = open_chapter(stage, "recursion", more="&hide=backward")
    on(stage, panel)
    expect(panel).to_contain_text("hidden this part")
    assert stage.page.evaluate(LIT) is None


def test_an_unknown_chapter_and_another_network_are_said(stage: Any) -> None:
    """A link to no chapter is told so; a network that the lesson does not follow too."""
    stage.http.patch(
        f"{stage.run}/config",
        json={"loss": "cross_entropy", "layers": SOFTMAX},
    ).raise_for_status()
    stage.open(f"{stage.run.removeprefix('/api')}?chapter=nowhere")
    panel = stage.page.locator("lesson-panel")
    expect(panel).to_contain_text("no chapter “nowhere”")
    expect(panel).to_contain_text("follows a small network")


SOFTMAX = [
    {"type": "conv", "filters": 3, "size": 3, "activation": "sigmoid"},
    {"type": "pool", "kind": "max", "size": 2, "stride": 2},
    {"type": "dense", "units": 3, "activation": "softmax"},
]


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
def test_axe_finds_nothing_in_the_lesson(stage: Any, theme: str) -> None:
    """Neither a text nor a question has anything that axe objects to."""
    panel = open_chapter(stage, "recursion", more=f"&theme={theme}")
    assert found(stage.page) == []
    through_stops(stage, panel)
    panel.get_by_role("button", name="Hint").click()
    assert found(stage.page) == []


def found(page: Page) -> list[str]:
    """What axe finds, in a line each."""
    violations = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']}" for one in violations for node in one["nodes"]]


def test_a_film_of_the_lesson_leaves_the_key_where_it_is(stage: Any) -> None:
    """Where the formula plays by itself, Enter still goes on, and ends it."""
    panel = open_chapter(stage, "network")
    on(stage, panel)
    expect(stage.page.locator("motion-bar")).to_be_visible()
    on(stage, panel)
    on(stage, panel)
    expect(stage.page.locator("motion-bar")).to_have_count(0)


def test_a_link_made_in_a_chapter_opens_it(stage: Any, browser: Browser, base_url: str) -> None:
    """The link of the teachers' panel leads to the chapter that is open."""
    panel = open_chapter(stage, "update")
    expect(panel.locator(".goes")).to_be_focused()
    stage.press("m")
    teach = stage.page.locator("teach-panel")
    teach.get_by_role("button", name="Make a link").click()
    address = teach.get_by_role("textbox", name="Link").input_value()
    other = browser.new_context(base_url=base_url)
    student = other.new_page()
    student.goto(address)
    expect(student.locator("lesson-panel select")).to_have_value("update")
    other.close()
