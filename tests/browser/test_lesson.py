"""The lesson: all chapters in both languages by keyboard alone, their numbers those of the API."""

import re
from typing import Any, get_args

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from app.schemas import Chapter

PHONE = {"width": 390, "height": 844}

pytestmark = pytest.mark.browser

CHAPTERS = get_args(Chapter)
LANGUAGES = {"en": ("Right!", "Not yet."), "zh_Hans": ("答对了！", "还不对。")}
CHOICES = {
    "en": {"up": "Larger", "down": "Smaller", "lower": "Lower", "higher": "Higher"},
    "zh_Hans": {"up": "增大", "down": "减小", "lower": "更低", "higher": "更高"},
}
OTHER = {"up": "down", "down": "up", "lower": "higher", "higher": "lower"}

SAID = """async (numbers) => {
  const { said } = await import('/static/scene.js');
  return numbers.map(said);
}"""
TOLD = """() => document.querySelector('lesson-panel').told"""
LIT = """() => {
  const { cell, pinned } = document.querySelector('formula-panel');
  return pinned ? cell : null;
}"""


def open_chapter(stage: Any, chapter: str, language: str = "en", more: str = "") -> Locator:
    """Follow a link to a chapter; the panel, once its numbers are there."""
    page = stage.page
    base = re.sub(r"^(https?://[^/]+).*$", r"\1", page.url)
    page.context.add_cookies([{"name": "language", "value": language, "url": base}])
    run = stage.run.removeprefix("/api")
    stage.open(f"{run}?chapter={chapter}{more}")
    panel: Locator = page.locator("lesson-panel")
    expect(panel.locator(".row").first).to_be_visible()
    return panel


def number_of(trace: Any, cell: Any) -> float:
    """The number of a cell, as the API has it."""
    batch = trace["batch"]
    place = {"batch": "gradients", "next": "updated"}.get(cell.get("of") or "")
    tensor = batch[place][cell["tensor"]] if place else trace["tensors"][cell["tensor"]]
    at = 0
    for size, index in zip(tensor["shape"], cell["index"], strict=True):
        at = at * size + index
    return float(tensor["values"][at])


def said(stage: Any, *numbers: float) -> list[str]:
    """Numbers as the lesson says them."""
    texts: list[str] = stage.page.evaluate(SAID, list(numbers))
    return texts


def of(tensor: str, index: list[int], of: str | None = None) -> dict[str, Any]:
    """A cell."""
    return {"tensor": tensor, "index": index, "of": of}


def words_of(chapter: str, told: Any) -> dict[str, Any]:
    """The cell of the API behind each number that a stop or a question says, but for its own."""
    cell = told["cell"]
    index = cell["index"]
    layer = cell["tensor"].partition(".")[0]
    cells = {
        "before": of(cell["tensor"], index),
        "put": of("O.a", index) if chapter == "cost" else cell,
        "mask": of("P.mask", index),
        "share": {**cell, "of": None},
        "slope": of("O.dw", index, "batch")
        if chapter == "descent"
        else of(f"{layer}.slope", index),
    }
    return {name: cells[name] for name in cells.keys() & told["words"].keys()}


def block(index: list[int]) -> list[Any]:
    """The cells that are pooled into one."""
    k, i, j = index
    return [of("F.a", [k, 2 * i + p, 2 * j + q]) for p in (0, 1) for q in (0, 1)]


