"""What else might have come: kept futures, several seeds, and how errors are spread."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import httpx
import orjson
import pytest
from fastapi.testclient import TestClient

from app import expiry
from app.main import create_app
from app.settings import Settings
from app.store.base import Unavailable


def kept(run: Any, name: str) -> Any:
    """The ``Branch`` that was kept under a name."""
    answer = run("POST", "branches", {"name": name})
    assert answer.status_code == 201, answer.text
    return answer.json()


def edited(run: Any) -> None:
    """Another weight from here on."""
    answer = run("PATCH", "parameters", {"F.w": [{"index": [0, 0, 0, 0], "value": 2.5}]})
    assert answer.status_code == 200, answer.text


def test_a_kept_future_outlives_an_edit(run: Any) -> None:
    """After an edit in the past the old future is there to compare, and to come back to."""
    old = run.descend(40)
    branch = kept(run, "as it was")
    assert (branch["iterations"], branch["from"]) == (40, 40)
    costs = run("GET", "costs").json()
    run.move(iteration=10)
    edited(run)
    new = run.descend(5)
    assert run("GET", f"branches/{branch['id']}/costs").json() == costs
    taken = run("PUT", f"branches/{branch['id']}", {"name": "edited"})
    assert taken.json()["iterations"] == 40
    assert run.trace()["tensors"] == old["tensors"]
    (other,) = run("GET", "branches").json()["branches"]
    assert (other["name"], other["iterations"], other["C"]) == ("edited", 15, new["batch"]["C"])
    run("PUT", f"branches/{other['id']}")
    assert run.trace()["tensors"] == new["tensors"]
    (back,) = run("GET", "branches").json()["branches"]
    assert (back["name"], back["iterations"]) == ("edited", 40)


def test_dropping_a_future(run: Any, http: httpx.Client, refusal: Any) -> None:
    """A dropped future is gone, and so are all when their run is deleted."""
    run.descend(3)
    first, second = kept(run, "a"), kept(run, "b")
    assert run("DELETE", f"branches/{first['id']}").status_code == 204
    assert [one["name"] for one in run("GET", "branches").json()["branches"]] == ["b"]
    refusal(run("GET", f"branches/{first['id']}/costs"), 404)
    refusal(run("PUT", f"branches/{first['id']}"), 404)
    run("DELETE", "")
    refusal(http.get(f"/api/runs/{second['id']}"), 404)


def test_refuses_what_cannot_be_kept(run: Any, refusal: Any) -> None:
    """A name twice, none, or too many futures: said by field, and nothing is kept."""
    kept(run, "a")
    for body in ({"name": "a"}, {"name": ""}, {"name": "x" * 61}, {}):
        assert refusal(run("POST", "branches", body), 422)["errors"][0]["field"] == "name"
    assert len(run("GET", "branches").json()["branches"]) == 1
    for number in range(19):
        kept(run, str(number))
    refusal(run("POST", "branches", {"name": "one more"}), 409)


def test_a_stale_keeper_leaves_nothing_behind(run: Any, refusal: Any) -> None:
    """Where the version is another by now, neither the list nor the run changes."""
    version = run.run()["version"]
    refusal(run("POST", "branches", {"name": "a"}, headers={"If-Match": f'"{version + 7}"'}), 412)
    assert run("GET", "branches").json() == {"branches": []}
    assert run.run()["version"] == version


def test_futures_survive_a_kill(
    start_server: Callable[..., Any], client_of: Callable[..., Any]
) -> None:
    """Killed right after the answers, the server has the branch and the swap."""
    server = start_server()
    with httpx.Client(base_url=server.url) as http:
        run = client_of(http, http.post("/api/runs").json()["id"])
        old = run.descend(30)
        branch = kept(run, "as it was")
        run.move(iteration=10)
        edited(run)
        run("PUT", f"branches/{branch['id']}", {"name": "edited"})
    server.kill()
    again = start_server(server.data)
    with httpx.Client(base_url=again.url) as http:
        run = client_of(http, run.id)
        assert run.trace()["tensors"] == old["tensors"]
        assert [one["name"] for one in run("GET", "branches").json()["branches"]] == ["edited"]
        replayed = run.move(iteration=30)
        assert replayed["tensors"] == old["tensors"]


def done(run: Any) -> Any:
    """The ``Seeds`` of a run once all have learnt."""
    for _ in range(600):
        seeds = run("GET", "seeds").json()
        if seeds["state"] != "running":
            return seeds
        time.sleep(0.05)
    raise AssertionError(f"still {seeds}")


def test_sixteen_seeds_learn_at_once(run: Any, make_run: Callable[..., Any]) -> None:
    """Each ends where a run of that seed ends, to the bit; the run itself stays where it is."""
    begun = run("POST", "seeds", {"seeds": list(range(16)), "iterations": 60})
    assert begun.status_code == 202, begun.text
    seeds = done(run)["seeds"]
    assert [one["seed"] for one in seeds] == list(range(16))
    assert {one["iteration"] for one in seeds} == {60}
    other = make_run(config={"training": {"seed": 11}})
    trace = other.descend(60)
    assert seeds[11]["weights"]["values"] == trace["tensors"]["F.w"]["values"]
    assert seeds[11]["C"] == trace["batch"]["C"]
    assert len({one["C"] for one in seeds}) == 16
    assert run.run()["position"] == {"iteration": 0, "step": 0}
    assert run("DELETE", "seeds").status_code == 204
    assert run("GET", "seeds").json() == {"state": "idle", "goal": 0, "seeds": []}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"seeds": [], "iterations": 5}, "seeds"),
        ({"seeds": list(range(17)), "iterations": 5}, "seeds"),
        ({"seeds": [1, 1], "iterations": 5}, "seeds"),
        ({"seeds": [1], "iterations": 0}, "iterations"),
    ],
)
def test_refuses_other_seeds(run: Any, refusal: Any, body: Any, field: str) -> None:
    """None, too many, or one twice."""
    assert refusal(run("POST", "seeds", body), 422)["errors"][0]["field"] == field


def test_histograms_count_the_errors_of_the_update(run: Any) -> None:
    """δ of all 96 images and the gradients of the weights, layer by layer."""
    found = run("GET", "histograms").json()
    assert found["images"] == 96
    first, last = found["layers"]
    assert (first["layer"], last["layer"]) == ("F", "O")
    assert sum(first["delta"]["counts"]) == 96 * 48
    assert sum(first["gradient"]["counts"]) == 27
    gradients = run.trace()["batch"]["gradients"]["F.dw"]["values"]
    assert first["gradient"]["edges"][-1] == pytest.approx(max(map(abs, gradients)))
    assert 0 <= first["saturated"] <= 1
    assert first["units"]["shape"] == [3, 4, 4]
    assert run.trace()["flat"] == {"F": 0.01, "O": 0.01}
    run("PATCH", "config", {"training": {"reduction": "mean"}})
    mean = run("GET", "histograms").json()["layers"][0]
    for kind in ("delta", "gradient"):
        assert 96 * mean[kind]["edges"][-1] == pytest.approx(first[kind]["edges"][-1])
    assert mean["delta"]["counts"] == first["delta"]["counts"]
    run("PATCH", "parameters", {"F.b": [0.0, 30.0, 0.0]})
    marked = run("GET", "histograms").json()["layers"][0]["units"]["saturated"]
    assert marked == [[1, row, column] for row in range(4) for column in range(4)]


# Both are made, swapped and dropped whole, or not at all ----------------------------------------


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """An application over a folder of the test's own, with one run in memory at a time."""
    settings = Settings(data=tmp_path, rate=0, live_runs=1, run_days=30)
    with TestClient(create_app(settings)) as client:
        yield client


