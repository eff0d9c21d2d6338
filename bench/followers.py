"""Many who follow one run, and many runs that train: ``python bench/followers.py``.

The followers are raw sockets in a process of their own, so that reading does not hold up the one
that asks: how long a step elsewhere takes is measured beside them, and before, in the same server.
Both share the machine with the server, so the figures are those of a smaller machine than it is.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from asking import processors  # noqa: E402 - after the paths are settled
from crowd import Heard, crowded  # noqa: E402
from process import Process, running  # noqa: E402
from sections import write  # noqa: E402

__all__ = ["Fairness", "Following", "Waits", "fairness", "following", "lines"]

FOLLOWERS, PACE, TRAININGS = 500, 10, 30
FAR = 900_000  # updates that no training comes to the end of meanwhile
PAUSE = 0.02  # seconds between two steps
WITHIN, BEYOND = 0.8, 0.05  # the goals: least by greatest share, seconds beyond idle


@dataclass(frozen=True)
class Waits:
    """Seconds that a step took: the median and the 99th percentile."""

    middle: float
    late: float

    def __str__(self) -> str:
        return f"{1000 * self.middle:.1f} and {1000 * self.late:.1f} ms"


@dataclass(frozen=True)
class Following:
    """Shares are of the frames there were; ``processor`` is of one, ``memory`` bytes a follower."""

    followers: int
    least: float
    middle: float
    events: int
    ordered: bool
    processor: float
    memory: float
    idle: Waits
    busy: Waits


@dataclass(frozen=True)
class Fairness:
    """Updates a second of the slowest by those of the fastest run, and of all; steps elsewhere."""

    trainings: int
    share: float
    rate: float
    idle: Waits
    busy: Waits


class Asker:
    """A client over one connection that stays open."""

    def __init__(self, server: Process) -> None:
        self.http = HTTPConnection("127.0.0.1", port(server), timeout=120)

    def __call__(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """The answer, which must be a good one."""
        content = None if body is None else json.dumps(body)
        self.http.request(method, f"/api/runs{path}", content, {"Content-Type": "application/json"})
        answer = self.http.getresponse()
        told = answer.read()
        if answer.status >= 400:
            raise ValueError(f"{method} {path}: {answer.status} {told.decode()}")
        return json.loads(told) if told else None


@contextmanager
def asked(server: Process) -> Iterator[Asker]:
    """A client, whose connection ends with the block."""
    ask = Asker(server)
    try:
        yield ask
    finally:
        ask.http.close()


def port(server: Process) -> int:
    """The port that a server listens on."""
    return int(server.url.rpartition(":")[2])


def steps(ask: Asker, run: str, seconds: float) -> Waits:
    """How long steps in a run take, one after another for that long."""
    found: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(found) < 100:
        begun = time.perf_counter()
        ask("PUT", f"/{run}/position", {"iteration": 0, "step": len(found) % 20})
        found.append(time.perf_counter() - begun)
        time.sleep(PAUSE)
    return Waits(median(found), quantiles(found, n=100)[98])


def used(server: Process) -> float:
    """Seconds of processor time that a server has used."""
    words = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def following(followers: int, seconds: float) -> Following:
    """Train one run at ``PACE`` while so many follow it."""
    with (
        tempfile.TemporaryDirectory() as name,
        running(Path(name), streams=2 * followers, streams_each=2 * followers) as server,
        asked(server) as ask,
    ):
        run, other = ask("POST", "")["id"], ask("POST", "")["id"]
        idle, memory = steps(ask, other, seconds / 2), server.memory()
        with crowded(port(server), run, followers) as told:
            told()
            count = round(PACE * seconds)
            ask("POST", f"/{run}/training", {"iterations": count, "speed": PACE})
            before, begun = used(server), time.perf_counter()
            busy = steps(ask, other, 0.9 * seconds)
            processor = (used(server) - before) / (time.perf_counter() - begun)
            grown = (server.memory() - memory) / followers
            heard = told()
        curve = ask("GET", f"/{run}/costs?points={count + 1}")
    made = dict(zip(curve["iterations"][1:], curve["C"][1:], strict=True))
    if len(made) != count:
        raise ValueError(f"{count} updates were asked for, {len(made)} were made")
    shares = sorted(len(set(one.frames)) / count for one in heard)
    least, middle, events = shares[0], median(shares), len(heard[0].kept)
    return Following(
        followers, least, middle, events, ordered(heard, made), processor, grown, idle, busy
    )


def ordered(heard: list[Heard], made: dict[int, float]) -> bool:
    """Whether all heard the same kept events to the end, and nobody anything out of order.

    ``made`` is the cost at each iteration that the server holds after the training: each of them
    must have been told.
    """
    return all(
        one.ended
        and {i: cost for i, cost in one.costs.items() if i > 0} == made
        and one.kept == heard[0].kept == sorted(set(one.kept))
        and one.frames == sorted(one.frames)
        for one in heard
    )


def fairness(trainings: int, seconds: float) -> Fairness:
    """Train so many runs at once, as fast as they can, and step in another."""
    with (
        tempfile.TemporaryDirectory() as name,
        running(Path(name), trainings=trainings) as server,
        asked(server) as ask,
    ):
        other, *runs = (ask("POST", "")["id"] for _ in range(trainings + 1))
        idle = steps(ask, other, seconds / 2)
        for run in runs:
            ask("POST", f"/{run}/training", {"iterations": FAR})
        time.sleep(1)
        before = [reached(ask, run) for run in runs]
        busy = steps(ask, other, seconds)
        after = [reached(ask, run) for run in runs]
    rates = [
        (end - start) / (late - early)
        for (start, early), (end, late) in zip(before, after, strict=True)
    ]
    return Fairness(trainings, min(rates) / max(rates), sum(rates), idle, busy)


def reached(ask: Asker, run: str) -> tuple[int, float]:
    """The iteration at which a run that trains is, and when."""
    training = ask("GET", f"/{run}/training")
    if training["state"] != "running":
        raise ValueError(f"it does not train: {training}")
    return training["iteration"], time.perf_counter()


def lines(seconds: float) -> list[str]:
    """Both measures as Markdown."""
    crowd, fair = following(FOLLOWERS, seconds), fairness(TRAININGS, seconds)
    beyond = {one: one.busy.late - one.idle.late for one in (crowd, fair)}
    order = (
        "in order, each cost that the run holds, the same for all"
        if crowd.ordered
        else "NOT in order, not whole, or not the same for all"
    )
    followed = f"{crowd.followers} followers of one run that trains at {PACE} traces a second"
    trained = f"{fair.trainings} runs that train at once"
    rows = [
        (f"{followed}: kept events", "all, in order", order, crowd.ordered),
        (
            f"{followed}: traces that arrive, the least of all followers",
            "all",
            f"{crowd.least:.1%}, median {crowd.middle:.1%}",
            crowd.least == 1,
        ),
        ("a step elsewhere meanwhile, beyond idle, 99th percentile", "–", late(beyond[crowd]), ""),
        (
            f"{trained}: updates of the slowest / of the fastest",
            f"≥ {WITHIN}",
            f"{fair.share:.2f}",
            fair.share >= WITHIN,
        ),
        (
            "a step elsewhere meanwhile, beyond idle, 99th percentile",
            f"≤ {1000 * BEYOND:.0f} ms",
            late(beyond[fair]),
            beyond[fair] <= BEYOND,
        ),
    ]
    today, load = datetime.now(UTC), os.getloadavg()[0]
    each = (
        f"{crowd.memory / 1024:.0f} KB a follower; each heard the same {crowd.events} kept events."
    )
    words = {True: "goal", False: "missed", "": ""}
    return [
        f"Written by `python bench/followers.py` on {today:%d %B %Y}, {seconds:g} seconds",
        "each; the followers and the one who steps are on the server's machine:",
        f"{', '.join(processors())}; {os.cpu_count()} processors; load {load:.1f} at the end.",
        "",
        "| work | goal | measured | |",
        "|---|---|---|---|",
        *(f"| {what} | {goal} | {found} | {words[good]} |" for what, goal, found, good in rows),
        "",
        f"A step, median and 99th percentile: idle {crowd.idle}, with the followers {crowd.busy};",
        f"idle {fair.idle}, with the trainings {fair.busy}. With the followers the server uses",
        f"{crowd.processor:.0%} of one processor and {each}",
        f"The trainings make {fair.rate:,.0f} updates a second together.",
    ]


def late(seconds: float) -> str:
    """A time in milliseconds."""
    return f"{1000 * seconds:.1f} ms"


if __name__ == "__main__":
    found = lines(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)
    write("Followers and fairness", found)
    print("\n".join(found))
