"""The server killed amid edits and training: nothing that was answered may be lost.

Some clients change a run each, as fast as they are answered, until the server is killed (SIGKILL).
It is started again over the same folder, and every run must be at the version that was answered
last, or one further where a change was on its way: with the very bytes of that answer. At the end
each run's changes are made once more on a new run, which must come out the same to the bit.

Futures are kept, gone back to and dropped among the changes, and seeds are begun and forgotten:
after each kill all futures that were kept must be there and be readable, and at the end futures and
seeds of both runs are the same.

Beside them one run trains all the while, now and then paused and resumed. After each start it must
be paused or train as was answered last, then train on, and get beyond what it was last seen at; at
the end one descent of as many updates must give the same to the bit.
"""

from __future__ import annotations

import itertools
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from process import Process, running

__all__ = ["Learner", "Lost", "Outcome", "Story", "examine", "survive"]

CLIENTS = 4
PACE = 100  # updates a second of the run that trains
FAR = 1_000_000  # updates that it is to make: hours
AT_ONCE = 10_000  # updates that one descent may make
NAMES = "abcd"  # of futures
Change = tuple[str, str, dict[str, Any] | None]


class Lost(Exception):
    """Something that was answered is not there any more."""


@dataclass
class Story:
    """What one client did to its run, and what it was told last."""

    run: str
    random: random.Random
    version: int = 1
    told: Any = None
    reached: int = 0
    changes: list[Change] = field(default_factory=list)
    flying: Change | None = None
    futures: set[str] = field(default_factory=set)

    def next(self) -> Change:
        """Any change that a page may ask for."""
        edits = [self.stage, self.stage, self.position, self.parameters, self.config, self.descent]
        return self.random.choice([*edits, self.future, self.seeds])()

    def stage(self) -> Change:
        """Another image."""
        return "PUT", "stage", {"sample": self.random.randrange(96)}

    def position(self) -> Change:
        """Another step of an iteration that was reached."""
        draw = self.random
        at = {"iteration": draw.randint(0, self.reached), "step": draw.randint(0, 20)}
        return "PUT", "position", at

    def parameters(self) -> Change:
        """Other weights."""
        values = [self.random.uniform(-1, 1) for _ in range(3)]
        return "PATCH", "parameters", {"O.b": values}

    def config(self) -> Change:
        """Another setting."""
        rate = {"learning_rate": self.random.uniform(0.01, 0.1)}
        return "PATCH", "config", {"training": rate}

    def descent(self) -> Change:
        """Updates."""
        return "POST", "descent", {"iterations": self.random.randint(1, 120)}

    def future(self) -> Change:
        """Keep a future, go back to it, or drop it."""
        name = self.random.choice(NAMES)
        if name not in self.futures:
            return "POST", "branches", {"name": name}
        back: list[Change] = [("PUT", f"branches/{name}", {}), ("DELETE", f"branches/{name}", None)]
        return self.random.choices(back, [2, 1])[0]

    def seeds(self) -> Change:
        """Begin several seeds, or forget them."""
        wanted = {
            "seeds": self.random.sample(range(9), 2),
            "iterations": self.random.randint(1, 300),
        }
        begun: list[Change] = [("POST", "seeds", wanted), ("DELETE", "seeds", None)]
        return self.random.choices(begun, [4, 1])[0]

    def work(self, url: str) -> None:
        """Change after change, until the server is gone."""
        with httpx.Client(base_url=f"{url}/api/runs/", timeout=30) as http:
            while True:
                self.flying = self.next()
                try:
                    answer = asked(http, self.run, self.flying)
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    self.landed(answer.json(), answer.json()["version"])
                elif answer.is_success:  # what does not tell the run's version makes one
                    self.landed(None, self.version + 1)
                self.flying = None

    def landed(self, told: Any, version: int) -> None:  # noqa: ANN401 - any answer
        """Note a change that was answered."""
        if self.flying is not None:
            self.changes.append(self.flying)
            method, what, body = self.flying
            if what == "branches" and body is not None:
                self.futures.add(body["name"])
            elif method == "DELETE":
                self.futures.discard(what.rpartition("/")[2])
        self.version, self.told = version, told
        if told is None:
            return
        here = told["iteration"] if "iteration" in told else told["position"]["iteration"]
        edited = bool(self.flying) and self.flying[1] in {"parameters", "config"}
        self.reached = here if edited else max(self.reached, here)
        if bool(self.flying) and self.flying[1].startswith("branches/"):
            self.reached = told["iterations"]


