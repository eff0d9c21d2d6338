"""Runs in one SQLite file: a write-ahead log, and each change is one transaction.

One connection writes, one reads, and one only looks which version a run has, which every request
asks and which takes no time. Whoever reads does not wait for one who writes. Where another program
keeps the file locked, one change waits for it in vain, and then, until one succeeds again, none
does: threads that wait would be missing elsewhere.
"""

import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

from app.store.base import (
    SPARED,
    Chunk,
    Cut,
    Damaged,
    NewRecord,
    Record,
    StaleVersion,
    Unavailable,
    UnknownRecord,
)
from app.store.migrations import migrate
from app.store.uses import sets_in

FILE = "backlit.sqlite3"
PATIENCE = 2.0  # seconds to wait for another process that writes
JOURNAL = 64_000_000  # bytes to which the log's file is cut after it was longer

WORDS = {
    sqlite3.SQLITE_FULL: (
        "the disk is full, or the file is as large as BACKLIT_STORE_BYTES allows ({})"
    ),
    sqlite3.SQLITE_BUSY: "another program keeps its file locked ({})",
    sqlite3.SQLITE_CORRUPT: "its file is damaged ({})",
    sqlite3.SQLITE_NOTADB: "its file is damaged, or no database ({})",
    sqlite3.SQLITE_READONLY: "its file may not be written ({})",
    sqlite3.SQLITE_CANTOPEN: "its file cannot be opened ({})",
    sqlite3.SQLITE_IOERR: "the disk refuses ({})",
}
BATCH = 200  # records that are removed in one transaction, so that nobody waits long
SETS = 10  # the same of image sets, which are larger
RENEWED = SPARED / 2  # seconds after which a set's use is noted again

OLD = """
    DELETE FROM runs WHERE id IN (
        SELECT id FROM runs WHERE used < :before AND parent IS NULL
        UNION
        SELECT id FROM (
            SELECT id, used FROM runs WHERE parent IS NULL ORDER BY used DESC LIMIT -1 OFFSET :keep
        ) WHERE used < :spared
        LIMIT :batch
    )
"""

# A record, that which it belongs to, and so on.
TOUCH = """
    WITH RECURSIVE line (id) AS (
        VALUES (:run) UNION SELECT parent FROM runs JOIN line USING (id) WHERE parent IS NOT NULL
    )
    UPDATE runs SET used = max(used, :now) WHERE id IN line
"""

# The sets that something names are used at this moment.
NAMED = "UPDATE shelf SET used = max(used, ?) WHERE dataset IN (SELECT dataset FROM uses)"

# The longest unused sets, of those that nothing names.
UNNAMED = """
    DELETE FROM datasets WHERE id IN (
        SELECT dataset FROM shelf
        WHERE used < :before AND dataset NOT IN (SELECT dataset FROM uses)
        ORDER BY used, dataset LIMIT :batch
    )
"""

# The longest unused moments beyond a number of them, or of bytes.
SURPLUS = """
    DELETE FROM moments WHERE id IN (
        SELECT id FROM (
            SELECT id, row_number() OVER recent AS place, sum(length(content)) OVER recent AS total
            FROM moments WINDOW recent AS (ORDER BY used DESC, rowid DESC)
        ) WHERE place > ? OR (total > ? AND place > 1)
    )
"""


