"""Many listeners are woken without holding up the others."""

import asyncio

from app.live.local import TOGETHER, ring


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