def asked(http: httpx.Client, run: str, change: Change) -> httpx.Response:
    """The answer to a change; a future is named in it, and asked for by its id."""
    method, what, body = change
    kind, _, name = what.partition("/")
    if name:
        futures = http.get(f"{run}/branches").json()["branches"]
        what = f"{kind}/{next(one['id'] for one in futures if one['name'] == name)}"
    return http.request(method, f"{run}/{what}", json=body)


@dataclass
class Learner:
    """A run that trains through all kills, and the iteration at which it was last seen.

    ``paused`` is what was answered last, ``flying`` whether another wish was on its way.
    """

    run: str
    seen: int = 0
    paused: bool = False
    flying: bool = False

    def begin(self, url: str) -> None:
        """Start the training, far enough for all kills."""
        wanted = {"iterations": FAR, "speed": PACE}
        httpx.post(f"{url}/api/runs/{self.run}/training", json=wanted).raise_for_status()

    def watch(self, url: str) -> None:
        """See how far it is, pause it and resume it, until the server is gone."""
        with httpx.Client(base_url=f"{url}/api/runs/{self.run}/", timeout=30) as http:
            for turn in itertools.count():
                try:
                    if turn % 3:
                        training = http.get("training").json()
                    else:
                        wish, self.flying = not self.paused, True
                        training = http.patch("training", json={"paused": wish}).json()
                        self.paused, self.flying = wish, False
                except httpx.TransportError:
                    return
                self.seen = max(self.seen, training["iteration"])
                time.sleep(0.01)

    def resumed(self, url: str) -> None:
        """Wait until it is beyond where it was seen; raises ``Lost`` where it does not train."""
        address, patience = f"{url}/api/runs/{self.run}/training", time.monotonic() + 30
        training = httpx.get(address).json()
        if not self.flying and training["state"] != ("paused" if self.paused else "running"):
            raise Lost(f"paused or not, it was answered otherwise: {training}")
        if training["state"] == "paused":
            httpx.patch(address, json={"paused": False}).raise_for_status()
        self.paused = self.flying = False
        while True:
            training = httpx.get(address).json()
            if training["state"] != "running" or time.monotonic() > patience:
                raise Lost(f"the training was at {self.seen}, and does not go on: {training}")
            if training["iteration"] > self.seen:
                return
            time.sleep(0.01)

    def end(self, url: str) -> None:
        """Stop it; one descent of as many updates must give the same."""
        with httpx.Client(base_url=f"{url}/api/runs/", timeout=60) as http:
            http.delete(f"{self.run}/training").raise_for_status()
            self.seen = http.get(self.run).json()["iterations"]
            twin = http.post(f"{url}/api/runs").json()["id"]
            for done in range(0, self.seen, AT_ONCE):
                count = min(AT_ONCE, self.seen - done)
                http.post(f"{twin}/descent", json={"iterations": count}).raise_for_status()
        same(url, self.run, twin)


@dataclass
class Outcome:
    """How often it was killed, how many changes were answered, how many were on their way.

    ``trained`` is how many updates were made by the training that went on through all kills.
    """

    kills: int = 0
    answered: int = 0
    on_the_way: int = 0
    trained: int = 0
    stories: list[Story] = field(default_factory=list)


def survive(kills: int, folder: Path, seed: int) -> Outcome:
    """Kill the server that often; raises ``Lost`` at the first change that is gone."""
    draw = random.Random(seed)  # noqa: S311 - which changes are tried is no secret
    outcome = Outcome()
    with running(folder) as server:
        for number in range(CLIENTS):
            run = httpx.post(f"{server.url}/api/runs").json()["id"]
            outcome.stories.append(Story(run, random.Random(seed + number)))  # noqa: S311
        learner = Learner(httpx.post(f"{server.url}/api/runs").json()["id"])
        learner.begin(server.url)
    for _ in range(kills):
        with running(folder) as server:
            outcome.on_the_way += sum(examine(story, server.url) for story in outcome.stories)
            learner.resumed(server.url)
            work = [story.work for story in outcome.stories]
            interrupt(
                server,
                [*work, learner.watch],
                outcome.stories,
                draw.randint(4, 30),
                draw.uniform(0, 0.02),
            )
        outcome.kills += 1
    with running(folder) as server:
        for story in outcome.stories:
            outcome.on_the_way += examine(story, server.url)
            replay(story, server.url)
        learner.resumed(server.url)
        learner.end(server.url)
    outcome.trained = learner.seen
    outcome.answered = sum(len(story.changes) for story in outcome.stories)
    sound(folder)
    return outcome


