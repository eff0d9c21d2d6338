"""Explaining a cell: what it reads lights up, its formula is written out, and a term unfolds."""

from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from app.presets import PRESETS

pytestmark = pytest.mark.browser


def flat(shape: list[int], index: list[int]) -> int:
    """The place of an index in row-major values."""
    place = 0
    for size, at in zip(shape, index, strict=True):
        place = place * size + at
    return place


def places(trace: Any, cells: list[Any]) -> set[tuple[str, int]]:
    """Cells of a formula as places in the values of their tensors; η has no place on the map."""
    shape = {name: tensor["shape"] for name, tensor in trace["tensors"].items()}
    seen = [cell for cell in cells if cell["tensor"] != "eta"]
    return {(cell["tensor"], flat(shape[cell["tensor"]], cell["index"])) for cell in seen}


# One cell of each kind of formula, in the order of the steps that write them.
ONE_OF_EACH = [
    (1, "F.z", [1, 2, 3]),
    (3, "P.a", [1, 0, 1]),
    (4, "O.z", [2]),
    (6, "C", []),
    (8, "O.delta", [0]),
    (11, "P.da", [1, 1, 0]),
    (13, "F.delta", [1, 1, 2]),
    (14, "F.dw", [1, 0, 2, 1]),
    (16, "I.da", [0, 2, 2]),
    (17, "F.w", [1, 0, 0, 2]),
    (19, "O.w", [1, 1, 0, 1]),
]


def test_exactly_what_the_formula_reads_is_lit(stage: Any) -> None:
    """Pointing at a cell lights that cell and those that its formula reads, and nothing else."""
    trace, done = stage.trace(), 0
    for step, tensor, index in ONE_OF_EACH:
        stage.press("ArrowRight", times=step - done)
        stage.at_step(step)
        done = step
        stage.cell(tensor, *index).hover()
        own = places(trace, [{"tensor": tensor, "index": index}])
        reads = places(trace, stage.formula(tensor, index)["cells"])
        lit = stage.lit_as(len(own | reads))
        assert {(one["tensor"], one["place"]) for one in lit} == own | reads
        assert {(one["tensor"], one["place"]) for one in lit if one["kind"] == "value"} == own


def test_the_lights_go_out_with_the_pointer(stage: Any) -> None:
    """Where the pointer leaves the cells, nothing stays lit."""
    stage.press("ArrowRight", times=13)
    stage.cell("F.delta", 1, 1, 2).hover()
    assert stage.lit_as(3) != []
    stage.page.mouse.move(683, 5)
    assert stage.lit_as(0) == []


def test_a_focused_cell_is_lit_as_a_pointed_one(stage: Any) -> None:
    """The keyboard's focus on a cell lights the same cells as the pointer does."""
    stage.press("ArrowRight", times=13)
    stage.cell("F.delta", 1, 1, 2).hover()
    pointed = stage.lit_as(3)
    stage.page.mouse.move(683, 5)
    stage.cell("F.delta", 1, 1, 2).focus()
    stage.rest()
    assert len(pointed) == 3
    assert stage.lit() == pointed


def test_what_is_not_written_explains_nothing(stage: Any) -> None:
    """A cell whose step is still to come lights nothing when it is pointed at."""
    stage.press("ArrowRight", times=5)
    stage.cell("F.delta", 1, 1, 2).hover()
    stage.rest()
    assert stage.lit() == []


def pinned(stage: Any, step: int, tensor: str, *index: int) -> Locator:
    """The formula panel with a cell pinned, so many steps on."""
    stage.press("ArrowRight", times=step)
    stage.cell(tensor, *index).click()
    panel: Locator = stage.page.locator("formula-panel")
    expect(panel).to_have_attribute("pinned", "")
    panel.locator(".formula-line.value").wait_for()
    return panel


def value_of(panel: Locator) -> str:
    """The value that the panel ends with, without KaTeX's invisible marks."""
    line = panel.locator(".formula-line.value .katex-html, .formula-line.value .math").first
    return line.inner_text().replace("\u200b", "").strip()