def given_of(chapter: str, told: Any, optimizer: str = "gradient_descent") -> list[Any]:
    """The cells whose numbers are given, in their order."""
    index = told["cell"]["index"]
    if chapter == "cost":
        output = [told["words"]["number"] - 1]
        return [of("t", output), of("O.a", output)]
    if chapter == "update":
        steady = optimizer == "gradient_descent"
        step = of("O.dw", index, "batch") if steady else of("O.w.velocity", index, "next")
        return [of("eta", []), step]
    if chapter == "recursion":
        pooled = [index[0], index[1] // 2, index[2] // 2]
        return [of("P.da", pooled), of("P.mask", index), of("F.slope", index)]
    if chapter == "output-error":
        return [of("O.da", index), of("O.slope", index)]
    if chapter == "output-gradients":
        return [of("O.delta", index[:1]), of("P.a", index[1:])]
    return block(index)


def check_words(stage: Any, panel: Locator, chapter: str, told: Any, optimizer: str) -> None:
    """Each number that is said is the API's, and what is given stands in the text."""
    if told["cell"] is None:
        return
    trace, words = stage.trace(), told["words"]
    for name, cell in words_of(chapter, told).items():
        assert [words[name]] == said(stage, number_of(trace, cell)), name
    if "given" in words:
        cells = given_of(chapter, told, optimizer)
        numbers = said(stage, *(number_of(trace, cell) for cell in cells))
        assert re.findall(r"= (\S+?)(?:,|$)", words["given"]) == numbers
        for number in numbers:
            expect(panel).to_contain_text(number)


def on(stage: Any, panel: Locator) -> None:
    """Press the key that goes on; it is always where the focus is."""
    expect(panel.locator(".goes")).to_be_focused()
    stage.press("Enter")


def through_stops(stage: Any, panel: Locator, optimizer: str = "gradient_descent") -> None:
    """Read every stop; the numbers said are those of the API."""
    for _ in range(20):
        if panel.locator(".answer").count():
            return
        before = panel.inner_text()
        on(stage, panel)
        expect(panel).not_to_have_text(before, use_inner_text=True)
        stage.idle()
        chapter, told = panel.locator("select").input_value(), stage.page.evaluate(TOLD)
        at = panel.evaluate("(it) => it.progress.at")
        if at % 2 == 0:
            continue
        stop = told["stops"][at // 2]
        lit = stage.page.evaluate(LIT)
        assert (lit is None) == (stop["cell"] is None)
        if lit:
            assert lit == stop["cell"]
            [value] = said(stage, number_of(stage.trace(), lit))
            expect(panel.locator("p.seen")).to_contain_text(value)
        check_words(stage, panel, chapter, stop, optimizer)
    raise AssertionError("the chapter asks nothing")


def tab_to(stage: Any, target: Locator) -> None:
    """Bring the focus to an element with the Tab key, forwards or back."""
    for key in ["Tab"] * 12 + ["Shift+Tab"] * 24:
        if target.evaluate("(it) => it === document.activeElement"):
            return
        stage.press(key)
    expect(target).to_be_focused()


def wanted(stage: Any, question: Any) -> float:
    """The number that is asked for, as the API has it."""
    cell, trace = question["cell"], stage.trace()
    if cell["tensor"] == "C":
        output = [question["words"]["number"] - 1]
        gap = number_of(trace, of("t", output)) - number_of(trace, of("O.a", output))
        return gap * gap / 2
    number = number_of(trace, cell)
    return number - number_of(trace, {**cell, "of": None}) if cell["of"] == "next" else number


def answer_number(
    stage: Any, panel: Locator, language: str, optimizer: str = "gradient_descent"
) -> None:
    """Type a wrong number, then the one that the API has."""
    right, wrong = LANGUAGES[language]
    question = stage.page.evaluate(TOLD)["question"]
    check_words(stage, panel, panel.locator("select").input_value(), question, optimizer)
    number = wanted(stage, question)
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
    expect(panel.locator("p.seen")).to_contain_text(said(stage, number)[0])


def answer_choice(stage: Any, panel: Locator, language: str, first: float) -> None:
    """Choose wrongly, then as the numbers of the API say."""
    right, wrong = LANGUAGES[language]
    trace, question = stage.trace(), stage.page.evaluate(TOLD)["question"]
    if question["cell"]:
        good = "down" if number_of(trace, question["cell"]) > 0 else "up"
        check_words(stage, panel, panel.locator("select").input_value(), question, "")
    else:
        good = "lower" if trace["batch"]["C"] < first else "higher"
        costs = said(stage, first, trace["batch"]["C"])
        assert costs == [question["words"]["before"], question["words"]["value"]]
    names = CHOICES[language]
    for choice, reply in ((OTHER[good], wrong), (good, right)):
        tab_to(stage, panel.get_by_role("button", name=names[choice], exact=True))
        stage.press("Enter")
        expect(panel.locator("p.seen")).to_contain_text(reply)


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
    question = stage.page.evaluate(TOLD)["question"]
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


def answer(stage: Any, panel: Locator, language: str, first: float, optimizer: str) -> None:
    """Answer the question of the chapter, wrongly first."""
    kind = stage.page.evaluate(TOLD)["question"]["kind"]
    if kind == "number":
        answer_number(stage, panel, language, optimizer)
    elif kind == "choice":
        answer_choice(stage, panel, language, first)
    else:
        answer_cell(stage, panel, language, panel.locator("select").input_value())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_can_be_done_by_keyboard(stage: Any, chapter: str, language: str) -> None:
    """From a link to the right answer: every number said is the API's, a wrong answer is tried."""
    panel = open_chapter(stage, chapter, language)
    first = stage.trace()["batch"]["C"]
    through_stops(stage, panel)
    answer(stage, panel, language, first, "gradient_descent")
    if chapter != CHAPTERS[-1]:
        on(stage, panel)
        after = CHAPTERS[CHAPTERS.index(chapter) + 1]
        expect(panel.locator("select")).to_have_value(after)
    assert "{" not in panel.inner_text()
    assert re.search(r"lesson\.\w", panel.inner_text()) is None


@pytest.mark.parametrize("chapter", ["cost", "descent", "recursion", "all-images", "update"])
def test_a_drawing_and_momentum_are_told_truly(stage: Any, chapter: str) -> None:
    """After ten updates with momentum, ten images each, a drawing works with every chapter."""
    training = {"optimizer": "momentum", "batch": 10, "reduction": "mean", "learning_rate": 0.1}
    drawn = {"pixels": [[0, 0.5, 1, 1, 0, 0], *([[0, 0, 0, 1, 0, 0]] * 5)], "label": 2}
    stage.http.patch(f"{stage.run}/config", json={"training": training}).raise_for_status()
    stage.http.post(f"{stage.run}/descent", json={"iterations": 10}).raise_for_status()
    stage.http.put(f"{stage.run}/stage", json=drawn).raise_for_status()
    panel = open_chapter(stage, chapter)
    through_stops(stage, panel, "momentum")
    answer(stage, panel, "en", 0, "momentum")


def test_the_lesson_is_left_and_resumed(stage: Any) -> None:
    """Esc leaves; C comes back to the same text and stage, and so does the next visit."""
    panel = open_chapter(stage, "cost")
    on(stage, panel)
    expect(panel.locator("p.seen")).to_contain_text("gap")
    text = panel.locator("p.text").inner_text()
    there = stage.timeline.get_attribute("aria-valuenow")
    stage.press("Escape")
    expect(panel).to_be_hidden()
    stage.press("Home")
    stage.at_step(0)
    stage.press("c")
    expect(panel.locator("p.text")).to_have_text(text, use_inner_text=True)
    stage.at_step(int(there))
    stage.open(stage.run.removeprefix("/api"))
    stage.press("c")
    expect(panel.locator("p.text")).to_have_text(text, use_inner_text=True)
    expect(panel.locator("p.seen")).to_contain_text("gap")


def test_a_question_that_is_left_leaves_the_stage_alone(stage: Any) -> None:
    """Once the lesson is left at a question for a cell, a click pins again and answers nothing."""
    panel = open_chapter(stage, "neuron-error")
    through_stops(stage, panel)
    stage.press("Escape")
    expect(panel).to_be_hidden()
    stage.cell("O.delta", 0).click()
    expect(stage.page.locator("formula-panel[pinned]")).to_be_visible()
    stage.press("Escape")
    stage.press("c")
    stage.cell("O.a", 0).click()
    expect(stage.page.locator("formula-panel[pinned]")).to_be_visible()
    stage.idle()
    assert "Not yet" not in panel.inner_text()


def test_a_hint_and_the_worked_answer_are_there(stage: Any) -> None:
    """The hint shows the law; the answer shows the cell and its formula on the stage."""
    panel = open_chapter(stage, "output-error")
    through_stops(stage, panel)
    panel.get_by_role("button", name="Hint").click()
    expect(panel.locator(".law")).to_be_visible()
    panel.get_by_role("button", name="Show the answer").click()
    cell = stage.page.evaluate(TOLD)["question"]["cell"]
    [number] = said(stage, number_of(stage.trace(), cell))
    expect(panel.locator("p.seen")).to_contain_text(number)
    expect(stage.page.locator("formula-panel[pinned]")).to_be_visible()
    assert "✓" not in panel.locator("option:checked").inner_text()


def test_what_is_no_number_is_neither_right_nor_wrong(stage: Any) -> None:
    """A word is not marked wrong; the page says what it can read."""
    panel = open_chapter(stage, "cost")
    through_stops(stage, panel)
    stage.page.keyboard.type("many")
    stage.press("Enter")
    expect(panel.locator("p.seen")).to_contain_text("Write a number")


def asks(stage: Any, panel: Locator, chapter: str) -> None:
    """Go on to the end of a chapter's texts."""
    count = panel.evaluate("(it) => it.told.stops.length")
    for _ in range(2 * count):
        on(stage, panel)
        stage.idle()
    expect(panel.locator("select")).to_have_value(chapter)


def test_a_moment_without_an_answer_says_which_factor_is_0(stage: Any) -> None:
    """Where the weights are 0 no image has an answer: why is said, and the lesson goes on."""
    stage.http.patch(f"{stage.run}/config", json={"initial": "zeros"}).raise_for_status()
    panel = open_chapter(stage, "recursion")
    asks(stage, panel, "recursion")
    expect(panel.locator("p.text")).to_contain_text("one of its factors is: ∂C/∂a")
    panel.get_by_role("button", name="Take an image").press("Enter")
    expect(panel).to_contain_text("No image that was tried")
    stage.idle()
    assert stage.trace()["stage"]["sample"] == 0
    on(stage, panel)
    expect(panel.locator("select")).to_have_value("all-images")


def test_another_image_is_one_that_has_an_answer(stage: Any) -> None:
    """Where a drawing leaves all ReLU neurons at 0, an image is offered that does not."""
    layers = [
        {**SOFTMAX[0], "activation": "relu"},
        SOFTMAX[1],
        {**SOFTMAX[2], "activation": "relu"},
    ]
    stage.http.patch(f"{stage.run}/config", json={"layers": layers}).raise_for_status()
    zeros = {"F.b": [{"index": [k], "value": -1} for k in range(3)]}
    stage.http.patch(f"{stage.run}/parameters", json=zeros).raise_for_status()
    blank = {"pixels": [[0] * 6] * 6, "label": 1}
    stage.http.put(f"{stage.run}/stage", json=blank).raise_for_status()
    panel = open_chapter(stage, "network")
    asks(stage, panel, "network")
    expect(panel).to_contain_text("exactly 0")
    panel.get_by_role("button", name="Take an image").press("Enter")
    expect(panel).to_contain_text("Another block holds")
    assert stage.trace()["stage"]["sample"] is not None


def test_a_blank_image_shows_the_tie(stage: Any) -> None:
    """Where all cells of a block are equal the loser is one of them, and the page says so."""
    blank = {"pixels": [[0] * 6] * 6, "label": 1}
    stage.http.put(f"{stage.run}/stage", json=blank).raise_for_status()
    panel = open_chapter(stage, "recursion")
    through_stops(stage, panel)
    for _ in range(3):
        panel.get_by_role("button", name="Back one text").click()
    expect(panel.locator("p.text")).to_contain_text("4 cells are equally large")
    answer_after(stage, panel)


def answer_after(stage: Any, panel: Locator) -> None:
    """Go on to the question, and answer it."""
    panel.locator(".goes").focus()
    through_stops(stage, panel)
    answer_number(stage, panel, "en")


@pytest.mark.parametrize("kind", ["average", "l2"])
def test_the_recursion_is_told_for_every_kind_of_pooling(stage: Any, kind: str) -> None:
    """The second factor is told for max pooling, and at a button for another kind."""
    panel = open_chapter(stage, "recursion")
    for _ in range(3):
        on(stage, panel)
    expect(panel).to_contain_text("winner")
    name = {"average": "average", "l2": "L2 norm"}[kind]
    panel.get_by_role("button", name=name, exact=True).press("Enter")
    expect(panel).to_contain_text({"average": "share", "l2": "√"}[kind])
    stage.idle()
    assert stage.state()["config"]["layers"][1]["kind"] == kind
    answer_after(stage, panel)


PARTS = {
    "numbers": ("recursion", "needs numbers"),
    "answer": ("network", "hidden this part"),
    "backward": ("recursion", "hidden this part"),
    "training": ("many-updates", "hidden this part"),
    "all-images,update": ("update", "hidden this part"),
}


@pytest.mark.parametrize("hide", PARTS)
def test_what_is_hidden_from_the_class_stays_hidden(stage: Any, hide: str) -> None:
    """What a teacher hides is not said by the lesson either, and its chapters are not listed."""
    chapter, reason = PARTS[hide]
    panel = open_chapter(stage, chapter, more=f"&hide={hide}")
    if chapter == "network":
        for _ in range(5):
            on(stage, panel)
        expect(panel).to_contain_text(reason)
        assert "largest output:" not in panel.inner_text()
        return
    if hide != "numbers":
        expect(panel).to_contain_text(reason)
        listed = panel.locator("option").evaluate_all("(all) => all.map((it) => it.value)")
        assert set(hide.split(",")) & set(listed) <= {chapter}
        assert stage.page.evaluate(LIT) is None
        return
    for _ in range(8):
        on(stage, panel)
        stage.idle()
        assert re.search(r"[=,] −?[.\d]", panel.inner_text()) is None
    expect(panel).to_contain_text(reason)
    expect(panel.locator("input")).to_have_count(0)


def test_hidden_formulas_stay_out_of_hints(stage: Any) -> None:
    """Where formulas are hidden, a hint has words alone."""
    panel = open_chapter(stage, "output-error", more="&hide=formulas")
    asks(stage, panel, "output-error")
    panel.get_by_role("button", name="Hint").click()
    expect(panel.locator("p.seen")).to_contain_text("Difference times slope")
    expect(panel.locator(".law")).to_have_count(0)


def test_a_teacher_opens_the_lesson_chapter_by_chapter(stage: Any) -> None:
    """What the teachers' panel opens is what the class is offered, in a link too."""
    stage.press("m")
    teach = stage.page.locator("teach-panel")
    teach.get_by_label("lesson open up to").select_option("descent")
    teach.get_by_role("button", name="Make a link").click()
    stage.open(teach.get_by_role("textbox", name="Link").input_value())
    stage.press("c")
    panel = stage.page.locator("lesson-panel")
    expect(panel.locator("option")).to_have_count(3)


def test_what_is_to_be_guessed_is_revealed_by_the_key(stage: Any) -> None:
    """With predict first, neither text nor stage tells the number before the key reveals it."""
    panel = open_chapter(stage, "recursion", more="&predict=1")
    on(stage, panel)
    expect(panel.locator("p.seen")).to_contain_text("First say what you expect")
    expect(stage.page.locator("html[data-covered]")).to_have_count(1)
    on(stage, panel)
    expect(panel.locator("p.seen")).to_contain_text("paths meet")
    expect(stage.page.locator("html[data-covered]")).to_have_count(0)


def test_drawing_by_keyboard_keeps_the_focus(stage: Any) -> None:
    """While the lesson is open the pad can be drawn on; the numbers follow, the focus stays."""
    panel = open_chapter(stage, "recursion")
    on(stage, panel)
    number = panel.locator("p.seen").inner_text()
    stage.press("d")
    for _ in range(4):
        stage.press("ArrowDown")
        stage.press("ArrowRight")
        stage.press("Space")
    expect(panel.locator("p.seen")).not_to_have_text(number, use_inner_text=True)
    pad = "() => document.activeElement.closest('drawing-pad') !== null"
    assert stage.page.evaluate(pad)


def test_nothing_is_said_of_learning_that_was_refused(stage: Any) -> None:
    """Where the server refuses an update, its reason is said, and the text waits."""
    panel = open_chapter(stage, "many-updates")
    stage.refused.append(409)
    problem = {"status": 409, "title": "Conflict", "detail": "not now"}
    stage.page.route("**/descent", lambda route: route.fulfill(status=409, json=problem))
    on(stage, panel)
    expect(panel.get_by_role("alert")).to_contain_text("not now")
    expect(panel.locator("p.seen")).to_be_empty()
    stage.page.unroute("**/descent")
    on(stage, panel)
    expect(panel.locator("p.seen")).to_contain_text("Iteration 1")


def test_an_unknown_chapter_and_another_network_are_said(stage: Any) -> None:
    """A link to no chapter is told so; a network that the lesson does not follow too."""
    stage.http.patch(
        f"{stage.run}/config",
        json={"loss": "cross_entropy", "layers": SOFTMAX},
    ).raise_for_status()
    stage.open(f"{stage.run.removeprefix('/api')}?chapter=nowhere")
    panel = stage.page.locator("lesson-panel")
    expect(panel).to_contain_text("no chapter “nowhere”")
    expect(panel).to_contain_text("softmax outputs")
    expect(panel).to_contain_text("follows a small network")


SOFTMAX = [
    {"type": "conv", "filters": 3, "size": 3, "activation": "sigmoid"},
    {"type": "pool", "kind": "max", "size": 2, "stride": 2},
    {"type": "dense", "units": 3, "activation": "softmax"},
]


@pytest.mark.parametrize("theme", ["light", "dark", "projector"])
@pytest.mark.parametrize("chapter", ["recursion", "neuron-error"])
def test_axe_finds_nothing_in_the_lesson(stage: Any, chapter: str, theme: str) -> None:
    """Neither a text nor a question, for a number or a cell, has anything that axe objects to."""
    panel = open_chapter(stage, chapter, more=f"&theme={theme}")
    assert found(stage.page) == []
    through_stops(stage, panel)
    panel.get_by_role("button", name="Hint").click()
    assert found(stage.page) == []


def test_a_phone_shows_the_cell_above_the_lesson(stage: Any) -> None:
    """On a phone the lesson leaves more than half of the screen, and what it lights lies there."""
    stage.page.set_viewport_size(PHONE)
    panel = open_chapter(stage, "filter-gradients")
    on(stage, panel)
    stage.idle()
    sheet = stage.page.locator("#panel").bounding_box()
    cell = stage.page.locator("rect.light.value").first.bounding_box()
    assert sheet["height"] <= 0.46 * PHONE["height"]
    assert cell["y"] >= 0
    assert cell["y"] + cell["height"] <= sheet["y"]
    assert 0 <= cell["x"] <= PHONE["width"] - cell["width"]
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
