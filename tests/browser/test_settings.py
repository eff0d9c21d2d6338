"""The network as a form, data sets of one's own, and how well the network does."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

# How far what waits to be applied is below the field that has the focus.
BELOW_THE_FIELD = """() => document.querySelector('.verdict.waiting').getBoundingClientRect().top
  - document.activeElement.getBoundingClientRect().bottom"""

pytestmark = pytest.mark.browser


def opened(stage: Any, panel: str) -> Page:
    """The page with a panel open."""
    page: Page = stage.page
    page.locator(f"[data-open={panel}]").click()
    return page


def test_a_change_that_keeps_the_weights_is_applied_at_once(stage: Any) -> None:
    """Another pooling kind goes to the server as it is chosen; the weights stay."""
    before = stage.trace()["tensors"]["F.w"]
    page = opened(stage, "settings")
    kind = page.locator("network-form select[name=kind]")
    stage.told("/config", lambda: kind.select_option("average"))
    assert stage.state()["config"]["layers"][1]["kind"] == "average"
    assert stage.trace()["tensors"]["F.w"] == before


def test_a_learning_rate_that_is_no_number_is_not_sent(stage: Any) -> None:
    """An emptied field is asked for again; nothing is changed."""
    page = opened(stage, "settings")
    rate = page.locator("settings-panel input[name=learning_rate]")
    before = stage.state()["config"]
    rate.fill("")
    rate.press("Tab")
    assert rate.evaluate("(input) => !input.checkValidity()")
    stage.idle()
    assert stage.state()["config"] == before
    rate.fill("0.5")
    stage.told("/config", lambda: rate.press("Tab"))
    assert stage.state()["config"]["training"]["learning_rate"] == 0.5


def test_new_weights_are_announced_before_they_are_drawn(stage: Any) -> None:
    """Another number of filters waits, with a word of warning, for Apply; Cancel forgets it."""
    page = opened(stage, "settings")
    filters = page.locator("network-form input[name=filters]")
    filters.fill("5")
    filters.press("Tab")
    expect(page.locator("network-form .verdict")).to_contain_text("new weights")
    page.locator("network-form button[name=cancel]").click()
    expect(filters).to_have_value("3")
    assert stage.state()["config"]["layers"][0]["filters"] == 3
    filters.fill("5")
    filters.press("Tab")
    apply = page.locator("network-form button[name=apply]")
    stage.told("/config", apply.click)
    assert stage.state()["layers"][0]["shape"] == [5, 4, 4]
    expect(apply).to_have_count(0)


def test_an_impossible_network_is_refused_at_the_form(stage: Any) -> None:
    """The server's refusal names the layer, what was wanted and what came; nothing is changed."""
    stage.refused.append(422)
    page = opened(stage, "settings")
    size = page.locator("network-form input[name=size]").first
    size.fill("7")
    size.press("Tab")
    page.locator("network-form button[name=apply]").click()
    said = page.locator("network-form [role=alert]")
    expect(said).to_contain_text("7")
    assert stage.state()["config"]["layers"][0]["size"] == 3


def test_a_preset_is_chosen_with_its_sentence(stage: Any) -> None:
    """Choosing an example shows what it teaches; Apply makes the network."""
    page = opened(stage, "settings")
    page.locator("network-form select[name=preset]").select_option("hidden-layer")
    expect(page.locator("network-form .about")).to_contain_text("hidden layer")
    stage.told("/config", page.locator("network-form button[name=apply]").click)
    assert [layer["letter"] for layer in stage.state()["layers"]] == ["F", "P", "H", "O"]


def test_a_drawing_joins_the_training_set(stage: Any) -> None:
    """The run goes on with a copy of the set that has the image on stage at its end."""
    page = opened(stage, "images")
    stage.told("/stage", page.locator("dataset-shelf button[name=add]").click)
    assert stage.state()["config"]["dataset"].startswith("set-")
    assert len(stage.trace()["batch"]["samples"]) == 97
    assert stage.state()["stage"]["sample"] == 96