def test_a_click_pins_a_cell(stage: Any) -> None:
    """A pinned cell stays explained while the pointer goes elsewhere, until it is clicked again."""
    panel = pinned(stage, 13, "F.delta", 1, 1, 2)
    stage.page.mouse.move(683, 5)
    stage.rest()
    assert {one["tensor"] for one in stage.lit()} >= {"F.delta", "F.da", "F.z"}
    stage.cell("F.delta", 1, 1, 2).click()
    expect(panel).not_to_have_attribute("pinned", "")


def test_escape_unpins(stage: Any) -> None:
    """Esc lets a pinned cell go."""
    panel = pinned(stage, 13, "F.delta", 1, 1, 2)
    stage.page.locator("h1").click()
    stage.press("Escape")
    expect(panel).not_to_have_attribute("pinned", "")


def test_the_panel_ends_with_the_cells_value(stage: Any) -> None:
    """The last line of a cell's formula is the value that the API has for it."""
    trace, done = stage.trace()["tensors"], 0
    for step, tensor, index in [(1, "F.z", [1, 2, 3]), (13, "F.delta", [1, 0, 2])]:
        panel = pinned(stage, step - done, tensor, *index)
        done = step
        value = trace[tensor]["values"][flat(trace[tensor]["shape"], index)]
        expect(panel.locator(".formula-line.value")).to_be_visible()
        assert value_of(panel) == stage.formatted([value])[value][1]


def test_a_term_unfolds_into_its_own_formula(stage: Any) -> None:
    """A click on a term puts the next level of the chain rule in its place; the value stays."""
    panel = pinned(stage, 13, "F.delta", 1, 1, 2)
    value, numbers = value_of(panel), panel.locator("[data-node]").count()
    panel.locator(".formula-line.numbers [data-node].unfolds").last.click()
    expect(panel.locator(".formula-line.unfolded")).to_be_visible()
    assert panel.locator("[data-node]").count() > numbers
    assert value_of(panel) == value


def test_an_unfolded_term_folds_back(stage: Any) -> None:
    """Folding back shows the lines that were there before the term was unfolded."""
    panel = pinned(stage, 13, "F.delta", 1, 1, 2)
    before = panel.locator(".formula-lines").inner_text()
    panel.locator(".formula-line.numbers [data-node].unfolds").last.click()
    panel.get_by_role("button", name="Fold back").click()
    expect(panel.locator(".formula-line.unfolded")).to_have_count(0)
    assert panel.locator(".formula-lines").inner_text() == before


def test_the_keyboard_unfolds_too(stage: Any) -> None:
    """Enter on a term of the formula does what a click does."""
    panel = pinned(stage, 13, "F.delta", 1, 1, 2)
    panel.locator(".formula-line.numbers [data-node].unfolds").last.focus()
    stage.press("Enter")
    expect(panel.locator(".formula-line.unfolded")).to_be_visible()


def test_a_term_and_its_cell_are_one(stage: Any) -> None:
    """Pointing at a term of the formula marks its cell on the map."""
    panel = pinned(stage, 13, "F.delta", 1, 1, 2)
    panel.locator(".formula-line.numbers [data-node]").first.hover()
    stage.rest()
    marked = {(one["tensor"], one["place"]) for one in stage.lit() if one["kind"] == "term"}
    reads = stage.formula("F.delta", [1, 1, 2])["cells"]
    assert len(marked) == 1
    assert marked < places(stage.trace(), reads)


def test_a_cell_marks_its_term(stage: Any) -> None:
    """Pointing at a cell that the formula reads marks its term in the panel."""
    panel = pinned(stage, 13, "F.delta", 1, 1, 2)
    stage.cell("F.da", 1, 1, 2).hover()
    expect(panel.locator("[data-node].lit")).not_to_have_count(0)


def test_explain_by_key(stage: Any) -> None:
    """E pins the cell that tells most of the step."""
    stage.press("ArrowRight", times=13)
    stage.press("e")
    expect(stage.page.locator("formula-panel")).to_have_attribute("pinned", "")


