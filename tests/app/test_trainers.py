"""Those who make the updates: no training harms another, or keeps a place that it does not use."""

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.store.base import Unavailable
from app.store.sqlite import FILE


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """An application of the test's own, with places for three trainings."""
    with TestClient(create_app(Settings(data=tmp_path, rate=0, trainings=3))) as client:
        yield client


def made(client: TestClient) -> str:
    """A new run's address."""
    return f"/api/runs/{client.post('/api/runs').json()['id']}"


def begun(client: TestClient, **wanted: Any) -> str:
    """The address of a new run that trains."""
    run = made(client)
    answer = client.post(f"{run}/training", json=wanted)
    assert answer.status_code == 202, answer.text
    return run


def until(client: TestClient, run: str, iteration: int) -> Any:
    """The ``Training`` of a run once it has come so far."""
    for _ in range(500):
        training = client.get(f"{run}/training").json()
        if training["iteration"] >= iteration:
            return training
        time.sleep(0.01)
    raise AssertionError(f"still {training}")


def test_the_slowest_training_stops_no_other(client: TestClient, refusal: Any) -> None:
    """One update in ages is refused; one in more than a minute lets others go on."""
    refusal(client.post(f"{made(client)}/training", json={"speed": 1e-12}), 422)
    begun(client, speed=0.01)
    assert until(client, begun(client, iterations=40), 40)["state"] == "finished"


def test_a_stored_speed_stops_no_other(tmp_path: Path) -> None:
    """A training that was stored with next to no speed leaves the others running."""
    settings = Settings(data=tmp_path, rate=0)
    with TestClient(create_app(settings)) as client:
        begun(client, speed=1)
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute(
            "UPDATE runs SET meta = CAST(replace(meta, '1.0', '1e-300') AS BLOB), crc = NULL"
        )
        assert b"1e-300" in file.execute("SELECT meta FROM runs").fetchone()[0]
    file.close()
    with TestClient(create_app(settings)) as client:
        run = begun(client, iterations=200)
        time.sleep(0.1)
        client.patch(f"{run}/training", json={"speed": None})
        assert until(client, run, 200)["state"] == "finished"


def test_a_training_that_is_over_gives_its_place(client: TestClient) -> None:
    """Stopped, paused or deleted, the slowest training leaves room for another at once."""
    for _ in range(3):
        runs = [begun(client, speed=0.01) for _ in range(3)]
        client.delete(f"{runs[0]}/training")
        client.patch(f"{runs[1]}/training", json={"paused": True})
        client.delete(runs[2])
    begun(client, speed=0.01)


def test_resuming_takes_a_place(client: TestClient, refusal: Any) -> None:
    """Of five that are paused three can be resumed; the others are as they were."""
    runs = []
    for _ in range(5):
        runs.append(begun(client, speed=0.01))
        client.patch(f"{runs[-1]}/training", json={"paused": True})
    answers = [client.patch(f"{run}/training", json={"paused": False}) for run in runs]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert "3 trainings run here" in refusal(answers[-1], 429)["detail"]
    assert client.get(f"{runs[-1]}/training").json()["state"] == "paused"
    assert client.patch(f"{runs[0]}/training", json={"speed": 0.02}).status_code == 200


def test_an_address_has_its_share_of_the_places(tmp_path: Path, refusal: Any) -> None:
    """Where one address may start no more trainings, another may."""
    settings = Settings(data=tmp_path, rate=0, trainings=4, trainings_each=2)
    with TestClient(create_app(settings)) as client:
        begun(client, speed=0.01)
        run = begun(client, speed=0.01)
        refused = client.post(f"{made(client)}/training", json={"speed": 0.01})
        assert "this address" in refusal(refused, 429)["detail"]
        begun(TestClient(client.app, client=("10.0.0.7", 5000)), speed=0.01)
        client.delete(f"{run}/training")
        begun(client, speed=0.01)


@pytest.mark.parametrize("end", ["finished", "diverged"])
def test_an_end_that_was_not_stored_is_stored_later(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """A store that fails at the very end of a training has the end once it works again."""
    state: Any = client.app
    store, save = state.state.store, state.state.store.save
    failures: list[str] = []
    told: list[str] = []

    def failing(run: str, expected: int, meta: bytes, *more: Any, **marks: Any) -> Any:
        if orjson.loads(meta)["training"]["state"] == end and not failures:
            failures.append(run)
            raise Unavailable("The store cannot write: the disk is full.")
        return save(run, expected, meta, *more, **marks)

    def publish(_run: str, *events: Any) -> None:
        told.extend(event.name for event in events)

    monkeypatch.setattr(store, "save", failing)
    monkeypatch.setattr(state.state.broadcast, "publish", publish)
    run = made(client)
    if end == "diverged":
        change = {"training": {"learning_rate": 10.0}}
        layers = [{"type": "dense", "units": 3, "activation": "identity"}]
        client.patch(f"{run}/config", json={**change, "layers": layers})
    client.post(f"{run}/training", json={"iterations": 500})
    name = run.rpartition("/")[2]
    for _ in range(300):
        meta = orjson.loads(store.load(name).meta)
        if meta["training"]["state"] == end:
            break
        time.sleep(0.02)
    assert failures == [name]
    assert meta["training"]["state"] == end
    assert meta["iteration"] == client.get(f"{run}/training").json()["iteration"]
    assert store.active() == []
    time.sleep(0.05)
    assert state.state.trainers.under_way == 0
    assert told.count("diverged") == (end == "diverged")


def test_a_damaged_run_keeps_no_place(tmp_path: Path) -> None:
    """A run that was damaged while the server rested is not trained on, time after time."""
    settings = Settings(data=tmp_path, rate=0)
    with TestClient(create_app(settings)) as client:
        begun(client, speed=1)
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute("UPDATE chunks SET blob = zeroblob(length(blob))")
    file.close()
    with TestClient(create_app(settings)) as client:
        state: Any = client.app
        for _ in range(200):
            if not state.state.trainers.under_way:
                return
            time.sleep(0.01)
        pytest.fail("the place is still taken")


def test_progress_is_never_negative(client: TestClient) -> None:
    """A training resumed from before where it began begins there."""
    run = made(client)
    client.post(f"{run}/descent", json={"iterations": 50})
    client.post(f"{run}/training", json={"iterations": 1000, "speed": 0.01})
    client.patch(f"{run}/training", json={"paused": True})
    client.put(f"{run}/position", json={"iteration": 2})
    client.patch(f"{run}/parameters", json={"O.b": [0.5, 0.5, 0.5]})
    training = client.patch(f"{run}/training", json={"paused": False}).json()
    assert training["begun"] <= training["iteration"]
