"""Events inside one process: each is encoded once, and no listener has a queue of its own.

A run has one channel: a ring of the latest kept events and one of the newest frames, all numbered
in the order in which they happened. A listener is a number, that of the last event it had; it is
woken, takes what is newer, and waits again. One that fell behind the ring is told anew where the
run stands. So a slow listener costs nothing and holds nobody up.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from threading import Lock

from fastapi.sse import format_sse_event

from app.live.base import Event, Full, Standing

KEPT = 512  # events that a listener who comes back may have missed
FRAMES = 4  # frames that a listener may be behind
IDLE = 256  # channels that are kept though nobody listens, for those who come back
HEARTBEAT = 15.0  # seconds without an event after which a sign of life is sent
ALIVE = b": alive\n\n"
TOGETHER = 25  # listeners who are woken before others have their turn


@dataclass(eq=False)
class Channel:
    """What happened to one run lately. ``name`` tells it from a channel of before a restart."""

    name: str = field(default_factory=lambda: secrets.token_hex(4))
    number: int = 0
    forgotten: int = 0
    kept: deque[tuple[int, bytes]] = field(default_factory=deque)
    frames: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=FRAMES))
    waiting: set[asyncio.Event] = field(default_factory=set)
    over: bool = False

    def encoded(self, event: Event, number: int | None) -> bytes:
        """An event as it goes over the wire; frames have no number."""
        name = None if number is None else f"{self.name}-{number}"
        return format_sse_event(event=event.name, data_str=event.data.decode(), id=name)

    def keep(self, event: Event) -> None:
        """One more event that no listener misses."""
        self.number += 1
        self.kept.append((self.number, self.encoded(event, self.number)))
        if len(self.kept) > KEPT:
            self.forgotten = self.kept.popleft()[0]

    def show(self, event: Event) -> None:
        """One more frame."""
        self.number += 1
        self.frames.append((self.number, self.encoded(event, None)))

    def place(self, last: str | None) -> int | None:
        """The number of an event's id; None where it is not one of this channel's latest."""
        name, _, digits = (last or "").partition("-")
        if name != self.name or not digits.isdecimal() or len(digits) > 15:
            return None
        return int(digits) if self.forgotten <= int(digits) <= self.number else None

    def after(self, place: int) -> tuple[int, list[bytes]] | None:
        """What happened after a number, in order; None where some of it is forgotten."""
        if place < self.forgotten:
            return None
        found = (
            [one for one in self.kept if one[0] > place] if self.is_newer(self.kept, place) else []
        )
        if self.is_newer(self.frames, place):
            found = sorted([*found, *(one for one in self.frames if one[0] > place)])
        return self.number, [content for _, content in found]

    @staticmethod
    def is_newer(ring: deque[tuple[int, bytes]], place: int) -> bool:
        """Whether a ring ends after a number."""
        return bool(ring) and ring[-1][0] > place


class LocalBroadcast:
    """The broadcast of one process, for at most ``streams`` listeners, ``each`` of one address."""

    def __init__(self, streams: int, each: int) -> None:
        self.streams, self.each = streams, each
        self._channels: OrderedDict[str, Channel] = OrderedDict()
        self._lock = Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listening: Counter[str] = Counter()
        self._closed = False

    def publish(self, run: str, *events: Event) -> None:
        """Tell all who listen to a run, now or again later."""
        with self._lock:
            channel = self._channels.get(run)
            if channel is None:
                return
            for event in events:
                channel.keep(event)
            self._wake(channel)

    def end(self, run: str, *events: Event) -> None:
        """Tell all who listen to a run, and end their streams: it is no more."""
        self.publish(run, *events)
        with self._lock:
            channel = self._channels.pop(run, None)
            if channel is not None:
                channel.over = True
                self._wake(channel)

    def frame(self, run: str, event: Event) -> None:
        """Show all who listen to a run now."""
        with self._lock:
            channel = self._channels.get(run)
            if channel is not None and channel.waiting:
                channel.show(event)
                self._wake(channel)

    def audience(self, run: str) -> int:
        """How many listen to a run."""
        channel = self._channels.get(run)
        return 0 if channel is None else len(channel.waiting)

    @property
    def listening(self) -> int:
        """How many streams are open."""
        return self._listening.total()

    def listened(self) -> set[str]:
        """The runs that anyone listens to."""
        with self._lock:
            return {run for run, channel in self._channels.items() if channel.waiting}

    def is_followed(self, run: str) -> bool:
        """Whether anyone listens to a run, or did lately and may come back."""
        return run in self._channels

    def listen(
        self, run: str, last: str | None, standing: Standing, who: str = ""
    ) -> AsyncIterator[bytes]:
        """Events as server-sent events, from the one after ``last`` on; raises ``Full`` at once."""
        if self.listening >= self.streams:
            raise Full(f"{self.streams} event streams are open, and that is as many as may be.")
        if self._listening[who] >= self.each:
            raise Full(f"This address has {self.each} event streams open, as many as one may have.")
        self._loop = asyncio.get_running_loop()
        return self._stream(run, last, standing, who)

    async def _stream(
        self, run: str, last: str | None, standing: Standing, who: str
    ) -> AsyncIterator[bytes]:
        woken = asyncio.Event()
        channel = self._join(run, woken, who)
        try:
            place = channel.place(last)
            yield b"retry: 1000\n\n"
            while not self._closed:
                woken.clear()
                with self._lock:
                    found = None if place is None else channel.after(place)
                    here, over = channel.number, channel.over
                if over and (found is None or not found[1]):
                    return
                if found is None:
                    content = [channel.encoded(event, here) for event in await standing()]
                    place = here
                else:
                    place, content = found
                if content:
                    yield b"".join(content)
                elif not await rung(woken):
                    yield ALIVE
        finally:
            self._leave(channel, woken, who)

    def close(self) -> None:
        """End every stream."""
        with self._lock:
            self._closed = True
            for channel in self._channels.values():
                self._wake(channel)

    def _join(self, run: str, woken: asyncio.Event, who: str) -> Channel:
        with self._lock:
            channel = self._channels.setdefault(run, Channel())
            self._channels.move_to_end(run)
            channel.waiting.add(woken)
            self._listening[who] += 1
            return channel

    def _leave(self, channel: Channel, woken: asyncio.Event, who: str) -> None:
        with self._lock:
            channel.waiting.discard(woken)
            self._listening -= Counter([who])
            silent = [run for run, one in self._channels.items() if not one.waiting]
            for run in silent[: max(0, len(silent) - IDLE)]:
                del self._channels[run]

    def _wake(self, channel: Channel) -> None:
        if channel.waiting and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(ring, tuple(channel.waiting))


def ring(bells: tuple[asyncio.Event, ...]) -> None:
    """Wake those who wait, some at a time: requests elsewhere have their turn in between."""
    for bell in bells[:TOGETHER]:
        bell.set()
    if rest := bells[TOGETHER:]:
        asyncio.get_running_loop().call_soon(ring, rest)


async def rung(bell: asyncio.Event) -> bool:
    """Wait for news; False where there was none for a while."""
    try:
        async with asyncio.timeout(HEARTBEAT):
            await bell.wait()
    except TimeoutError:
        return False
    return True
