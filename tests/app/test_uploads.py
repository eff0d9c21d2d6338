"""Data sets that people bring."""

import io
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openpyxl
import pytest

from app.store.sqlite import SqliteStore

STROKES = {
    "name": "Strokes",
    "classes": ["across", "down"],
    "images": [[[1, 1], [0, 0]], [[1, 0], [1, 0]]],
    "labels": [0, 1],
}
NETWORK = {
    "input": {"channels": 1, "height": 2, "width": 2},
    "layers": [{"type": "dense", "units": 2}],
}


def npz() -> bytes:
    """The strokes as NPZ."""
    file = io.BytesIO()
    images = np.array(STROKES["images"], np.uint8)
    np.savez(file, images=images, labels=np.array([0, 1]), classes=np.array(["across", "down"]))
    return file.getvalue()


def xlsx() -> bytes:
    """The strokes as a table in a workbook."""
    book = openpyxl.Workbook()
    sheet = book.create_sheet("images", 0)
    for row in ([0, 1, 1, 0, 0], [1, 1, 0, 1, 0]):
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


FILES = {
    "strokes.csv": b"label,a,b,c,d\n0,1,1,0,0\n1,1,0,1,0\n",
    "strokes.npz": npz(),
    "strokes.xlsx": xlsx(),
}


def test_a_data_set_is_brought_as_json(http: httpx.Client) -> None:
    """A ``Dataset`` without id comes back with one, is listed, and read at its address."""
    answer = http.post("/api/datasets", json=STROKES)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert {key: made[key] for key in STROKES} == STROKES
    assert http.get(answer.headers["Location"]).json() == made
    listed = {one["id"]: one for one in http.get("/api/datasets").json()["datasets"]}
    assert listed[made["id"]]["size"] == 2


@pytest.mark.parametrize("name", FILES)
def test_a_data_set_is_brought_as_a_file(http: httpx.Client, name: str) -> None:
    """CSV, NPZ and XLSX come in the form's field ``file``."""
    answer = http.post("/api/datasets", files={"file": (name, FILES[name])})
    assert answer.status_code == 201, answer.text
    assert answer.json()["images"] == STROKES["images"]
    assert answer.json()["labels"] == [0, 1]


def test_a_run_learns_from_what_was_brought(http: httpx.Client, make_run: Any) -> None:
    """A set that was brought is asked for by its id, like any other."""
    made = http.post("/api/datasets", json=STROKES).json()
    run = make_run(config={**NETWORK, "dataset": made["id"]})
    assert run.descend(200)["batch"]["accuracy"] == 1.0


def test_a_set_is_brought_back_whole(http: httpx.Client) -> None:
    """What ``GET`` gives can be posted back: the images kept for testing stay so."""
    found = http.get("/api/datasets/digits-8x8").json()
    answer = http.post("/api/datasets", json=found)
    assert answer.status_code == 201, answer.text
    assert {**answer.json(), "id": found["id"]} == found
    assert len(found["test"]) == 360


def test_a_share_is_kept_for_testing(http: httpx.Client, make_run: Any) -> None:
    """A split keeps a share of each class aside, the same for a seed; nothing is learnt of it."""
    path = "/api/datasets/digits-123-6x6/split"
    answer = http.post(path, json={"share": 0.25})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["size"], made["test"]) == (96, 24)
    assert made["notes"] == ["24 of 96 images, drawn by seed 0, are kept for testing."]
    found = http.get(f"/api/datasets/{made['id']}").json()
    kept = [found["labels"][at] for at in found["test"]]
    assert [kept.count(label) for label in range(3)] == [8, 8, 8]
    assert http.post(path, json={"share": 0.25, "seed": 0}).json() == made
    other = http.post(f"/api/datasets/{made['id']}/split", json={"share": 0.25, "seed": 1}).json()
    assert other["id"] != made["id"]
    assert other["notes"] == ["24 of 96 images, drawn by seed 1, are kept for testing."]
    run = make_run(config={"dataset": made["id"]})
    assert not {*run.trace()["batch"]["samples"]} & {*found["test"]}
    results = run("GET", "results").json()
    assert (results["training"]["count"], results["test"]["count"]) == (72, 24)


def test_a_split_that_keeps_none_is_refused(http: httpx.Client, refusal: Any) -> None:
    """A share that keeps no image, all of them, or is none, is refused by its field."""
    for share in (0, 1, 0.001, "a"):
        answer = http.post("/api/datasets/digits-123-6x6/split", json={"share": share})
        assert refusal(answer, 422)["errors"][0]["field"] == "share"
    refusal(http.post("/api/datasets/none/split", json={}), 404)


def test_scaling_is_said(http: httpx.Client) -> None:
    """Whole numbers above 1 are scaled by the largest, and a note says so."""
    images = [[[0, 255], [51, 0]], [[255, 0], [0, 0]]]
    made = http.post("/api/datasets", json={"images": images, "labels": [0, 1]}).json()
    assert made["images"][0] == [[0, 1], [0.2, 0]]
    assert any("255" in note for note in made["notes"])


