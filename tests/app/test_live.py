"""Many listeners are woken without holding up the others."""

import asyncio

import pytest

from app.live.base import Event, Full
from app.live.local import TOGETHER, LocalBroadcast, ring


def test_others_have_their_turn_while_many_are_woken() -> None:
    """Between two portions of listeners something else of the loop comes to its turn."""

    async def turns() -> tuple[int, bool]:
        bells = tuple(asyncio.Event() for _ in range(4 * TOGETHER))
        ring(bells)
        count = 0
        while not bells[-1].is_set() and count < 100:
            await asyncio.sleep(0)
            count += 1
        return count, all(bell.is_set() for bell in bells)

    count, woken = asyncio.run(turns())
    assert woken
    assert count >= 3


def test_an_address_has_its_share_of_the_streams() -> None:
    """Where one address may open no more, another may; a stream that ended makes room."""

    async def standing() -> list[Event]:
        return []

    async def shared() -> None:
        broadcast = LocalBroadcast(streams=3, each=2)
        here = [broadcast.listen("r", None, standing, "a") for _ in range(2)]
        for stream in here:
            await anext(stream)
        with pytest.raises(Full, match="This address"):
            broadcast.listen("r", None, standing, "a")
        other = broadcast.listen("r", None, standing, "b")
        await anext(other)
        with pytest.raises(Full, match="3 event streams"):
            broadcast.listen("r", None, standing, "c")
        await here[0].aclose()  # type: ignore[attr-defined]
        await anext(broadcast.listen("r", None, standing, "a"))
        assert broadcast.listening == 3

    asyncio.run(shared())
