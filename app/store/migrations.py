"""The schema of the store's file, as the steps that led to it."""

import sqlite3
import zlib
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import closing

import orjson

from app.store.uses import sets_in

# Each entry brings a file one version forward; an entry that was released is never edited.
MIGRATIONS = (
    """
    CREATE TABLE runs (
        id      TEXT PRIMARY KEY,
        version INTEGER NOT NULL,
        meta    BLOB NOT NULL,
        created REAL NOT NULL,
        changed REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX runs_changed ON runs (changed);
    CREATE TABLE chunks (
        run  TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
        kind TEXT NOT NULL,
        key  INTEGER NOT NULL,
        blob BLOB NOT NULL,
        PRIMARY KEY (run, kind, key)
    ) WITHOUT ROWID;
    """,
    """
    CREATE TABLE datasets (
        id      TEXT PRIMARY KEY,
        meta    BLOB NOT NULL,
        content BLOB NOT NULL,
        created REAL NOT NULL
    );
    """,
    """
    CREATE TABLE moments (
        id      TEXT PRIMARY KEY,
        meta    BLOB NOT NULL,
        content BLOB NOT NULL,
        used    REAL NOT NULL
    );
    CREATE INDEX moments_used ON moments (used);
    """,
    """
    ALTER TABLE runs ADD COLUMN used REAL NOT NULL DEFAULT 0;
    UPDATE runs SET used = changed;
    CREATE INDEX runs_used ON runs (used);
    """,
    """
    ALTER TABLE runs ADD COLUMN active INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX runs_active ON runs (id) WHERE active;
    """,
    """
    ALTER TABLE runs ADD COLUMN parent TEXT REFERENCES runs (id) ON DELETE CASCADE;
    CREATE INDEX runs_parent ON runs (parent) WHERE parent IS NOT NULL;
    WITH readable AS (
        SELECT id, CASE WHEN json_valid(CAST(meta AS TEXT)) THEN CAST(meta AS TEXT) ELSE '{}' END
            AS meta FROM runs
    ), kin AS (
        SELECT json_extract(one.value, '$[0]') AS id, readable.id AS parent
        FROM readable, json_each(meta, '$.branches') AS one
        UNION
        SELECT json_extract(one.value, '$[0]'), readable.id
        FROM readable, json_each(meta, '$.trials') AS one
    )
    UPDATE runs SET parent = (SELECT parent FROM kin WHERE kin.id = runs.id)
    WHERE id IN (SELECT id FROM kin);
    """,
    # NULL for what was written before: it is believed.
    """
    ALTER TABLE chunks ADD COLUMN crc INTEGER;
    """,
    """
    ALTER TABLE runs ADD COLUMN crc INTEGER;
    """,
    # What a set is used by: whatever named it once, for as long as that is there.
    """
    CREATE TABLE uses (
        dataset TEXT NOT NULL,
        run     TEXT REFERENCES runs (id) ON DELETE CASCADE,
        moment  TEXT REFERENCES moments (id) ON DELETE CASCADE,
        UNIQUE (run, dataset),
        UNIQUE (moment, dataset)
    );
    CREATE INDEX uses_dataset ON uses (dataset);
    CREATE TABLE shelf (
        dataset TEXT PRIMARY KEY REFERENCES datasets (id) ON DELETE CASCADE,
        used    REAL NOT NULL
    ) WITHOUT ROWID;
    INSERT INTO shelf SELECT id, created FROM datasets;
    """,
)
MOMENTS, USES = 3, 9  # the versions since which there are moments, and it is noted what names a set


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a file forward to the newest schema; one that is newer still is refused.

    To be called within a transaction.
    """
    (at,) = connection.execute("PRAGMA user_version").fetchone()
    if at > len(MIGRATIONS):
        raise sqlite3.DatabaseError("its file was written by a newer version of Backlit")
    for script in MIGRATIONS[at:]:
        for statement in script.split(";"):
            connection.execute(statement)
    if 0 < at < USES:
        note_uses(connection, at)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def note_uses(connection: sqlite3.Connection, at: int) -> None:
    """Note which sets are named by the runs, and by the moments, of a file of version ``at``.

    They are read beside the transaction, which a damaged page would end.
    """
    (_, _, file), *_ = connection.execute("PRAGMA database_list")
    with closing(sqlite3.connect(file)) as reader:
        segments = "SELECT blob FROM chunks WHERE run = ? AND kind GLOB 'segment.*'"
        for run, sets in named(reader, "SELECT id FROM runs", segments, sets_in):
            uses = [(run, one) for one in sets]
            connection.executemany("INSERT INTO uses (run, dataset) VALUES (?, ?)", uses)
        if at < MOMENTS:
            return
        content = "SELECT content FROM moments WHERE id = ?"
        for moment, sets in named(reader, "SELECT id FROM moments", content, sets_in_moment):
            uses = [(moment, one) for one in sets]
            connection.executemany("INSERT INTO uses (moment, dataset) VALUES (?, ?)", uses)


def named(
    reader: sqlite3.Connection, users: str, contents: str, find: Callable[[bytes], set[str]]
) -> Iterator[tuple[str, list[str]]]:
    """Whoever names sets, and which; what cannot be read is lost, and names none."""
    for (user,) in reader.execute(users).fetchall():
        try:
            blobs = reader.execute(contents, (user,)).fetchall()
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_CORRUPT:
                raise
            continue
        yield user, sorted({name for (blob,) in blobs for name in find(blob)})


def sets_in_moment(content: bytes) -> set[str]:
    """The ids of the sets that a moment names; none of one that is damaged: it cannot be opened."""
    try:
        chunks = orjson.loads(zlib.decompress(content))["chunks"]
        blobs = [b64decode(blob) for kind, _, blob in chunks if kind.startswith("segment.")]
    except (ValueError, KeyError, TypeError, zlib.error):
        return set()
    return sets_in(b" ".join(blobs))