def test_what_cannot_be_read_is_told_where(http: httpx.Client, refusal: Any) -> None:
    """A refusal names the row or the field; nothing is added."""
    before = http.get("/api/datasets").json()
    broken = {"file": ("a.csv", b"0,1,1,0,0\n1,1,x,1,0\n")}
    problem = refusal(http.post("/api/datasets", files=broken), 422)
    assert "row 2" in problem["errors"][0]["field"]
    problem = refusal(http.post("/api/datasets", json={"images": [[[1]]]}), 422)
    assert problem["errors"][0]["field"] == "labels"
    refusal(http.post("/api/datasets", files={"other": ("a.csv", b"0,1")}), 422)
    large = {"file": ("a.csv", b"0" * 5_000_000)}
    refusal(http.post("/api/datasets", files=large), 413)
    assert http.get("/api/datasets").json() == before


BROKEN = [
    (
        ("a.csv", b"0,1,1,0,0\n1,1,x,1,0\n"),
        {"field": "row 2, column 3", "wanted": "a number", "came": "'x'"},
    ),
    (
        ("a.json", b'{"images": [[[1]]], "labels": [200]}'),
        {"field": "labels[0]", "wanted": "a whole number from 0 to 99", "came": "200"},
    ),
    (
        ("a.json", b'{"images": [[[1]]], "labels": [true]}'),
        {"field": "labels[0]", "wanted": "a number of ordinary size", "came": "true"},
    ),
    (
        ("a.bin", b"\0"),
        {"field": "file", "wanted": "a data set as JSON, CSV, NPZ or XLSX", "came": "none of them"},
    ),
]


@pytest.mark.parametrize(("file", "fault"), BROKEN)
def test_a_refused_file_says_what_was_wanted_and_what_came(
    http: httpx.Client, refusal: Any, file: tuple[str, bytes], fault: dict[str, str]
) -> None:
    """``errors`` of an upload hold the field, what was wanted there and what came."""
    problem = refusal(http.post("/api/datasets", files={"file": file}), 422)
    assert problem["errors"] == [fault]
    assert f"Wanted {fault['wanted']}; came {fault['came']}." in problem["detail"]


def test_a_drawing_is_added_to_a_copy(http: httpx.Client, make_run: Any, refusal: Any) -> None:
    """The copy has the drawing at its end; the run goes on with it, with the weights it had."""
    run = make_run()
    before = run.descend(3)["tensors"]["F.w"]
    path = "/api/datasets/digits-123-6x6/images"
    drawing = {"pixels": [[0, 0, 1, 1, 0, 0]] * 6, "label": 0}
    answer = http.post(path, json=drawing)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert made["size"] == 97
    assert run("PATCH", "config", {"dataset": made["id"]}).status_code == 200
    trace = run.trace()
    assert (trace["iteration"], trace["tensors"]["F.w"]) == (3, before)
    assert len(trace["batch"]["samples"]) == 97
    assert http.get(f"/api/datasets/{made['id']}").json()["images"][-1] == drawing["pixels"]
    again = http.post(f"/api/datasets/{made['id']}/images", json=drawing).json()
    assert (again["size"], again["name"]) == (98, "Handwritten 1, 2, 3 +2")
    refusal(http.post(path, json={**drawing, "label": 3}), 422)
    refusal(http.post(path, json={**drawing, "pixels": [[1]]}), 422)
    refusal(http.post("/api/datasets/none/images", json=drawing), 404)


def test_what_a_set_grew_from_is_said(http: httpx.Client) -> None:
    """Of a copy with one more drawing the set before it; of every other set nothing."""
    below = http.post("/api/datasets", json={**STROKES, "name": "Growing"}).json()["id"]
    drawing = {"pixels": [[0, 1], [0, 1]], "label": 1}
    made = http.post(f"/api/datasets/{below}/images", json=drawing).json()
    again = http.post(f"/api/datasets/{made['id']}/images", json=drawing).json()
    part = http.post(f"/api/datasets/{again['id']}/split", json={"share": 0.5}).json()
    listed = {one["id"]: one for one in http.get("/api/datasets").json()["datasets"]}
    assert [listed[one["id"]] for one in (made, again, part)] == [made, again, part]
    assert (made["grown_from"], again["grown_from"]) == (below, made["id"])
    assert [listed[one]["grown_from"] for one in (below, part["id"], "digits-8x8")] == [None] * 3


def test_what_was_said_of_a_set_first_stays(http: httpx.Client) -> None:
    """Who posts back what another grew is given the entry that the list has."""
    below = http.post("/api/datasets", json={**STROKES, "name": "Grown and back"}).json()["id"]
    drawing = {"pixels": [[1, 1], [0, 1]], "label": 0}
    made = http.post(f"/api/datasets/{below}/images", json=drawing).json()
    back = http.post("/api/datasets", json=http.get(f"/api/datasets/{made['id']}").json())
    assert back.json()["id"] == made["id"]
    assert made in http.get("/api/datasets").json()["datasets"]
    assert http.post(f"/api/datasets/{below}/images", json=drawing).json() == made


def test_sets_survive_a_restart(tmp_path: Path) -> None:
    """What was added to a store is there when it is opened again."""
    store = SqliteStore(tmp_path)
    assert store.add_dataset("set-1", b"about", b"arrays", 1, 0)
    store.close()
    store = SqliteStore(tmp_path)
    assert store.dataset("set-1") == (b"about", b"arrays")
    assert list(store.datasets()) == [("set-1", b"about")]
    assert store.dataset("set-2") is None
    store.close()
