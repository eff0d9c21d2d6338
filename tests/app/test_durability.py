"""The store in bad times: full, locked, damaged, old, killed; and what it forgets on purpose."""

import json
import os
import resource
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from app import expiry, shelf
from app.bridge import sets as bridged
from app.bridge import setups
from app.live.base import Event
from app.live.local import LocalBroadcast
from app.main import create_app
from app.settings import Settings
from app.store.base import Chunk, Unavailable
from app.store.migrations import MIGRATIONS
from app.store.sqlite import FILE, SqliteStore

FIRST = Path(__file__).parent / "store" / "first.sql"
FIRST_COSTS = ["0x1.3a8200c483628p+6", "0x1.bf49d0fe2e644p+3", "0x1.6183b2ec468fap+3"]
BIG = os.urandom(200_000)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    """An application over a folder of the test's own."""
    with TestClient(create_app(Settings(data=tmp_path, rate=0))) as client:
        yield client


def made(client: Any) -> str:
    """A new run's address."""
    return f"/api/runs/{client.post('/api/runs').json()['id']}"


def test_the_first_schema_is_brought_forward(tmp_path: Path) -> None:
    """A run that the first schema holds is there whole, to the bit, and can be worked with."""
    with sqlite3.connect(tmp_path / FILE) as old:
        old.executescript(FIRST.read_text())
    old.close()
    with TestClient(create_app(Settings(data=tmp_path, run_days=10_000))) as client:
        run = "/api/runs/the-first-release-run"
        trace = client.get(f"{run}/trace").json()
        assert (trace["iteration"], trace["step"], trace["version"]) == (25, 3, 8)
        assert (trace["replay"]["made_on"], trace["replay"]["difference"]) == ("unknown", None)
        costs = client.get(f"{run}/costs?points=500").json()["C"]
        assert [costs[i].hex() for i in (0, 25, 32)] == FIRST_COSTS
        answer = client.post(f"{run}/descent", json={"iterations": 7})
        assert answer.json()["iteration"] == 32
        again = client.get(f"{run}/costs?points=500").json()["C"]
        assert again == costs
        assert client.post(f"{run}/moments", json={}).status_code == 201
    with sqlite3.connect(tmp_path / FILE) as new:
        assert new.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert new.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    new.close()


def test_a_history_of_another_machine_says_how_well_it_is_replayed(tmp_path: Path) -> None:
    """Where another installation began a history, a trace names it and the distance to it."""
    settings = Settings(data=tmp_path, rate=0)
    with TestClient(create_app(settings)) as client:
        run = made(client)
        client.post(f"{run}/descent", json={"iterations": 250})
        assert client.get(f"{run}/trace").json()["replay"] is None
    with sqlite3.connect(tmp_path / FILE) as file:
        ((meta,),) = file.execute("SELECT meta FROM runs").fetchall()
        moved = {**json.loads(meta), "made_on": ["NumPy 9, another processor"]}
        file.execute("UPDATE runs SET meta = ?, crc = NULL", (json.dumps(moved).encode(),))
    file.close()
    with TestClient(create_app(settings)) as client:
        for iteration, difference in ((120, 0.0), (240, None)):
            told = client.put(f"{run}/position", json={"iteration": iteration}).json()["replay"]
            assert told["made_on"] == "NumPy 9, another processor"
            assert told["here"].startswith("NumPy ")
            assert told["difference"] == difference


def test_a_migrated_file_is_as_a_new_one(tmp_path: Path) -> None:
    """Tables and indexes of a file that was brought forward are those of a new file."""
    for name, script in (("old", FIRST.read_text()), ("new", "")):
        (tmp_path / name).mkdir()
        with sqlite3.connect(tmp_path / name / FILE) as file:
            file.executescript(script)
        file.close()
    schemas = []
    for name in ("old", "new"):
        store = SqliteStore(tmp_path / name)
        schemas.append(store.rows("SELECT name, type, sql FROM sqlite_master ORDER BY name"))
        store.close()
    assert schemas[0] == schemas[1]


