"""How often an address may ask."""

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.main import create_app
from app.rates import ADDRESSES, Buckets, asker
from app.settings import Settings


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    """So many at once; then one whenever a token has come; never more than the burst again."""
    now = [0.0]
    buckets = Buckets(2.0, 4.0, lambda: now[0])
    assert [buckets.wait("a", 1) for _ in range(5)] == [0, 0, 0, 0, 0.5]
    assert buckets.wait("b", 1) == 0
    now[0] = 0.5
    assert [buckets.wait("a", 1) for _ in range(2)] == [0, 0.5]
    now[0] = 100.0
    assert [buckets.wait("a", 1) for _ in range(5)] == [0, 0, 0, 0, 0.5]


def test_a_refused_request_costs_nothing() -> None:
    """Whoever asks on and on gets the rate all the same."""
    now = [0.0]
    buckets = Buckets(1.0, 1.0, lambda: now[0])
    given = 0
    for tenth in range(101):
        now[0] = tenth / 10
        given += buckets.wait("a", 1) == 0
    assert given == 11


def test_addresses_are_forgotten_beyond_a_bound() -> None:
    """However many addresses ask, so many are remembered."""
    buckets = Buckets(1.0, 1.0)
    for number in range(ADDRESSES + 5):
        buckets.wait(str(number), 1)
    assert len(buckets.buckets) == ADDRESSES


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("testclient", "other", False),
    ],
)
def test_a_host_is_one_address(one: str, other: str, same: bool) -> None:  # noqa: FBT001
    """In IPv6 a host has a whole network of addresses."""
    first, second = (asker({"client": (name, 1)}) for name in (one, other))
    assert (first == second) is same


def test_too_many_requests_are_told_to_wait(tmp_path: Path, refusal: Any) -> None:
    """429 says for how long; the health of the server may be asked all the same."""
    with TestClient(create_app(Settings(data=tmp_path, rate=0.5, rate_burst=8))) as client:
        assert client.post("/api/runs").status_code == 201
        assert [client.get("/api/presets").status_code for _ in range(3)] == [200] * 3
        answer = client.post("/api/runs")
        refusal(answer, 429)
        assert answer.headers["retry-after"] == "10"
        assert client.get("/healthz").status_code == 200
        assert client.get("/metrics").status_code == 200
        assert "backlit_runs 1.0" in client.get("/metrics").text


def test_the_bound_can_be_lifted(tmp_path: Path) -> None:
    """With a rate of 0 nobody waits."""
    with TestClient(create_app(Settings(data=tmp_path, rate=0, rate_burst=1))) as client:
        assert {client.get("/api/presets").status_code for _ in range(30)} == {200}


@pytest.mark.parametrize(
    ("path", "cookie", "cost"),
    [
        ("/", None, 5),
        ("/?embed=1", None, 5),
        ("/", "a-run-that-is-not-there", 5),
        ("/", "own", 1),
        ("/runs/own", None, 1),
        ("/m/kept", None, 5),
        ("/m/kept/qr.svg", None, 1),
        ("/api/moments/kept", None, 1),
    ],
)
def test_a_get_that_makes_a_run_counts_as_making(
    tmp_path: Path, path: str, cookie: str | None, cost: int
) -> None:
    """The page of a browser without a run, and a shared link, cost what making a run costs."""
    app = create_app(Settings(data=tmp_path, rate=1e-6, rate_burst=30))
    with TestClient(app, follow_redirects=False) as client:
        own = client.post("/api/runs").json()["id"]
        kept = client.post(f"/api/runs/{own}/moments").json()["id"]
        before = app.state.store.count()
        named = {"Cookie": f"run={own if cookie == 'own' else cookie}"} if cookie else {}
        answer = client.get(path.replace("own", own).replace("kept", kept), headers=named)
        assert answer.status_code in {200, 303}
        assert app.state.store.count() - before == (cost == 5)
        left = 30 - 5 - 5 - cost
        asked = [client.get("/api/presets").status_code for _ in range(left + 1)]
        assert asked == [200] * left + [429]


def test_the_page_is_not_dearer_where_the_store_cannot_be_read(tmp_path: Path) -> None:
    """Whether a run is there cannot be told then: the request is let through, to its 503."""
    app = create_app(Settings(data=tmp_path, rate=1e-6, rate_burst=5))
    with TestClient(app) as client:
        assert client.get("/api/presets").status_code == 200
        app.state.store.glance.close()
        answer = client.get("/", headers={"Cookie": "run=a-run-that-may-be-there"})
        assert answer.status_code == 503