def test_a_set_is_uploaded_and_a_broken_one_explained(stage: Any) -> None:
    """A file becomes a set to choose from; one that cannot be read is told the row."""
    stage.refused.append(422)
    page = opened(stage, "images")
    rows = "\n".join(f"{n},{','.join(['0', '1'] * 18)}" for n in (0, 1, 2))
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    upload = page.locator("dataset-shelf input[type=file]")
    upload.set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator("dataset-shelf [role=status]")).to_contain_text("3 images")
    choice = page.locator("dataset-shelf select")
    stage.told("/config", lambda: choice.select_option(label="mine (3, 6×6)"))
    assert len(stage.trace()["batch"]["samples"]) == 3
    broken = {**file, "buffer": rows.replace("2,0", "2,x").encode()}
    upload.set_input_files(broken)  # type: ignore[arg-type]
    expect(page.locator("dataset-shelf [role=alert]")).to_contain_text("row 3")


def test_drawings_are_collected_across_visits(stage: Any) -> None:
    """What was saved before the page was left grows on, and no one else's set hides it."""
    page, shelf = opened(stage, "images"), stage.page.locator("dataset-shelf")
    images = [[[0, 1, 0, 1, 0, 1]] * 6] * 5
    named = {"name": "My drawings", "classes": ["1", "2", "3"]}
    others = {**named, "images": images, "labels": [0, 1, 2, 0, 1]}
    theirs = stage.http.post("/api/datasets", json=others).raise_for_status().json()["id"]
    stage.told("/api/datasets", shelf.locator("button[name=save]").click)
    expect(shelf.locator("[role=status]")).to_contain_text("“My drawings”, as image number 1")
    page.reload()
    stage.ready()
    stage.told("/stage", page.get_by_role("button", name="Invert").click)
    opened(stage, "images")
    expect(shelf.locator(f"option[value={theirs}]")).to_have_count(1)
    stage.told("/images", shelf.locator("button[name=save]").click)
    expect(shelf.locator("[role=status]")).to_contain_text("“My drawings +1”, as image number 2")
    mine = shelf.locator("optgroup[label=Yours] option")
    expect(mine).to_have_text(["My drawings +1 (2, 6×6)", "My drawings (1, 6×6)"])
    expect(
        shelf.locator(f"optgroup[label='Brought by others'] option[value={theirs}]")
    ).to_have_count(1)
    stage.told(
        "/config", lambda: shelf.locator("select").select_option(label="My drawings +1 (2, 6×6)")
    )
    assert len(stage.trace()["batch"]["samples"]) == 2


def test_a_broken_set_is_explained_in_the_language_of_the_page(stage: Any) -> None:
    """In Chinese, words around it and all, whatever another window has chosen since."""
    stage.refused.append(422)
    page = opened(stage, "images")
    stage.press("l")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.evaluate("document.cookie = 'language=en; path=/'")
    broken = {"name": "mine.csv", "mimeType": "text/csv", "buffer": b"0,0\n1,x"}
    page.locator("dataset-shelf input[type=file]").set_input_files(broken)  # type: ignore[arg-type]
    words = "未被接受。第 2 行第 2 列：不是数字。应为数字；收到 'x'。"
    expect(page.locator("dataset-shelf [role=alert]")).to_have_text(words)


def test_the_size_of_the_images_is_set_in_the_form(stage: Any) -> None:
    """Channels, rows and columns are fields too; that the images will not fit is said."""
    page = opened(stage, "settings")
    for name, value in {"channels": "2", "height": "8", "width": "7"}.items():
        field = page.locator(f"network-form input[name={name}]")
        field.fill(value)
        field.press("Tab")
    expect(page.locator("network-form .verdict")).to_contain_text("will not fit")
    assert page.evaluate(BELOW_THE_FIELD) > 0
    stage.told("/config", page.locator("network-form button[name=apply]").click)
    config = stage.state()["config"]
    assert config["input"] == {"channels": 2, "height": 8, "width": 7}
    assert config["dataset"] is None
    assert stage.trace()["tensors"]["F.w"]["shape"] == [3, 2, 3, 3]


def test_bounds_stand_beside_their_fields(stage: Any) -> None:
    """Every number says in words what it may be; the words are the server's bounds."""
    page = opened(stage, "settings")
    kinds = stage.http.get("/api/kinds").json()
    line = page.locator("network-form .images label").filter(has_text="rows")
    expect(line.locator("small")).to_have_text(f"1 to {kinds['input']['height']['maximum']:g}")
    numbers = page.locator("network-form input[type=number], settings-panel input[type=number]")
    words = page.locator("network-form small, settings-panel small")
    assert words.count() == numbers.count() > 8
    expect(page.locator("settings-panel small")).to_have_text("0 to 1,000,000")