def test_a_file_at_its_bound_refuses_and_goes_on(tmp_path: Path, refusal: Any) -> None:
    """Where the file may not grow, what is new is refused; what is there is read and changed."""
    settings = Settings(data=tmp_path, rate=0, store_bytes=300_000)
    with TestClient(create_app(settings)) as client:
        run = made(client)
        before = client.get(run).json()
        refused = None
        for _ in range(200):
            pixels = [[byte / 255 for byte in os.urandom(28)] for _ in range(28)]
            body = {"classes": ["0"], "images": [pixels], "labels": [0]}
            answer = client.post("/api/datasets", json=body)
            if answer.status_code != 201:
                refused = answer
                break
        assert refused is not None
        problem = refusal(refused, 503)
        assert "BACKLIT_STORE_BYTES" in problem["detail"]
        assert refused.headers["retry-after"]
        assert client.get(run).json() == before
        assert client.get(f"{run}/trace").status_code == 200


def allow(server: Any, most: int) -> None:
    """Let a running server write no file beyond so many bytes: the kernel refuses the rest."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def test_a_full_disk_is_said_and_survived(start_server: Callable[..., Any], refusal: Any) -> None:
    """When writing fails nothing is changed, reading goes on; with room again so does writing."""
    server = start_server()
    with httpx.Client(base_url=server.url) as http:
        run = made(http)
        assert http.post(f"{run}/descent", json={"iterations": 5}).status_code == 200
        size = (server.data / f"{FILE}-wal").stat().st_size
        allow(server, size)
        states = [http.get(run).json()]
        answers = [http.put(f"{run}/position", json={"iteration": i % 6}) for i in range(60)]
        problem = refusal(answers[-1], 503)
        assert "The store cannot write" in problem["detail"]
        refusal(http.post("/api/runs"), 503)
        last = [answer.json() for answer in answers if answer.status_code == 200]
        states.append(http.get(run).json())
        assert states[1]["version"] == states[0]["version"] + len(last)
        assert http.get(f"{run}/trace").json()["iteration"] == states[1]["position"]["iteration"]
        allow(server, resource.RLIM_INFINITY)
        assert http.put(f"{run}/position", json={"iteration": 2}).status_code == 200
        kept = http.get(run).json()
    server.kill()
    again = start_server(server.data)
    with httpx.Client(base_url=again.url) as http:
        assert http.get(run).json() == kept


def test_a_locked_file_holds_no_reader_up(tmp_path: Path, refusal: Any) -> None:
    """While another program keeps the file locked, runs are read at once and changes refused."""
    with TestClient(create_app(Settings(data=tmp_path))) as client:
        run = made(client)
        other = sqlite3.connect(tmp_path / FILE, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        begun = time.monotonic()
        assert client.get(f"{run}/trace").status_code == 200
        assert time.monotonic() - begun < 2
        answer = client.put(f"{run}/stage", json={"sample": 3})
        assert "another program keeps its file locked" in refusal(answer, 503)["detail"]
        other.execute("ROLLBACK")
        other.close()
        assert client.put(f"{run}/stage", json={"sample": 3}).status_code == 200


def test_a_locked_file_holds_no_crowd_up(start_server: Callable[..., Any], refusal: Any) -> None:
    """However many want to change a run meanwhile, all are refused soon, and who reads has it."""
    server = start_server()
    with httpx.Client(base_url=server.url, timeout=60) as http:
        run, other = made(http), made(http)
        file = sqlite3.connect(server.data / FILE, isolation_level=None)
        file.execute("BEGIN IMMEDIATE")

        def timed(method: str, path: str, **what: Any) -> tuple[httpx.Response, float]:
            begun = time.monotonic()
            answer = httpx.request(method, f"{server.url}{path}", timeout=60, **what)
            return answer, time.monotonic() - begun

        with ThreadPoolExecutor(45) as pool:
            changes = [
                pool.submit(timed, "PUT", f"{run}/stage", json={"sample": i}) for i in range(45)
            ]
            time.sleep(0.2)
            read, seconds = pool.submit(timed, "GET", other).result()
            refused = [change.result() for change in changes]
        assert read.status_code == 200
        assert seconds < 5
        for answer, _ in refused:
            assert "another program keeps its file locked" in refusal(answer, 503)["detail"]
        assert max(seconds for _, seconds in refused) < 8
        file.execute("ROLLBACK")
        file.close()
        assert http.put(f"{run}/stage", json={"sample": 3}).status_code == 200


def test_a_run_under_change_is_read(client: TestClient) -> None:
    """Whoever reads a run waits for no change of it: what was answered last is at hand."""
    run = made(client)
    trace = client.get(f"{run}/trace").json()
    state: Any = client.app
    runs, name = state.state.runs, run.rpartition("/")[2]
    assert runs.ready_trace("none" * 5) is None
    with runs.held(name):
        assert client.get(f"{run}/trace").json() == trace
    state.state.store.save(name, 1, state.state.store.load(name).meta)
    assert runs.ready_trace(name) is None
    assert client.get(f"{run}/trace").json()["version"] == 2


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE runs SET meta = x'7b7d' WHERE id = ?",
        "UPDATE runs SET meta = x'ff00' WHERE id = ?",
        "UPDATE runs SET meta = CAST(replace(meta, '0,', '1,') AS BLOB) WHERE id = ?",
        "UPDATE chunks SET blob = substr(blob, 1, 7) WHERE run = ?",
        "UPDATE chunks SET blob = zeroblob(length(blob)) WHERE kind = 'checkpoint.0' AND run = ?",
        "DELETE FROM chunks WHERE run = ?",
    ],
)
def test_a_damaged_run_harms_no_other(tmp_path: Path, refusal: Any, damage: str) -> None:
    """A run whose record cannot be read says so; others go on, and the page begins a new one."""
    with TestClient(create_app(Settings(data=tmp_path, rate=0))) as client:
        bad, good = made(client), made(client)
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute(damage, (bad.rpartition("/")[2],))
    file.close()
    with TestClient(create_app(Settings(data=tmp_path, rate=0))) as client:
        assert "damaged" in refusal(client.get(f"{bad}/trace"), 500)["detail"]
        refusal(client.put(f"{bad}/stage", json={"sample": 1}), 500)
        assert client.get(f"{good}/trace").status_code == 200
        client.cookies.set("run", bad.rpartition("/")[2])
        page = client.get("/")
        assert page.status_code == 200
        assert page.cookies["run"] not in bad


@pytest.mark.parametrize(
    "damage",
    [
        "meta = replace(meta, 'mine', 'yours')",
        "meta = x'ff00'",
        "content = zeroblob(length(content))",
        "content = substr(content, 1, length(content) - 9)",
        "content = (SELECT content FROM datasets WHERE datasets.id != ?)",
    ],
)
def test_a_damaged_set_is_said(tmp_path: Path, refusal: Any, damage: str) -> None:
    """A data set that is not what was brought is refused, and harms no other."""
    image = [[0, 1], [1, 0]]
    sets = [
        {"name": name, "classes": ["a", "b"], "images": [image, image], "labels": [0, 1]}
        for name in ("mine", "other")
    ]
    sets[1]["labels"] = [1, 0]
    with TestClient(create_app(Settings(data=tmp_path, rate=0))) as client:
        bad, good = (client.post("/api/datasets", json=one).json()["id"] for one in sets)
        assert client.get(f"/api/datasets/{bad}").status_code == 200
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute(f"UPDATE datasets SET {damage} WHERE id = ?", (bad,) * (damage.count("?") + 1))  # noqa: S608
    file.close()
    for kept in (shelf.fetched, bridged.written):
        kept.cache_clear()  # as in a process that begins
    with TestClient(create_app(Settings(data=tmp_path, rate=0))) as client:
        assert "damaged" in refusal(client.get(f"/api/datasets/{bad}"), 503)["detail"]
        assert client.get(f"/api/datasets/{good}").status_code == 200
        listed = client.get("/api/datasets").json()["datasets"]
        assert good in [one["id"] for one in listed]


def test_a_damaged_set_takes_only_its_runs_along(tmp_path: Path, refusal: Any) -> None:
    """A run on a damaged set is damaged: its training ends, the page begins a new run."""
    image = [[0.0, 1.0] * 3] * 6
    own = {"name": "mine", "classes": ["1", "2", "3"], "images": [image] * 3, "labels": [0, 1, 2]}
    with TestClient(create_app(Settings(data=tmp_path, rate=0))) as client:
        bad = client.post("/api/datasets", json=own).json()["id"]
        run = made(client)
        client.patch(f"{run}/config", json={"dataset": bad}).raise_for_status()
        client.post(f"{run}/training", json={"iterations": 100_000, "speed": 1})
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute("UPDATE datasets SET content = substr(content, 1, length(content) - 9)")
    file.close()
    for kept in (shelf.fetched, bridged.written, setups.setup, setups.training_examples):
        kept.cache_clear()  # as in a process that begins
    with TestClient(create_app(Settings(data=tmp_path, rate=0))) as client:
        assert "damaged" in refusal(client.get(f"{run}/trace"), 500)["detail"]
        client.cookies.set("run", run.rpartition("/")[2])
        assert client.get("/").cookies["run"] not in run
        state: Any = client.app
        for _ in range(200):
            if not state.state.trainers.under_way:
                break
            time.sleep(0.01)
        assert state.state.trainers.under_way == 0
        assert client.delete(run).status_code == 204


def test_a_store_that_fails_now_is_no_damage(
    client: TestClient, refusal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether a run's set is there cannot be told while the store fails: the run is not lost."""
    image = [[0.0, 1.0] * 3] * 6
    own = {"name": "mine", "classes": ["1", "2", "3"], "images": [image] * 3, "labels": [0, 1, 2]}
    bad = client.post("/api/datasets", json=own).json()["id"]
    run = made(client)
    client.patch(f"{run}/config", json={"dataset": bad}).raise_for_status()
    state: Any = client.app
    state.state.runs._live.clear()
    for kept in (setups.setup, setups.training_examples):
        kept.cache_clear()

    def fails(_self: SqliteStore, _name: str) -> bool:
        raise Unavailable("The store cannot read: the disk is full.")

    with monkeypatch.context() as context:
        context.setattr(SqliteStore, "has_dataset", fails)
        refusal(client.get(f"{run}/trace"), 503)
    assert client.get(f"{run}/trace").status_code == 200


