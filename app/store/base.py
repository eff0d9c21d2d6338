"""The contract of a store: records with a version, and chunks of bytes beside them.

A record is what changes at every request (small: a position, a stage, a version); a chunk is what
only grows (a checkpoint, a stretch of costs) and is written once. A change of both is one
transaction, made only if the record's version is still the one that the writer had read.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

SPARED = 3600.0  # seconds of rest after which what is stored may go before its time


class StoreError(Exception):
    """The store cannot do what is asked.

    ::

        StoreError
        ├── StaleVersion    someone else changed the record first
        ├── UnknownRecord   there is no record of this id
        ├── Damaged         what comes back is not what was written
        └── Unavailable     the store itself fails (locked, full, damaged)
    """


class StaleVersion(StoreError):
    """Someone else changed the record first."""


class UnknownRecord(StoreError):
    """There is no record of this id."""


class Damaged(StoreError):
    """What comes back of a record is not what was written; other records are not affected."""


class Unavailable(StoreError):
    """The store itself fails: locked, full or damaged; the message says which."""


@dataclass(frozen=True)
class Record:
    """A run as it is stored: ``meta`` is JSON, ``version`` counts its changes from 1."""

    id: str
    version: int
    meta: bytes


@dataclass(frozen=True)
class Chunk:
    """Bytes under a kind and a key, such as the checkpoint of iteration 400."""

    kind: str
    key: int
    blob: bytes


@dataclass(frozen=True)
class NewRecord:
    """A record that is to be made, with its chunks."""

    id: str
    meta: bytes
    chunks: Sequence[Chunk] = ()
    active: bool = False


@dataclass(frozen=True)
class Cut:
    """Every chunk of ``kind`` whose key is ``start`` or more is to go."""

    kind: str
    start: int


class Store(Protocol):
    """Where runs live. Every method is safe from any thread and finished when it returns."""

    def create(self, run: str, meta: bytes, chunks: Sequence[Chunk]) -> Record:
        """Make a record of version 1 with its chunks."""

    def load(self, run: str) -> Record | None:
        """The record, or None where there is none; raises ``Damaged``."""

    def version(self, run: str) -> int | None:
        """The record's version alone, or None where there is none."""

    def chunks(self, run: str) -> list[Chunk]:
        """Every chunk of a record, by kind and key; raises ``Damaged``."""

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
        """Replace ``meta``, make the cuts, then add the chunks; raises ``StaleVersion``.

        ``active`` marks a record that is to be taken up again by itself after a restart. ``born``
        are records that belong to this one: they are used while it is used, and go with it or
        before it, where they are ``gone``.
        """

    def active(self) -> Sequence[str]:
        """The ids of the records that are marked active."""

    def delete(self, run: str, expected: int | None = None) -> None:
        """Remove a record, its chunks and the records that belong to it.

        Raises ``UnknownRecord`` and ``StaleVersion``.
        """

    def list(self) -> list[str]:
        """The ids of all records, the last changed first."""

    def touch(self, runs: Collection[str]) -> None:
        """Note that these records are used now, and those that they belong to."""

    def expire(self, before: float, spared: float, keep: int) -> int:
        """Remove records unused since ``before``, and beyond ``keep`` the longest unused ones.

        What belongs to another stays and goes with it, and is not counted. None that was used since
        ``spared`` goes for the number's sake. Times are seconds since 1970; what comes back is how
        many went.
        """

    def count(self) -> int:
        """How many records there are."""

    def add_dataset(self, name: str, meta: bytes, content: bytes, most: int, spared: float) -> bool:
        """Keep an image set under its name; one that is there is left as it is.

        Where there are ``most`` or more already, one goes for it: the longest unused of those that
        nothing names and that were not used since ``spared``, in seconds since 1970. False where
        there is none such; then the set is not kept.
        """

    def touch_dataset(self, name: str) -> bool:
        """Note that an image set is used now; False where there is none.

        It stays for half an hour from now at least, so that whoever wants to name it can do so.
        """

    def expire_datasets(self, before: float) -> int:
        """Remove the image sets that nothing names, nor used since ``before``; how many those were.

        A set is named by a record as long as that is there, if a chunk of it ever had its id in it
        as text; and by a moment. What is named counts as used now. ``before`` is in seconds since
        1970, and at least ``SPARED`` ago.
        """

    def has_dataset(self, name: str) -> bool:
        """Whether there is an image set of this name."""

    def dataset(self, name: str) -> tuple[bytes, bytes] | None:
        """What a list says of an image set, and its arrays; None where there is none."""

    def datasets(self) -> Sequence[tuple[str, bytes]]:
        """Every image set's name and what a list says of it, the oldest first."""

    def add_moment(
        self,
        name: str,
        meta: bytes,
        content: bytes,
        count: int,
        size: int,
        sets: Collection[str] = (),
    ) -> None:
        """Keep a moment; beyond ``count`` or ``size`` bytes of them the longest unused go.

        ``sets`` are the brought image sets that its content names.
        """

    def moment(self, name: str) -> tuple[bytes, bytes] | None:
        """What is said of a moment, and its content, which counts as used; or None."""

    def close(self) -> None:
        """Give back what the store holds open."""
