"""The SQLite store keeps its contract."""

import json
import sqlite3
import zlib
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from app.store.base import Chunk, Cut, Damaged, NewRecord, StaleVersion, Unavailable, UnknownRecord
from app.store.migrations import MIGRATIONS
from app.store.sqlite import FILE, SqliteStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    """A store of a test's own."""
    opened = SqliteStore(tmp_path)
    yield opened
    opened.close()


def test_what_was_created_is_loaded(store: SqliteStore) -> None:
    """A record of version 1 with its chunks, by kind and key."""
    chunks = [Chunk("b", 2, b"x"), Chunk("a", 7, b"y"), Chunk("b", 1, b"z")]
    made = store.create("r", b"meta", chunks)
    assert made.version == 1
    assert store.load("r") == made
    assert store.version("r") == 1
    assert store.chunks("r") == sorted(chunks, key=lambda chunk: (chunk.kind, chunk.key))


def test_what_is_not_there_is_none(store: SqliteStore) -> None:
    """An unknown record is None, without chunks."""
    assert store.load("r") is None
    assert store.version("r") is None
    assert store.chunks("r") == []


def test_saving_cuts_and_adds(store: SqliteStore) -> None:
    """A save counts the version up, drops what is cut, then writes the chunks."""
    store.create("r", b"", [Chunk("a", i, b"old") for i in range(4)])
    store.create("s", b"", [Chunk("a", 3, b"other")])
    saved = store.save("r", 1, b"new", [Chunk("a", 2, b"new")], [Cut("a", 2)])
    assert (saved.version, saved.meta) == (2, b"new")
    assert [(chunk.key, chunk.blob) for chunk in store.chunks("r")] == [
        (0, b"old"),
        (1, b"old"),
        (2, b"new"),
    ]
    assert store.chunks("s") == [Chunk("a", 3, b"other")]


def test_a_stale_save_changes_nothing(store: SqliteStore) -> None:
    """A save that expects another version is refused whole."""
    store.create("r", b"meta", [Chunk("a", 0, b"x")])
    with pytest.raises(StaleVersion):
        store.save("r", 2, b"new", [Chunk("a", 1, b"y")], [Cut("a", 0)])
    with pytest.raises(UnknownRecord):
        store.save("s", 1, b"new")
    assert store.load("r") is not None
    assert store.version("r") == 1
    assert store.chunks("r") == [Chunk("a", 0, b"x")]


def test_a_failed_save_changes_nothing(store: SqliteStore) -> None:
    """Where a chunk cannot be written, neither is the record."""
    store.create("r", b"meta", [])
    with pytest.raises(Unavailable):
        store.save("r", 1, b"new", [Chunk("a", None, b"")])  # type: ignore[arg-type]
    assert store.version("r") == 1


def test_a_flipped_bit_is_noticed(store: SqliteStore) -> None:
    """A chunk that is not what was written is refused; one from before checksums is believed."""
    store.create("r", b"", [Chunk("a", 0, b"x" * 9), Chunk("a", 1, b"y")])
    with store.transaction() as file:
        file.execute("UPDATE chunks SET blob = ? WHERE key = 0", (b"x" * 8 + b"y",))
    with pytest.raises(Damaged):
        store.chunks("r")
    with store.transaction() as file:
        file.execute("UPDATE chunks SET crc = NULL")
    assert len(store.chunks("r")) == 2


def test_a_flipped_bit_of_a_record_is_noticed(store: SqliteStore) -> None:
    """The same of the record itself, when it is made and at each change."""
    store.create("r", b'{"label": 1}', [])
    for change in [b'{"label": 0}', b'{"label": 2}']:
        assert store.load("r") is not None
        with store.transaction() as file:
            file.execute("UPDATE runs SET meta = ?", (change,))
        with pytest.raises(Damaged):
            store.load("r")
        version = store.version("r")
        assert version is not None
        store.save("r", version, b'{"label": 1}')
    with store.transaction() as file:
        file.execute("UPDATE runs SET meta = '', crc = NULL")
    assert store.load("r") is not None