@pytest.mark.parametrize("way", ["choose", "upload"])
def test_a_network_is_made_to_fit_a_set(stage: Any, way: str) -> None:
    """A set of another size says what does not fit, and offers the network that takes it."""
    page = opened(stage, "images")
    shelf, name = page.locator("dataset-shelf"), "digits-8x8"
    if way == "upload":
        content = stage.http.get("/api/datasets/digits-8x8?count=0").json()
        content |= {"images": [[[0, 1], [1, 0]]] * 4, "labels": [0, 1, 1, 0], "test": []}
        content |= {"name": "Crosses", "classes": ["a", "b"]}
        file = {
            "name": "crosses.json",
            "mimeType": "application/json",
            "buffer": json.dumps(content).encode(),
        }
        shelf.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
        name = "Crosses"
    else:
        shelf.locator("select").select_option("digits-8x8")
    offer = shelf.locator(".offer")
    expect(offer).to_contain_text("3 outputs")
    offer.locator("button[name=leave]").click()
    expect(shelf.locator("select")).to_have_value("digits-123-6x6")
    options = {one["name"]: one["id"] for one in stage.http.get("/api/datasets").json()["datasets"]}
    chosen = options.get(name, name)
    shelf.locator("select").select_option(chosen)
    if way == "upload":  # of two rows and columns no filter of 3×3 can be laid
        stage.refused.append(422)
        offer.locator("button[name=fit]").click()
        expect(shelf.locator("[role=alert]")).to_contain_text("layer F (conv)")
        return
    stage.told("/config", offer.locator("button[name=fit]").click)
    config = stage.state()["config"]
    assert config["dataset"] == "digits-8x8"
    assert config["input"] == {"channels": 1, "height": 8, "width": 8}
    assert [one.get("units") for one in config["layers"]] == [None, None, 10]
    expect(offer).to_have_count(0)
    expect(shelf.locator("select")).to_have_value("digits-8x8")
    expect(shelf).to_contain_text("360 of these images are kept for testing")


def test_a_share_is_kept_for_testing(stage: Any) -> None:
    """A large set without a test part offers one; the run goes on with the rest of it."""
    rows = "\n".join(f"{n % 3},{','.join(['0', '1'] * 18)}" for n in range(120))
    made = stage.http.post("/api/datasets", files={"file": ("many.csv", rows.encode())}).json()
    page = opened(stage, "images")
    shelf = page.locator("dataset-shelf")
    expect(shelf.locator("button[name=split]")).to_have_count(0)  # 96 images are too few
    stage.told("/config", lambda: shelf.locator("select").select_option(made["id"]))
    stage.told("/config", shelf.locator("button[name=split]").click)
    expect(shelf).to_contain_text("24 of these images are kept for testing")
    assert len(stage.trace()["batch"]["samples"]) == 96


def test_the_confusion_matrix_counts_every_image(stage: Any) -> None:
    """The table in the panel has a row for each class, and the counts of the API."""
    page = opened(stage, "train")
    table = page.locator("results-tables table")
    expect(table.locator("tbody tr")).to_have_count(3)
    counts = [int(text) for text in table.locator("td").all_inner_texts()]
    assert sum(counts) == 96


def test_a_form_that_was_refused_comes_when_it_is_opened_again(stage: Any) -> None:
    """A refusal is said in the panel, once; opened again, the panel has its form."""
    stage.refused.append(503)
    page = stage.page
    asked = []

    def refuse(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, json={"detail": "The disk is full."})

    page.route("**/api/kinds", refuse)
    opened(stage, "settings")
    expect(page.locator("settings-panel [role=alert]")).to_contain_text("The disk is full.")
    stage.idle()
    assert len(asked) == 1
    page.unroute("**/api/kinds")
    expect(page.locator("network-form select")).to_have_count(0)
    opened(stage, "settings")
    opened(stage, "settings")
    expect(page.locator("network-form select[name=kind]")).to_be_visible()


def test_a_part_of_the_page_that_does_not_come_is_told(stage: Any) -> None:
    """A module that cannot be loaded is told in words; wanted again, it comes."""
    stage.refused.append(0)
    page = stage.page
    page.route("**/elements/network-form.js", lambda route: route.abort())
    opened(stage, "settings")
    expect(page.locator("#message")).to_contain_text("could not be loaded")
    assert any("network-form.js" in text for text in stage.console)
    stage.console.clear()
    page.unroute("**/elements/network-form.js")
    opened(stage, "settings")
    opened(stage, "settings")
    expect(page.locator("network-form select[name=kind]")).to_be_visible()
