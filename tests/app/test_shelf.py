"""The shelf of image sets: how they are named, found, and go when nobody uses them."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app import expiry, shelf
from app.bridge import setups
from app.imports import Imported
from app.main import create_app
from app.problems import Problem
from app.settings import Settings
from app.store.sqlite import SqliteStore
from app.store.uses import NAME

STROKES = Imported(
    "Strokes, brought elsewhere",
    ("across", "down"),
    np.array([[[[1.0, 1.0], [0.0, 0.0]]], [[[1.0, 0.0], [1.0, 0.0]]]]),
    np.array([0, 1]),
    [],
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store of a test's own, on which sets are looked for."""
    opened = SqliteStore(tmp_path)
    shelf.attach(opened)
    yield opened
    shelf.detach(opened)
    opened.close()


def test_a_set_is_named_by_its_content_alone(store: SqliteStore) -> None:
    """The id does not depend on what it grew from; it is the one that it always was."""
    below = shelf.bring(store, STROKES, 9)
    assert below.id == "set-723ce019a6f1fb8f725a"
    grown = shelf.add_image(store, below.id, STROKES.images[0], 1, 9)
    assert (grown.id, grown.grown_from) == ("set-e55d96c2d4dedf1e7943", below.id)


def test_a_card_of_before_has_grown_from_nothing(store: SqliteStore) -> None:
    """A set that an earlier version stored is listed, and can grow on."""
    name = shelf.bring(store, STROKES, 9).id
    with store.transaction() as file:
        file.execute("UPDATE datasets SET meta = json_remove(CAST(meta AS TEXT), '$.grown_from')")
    assert [one.grown_from for one in shelf.brought(store)] == [None]
    assert shelf.add_image(store, name, STROKES.images[0], 1, 9).grown_from == name


def test_a_set_that_another_process_brings_is_found(tmp_path: Path) -> None:
    """That a set was not there yet is not remembered: it is found as soon as it is."""
    elsewhere, here = SqliteStore(tmp_path / "elsewhere"), SqliteStore(tmp_path / "here")
    name = shelf.bring(elsewhere, STROKES, 1).id
    brought = elsewhere.dataset(name)
    assert brought is not None
    shelf.attach(here)
    try:
        with pytest.raises(Problem, match="There is no data set"):
            shelf.load(name)
        other = SqliteStore(tmp_path / "here")  # as another process has it
        assert other.add_dataset(name, *brought, 1, 0)
        other.close()
        assert (shelf.load(name).images == STROKES.images).all()
    finally:
        shelf.detach(here)
        here.close()
        elsewhere.close()


# What goes --------------------------------------------------------------------------------------


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """An application of a test's own, with room for nine sets."""
    with TestClient(create_app(Settings(data=tmp_path, rate=0, datasets=9))) as made:
        yield made


def store_of(client: TestClient) -> SqliteStore:
    """The store of an application."""
    app: Any = client.app
    found: SqliteStore = app.state.store
    return found


def brought(client: TestClient, name: str) -> str:
    """The id of a set that is brought under a name: two images of 2×2, two classes."""
    body = {
        "name": name,
        "classes": ["across", "down"],
        "images": [[[1, 1], [0, 0]], [[1, 0], [1, 0]]],
        "labels": [0, 1],
    }
    answer = client.post("/api/datasets", json=body)
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


def run_on(client: TestClient, dataset: str) -> str:
    """The address of a run that learns from a set of 2×2 images."""
    config = {
        "input": {"channels": 1, "height": 2, "width": 2},
        "layers": [{"type": "dense", "units": 2}],
        "dataset": dataset,
    }
    answer = client.post("/api/runs", json={"config": config})
    assert answer.status_code == 201, answer.text
    return f"/api/runs/{answer.json()['id']}"


def changed(client: TestClient, run: str, dataset: str) -> None:
    """Let a run learn from another set."""
    client.patch(f"{run}/config", json={"dataset": dataset}).raise_for_status()


def age(client: TestClient, days: float = 31) -> None:
    """Let every set that was brought have been unused for so many days."""
    with store_of(client).transaction() as file:
        file.execute("UPDATE shelf SET used = ?", (time.time() - days * expiry.DAY,))


def swept(client: TestClient) -> int:
    """How many sets a sweep removes where runs stay for thirty days."""
    return expiry.sweep_sets(store_of(client), Settings(run_days=30))


def listed(client: TestClient) -> set[str]:
    """The ids of the sets that the list has and that were brought."""
    sets = client.get("/api/datasets").json()["datasets"]
    return {one["id"] for one in sets if one["id"].startswith(shelf.PREFIX)}


def forget() -> None:
    """Let this process be as one that begins: nothing of any set is in memory."""
    shelf.fetched.cache_clear()
    setups.training_examples.cache_clear()
    setups.setup.cache_clear()