def test_deleting_takes_the_chunks_along(store: SqliteStore) -> None:
    """A deleted record leaves nothing; a stale or second deletion is refused."""
    store.create("r", b"", [Chunk("a", 0, b"x")])
    with pytest.raises(StaleVersion):
        store.delete("r", 5)
    store.delete("r", 1)
    assert store.chunks("r") == []
    with pytest.raises(UnknownRecord):
        store.delete("r")


def test_the_last_changed_comes_first(store: SqliteStore) -> None:
    """The list goes from the last changed to the first."""
    for name in "abc":
        store.create(name, b"", [])
    store.save("a", 1, b"")
    assert store.list() == ["a", "c", "b"]


def test_of_writers_at_once_one_wins(tmp_path: Path) -> None:
    """Of two processes that save the same version, one is told that it came late."""
    stores = [SqliteStore(tmp_path) for _ in range(4)]
    stores[0].create("r", b"", [])

    def attempt(store: SqliteStore) -> bool:
        try:
            store.save("r", 1, b"")
        except StaleVersion:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(attempt, stores)) == 1
    assert stores[3].version("r") == 2
    for store in stores:
        store.close()


def test_a_reopened_file_has_everything(tmp_path: Path) -> None:
    """What was written is there when the file is opened again, also with FULL."""
    first = SqliteStore(tmp_path, "FULL")
    first.create("r", b"meta", [Chunk("a", 0, b"x")])
    first.close()
    second = SqliteStore(tmp_path)
    assert second.load("r") is not None
    assert second.chunks("r") == [Chunk("a", 0, b"x")]
    second.close()


def test_the_first_release_is_migrated(tmp_path: Path) -> None:
    """A file of the first schema is brought forward with all that it holds."""
    with sqlite3.connect(tmp_path / FILE) as old:
        old.executescript(MIGRATIONS[0])
        old.execute("INSERT INTO runs VALUES ('r', 3, x'6d', 0, 0)")
        old.execute("PRAGMA user_version = 1")
    old.close()
    store = SqliteStore(tmp_path)
    assert store.version("r") == 3
    assert store.rows("PRAGMA user_version") == [(len(MIGRATIONS),)]
    store.close()


def test_kin_are_found_when_migrated(tmp_path: Path) -> None:
    """What a record of before names as its branches and trials belongs to it from then on."""
    with sqlite3.connect(tmp_path / FILE) as old:
        for script in MIGRATIONS[:5]:
            old.executescript(script)
        told = b'{"branches": [["b", "x", 3]], "trials": [["t", 1], ["u", 2]]}'
        metas = {"r": told, "b": b"{}", "t": b"{}", "u": b"\xff", "s": b'{"branches": []}'}
        for name, meta in metas.items():
            old.execute("INSERT INTO runs VALUES (?, 1, ?, 0, 0, 0, 0)", (name, meta))
        old.execute("PRAGMA user_version = 5")
    old.close()
    store = SqliteStore(tmp_path)
    found = store.rows("SELECT id, parent FROM runs ORDER BY id")
    assert found == [("b", "r"), ("r", None), ("s", None), ("t", "r"), ("u", "r")]
    store.close()


def test_kin_come_and_go_with_their_record(store: SqliteStore) -> None:
    """What is born with a save is used with its record and goes with it, or when it is gone."""
    store.create("r", b"", [])
    born = [NewRecord(name, name.encode(), [Chunk("a", 0, b"x")], name == "b") for name in "bc"]
    with pytest.raises(StaleVersion):
        store.save("r", 7, b"", born=born)
    assert store.list() == ["r"]
    store.save("r", 1, b"", born=born)
    assert store.active() == ["b"]
    assert (store.version("b"), store.chunks("c")) == (1, [Chunk("a", 0, b"x")])
    store.save("c", 1, b"", born=[NewRecord("d", b"")])
    store.save("r", 2, b"", gone=["b"])
    assert sorted(store.list()) == ["c", "d", "r"]
    with store.transaction() as file:
        file.execute("UPDATE runs SET used = 0")
    store.touch(["d"])
    assert store.expire(before=1, spared=1, keep=1) == 0
    store.delete("r")
    assert store.list() == []