class SqliteStore:
    """The embedded store: one file in ``folder``, for any thread and several processes."""

    def __init__(
        self, folder: Path, synchronous: str = "NORMAL", most: int = 20_000_000_000
    ) -> None:
        """Open or make the file, of so many bytes at most; raises ``Unavailable`` if it cannot."""
        self.lock, self.reading, self.glancing = (threading.Lock() for _ in range(3))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.connection = opened(folder / FILE)
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute(f"PRAGMA synchronous = {synchronous}")
            self.connection.execute(f"PRAGMA journal_size_limit = {JOURNAL}")
            (page,) = self.connection.execute("PRAGMA page_size").fetchone()
            self.connection.execute(f"PRAGMA max_page_count = {max(1, most // page)}")
            with self.transaction() as connection:
                migrate(connection)
            self.connection.execute("PRAGMA foreign_keys = ON")
            self.reader, self.glance = opened(folder / FILE), opened(folder / FILE)
            for one in (self.reader, self.glance):
                one.execute("PRAGMA query_only = ON")
        except (OSError, sqlite3.Error, Unavailable) as error:
            raise Unavailable(f"{folder} cannot hold the runs: {reason(error)}.") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is done within it, or nothing."""
        with self.lock:
            try:
                self.begin()
                yield self.connection
                self.connection.execute("COMMIT")
            except BaseException as error:
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    raise Unavailable(f"The store cannot write: {reason(error)}.") from error
                raise

    def begin(self) -> None:
        """Begin to write; after another program has not ended for long, the next do not wait."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if code(error) == sqlite3.SQLITE_BUSY:
                wait(self.connection, 0.0)
            raise
        wait(self.connection, PATIENCE)

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """What a query finds."""
        with self.reading:
            try:
                return self.reader.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise Unavailable(f"The store cannot read: {reason(error)}.") from error

    def create(self, run: str, meta: bytes, chunks: Sequence[Chunk]) -> Record:
        """Make a record of version 1 with its chunks."""
        with self.transaction() as connection:
            insert(connection, NewRecord(run, meta, chunks), None)
        return Record(run, 1, meta)

    def load(self, run: str) -> Record | None:
        """The record, or None where there is none; raises ``Damaged``."""
        found = self.rows("SELECT version, meta, crc FROM runs WHERE id = ?", run)
        if not found:
            return None
        version, meta, crc = found[0]
        return Record(run, version, intact(run, meta, crc))  # type: ignore[arg-type]

    def version(self, run: str) -> int | None:
        """The record's version alone, or None where there is none."""
        with self.glancing:
            try:
                query = "SELECT version FROM runs WHERE id = ?"
                found = self.glance.execute(query, (run,)).fetchone()
            except sqlite3.Error as error:
                raise Unavailable(f"The store cannot read: {reason(error)}.") from error
        return int(found[0]) if found else None

    def chunks(self, run: str) -> list[Chunk]:
        """Every chunk of a record, by kind and key; raises ``Damaged``."""
        query = "SELECT kind, key, blob, crc FROM chunks WHERE run = ? ORDER BY kind, key"
        return [
            Chunk(kind, key, intact(f"{kind} {key}", blob, crc))  # type: ignore[arg-type]
            for kind, key, blob, crc in self.rows(query, run)
        ]

    def save(
        self,
        run: str,
        expected: int,
        meta: bytes,
        chunks: Sequence[Chunk] = (),
        cuts: Sequence[Cut] = (),
        *,
        active: bool = False,
        born: Sequence[NewRecord] = (),
        gone: Collection[str] = (),
    ) -> Record:
        """Replace ``meta``, make the cuts, then add the chunks; raises ``StaleVersion``."""
        change = """UPDATE runs SET version = ?, meta = ?, crc = ?, changed = ?, used = ?,
            active = ? WHERE id = ? AND version = ?"""
        with self.transaction() as connection:
            now = time.time()
            values = (expected + 1, meta, crc32(meta), now, now, active, run, expected)
            if connection.execute(change, values).rowcount != 1:
                raise missing(connection, run)
            for cut in cuts:
                connection.execute(
                    "DELETE FROM chunks WHERE run = ? AND kind = ? AND key >= ?",
                    (run, cut.kind, cut.start),
                )
            add(connection, run, chunks)
            connection.executemany("DELETE FROM runs WHERE id = ?", [(one,) for one in gone])
            for one in born:
                insert(connection, one, run)
        return Record(run, expected + 1, meta)

    def delete(self, run: str, expected: int | None = None) -> None:
        """Remove a record, its chunks and the records that belong to it."""
        with self.transaction() as connection:
            query = "DELETE FROM runs WHERE id = ? AND version = coalesce(?, version)"
            if connection.execute(query, (run, expected)).rowcount != 1:
                raise missing(connection, run)

    def active(self) -> Sequence[str]:
        """The ids of the records that are marked active."""
        return [str(row[0]) for row in self.rows("SELECT id FROM runs WHERE active ORDER BY id")]

    def list(self) -> list[str]:
        """The ids of all records, the last changed first."""
        return [str(row[0]) for row in self.rows("SELECT id FROM runs ORDER BY changed DESC")]

    def touch(self, runs: Collection[str]) -> None:
        """Note that these records are used now, and those that they belong to."""
        if runs:
            now = time.time()
            with self.transaction() as connection:
                connection.executemany(TOUCH, [{"run": run, "now": now} for run in runs])

    def expire(self, before: float, spared: float, keep: int) -> int:
        """Remove records unused since ``before``, and beyond ``keep`` the longest unused ones."""
        return self.removed(OLD, BATCH, before=before, spared=spared, keep=keep)

    def removed(self, query: str, batch: int, **values: float) -> int:
        """How many a query removes, ``batch`` in each transaction, until there are no more."""
        gone, last = 0, batch
        while last == batch:
            with self.transaction() as connection:
                last = connection.execute(query, {**values, "batch": batch}).rowcount
            gone += last
        return gone

    def count(self) -> int:
        """How many records there are."""
        return int(str(self.rows("SELECT count(*) FROM runs")[0][0]))

    def add_dataset(self, name: str, meta: bytes, content: bytes, most: int, spared: float) -> bool:
        """Keep an image set under its name; False where there is no room for it."""
        with self.transaction() as connection:
            now = time.time()
            (count,) = connection.execute("SELECT count(*) FROM shelf").fetchone()
            if count >= most:
                room = connection.execute(UNNAMED, {"before": spared, "batch": 1})
                if room.rowcount == 0:
                    return False
            values = (name, meta, content, now)
            connection.execute("INSERT OR IGNORE INTO datasets VALUES (?, ?, ?, ?)", values)
            connection.execute("INSERT OR REPLACE INTO shelf VALUES (?, ?)", (name, now))
        return True

    def touch_dataset(self, name: str) -> bool:
        """Note that an image set is used now, if need be; False where there is none."""
        found, now = self.rows("SELECT used FROM shelf WHERE dataset = ?", name), time.time()
        if not found or float(str(found[0][0])) > now - RENEWED:
            return bool(found)
        with self.transaction() as connection:
            change = "UPDATE shelf SET used = ? WHERE dataset = ?"
            return connection.execute(change, (now, name)).rowcount == 1

    def expire_datasets(self, before: float) -> int:
        """Remove the image sets that nothing names, nor used since ``before``."""
        with self.transaction() as connection:
            connection.execute(NAMED, (time.time(),))
        return self.removed(UNNAMED, SETS, before=before)

    def has_dataset(self, name: str) -> bool:
        """Whether there is an image set of this name."""
        return bool(self.rows("SELECT 1 FROM datasets WHERE id = ?", name))

    def dataset(self, name: str) -> tuple[bytes, bytes] | None:
        """What a list says of an image set, and its arrays; None where there is none."""
        found = self.rows("SELECT meta, content FROM datasets WHERE id = ?", name)
        return found[0] if found else None  # type: ignore[return-value]

    def datasets(self) -> Sequence[tuple[str, bytes]]:
        """Every image set's name and what a list says of it, the oldest first."""
        return self.rows("SELECT id, meta FROM datasets ORDER BY created, id")  # type: ignore[return-value]

    def add_moment(
        self,
        name: str,
        meta: bytes,
        content: bytes,
        count: int,
        size: int,
        sets: Collection[str] = (),
    ) -> None:
        """Keep a moment; beyond ``count`` or ``size`` bytes of them the longest unused go."""
        with self.transaction() as connection:
            values = (name, meta, content, time.time())
            connection.execute("INSERT INTO moments VALUES (?, ?, ?, ?)", values)
            uses = [(name, one) for one in sets]
            connection.executemany("INSERT INTO uses (moment, dataset) VALUES (?, ?)", uses)
            connection.execute(SURPLUS, (count, size))

    def moment(self, name: str) -> tuple[bytes, bytes] | None:
        """What is said of a moment, and its content, which counts as used; or None."""
        found = self.rows("SELECT meta, content FROM moments WHERE id = ?", name)
        if not found:
            return None
        with self.transaction() as connection:
            connection.execute("UPDATE moments SET used = ? WHERE id = ?", (time.time(), name))
        return found[0]  # type: ignore[return-value]

    def close(self) -> None:
        """Close the file."""
        with self.lock, self.reading, self.glancing:
            self.glance.close()
            self.reader.close()
            self.connection.close()


