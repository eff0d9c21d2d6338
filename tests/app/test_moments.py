"""Moments: a link to a run as it stands, and a run of one's own behind it."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import segno
from fastapi.testclient import TestClient

from app.main import create_app
from app.routes.moments import address_in_network
from app.settings import Settings

DRAWING = [[0, 0.5, 1, 1, 0, 0]] * 6
VIEW = {
    "cell": {"tensor": "F.z", "index": [1, 2, 3]},
    "focus": {"F": 2},
    "chapter": "neuron-error",
    "theme": "projector",
    "digits": 4,
    "hide": ["backward", "training"],
    "spotlight": "F.w",
    "predict": True,
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestClient]:
    """A server that keeps two moments at most."""
    with TestClient(create_app(Settings(data=tmp_path, moments=2))) as client:
        yield client


def kept(run: Any, body: Any = None) -> Any:
    """The moment that is made of a run."""
    answer = run("POST", "moments", body or {})
    assert answer.status_code == 201, answer.text
    return answer.json()


def opened(http: httpx.Client, client_of: Any, moment: Any) -> Any:
    """The run that is made of a moment."""
    answer = http.post(f"/api/moments/{moment['id']}/runs")
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == f"/api/runs/{answer.json()['id']}"
    return client_of(http, answer.json()["id"])


def same(trace: Any) -> Any:
    """A trace without what names its run."""
    return {name: part for name, part in trace.items() if name not in {"run", "version"}}


def test_a_moment_is_the_run_to_the_bit(http: httpx.Client, run: Any, client_of: Any) -> None:
    """Architecture, drawing, weights, iteration and step come back, and so does the past."""
    run("PATCH", "config", {"training": {"optimizer": "momentum", "learning_rate": 0.1}})
    run.descend(7)
    run("PATCH", "parameters", {"F.w": [{"index": [0, 0, 1, 1], "value": 0.5}]})
    run.descend(5)
    run("PUT", "stage", {"pixels": DRAWING, "label": 2})
    run.move(iteration=9, step=13)
    there = opened(http, client_of, kept(run))
    assert same(there.trace()) == same(run.trace())
    assert there.run()["config"] == run.run()["config"]
    for iteration in (0, 3, 7, 8, 12):
        assert same(there.move(iteration=iteration)) == same(run.move(iteration=iteration))
    assert same(there.descend(4)) == same(run.descend(4))
    assert there("GET", "costs").json() == run("GET", "costs").json()


def test_a_moment_may_stand_elsewhere(http: httpx.Client, run: Any, client_of: Any) -> None:
    """With an iteration and a step it stands there, and the run stays where it is."""
    run.descend(3)
    made = kept(run, {"iteration": 1, "step": 7})
    assert (made["iteration"], made["step"]) == (1, 7)
    assert run.run()["position"] == {"iteration": 3, "step": 0}
    there = opened(http, client_of, made)
    assert there.run()["position"] == {"iteration": 1, "step": 7}


def test_what_students_change_is_their_own(http: httpx.Client, run: Any, client_of: Any) -> None:
    """Neither the run that was shared nor the moment follows what is done to a run made of it."""
    before, moment = same(run.trace()), kept(run)
    there = opened(http, client_of, moment)
    there("PATCH", "parameters", {"F.b": [1.0, 2.0, 3.0]})
    run("PUT", "stage", {"pixels": DRAWING, "label": 1})
    assert same(opened(http, client_of, moment).trace()) == before


def test_a_moment_of_a_run_that_trains_is_at_rest(
    http: httpx.Client, run: Any, client_of: Any
) -> None:
    """A training goes on in the run that was shared, and not in one that is made of it."""
    assert run("POST", "training", {"speed": 5}).status_code == 202
    moment = kept(run, {"iteration": 0, "step": 7})
    there = opened(http, client_of, moment).run()
    assert there["training"]["state"] == "idle"
    assert there["position"] == {"iteration": 0, "step": 7}
    assert run.run()["training"]["state"] == "running"
    assert run("DELETE", "training").status_code == 204


def test_a_moment_says_how_it_is_shown(http: httpx.Client, run: Any) -> None:
    """The view is kept as it was given, and the answer names the link."""
    made = kept(run, VIEW)
    assert made["view"] == VIEW
    assert made["path"] == f"/m/{made['id']}"
    assert made["url"].endswith(made["path"])
    assert http.get(f"/api/moments/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"step": 21}, "step"),
        ({"iteration": 1}, "iteration"),
        ({"cell": {"tensor": "G.z", "index": [0]}}, "cell.tensor"),
        ({"cell": {"tensor": "F.z", "index": [0, 4, 0]}}, "cell.index"),
        ({"cell": {"tensor": "F.z", "index": [0]}}, "cell.index"),
        ({"focus": {"F": 3}}, "focus.F"),
        ({"focus": {"O": 0}}, "focus.O"),
        ({"spotlight": "F.q"}, "spotlight"),
        ({"theme": "green"}, "theme"),
        ({"hide": ["backward", "everything"]}, "hide.1"),
        ({"chapter": "../up"}, "chapter"),
        ({"digits": 3}, "digits"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_out_of_range_is_refused(run: Any, refusal: Any, body: Any, field: str) -> None:
    """Each field that is not as wanted is named, and no moment is made."""
    problem = refusal(run("POST", "moments", body), 422)
    assert [fault["field"] for fault in problem["errors"]] == [field]


def test_a_link_leads_to_a_run_of_ones_own(http: httpx.Client, run: Any) -> None:
    """``/m/{moment}`` answers with the page of a new run, and what the link adds goes along."""
    moment = kept(run, {"theme": "projector"})
    first = http.get(f"/m/{moment['id']}?hide=answer")
    second = http.get(f"/m/{moment['id']}")
    places = [answer.headers["location"] for answer in (first, second)]
    assert [answer.status_code for answer in (first, second)] == [303, 303]
    assert places[0].partition("?")[2] == f"moment={moment['id']}&hide=answer"
    assert len({place.partition("?")[0] for place in places} | {f"/runs/{run.id}"}) == 3
    page = http.get(places[0]).text
    assert 'data-theme="projector"' in page
    assert 'data-hide="answer"' in page


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("step=99", "step: wanted 0 to 20"),
        ("iteration=4", "iteration: wanted 0 to 0"),
        ("cell=F.z:0,9,0", "cell.index: wanted 3 whole numbers below [3, 4, 4]"),
        ("spotlight=nothing", "spotlight: wanted one of"),
        ("theme=green", "theme: wanted"),
        ("digits=two", "digits: wanted"),
        ("moment=AAAAAAAAAAA", "There is no moment of this name"),
    ],
)
def test_a_tampered_link_is_told_what_was_refused(
    http: httpx.Client, run: Any, query: str, said: str
) -> None:
    """The page opens without what is out of range, says so, and shows the rest."""
    page = http.get(f"/runs/{run.id}?{query}&predict=1").text
    assert f'"refused":["{said}' in page
    assert '"predict":true' in page


def test_an_unknown_moment_is_not_there(http: httpx.Client, refusal: Any) -> None:
    """A script gets a problem, a browser a page with a way out."""
    for name in ("AAAAAAAAAAA", "short", "%2e%2e%2fruns%2fx"):
        refusal(http.get(f"/api/moments/{name}"), 404)
    refusal(http.post("/api/moments/AAAAAAAAAAA/runs"), 404)
    refusal(http.get("/m/AAAAAAAAAAA"), 404)
    page = http.get("/m/AAAAAAAAAAA", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert 'href="/"' in page.text


def test_the_code_is_small_and_says_the_link(http: httpx.Client, run: Any) -> None:
    """The QR code is that of the link, of 33 by 33 modules at most, so that phones read it."""
    moment = kept(run)
    answer = http.get(f"{moment['path']}/qr.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    expected = segno.make_qr(moment["url"], error="m")
    drawn = BytesIO()
    expected.save(drawn, kind="svg", xmldecl=False, omitsize=True, dark="#000", light="#fff")
    assert answer.content == drawn.getvalue()
    longest = segno.make_qr(f"http://192.168.100.100:65535/m/{moment['id']}", error="m")
    assert int(expected.version) <= 4
    assert int(longest.version) <= 4


def test_the_longest_unused_moments_go(house: TestClient) -> None:
    """Beyond the bound, the moment that was opened last stays, the other one goes."""
    run = house.post("/api/runs").json()["id"]
    first, second = (house.post(f"/api/runs/{run}/moments").json()["id"] for _ in range(2))
    assert house.get(f"/api/moments/{first}").status_code == 200
    third = house.post(f"/api/runs/{run}/moments").json()["id"]
    found = [house.get(f"/api/moments/{one}").status_code for one in (first, second, third)]
    assert found == [200, 404, 200]


def test_a_moment_outlives_its_run_and_the_server(tmp_path: Path) -> None:
    """A moment opens after a restart, and after the run that was shared is deleted."""
    with TestClient(create_app(Settings(data=tmp_path))) as house:
        run = house.post("/api/runs").json()["id"]
        trace = house.post(f"/api/runs/{run}/descent", json={"iterations": 3}).json()
        moment = house.post(f"/api/runs/{run}/moments").json()["id"]
        assert house.delete(f"/api/runs/{run}").status_code == 204
    with TestClient(create_app(Settings(data=tmp_path))) as house:
        there = house.post(f"/api/moments/{moment}/runs").json()["id"]
        assert same(house.get(f"/api/runs/{there}/trace").json()) == same(trace)


def test_a_history_that_is_too_long_is_not_kept(tmp_path: Path, refusal: Any) -> None:
    """The refusal names the bound."""
    with TestClient(create_app(Settings(data=tmp_path, moment_bytes=100))) as house:
        run = house.post("/api/runs").json()["id"]
        problem = refusal(house.post(f"/api/runs/{run}/moments"), 413)
        assert "at most 100" in problem["detail"]


def test_a_link_can_be_opened_by_others(tmp_path: Path) -> None:
    """Where the server listens in the network, ``localhost`` becomes its address there."""
    with TestClient(create_app(Settings(data=tmp_path, host="0.0.0.0"))) as house:  # noqa: S104
        run = house.post("/api/runs").json()["id"]
        here = house.post(f"/api/runs/{run}/moments", headers={"host": "localhost:8000"}).json()
        named = house.post(f"/api/runs/{run}/moments", headers={"host": "school.example"}).json()
    assert (named["url"], named["reach"]) == (f"http://school.example{named['path']}", "network")
    address = address_in_network()
    expected = f"http://{address or 'localhost'}:8000{here['path']}"
    assert (here["url"], here["reach"]) == (expected, "network" if address else "computer")


def test_an_embedded_page_leaves_no_cookie(http: httpx.Client, run: Any) -> None:
    """In a frame the page does not take the place of the run that the reader has elsewhere."""
    assert "set-cookie" in http.get(f"/runs/{run.id}").headers
    framed = http.get(f"/runs/{run.id}?embed=1")
    assert "set-cookie" not in framed.headers
    assert "data-embed" in framed.text