def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    """A file that a newer version wrote is left alone."""
    with sqlite3.connect(tmp_path / FILE) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(Unavailable, match="newer version"):
        SqliteStore(tmp_path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    """A file that is no database is named as such."""
    (tmp_path / FILE).write_bytes(b"no database at all " * 100)
    with pytest.raises(Unavailable, match="cannot hold the runs"):
        SqliteStore(tmp_path)


def test_moments_are_kept_until_they_are_too_many(store: SqliteStore) -> None:
    """The newest and the latest used stay, within the number and the bytes that are allowed."""
    for name in ("a", "b", "c"):
        store.add_moment(name, b"meta", b"x" * 10, 3, 30)
    assert store.moment("a") == (b"meta", b"x" * 10)
    store.add_moment("d", b"meta", b"x" * 10, 3, 1000)
    assert [store.moment(name) is not None for name in "abcd"] == [True, False, True, True]
    store.add_moment("e", b"meta", b"x" * 15, 9, 30)
    assert [store.moment(name) is not None for name in "acde"] == [False, False, True, True]


A, B, C = (f"set-{letter * 20}" for letter in "abc")


def aged(store: SqliteStore, *names: str) -> None:
    """Let image sets have been unused since 1000, 1001, … seconds after 1970."""
    with store.transaction() as file:
        for used, name in enumerate(names, 1000):
            file.execute("UPDATE shelf SET used = ? WHERE dataset = ?", (used, name))


def kept(store: SqliteStore) -> list[str]:
    """The image sets that a store has, by name."""
    return sorted(name for name, _ in store.datasets())


def test_sets_that_nothing_names_go(store: SqliteStore) -> None:
    """One that a record names stays with it, one that a moment names with that; others go."""
    for name in (A, B, C):
        assert store.add_dataset(name, b"", b"", 9, 0)
    store.create("r", b"", [Chunk("a", 0, b'{"config": "' + A.encode() + b'"}')])
    store.add_moment("m", b"", b"", 1, 9, [B])
    aged(store, A, B, C)
    assert store.expire_datasets(1000) == 0
    assert store.expire_datasets(2000) == 1
    assert kept(store) == [A, B]
    store.delete("r")
    store.add_moment("n", b"", b"", 1, 9)
    assert store.expire_datasets(2000) == 0  # they were named until a moment ago
    aged(store, A, B)
    assert store.expire_datasets(2000) == 2
    assert kept(store) == []


def test_a_set_that_a_record_once_named_stays_with_it(store: SqliteStore) -> None:
    """However the record changes, and whatever is born with it."""
    for name in (A, B):
        assert store.add_dataset(name, b"", b"", 9, 0)
    store.create("r", b"", [Chunk("a", 0, A.encode())])
    store.save("r", 1, b"", [Chunk("a", 0, b"x")], [Cut("a", 0)])
    store.save("r", 2, b"", born=[NewRecord("s", b"", [Chunk("a", 0, B.encode())])])
    aged(store, A, B)
    assert store.expire_datasets(2000) == 0
    store.save("r", 3, b"", gone=["s"])
    aged(store, A, B)
    assert store.expire_datasets(2000) == 1
    assert kept(store) == [A]


def test_many_sets_go_at_once(store: SqliteStore) -> None:
    """However many transactions it takes."""
    names = [f"set-{number:020x}" for number in range(35)]
    for name in names:
        assert store.add_dataset(name, b"", b"", 99, 0)
    aged(store, *names)
    assert store.expire_datasets(2000) == 35


def test_a_full_shelf_makes_room(store: SqliteStore) -> None:
    """The longest unused goes that nothing names, if it has rested; else there is no room."""
    for name in (A, B, C):
        assert store.add_dataset(name, b"", b"", 3, 0)
    store.create("r", b"", [Chunk("a", 0, A.encode())])
    aged(store, A, B, C)
    more = [f"set-{letter * 20}" for letter in "def"]
    assert not store.add_dataset(more[0], b"", b"", 3, 1000)
    assert store.add_dataset(more[0], b"", b"", 3, 2000)
    assert kept(store) == [A, C, more[0]]
    assert store.add_dataset(more[1], b"", b"", 3, 2000)
    assert kept(store) == [A, *more[:2]]
    assert not store.add_dataset(more[2], b"", b"", 3, 2000)
    assert kept(store) == [A, *more[:2]]


def test_a_set_that_is_touched_is_used(store: SqliteStore) -> None:
    """The use is noted once in a while; one that is not there is not made by it."""
    assert store.add_dataset(A, b"", b"", 1, 0)
    aged(store, A)
    assert store.touch_dataset(A)
    assert store.expire_datasets(2000) == 0
    noted = store.rows("SELECT used FROM shelf")
    assert store.touch_dataset(A)
    assert store.rows("SELECT used FROM shelf") == noted
    assert not store.touch_dataset(B)
    assert (store.has_dataset(A), store.has_dataset(B)) == (True, False)


def test_what_names_a_set_is_found_when_migrated(tmp_path: Path) -> None:
    """Runs and moments that an earlier version wrote keep the sets that they name."""
    with sqlite3.connect(tmp_path / FILE) as old:
        for script in MIGRATIONS[:8]:
            old.executescript(script)
        for name in (A, B, C):
            old.execute("INSERT INTO datasets VALUES (?, '', '', 5)", (name,))
        old.execute(
            "INSERT INTO runs (id, version, meta, created, changed) VALUES ('r', 1, '', 0, 0)"
        )
        segment = json.dumps({"config": json.dumps({"dataset": A})}).encode()
        chunk = "INSERT INTO chunks (run, kind, key, blob) VALUES (?, 'segment.0', 0, ?)"
        old.executemany(chunk, [("r", segment), ("nobody", segment)])
        chunks = [["segment.0", 0, b64encode(segment.replace(A.encode(), B.encode())).decode()]]
        whole = zlib.compress(json.dumps({"meta": {}, "chunks": chunks}).encode())
        moments = [("m", b"", whole, 0), ("n", b"", whole[:9], 0), ("o", b"", b"x", 0)]
        old.executemany("INSERT INTO moments VALUES (?, ?, ?, ?)", moments)
        old.execute("PRAGMA user_version = 8")
    old.close()
    store = SqliteStore(tmp_path)
    assert store.rows("SELECT dataset, run, moment FROM uses ORDER BY dataset") == [
        (A, "r", None),
        (B, None, "m"),
    ]
    assert store.rows("SELECT used FROM shelf") == [(5.0,)] * 3
    assert store.expire_datasets(2000) == 1
    assert kept(store) == [A, B]
    store.close()


def test_a_bad_page_costs_no_more_than_what_is_on_it_when_migrated(tmp_path: Path) -> None:
    """A file with a damaged page is brought forward; the histories elsewhere name their sets."""
    names = [f"run-{n:02}" for n in range(20)]
    with sqlite3.connect(tmp_path / FILE) as old:
        for script in MIGRATIONS[:8]:
            old.executescript(script)
        old.execute("INSERT INTO datasets VALUES (?, '', '', 5)", (A,))
        for name in names:
            old.execute(
                "INSERT INTO runs (id, version, meta, created, changed) VALUES (?, 1, '', 0, 0)",
                (name,),
            )
            filling = b"x" * 30_000
            blob = A.encode() + filling + b"the middle of " + name.encode() + filling
            old.execute(
                "INSERT INTO chunks (run, kind, key, blob) VALUES (?, 'segment.0', 0, ?)",
                (name, blob),
            )
        old.execute("PRAGMA user_version = 8")
        (page,) = old.execute("PRAGMA page_size").fetchone()
    old.close()
    content = (tmp_path / FILE).read_bytes()
    at = content.index(b"the middle of run-07") // page * page
    (tmp_path / FILE).write_bytes(content[:at] + b"\xff" * page + content[at + page :])
    store = SqliteStore(tmp_path)
    named = {run for _, run, _ in store.rows("SELECT dataset, run, moment FROM uses")}
    readable = set()
    for name in names:
        with suppress(Unavailable):
            readable |= {name for _ in store.chunks(name)}
    assert named == readable
    assert 10 <= len(named) < 20
    store.close()
