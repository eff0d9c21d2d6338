"""Old runs go: those that nobody has looked at for long, and the longest unused beyond a number.

A run counts as used whenever it is read or changed. Looks are noted in memory and written to the
store with the next sweep; what was used within the last hour is spared whatever the number.

Image sets that were brought go with the runs: those that no run and no moment has named for as
long. What a run named once, in whatever part of its history, it names until it goes.
"""

import asyncio
import time
from collections.abc import Callable, Iterable

from anyio import to_thread

from app.logs import log
from app.runs import Runs
from app.settings import Settings
from app.store.base import SPARED, Store, Unavailable

EVERY = 600.0  # seconds between two sweeps
DAY = 86_400.0


def sweep(runs: Runs, store: Store, settings: Settings, also: Iterable[str] = ()) -> int:
    """Remove what is too old or too much; how many runs that was.

    A run that trains is held, so it counts as asked for; ``also`` are those that are streamed.
    """
    store.touch(runs.looked_at() | set(also))
    now = time.time()
    return store.expire(now - settings.run_days * DAY, now - SPARED, settings.runs)


def sweep_sets(store: Store, settings: Settings) -> int:
    """Remove the image sets that nothing has named for too long; how many that was."""
    return store.expire_datasets(time.time() - max(settings.run_days * DAY, SPARED))


async def sweep_for_ever(
    runs: Runs, store: Store, settings: Settings, also: Callable[[], Iterable[str]]
) -> None:
    """Sweep now and every ten minutes, until cancelled; a store that fails is tried again."""
    while True:
        try:
            gone = await to_thread.run_sync(sweep, runs, store, settings, also())
            sets = await to_thread.run_sync(sweep_sets, store, settings)
        except Unavailable as error:
            log.warning("what is old could not be removed", reason=str(error))
        else:
            if gone or sets:
                log.info("what was old is removed", runs=gone, datasets=sets)
        await asyncio.sleep(EVERY)
