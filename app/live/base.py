"""The contract of a broadcast: what happens to a run goes to all who listen to that run.

There are two sorts of event. One that is *kept* (a change, a training's progress, costs) reaches
every listener in order, and a listener that comes back with the id of the last one it had gets what
it missed. A *frame* (a trace) matters only until the next one: a listener that is behind gets the
newest few, and frames have no id.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Event:
    """A name of the event vocabulary (``position``, ``trace``, …) and its JSON."""

    name: str
    data: bytes


#: Where a run stands, as events: what a listener gets that cannot go on from where it was.
Standing = Callable[[], Awaitable[Sequence[Event]]]


class Full(Exception):
    """No more listeners are taken; the message says how many there may be."""


class Broadcast(Protocol):
    """Who is told. ``publish`` may be called from any thread, ``listen`` in the event loop."""

    def publish(self, run: str, *events: Event) -> None:
        """Tell all who listen to a run, now or again later."""

    def frame(self, run: str, event: Event) -> None:
        """Show all who listen to a run now; dropped where a newer one overtakes it."""

    def audience(self, run: str) -> int:
        """How many listen to a run."""

    def is_followed(self, run: str) -> bool:
        """Whether anyone listens to a run, or did lately and may come back."""

    def listen(
        self, run: str, last: str | None, standing: Standing, who: str = ""
    ) -> AsyncIterator[bytes]:
        """Events as server-sent events, from the one after ``last`` on; raises ``Full`` at once.

        ``who`` is the address that listens, which has a share of the streams.
        """

    def end(self, run: str, *events: Event) -> None:
        """Tell all who listen to a run, and end their streams: it is no more."""

    def close(self) -> None:
        """End every stream."""