def interrupt(
    server: Process,
    work: list[Callable[[str], None]],
    stories: list[Story],
    answers: int,
    pause: float,
) -> None:
    """Let all clients work until there were so many answers, then kill the server under them."""
    before = sum(len(story.changes) for story in stories)
    threads = [threading.Thread(target=one, args=(server.url,)) for one in work]
    for thread in threads:
        thread.start()
    patience = time.monotonic() + 30
    while sum(len(story.changes) for story in stories) < before + answers:
        if time.monotonic() > patience:
            raise TimeoutError("the server answers too slowly")
        time.sleep(0.001)
    time.sleep(pause)
    server.kill()
    for thread in threads:
        thread.join()


def examine(story: Story, url: str) -> bool:
    """Compare a run with what was answered; whether a change on its way is there too."""
    with httpx.Client(base_url=f"{url}/api/runs/", timeout=60) as http:
        run, trace = http.get(story.run).json(), http.get(f"{story.run}/trace").json()
        futures = http.get(f"{story.run}/branches").json()["branches"]
    version = run.get("version")
    if version == story.version:
        if story.told is not None and story.told not in (run, trace):
            raise Lost(f"version {version} is there, but is another one than was answered")
        whole(story, futures)
        story.flying = None
        return False
    if story.flying is None or version != story.version + 1:
        raise Lost(f"version {story.version} was answered, {version} is there: {run}")
    story.landed(run, version)
    story.reached, story.flying = run["iterations"], None
    whole(story, futures)
    return True


def whole(story: Story, futures: list[dict[str, Any]]) -> None:
    """See that the futures that were kept are there, and no other, and can be read."""
    there = {one["name"] for one in futures if one["unreadable"] is None}
    if there != story.futures or len(there) != len(futures):
        raise Lost(f"the futures {story.futures} were kept; there are {futures}")


def replay(story: Story, url: str) -> None:
    """Make the same changes on a new run, which must come out the same to the bit."""
    with httpx.Client(base_url=f"{url}/api/runs/", timeout=60) as http:
        twin = http.post(f"{url}/api/runs").json()["id"]
        for change in story.changes:
            asked(http, twin, change).raise_for_status()
    same(url, story.run, twin)


def same(url: str, *runs: str) -> None:
    """See that runs have the same numbers and the same history, to the bit."""
    found = []
    with httpx.Client(base_url=f"{url}/api/runs/", timeout=60) as http:
        for run in runs:
            trace = http.get(f"{run}/trace").json()
            for own in ("run", "version"):
                trace.pop(own)
            costs = http.get(f"{run}/costs", params={"points": 100_000}).json()
            futures = http.get(f"{run}/branches").json()["branches"]
            for future in futures:
                del future["id"]
            found.append((trace, costs, futures, learnt(http, run)))
    if any(one != found[0] for one in found):
        raise Lost("the same changes, made again, give other numbers")


def learnt(http: httpx.Client, run: str) -> Any:  # noqa: ANN401 - JSON
    """The seeds of a run, once all have learnt."""
    patience = time.monotonic() + 60
    while (seeds := http.get(f"{run}/seeds").json())["state"] == "running":
        if time.monotonic() > patience:
            raise Lost(f"the seeds do not go on: {seeds}")
        time.sleep(0.02)
    return seeds


def sound(folder: Path) -> None:
    """See that SQLite finds nothing wrong with the file."""
    with sqlite3.connect(folder / "backlit.sqlite3") as file:
        (words,) = file.execute("PRAGMA integrity_check").fetchone()
    file.close()
    if words != "ok":
        raise Lost(f"the file is damaged: {words}")