def test_a_file_damaged_in_its_middle_is_said(tmp_path: Path, refusal: Any) -> None:
    """Where pages of the file are overwritten, what stands in them is refused, in words."""
    store = SqliteStore(tmp_path)
    store.create("a" * 22, b"{}", [Chunk("segment.0", 0, BIG)])
    store.close()
    with (tmp_path / FILE).open("r+b") as file:
        size = (tmp_path / FILE).stat().st_size
        file.seek(4096)
        file.write(b"\xff" * (size - 4096))
    with TestClient(create_app(Settings(data=tmp_path))) as client:
        answer = client.get(f"/api/runs/{'a' * 22}")
        assert "its file is damaged" in refusal(answer, 503)["detail"]
        assert client.get("/healthz").status_code == 200
        assert client.get("/api/presets").status_code == 200


# What is forgotten on purpose -------------------------------------------------------------------


def aged(folder: Path, run: str, days: float) -> None:
    """Let a run have been unused for so many days."""
    with sqlite3.connect(folder / FILE) as file:
        then = time.time() - days * expiry.DAY
        file.execute("UPDATE runs SET used = ?, changed = ? WHERE id = ?", (then, then, run))
    file.close()


def left(http: Any, runs: int) -> None:
    """Wait until a server's sweep has left so many runs."""
    for _ in range(200):
        if f"backlit_runs {runs}.0" in http.get("/metrics").text:
            return
        time.sleep(0.05)
    pytest.fail(f"after 10 s there are not {runs} runs")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store of a test's own."""
    opened = SqliteStore(tmp_path)
    yield opened
    opened.close()