@pytest.fixture
def own(client: TestClient, client_of: Callable[..., Any]) -> Any:
    """A run of it."""
    return client_of(client, client.post("/api/runs").json()["id"])


def test_an_edit_amid_a_swap_is_kept(
    client: TestClient, own: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was answered while futures are swapped is in the one that is kept."""
    branch = kept(own, "old")
    state: Any = client.app
    store, save = state.state.store, state.state.store.save
    answers: list[Any] = []

    def late(run: str, expected: int, *what: Any, **more: Any) -> Any:
        if not answers:
            meta = orjson.loads(store.load(run).meta)
            answers.append(save(run, expected, orjson.dumps({**meta, "step": 3})))
        return save(run, expected, *what, **more)

    monkeypatch.setattr(store, "save", late)
    assert own("PUT", f"branches/{branch['id']}", {"name": "new"}).status_code == 200
    monkeypatch.undo()
    assert len(answers) == 1
    (new,) = own("GET", "branches").json()["branches"]
    own("PUT", f"branches/{new['id']}")
    assert own.run()["position"]["step"] == 3


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "branches", {"name": "new"}),
        ("PUT", "branches/{branch}", {"name": "new"}),
        ("DELETE", "branches/{branch}", None),
        ("POST", "seeds", {"seeds": [4, 5], "iterations": 2}),
        ("DELETE", "seeds", None),
    ],
)
@pytest.mark.parametrize("status", [412, 503])
def test_what_is_refused_leaves_nothing_behind(
    client: TestClient,
    own: Any,
    refusal: Any,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    path: str,
    body: Any,
    status: int,
) -> None:
    """A stale version, or a store that fails: the same runs, branches and seeds as before."""
    branch = kept(own, "old")
    own("POST", "seeds", {"seeds": [1, 2, 3], "iterations": 1})
    done(own)
    state: Any = client.app
    store = state.state.store

    def there() -> Any:
        return sorted(store.list()), own("GET", "branches").json(), own("GET", "seeds").json()

    before, headers = there(), {}
    if status == 412:
        headers = {"If-Match": '"99"'}
    else:
        fails = Mock(side_effect=Unavailable("The store cannot write: the disk is full."))
        monkeypatch.setattr(store, "save", fails)
    answer = own(method, path.format(branch=branch["id"]), body, headers=headers)
    refusal(answer, status)
    monkeypatch.undo()
    assert there() == before
    for _ in range(100):
        if not state.state.trainers.under_way:
            break
        time.sleep(0.01)
    assert state.state.trainers.under_way == 0


@pytest.mark.parametrize("use", ["looked at", "followed"])
def test_what_belongs_to_a_run_in_use_stays(
    client: TestClient, own: Any, client_of: Callable[..., Any], use: str
) -> None:
    """Futures and seeds of a run that is looked at, or only followed, do not grow old alone."""
    kept(own, "old")
    own("POST", "seeds", {"seeds": [1], "iterations": 1})
    done(own)
    state: Any = client.app
    runs, store, settings = state.state.runs, state.state.store, state.state.settings
    runs.looked_at()
    with store.transaction() as file:
        file.execute("UPDATE runs SET used = 1000")
    if use == "looked at":
        own.trace()
    client_of(client, client.post("/api/runs").json()["id"])  # takes the place in memory
    assert expiry.sweep(runs, store, settings, also={own.id} if use == "followed" else ()) == 0
    assert [one["name"] for one in own("GET", "branches").json()["branches"]] == ["old"]
    with store.transaction() as file:
        file.execute("UPDATE runs SET used = 1000")
    runs.looked_at()
    assert expiry.sweep(runs, store, settings) > 0
    assert store.list() == []


@pytest.mark.parametrize(
    "harm",
    ["UPDATE runs SET meta = x'7b7d' WHERE id = ?", "DELETE FROM runs WHERE id = ?"],
)
def test_a_lost_future_takes_no_other_along(client: TestClient, own: Any, harm: str) -> None:
    """One that is damaged or missing is listed as such and can be dropped; the others are there."""
    lost, good = kept(own, "lost"), kept(own, "good")
    state: Any = client.app
    with state.state.store.transaction() as file:
        file.execute(harm, (lost["id"],))
        file.execute("UPDATE runs SET version = version + 1 WHERE id = ?", (lost["id"],))
    first, second = own("GET", "branches").json()["branches"]
    assert (first["name"], first["C"], second) == ("lost", None, good)
    assert "run" in first["unreadable"]
    assert own("PUT", f"branches/{lost['id']}").status_code in {404, 500}
    assert own("DELETE", f"branches/{lost['id']}").status_code == 204
    assert own("GET", "branches").json() == {"branches": [good]}


def test_a_lost_seed_takes_no_other_along(client: TestClient, own: Any) -> None:
    """One whose run is damaged says so; the others are shown, and all can be dropped."""
    own("POST", "seeds", json={"seeds": [4, 5], "iterations": 3})
    state: Any = client.app
    name = own("GET", "").url.path.rpartition("/")[2]
    run = state.state.runs.read(name, lambda it: it.trials[0].id)
    for _ in range(100):
        if own("GET", "seeds").json()["state"] == "finished":
            break
        time.sleep(0.05)
    with state.state.store.transaction() as file:
        file.execute("UPDATE runs SET meta = x'7b7d', version = version + 1 WHERE id = ?", (run,))
    found = own("GET", "seeds").json()
    lost, good = found["seeds"]
    assert (found["state"], lost["seed"], lost["costs"]) == ("finished", 4, None)
    assert "damaged" in lost["unreadable"]
    assert (good["seed"], good["iteration"], good["unreadable"]) == (5, 3, None)
    assert own("DELETE", "seeds").status_code == 204
    assert own("GET", "seeds").json()["seeds"] == []


def test_seeds_survive_a_kill(
    start_server: Callable[..., Any], client_of: Callable[..., Any]
) -> None:
    """Killed right after the answer, the server has all of them learn on."""
    server = start_server()
    with httpx.Client(base_url=server.url) as http:
        run = client_of(http, http.post("/api/runs").json()["id"])
        run("POST", "seeds", {"seeds": [1, 2, 3], "iterations": 10_000})
    server.kill()
    again = start_server(server.data)
    with httpx.Client(base_url=again.url) as http:
        seeds = done(client_of(http, run.id))["seeds"]
        assert [one["iteration"] for one in seeds] == [10_000] * 3
