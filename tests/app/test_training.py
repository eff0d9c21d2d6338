"""Training in the server: it goes on by itself, ends as asked, and everybody is told."""

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

ENDED = ("finished", "diverged", "failed", "idle")


def until(run: Any, *states: str, seconds: float = 30.0) -> Any:
    """The ``Training`` of a run once it is in one of these states."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        training = run("GET", "training").json()
        if training["state"] in states:
            return training
        time.sleep(0.02)
    raise AssertionError(f"still {training}")


def begin(run: Any, **wanted: Any) -> Any:
    """The ``Training`` that was begun."""
    answer = run("POST", "training", wanted)
    assert answer.status_code == 202, answer.text
    return answer.json()


def passed(run: Any, iteration: int) -> int:
    """The iteration that a training has reached once it is beyond this one."""
    for _ in range(1000):
        reached: int = run("GET", "training").json()["iteration"]
        if reached > iteration:
            return reached
        time.sleep(0.01)
    raise AssertionError("the training does not go on")


def events(lines: Iterator[str]) -> Iterator[tuple[str, str | None, Any]]:
    """Name, id and content of each event of a stream."""
    parts: dict[str, str] = {}
    for line in lines:
        if line:
            key, _, value = line.partition(": ")
            parts[key] = value
        elif "data" in parts:
            yield parts["event"], parts.get("id"), json.loads(parts["data"])
            parts = {}


def test_a_training_is_the_same_descent(run: Any, make_run: Callable[..., Any]) -> None:
    """Trained in slices of any length, the parameters are those of one descent, to the bit."""
    begin(run, iterations=700)
    assert until(run, *ENDED)["iteration"] == 700
    other = make_run()
    other.descend(700)
    assert run.parameters() == other.parameters()
    assert run("GET", "costs").json() == other("GET", "costs").json()


def test_ends_at_a_cost(run: Any) -> None:
    """The first iteration whose cost is low enough is the last."""
    begin(run, stop_at_cost=2.0)
    training = until(run, *ENDED)
    assert training["state"] == "finished"
    costs = run("GET", "costs?points=10000").json()
    assert costs["C"][-1] <= 2.0 < min(costs["C"][:-1])
    assert costs["iterations"][-1] == training["iteration"] == run.run()["iterations"]


def test_ends_at_an_accuracy(run: Any) -> None:
    """The first iteration with enough right answers is the last."""
    begin(run, stop_at_accuracy=0.9)
    until(run, "finished")
    accuracy = run("GET", "costs?points=10000").json()["accuracy"]
    assert accuracy[-1] >= 0.9 > max(accuracy[:-1])


def test_pauses_and_goes_on(run: Any) -> None:
    """A paused training stands still and lets itself be edited; resumed, it goes on to its goal."""
    begin(run, iterations=100_000)
    passed(run, 0)
    at = run("PATCH", "training", {"paused": True}).json()
    assert at["state"] == "paused"
    time.sleep(0.2)
    assert run("GET", "training").json()["iteration"] == at["iteration"]
    run("PATCH", "training", {"paused": False})
    assert passed(run, at["iteration"]) > at["iteration"]
    assert run("DELETE", "training").status_code == 204
    assert run("GET", "training").json()["state"] == "idle"
    assert run.run()["iterations"] >= at["iteration"]


def test_keeps_its_pace(run: Any) -> None:
    """At twenty updates a second, two seconds make about forty."""
    begin(run, iterations=10_000, speed=20)
    time.sleep(2.0)
    assert 25 <= run("GET", "training").json()["iteration"] <= 45
    run("DELETE", "training")


def test_diverging_stops_at_the_last_finite_iteration(make_run: Callable[..., Any]) -> None:
    """A far too large learning rate ends the training; iteration and tensor are named."""
    layers = [
        {"type": "conv", "filters": 3, "size": 3, "activation": "identity"},
        {"type": "pool", "kind": "max", "size": 2, "stride": 2},
        {"type": "dense", "units": 3, "activation": "identity"},
    ]
    run = make_run(config={"layers": layers, "training": {"learning_rate": 10.0}})
    begin(run, iterations=1000)
    training = until(run, *ENDED)
    assert training["state"] == "diverged"
    assert "learning rate" in training["reason"]
    assert training["tensor"]
    trace = run.trace()
    assert trace["iteration"] == training["iteration"] == run.run()["iterations"]


def test_refuses_edits_meanwhile(run: Any, refusal: Any) -> None:
    """What would pull the ground from under a training is refused; a drawing is not."""
    begin(run, iterations=100_000)
    edits: list[tuple[str, str, Any]] = [
        ("PATCH", "parameters", {"F.w": [{"index": [0, 0, 0, 0], "value": 1.0}]}),
        ("PATCH", "config", {"training": {"learning_rate": 0.1}}),
        ("POST", "descent", {"iterations": 1}),
        ("PUT", "position", {"iteration": 0}),
        ("POST", "training", {"iterations": 1}),
    ]
    for method, path, body in edits:
        assert refusal(run(method, path, body), 409)["training"]["state"] == "running"
    assert run("PUT", "stage", {"sample": 5}).json()["stage"]["sample"] == 5
    run("DELETE", "training")
    refusal(run("PATCH", "training", {"paused": True}), 409)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"iterations": 0}, "iterations"),
        ({"stop_at_accuracy": 2}, "stop_at_accuracy"),
        ({"stop_at_cost": -1}, "stop_at_cost"),
        ({"speed": 0}, "speed"),
        ({"pace": 1}, "pace"),
    ],
)
def test_names_the_field_that_is_wrong(run: Any, refusal: Any, body: Any, field: str) -> None:
    """Bad wishes are refused by name, and nothing trains."""
    problem = refusal(run("POST", "training", body), 422)
    assert problem["errors"][0]["field"] == field
    assert run("GET", "training").json()["state"] == "idle"


def test_shows_any_iteration_without_going_there(run: Any, refusal: Any) -> None:
    """A trace of the past is what a visit would show, and the position stays."""
    run.descend(30)
    past = run("GET", "trace?iteration=12").json()
    assert run.run()["position"] == {"iteration": 30, "step": 0}
    visited = run.move(iteration=12)
    assert past["tensors"] == visited["tensors"]
    assert past["batch"] == visited["batch"]
    refusal(run("GET", "trace?iteration=31"), 422)


def test_followers_hear_everything_in_order(run: Any) -> None:
    """Two listeners hear the same kept events; costs cover every iteration; frames are traces."""
    heard: list[list[tuple[str, str | None, Any]]] = []
    with run.http.stream("GET", f"{run.path}/events") as first:
        stream = events(first.iter_lines())
        before = [next(stream) for _ in range(3)]
        assert [name for name, _, _ in before] == ["cost", "position", "training"]
        begin(run, iterations=3000)
        kept = []
        for name, identity, content in stream:
            kept.append((name, identity, content))
            if name == "training" and content["state"] == "finished":
                break
        heard.append(kept)
    frames = [content["iteration"] for name, _, content in kept if name == "trace"]
    assert frames == sorted(frames)
    assert frames[-1] == 3000
    told = [it for name, _, content in kept if name == "cost" for it in content["iterations"]]
    assert told == sorted(told)
    assert told[-1] == 3000


def test_a_broken_connection_resumes_without_a_gap(run: Any) -> None:
    """With the id of the last event that it had, a listener gets every kept event after it."""
    with run.http.stream("GET", f"{run.path}/events") as whole:
        stream = events(whole.iter_lines())
        [next(stream) for _ in range(3)]
        begin(run, iterations=20_000)
        kept: list[tuple[str, str | None, Any]] = []
        for event in stream:
            if event[1] is not None:
                kept.append(event)
            if event[0] == "training" and event[2]["state"] == "finished":
                break
    middle = kept[len(kept) // 3]
    rest = kept[len(kept) // 3 + 1 :]
    assert len(rest) >= 2
    last = {"Last-Event-ID": str(middle[1])}
    with run.http.stream("GET", f"{run.path}/events", headers=last) as again:
        stream = (one for one in events(again.iter_lines()) if one[1] is not None)
        assert [next(stream) for _ in rest] == rest


def test_no_stream_of_an_unknown_run(http: httpx.Client, refusal: Any) -> None:
    """It is a 404 before a stream begins."""
    refusal(http.get("/api/runs/aaaaaaaaaaaaaaaaaaaaaa/events"), 404)


def test_those_who_listen_hear_of_a_deletion(run: Any) -> None:
    """The last event of a run says that it is no more; then the stream ends."""
    with run.http.stream("GET", f"{run.path}/events") as stream:
        heard = events(stream.iter_lines())
        [next(heard) for _ in range(3)]
        run("DELETE", "")
        ((name, _, problem),) = heard
    assert (name, problem["status"]) == ("error", 404)
    assert "deleted" in problem["detail"]


def test_costs_of_a_stretch_leave_nothing_out(run: Any, refusal: Any) -> None:
    """Thinned, the curve has its first and last; of a stretch of it every iteration, exactly."""
    run.descend(900)
    whole = run("GET", "costs?points=1000").json()
    part = run("GET", "costs?points=500&from=400&to=420").json()
    assert part["iterations"] == list(range(400, 421))
    assert part == {name: values[400:421] for name, values in whole.items()}
    thin = run("GET", "costs?points=5&from=100").json()
    assert (thin["iterations"][0], thin["iterations"][-1], len(thin["C"])) == (100, 900, 5)
    assert run("GET", "costs?from=901").json() == {"iterations": [], "C": [], "accuracy": []}
    assert run("GET", "costs?from=20&to=10").json()["iterations"] == []
    assert refusal(run("GET", "costs?from=-1"), 422)["errors"][0]["field"] == "from"
    branch = run("POST", "branches", {"name": "a"}).json()["id"]
    assert run("GET", f"branches/{branch}/costs?from=400&to=420").json() == part


def test_goes_on_after_a_kill(
    start_server: Callable[..., Any], client_of: Callable[..., Any]
) -> None:
    """Killed in the middle, the server takes the training up again, and the bits are the same."""
    server = start_server()
    with httpx.Client(base_url=server.url) as http:
        run = client_of(http, http.post("/api/runs").json()["id"])
        begin(run, iterations=40_000, speed=2000)
        passed(run, 500)
        time.sleep(0.5)
    server.kill()
    again = start_server(server.data)
    with httpx.Client(base_url=again.url) as http:
        run = client_of(http, run.id)
        at = run("GET", "training").json()
        assert at["state"] == "running"
        assert passed(run, at["iteration"]) > at["iteration"]
        run("PATCH", "training", {"paused": True})
        trained = run.run()["iterations"]
        other = client_of(http, http.post("/api/runs").json()["id"])
        for _ in range(trained // 10_000):
            other.descend(10_000)
        other.descend(trained % 10_000 or 1)
        assert run.move(iteration=trained)["tensors"] == other.move(iteration=trained)["tensors"]


def test_many_train_at_once_and_nobody_waits(make_run: Callable[..., Any]) -> None:
    """Ten trainings share the machine evenly, and a step elsewhere is quick."""
    runs = [make_run() for _ in range(10)]
    here = make_run()
    for run in runs:
        begin(run, iterations=900_000)
    for run in runs:
        passed(run, 0)
    before = [run("GET", "training").json()["iteration"] for run in runs]
    waits = []
    for sample in range(40):
        began = time.monotonic()
        here("PUT", "stage", {"sample": sample})
        waits.append(time.monotonic() - began)
        time.sleep(0.05)
    gained = [
        run("GET", "training").json()["iteration"] - start
        for run, start in zip(runs, before, strict=True)
    ]
    for run in runs:
        run("DELETE", "training")
    mean = sum(gained) / len(gained)
    assert all(0.5 * mean <= one <= 1.5 * mean for one in gained), gained
    assert sorted(waits)[len(waits) // 2] < 0.5