def test_old_runs_go(client: TestClient, tmp_path: Path, refusal: Any) -> None:
    """A run unused for longer than the bound is removed with its history; a younger one stays."""
    old, young = made(client), made(client)
    state: Any = client.app
    runs, kept = state.state.runs, state.state.store
    runs.looked_at()
    aged(tmp_path, old.rpartition("/")[2], 31)
    aged(tmp_path, young.rpartition("/")[2], 29)
    assert expiry.sweep(runs, kept, Settings(run_days=30)) == 1
    refusal(client.get(f"{old}/trace"), 404)
    assert client.get(f"{young}/trace").status_code == 200
    assert kept.rows("SELECT DISTINCT run FROM chunks") == [(young.rpartition("/")[2],)]


def test_a_run_in_use_stays(client: TestClient, tmp_path: Path) -> None:
    """A run that is only looked at is used: neither its age nor the number removes it."""
    run, other = made(client), made(client)
    state: Any = client.app
    runs, kept = state.state.runs, state.state.store
    runs.looked_at()
    for name in (run, other):
        aged(tmp_path, name.rpartition("/")[2], 400)
    client.get(f"{run}/trace")
    assert expiry.sweep(runs, kept, Settings(run_days=30, runs=1)) == 1
    assert expiry.sweep(runs, kept, Settings(run_days=30, runs=1)) == 0
    assert kept.list() == [run.rpartition("/")[2]]
    with runs.held(run.rpartition("/")[2]):
        runs.looked_at()
        aged(tmp_path, run.rpartition("/")[2], 400)
        assert expiry.sweep(runs, kept, Settings(run_days=30)) == 0
    aged(tmp_path, run.rpartition("/")[2], 400)
    runs.looked_at()
    assert expiry.sweep(runs, kept, Settings(run_days=30), also=kept.list()) == 0


