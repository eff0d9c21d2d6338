"""Old runs go: those that nobody has looked at for long, and the longest unused beyond a number.

A run counts as used whenever it is read or changed. Looks are noted in memory and written to the
store with the next sweep; what was used within the last hour is spared whatever the number.
"""

import asyncio
import time
from collections.abc import Callable, Iterable

from anyio import to_thread

from app.logs import log
from app.runs import Runs
from app.settings import Settings
from app.store.base import Store, Unavailable

EVERY = 600.0  # seconds between two sweeps
SPARED = 3600.0  # seconds of rest after which a run may go before its time
DAY = 86_400.0


def sweep(runs: Runs, store: Store, settings: Settings, also: Iterable[str] = ()) -> int:
    """Remove what is too old or too much; how many runs that was.

    A run that trains is held, so it counts as asked for; ``also`` are those that are streamed.
    """
    store.touch(runs.looked_at() | set(also))
    now = time.time()
    return store.expire(now - settings.run_days * DAY, now - SPARED, settings.runs)


async def sweep_for_ever(
    runs: Runs, store: Store, settings: Settings, also: Callable[[], Iterable[str]]
) -> None:
    """Sweep now and every ten minutes, until cancelled; a store that fails is tried again."""
    while True:
        try:
            gone = await to_thread.run_sync(sweep, runs, store, settings, also())
        except Unavailable as error:
            log.warning("old runs could not be removed", reason=str(error))
        else:
            if gone:
                log.info("old runs were removed", runs=gone)
        await asyncio.sleep(EVERY)
