"""Followers of a run, in a process of their own: raw sockets that note what they are told."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["Heard", "crowded"]

PATIENCE = 120.0  # seconds until followers must have said something
ITERATION = re.compile(rb'"iteration":(\d+)')


@dataclass
class Heard:
    """What one follower was told: ids of kept events, iterations of frames, in order; each cost."""

    kept: list[int] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)
    ended: bool = False
    costs: dict[int, float] = field(default_factory=dict)

    def note(self, event: bytes) -> None:
        """One more event."""
        if b"event: trace" in event:
            found = ITERATION.search(event)
            assert found is not None  # noqa: S101 - every trace says where it is
            self.frames.append(int(found[1]))
        elif b"\nid: " in event or event.startswith(b"id: "):
            identity = event.partition(b"id: ")[2].partition(b"\n")[0]
            self.kept.append(int(identity.rpartition(b"-")[2]))
            if b"event: cost" in event:
                self.note_cost(json.loads(event.partition(b"data: ")[2].partition(b"\n")[0]))
            self.ended = self.ended or (
                b"event: training" in event and b'"state":"finished"' in event
            )

    def note_cost(self, told: dict[str, Any]) -> None:
        """A stretch of the cost curve, in place of everything from where it begins."""
        self.costs = {i: cost for i, cost in self.costs.items() if i < told["from"]}
        self.costs.update(zip(told["iterations"], told["C"], strict=True))


async def follow(port: int, run: str, joined: Callable[[], None]) -> Heard:
    """Listen to a run until its training has ended."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(f"GET /api/runs/{run}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise ValueError(head.decode())
    standing, heard, rest = 3, Heard(), b""
    while not heard.ended:
        size = int(await reader.readuntil(b"\r\n"), 16)
        if size == 0:
            break
        rest += (await reader.readexactly(size + 2))[:-2]
        *events, rest = rest.split(b"\n\n")
        for event in events:
            if standing and b"event: " in event:
                standing -= 1
                if standing == 0:
                    joined()
            elif not standing:
                heard.note(event)
    writer.close()
    return heard


def crowd(port: int, run: str, count: int, pipe: Connection) -> None:
    """So many followers; says when all are there, and at the end what each heard."""

    async def all_at_once() -> list[Heard]:
        here = 0

        def joined() -> None:
            nonlocal here
            here += 1
            if here == count:
                pipe.send("joined")

        return await asyncio.gather(*(follow(port, run, joined) for _ in range(count)))

    pipe.send(asyncio.run(all_at_once()))


@contextmanager
def crowded(port: int, run: str, count: int) -> Iterator[Callable[[], Any]]:
    """So many followers in a process; what is yielded waits for what they say next."""
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=crowd, args=(port, run, count, there))
    process.start()

    def told() -> Any:  # noqa: ANN401 - that all are there, or what each heard
        end = time.monotonic() + PATIENCE
        while not here.poll(0.1):
            if not process.is_alive() or time.monotonic() > end:
                raise TimeoutError("the followers are gone, or hear nothing")
        return here.recv()

    try:
        yield told
    finally:
        process.kill()
        process.join()
        here.close()
        there.close()
