"""What else might have come: kept futures, several seeds, and how errors are spread."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest


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