def test_a_weight_says_why_it_changes(stage: Any) -> None:
    """“Why does this weight change?” shows the shares of the images in its gradient."""
    panel = pinned(stage, 17, "F.w", 1, 0, 0, 2)
    panel.get_by_role("button", name="Why does this weight change").click()
    story = stage.page.locator("weight-story")
    expect(story).to_be_visible()
    expect(story.locator(".weight-strip i, .weight-strip b").first).to_be_attached()


def test_a_given_cell_can_be_pinned_and_asks_for_no_formula(stage: Any) -> None:
    """A target is given, not computed: pinned, it says so, and the server is not asked for it."""
    stage.press("ArrowRight", times=5)
    since = len(stage.requests)
    stage.cell("t", 0).click()
    expect(stage.page.locator("formula-panel[pinned]")).to_be_visible()
    stage.idle()
    assert not any(path.endswith("/formulas/t") for _, path in stage.asked(since))


@pytest.mark.parametrize(
    ("width", "height", "theme"),
    [(1366, 768, "light"), (1920, 1080, "light"), (1920, 1080, "projector"), (390, 844, "light")],
)
def test_a_pinned_law_is_seen_whole(stage: Any, width: int, height: int, theme: str) -> None:
    """Nothing of a law with a fraction is cut off below, and no tool lies over it."""
    stage.page.set_viewport_size({"width": width, "height": height})
    stage.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", theme)
    stage.press("ArrowRight", times=14)
    stage.press("e")
    stage.page.locator("formula-panel[pinned] .formula-line.value").wait_for()
    assert stage.page.evaluate(CUT_OFF) == []


CUT_OFF = """() => {
  const law = document.querySelector('.law');
  const { left, right, bottom } = law.querySelector('.katex-html').getBoundingClientRect();
  const tools = [...document.querySelectorAll('.formula-tools button')].filter((button) => {
    const box = button.getBoundingClientRect();
    return box.width > 0 && box.left < right && box.right > left && box.top < bottom - 1;
  });
  const cut = law.scrollHeight > law.clientHeight + 1 ? ['law'] : [];
  return [...cut, ...tools.map((button) => button.textContent.trim())];
}"""


def test_cross_entropy_says_what_books_write(before: Any) -> None:
    """The law of C has the logarithms beside it, and δ of the output ends with a − t."""
    config = PRESETS["relu-softmax"].config.model_dump()
    run = before.http.post("/api/runs", json={"config": config}).raise_for_status().json()
    stage = before.open(f"/runs/{run['id']}")
    laws = {
        ("C",): r"C = -\sum_{n} t_{n} \cdot \ln",
        ("O.delta", 0): r"\delta^{O}_{1} = a^{O}_{1}-t_{1}",
    }
    steps = {one["writes"]: one["number"] for one in stage.trace()["steps"]}
    for (tensor, *index), law in laws.items():
        assert stage.formula(tensor, index)["equal"].startswith(law)
        stage.page.evaluate(
            """(to) => document.dispatchEvent(new CustomEvent("step", { detail: { to } }))""",
            steps[tensor],
        )
        stage.at_step(steps[tensor])
        stage.cell(tensor, *index).click()
        remark = stage.page.locator(".formula-remark", has_text="In exact arithmetic this is")
        expect(remark.locator(".katex")).to_be_visible()


def test_what_is_selected_in_a_formula_stays_so(stage: Any) -> None:
    """Pointing at the map while a part of a pinned formula is selected leaves that alone."""
    stage.press("ArrowRight", times=4)
    stage.press("e")
    stage.page.locator("formula-panel[pinned] .formula-line.value").wait_for()
    selected = """() => {
      const line = document.querySelector('.formula-line');
      getSelection().selectAllChildren(line);
      return getSelection().toString();
    }"""
    before = stage.page.evaluate(selected)
    assert before
    stage.cell("F.z", 1, 0, 0).hover()
    stage.lit_as(20)
    stage.rest()
    assert stage.page.evaluate("() => getSelection().toString()") == before