def test_the_store_knows_what_a_set_is_called(store: SqliteStore) -> None:
    """The ids that it looks for are those that the shelf gives."""
    assert NAME.fullmatch(shelf.bring(store, STROKES, 9).id.encode())


def test_a_set_that_nothing_names_goes(client: TestClient, refusal: Any) -> None:
    """After the same age as a run; then it is not there, though it was read before."""
    old = brought(client, "old")
    client.get(f"/api/datasets/{old}").raise_for_status()
    age(client, 29)
    assert swept(client) == 0
    age(client)
    young = brought(client, "young")
    assert swept(client) == 1
    assert listed(client) == {young}
    refusal(client.get(f"/api/datasets/{old}"), 404)
    refusal(client.post(f"/api/datasets/{old}/split", json={}), 404)
    problem = refusal(client.post("/api/runs", json={"config": {"dataset": old}}), 422)
    assert problem["errors"][0]["field"] == "dataset"
    assert brought(client, "old") == old
    assert client.get(f"/api/datasets/{old}").status_code == 200


def test_a_set_in_use_stays(client: TestClient) -> None:
    """As what a run learns from, or learnt from once; of its futures and seeds; of a moment."""
    names = ["now", "once", "kept", "shared", "none"]
    now, once, kept, shared, _ = (brought(client, name) for name in names)
    own = run_on(client, once)
    changed(client, own, kept)
    client.post(f"{own}/branches", json={"name": "one"}).raise_for_status()
    client.put(f"{own}/position", json={"iteration": 0}).raise_for_status()
    changed(client, own, now)
    seeds = {"seeds": [1], "iterations": 1}
    client.post(f"{own}/seeds", json=seeds).raise_for_status()
    other = run_on(client, shared)
    moment = client.post(f"{other}/moments").json()["id"]
    client.delete(other).raise_for_status()
    age(client)
    assert swept(client) == 1
    assert listed(client) == {now, once, kept, shared}
    forget()
    assert client.get(f"{own}/trace").status_code == 200
    assert client.get(f"{own}/branches").json()["branches"][0].get("unreadable") is None
    opened = client.post(f"/api/moments/{moment}/runs").json()
    assert opened["config"]["dataset"] == shared
    with store_of(client).transaction() as file:
        file.execute("DELETE FROM moments")
    client.delete(own).raise_for_status()
    age(client)
    assert swept(client) == 3
    assert listed(client) == {shared}  # by the run that was made of the moment


def test_a_set_that_is_about_to_be_used_stays(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sweep between the look for a set and the storing of the run that names it spares it."""
    first, second = brought(client, "first"), brought(client, "second")
    store = store_of(client)
    create, save = store.create, store.save
    gone: list[int] = []

    def created(*given: Any) -> Any:
        gone.append(swept(client))
        return create(*given)

    def saved(*given: Any, **more: Any) -> Any:
        gone.append(swept(client))
        return save(*given, **more)

    monkeypatch.setattr(store, "create", created)
    monkeypatch.setattr(store, "save", saved)
    age(client)
    store.touch_dataset(second)
    own = run_on(client, first)
    age(client)
    changed(client, own, second)
    assert gone == [0, 0]
    assert listed(client) == {first, second}


def test_a_set_that_is_brought_again_is_as_one_that_is_new(client: TestClient) -> None:
    """It rests from then on."""
    name = brought(client, "again")
    age(client)
    assert brought(client, "again") == name
    assert swept(client) == 0


def test_a_full_shelf_refuses_only_what_it_must(client: TestClient, refusal: Any) -> None:
    """The longest unused set goes for a new one, but none in use and none of the last hour."""
    sets = [brought(client, f"number {number}") for number in range(9)]
    body = {"images": [[[0, 1], [1, 1]]], "labels": [0]}
    words = refusal(client.post("/api/datasets", json=body), 409)["detail"]
    assert "9 data sets" in words
    run_on(client, sets[0])
    age(client, 2 / 24)
    made = client.post("/api/datasets", json=body)
    assert made.status_code == 201
    here = listed(client)
    assert len(here) == 9
    assert {sets[0], made.json()["id"]} <= here
    assert refusal(client.get(f"/api/datasets/{min(sets[1:])}"), 404)
    drawing = {"pixels": [[0, 1], [0, 1]], "label": 1}
    grown = client.post(f"/api/datasets/{sets[0]}/images", json=drawing)
    assert grown.status_code == 201
    assert len(listed(client)) == 9


def test_the_server_removes_sets_by_itself(tmp_path: Path) -> None:
    """A server that begins sweeps the shelf as it does the runs."""
    settings = Settings(data=tmp_path, rate=0)
    with TestClient(create_app(settings)) as first:
        used, _ = brought(first, "used"), brought(first, "unused")
        run_on(first, used)
        age(first, 366)
    with TestClient(create_app(settings)) as second:
        for _ in range(200):
            if listed(second) == {used}:
                return
            time.sleep(0.05)
    pytest.fail("after 10 s the set is still there")