def opened(file: Path) -> sqlite3.Connection:
    """A connection that any thread may use, and that begins transactions only when told."""
    return sqlite3.connect(file, timeout=PATIENCE, isolation_level=None, check_same_thread=False)


def insert(connection: sqlite3.Connection, new: NewRecord, parent: str | None) -> None:
    """Write a record of version 1 with its chunks."""
    now = time.time()
    query = """INSERT INTO runs (id, version, meta, crc, created, changed, used, active, parent)
        VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)"""
    values = (new.id, new.meta, crc32(new.meta), now, now, now, new.active, parent)
    connection.execute(query, values)
    add(connection, new.id, new.chunks)


def wait(connection: sqlite3.Connection, seconds: float) -> None:
    """So long a connection waits for another process that writes."""
    connection.execute(f"PRAGMA busy_timeout = {int(1000 * seconds)}")


def add(connection: sqlite3.Connection, run: str, chunks: Sequence[Chunk]) -> None:
    """Write chunks, and which sets they name; one that is there under the same key is replaced."""
    connection.executemany(
        "INSERT OR REPLACE INTO chunks (run, kind, key, blob, crc) VALUES (?, ?, ?, ?, ?)",
        [(run, one.kind, one.key, one.blob, crc32(one.blob)) for one in chunks],
    )
    named = {name for one in chunks for name in sets_in(one.blob)}
    connection.executemany(
        "INSERT OR IGNORE INTO uses (run, dataset) VALUES (?, ?)",
        [(run, name) for name in sorted(named)],
    )


def intact(what: str, content: bytes, crc: int | None) -> bytes:
    """What was written; raises ``Damaged`` where its checksum is another."""
    if crc is not None and crc32(content) != crc:
        raise Damaged(what)
    return content


def missing(connection: sqlite3.Connection, run: str) -> Exception:
    """Why no record of this id and version was found."""
    if connection.execute("SELECT 1 FROM runs WHERE id = ?", (run,)).fetchone():
        return StaleVersion(run)
    return UnknownRecord(run)


def code(error: Exception) -> int:
    """SQLite's code of what went wrong, without its details; 0 for what is not SQLite's."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def reason(error: Exception) -> str:
    """What went wrong, in words of ours where we have them, without a full stop."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    told = text.rstrip(".").lower() if text else type(error).__name__
    ours = WORDS.get(code(error))
    return ours.format(told) if ours else told