def test_beyond_the_number_the_longest_unused_go(store: SqliteStore, tmp_path: Path) -> None:
    """So many stay as are to stay, the latest used ones, however many transactions it takes."""
    names = [f"{number:04}" for number in range(450)]
    for name in names:
        store.create(name, b"", [Chunk("a", 0, b"x")])
    with sqlite3.connect(tmp_path / FILE) as file:
        file.execute("UPDATE runs SET used = 1000 + CAST(id AS REAL)")
    file.close()
    assert store.expire(before=0, spared=5_000, keep=20) == 430
    assert sorted(store.list()) == names[-20:]
    assert store.expire(before=0, spared=5_000, keep=20) == 0


def test_what_was_just_used_is_spared_by_the_number(store: SqliteStore) -> None:
    """A class at work loses no run, however many it has made."""
    for number in range(30):
        store.create(str(number), b"", [])
    assert store.expire(before=0, spared=time.time() - 3_600, keep=3) == 0
    assert store.count() == 30


def test_the_server_sweeps_by_itself(start_server: Callable[..., Any]) -> None:
    """A started server removes what is too old."""
    server = start_server()
    with httpx.Client(base_url=server.url) as http:
        run = made(http)
    server.stop()
    aged(server.data, run.rpartition("/")[2], 366)
    again = start_server(server.data)
    with httpx.Client(base_url=again.url) as http:
        left(http, 0)
        assert http.get(run).status_code == 404


def test_a_run_that_trains_is_not_swept(start_server: Callable[..., Any]) -> None:
    """However long nobody has looked: what trained when the server ended goes on, and stays."""
    server = start_server()
    with httpx.Client(base_url=server.url) as http:
        run, other = made(http), made(http)
        wanted = {"iterations": 10_000, "speed": 1}
        http.post(f"{run}/training", json=wanted).raise_for_status()
    server.stop()
    for name in (run, other):
        aged(server.data, name.rpartition("/")[2], 366)
    again = start_server(server.data)
    with httpx.Client(base_url=again.url) as http:
        left(http, 1)
        assert http.get(other).status_code == 404
        assert http.get(f"{run}/training").json()["state"] == "running"


def test_a_run_that_is_followed_is_not_swept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run stays as long as an event stream of it is open, though nobody asks; then it goes."""
    monkeypatch.setattr(expiry, "EVERY", 0.1)
    monkeypatch.setattr(expiry, "DAY", 1.0)
    with TestClient(create_app(Settings(data=tmp_path, rate=0, run_days=1))) as client:
        state: Any = client.app
        followed, _ = (made(client).rpartition("/")[2] for _ in range(2))
        portal: Any = client.portal
        stream = portal.call(followers, state.state.broadcast, followed)
        portal.call(anext, stream)
        left(client, 1)
        assert state.state.store.list() == [followed]
        portal.call(stream.aclose)
        left(client, 0)


async def followers(broadcast: LocalBroadcast, run: str) -> AsyncIterator[bytes]:
    """An event stream of a run that has nothing to tell."""

    async def standing() -> list[Event]:
        return []

    return broadcast.listen(run, None, standing)
