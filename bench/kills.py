"""The server killed amid edits and training: nothing that was answered may be lost.

Some clients change a run each, as fast as they are answered, until the server is killed (SIGKILL).
It is started again over the same folder, and every run must be at the version that was answered
last, or one further where a change was on its way: with the very bytes of that answer. At the end
each run's changes are made once more on a new run, which must come out the same to the bit.

Beside them one run trains all the while. After each start it must train on, and get beyond what it
was last seen at; at the end one descent of as many updates must give the same to the bit.
"""

from __future__ import annotations

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
Change = tuple[str, str, dict[str, Any]]


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

    def next(self) -> Change:
        """Any change that a page may ask for."""
        draw = self.random
        kind = draw.choice(["stage", "stage", "position", "parameters", "config", "descent"])
        if kind == "stage":
            return "PUT", "stage", {"sample": draw.randrange(96)}
        if kind == "position":
            at = {"iteration": draw.randint(0, self.reached), "step": draw.randint(0, 20)}
            return "PUT", "position", at
        if kind == "parameters":
            return "PATCH", "parameters", {"O.b": [draw.uniform(-1, 1) for _ in range(3)]}
        if kind == "config":
            rate = {"learning_rate": draw.uniform(0.01, 0.1)}
            return "PATCH", "config", {"training": rate}
        return "POST", "descent", {"iterations": draw.randint(1, 120)}

    def work(self, url: str) -> None:
        """Change after change, until the server is gone."""
        with httpx.Client(base_url=f"{url}/api/runs/{self.run}/", timeout=30) as http:
            while True:
                self.flying = method, what, body = self.next()
                try:
                    answer = http.request(method, what, json=body)
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    self.landed(answer.json(), int(answer.headers["etag"].strip('"')))
                self.flying = None

    def landed(self, told: Any, version: int) -> None:  # noqa: ANN401 - any answer
        """Note a change that was answered."""
        if self.flying is not None:
            self.changes.append(self.flying)
        self.version, self.told = version, told
        if told is None:
            return
        here = told["iteration"] if "iteration" in told else told["position"]["iteration"]
        edited = bool(self.flying) and self.flying[1] in {"parameters", "config"}
        self.reached = here if edited else max(self.reached, here)


@dataclass
class Learner:
    """A run that trains through all kills, and the iteration at which it was last seen."""

    run: str
    seen: int = 0

    def begin(self, url: str) -> None:
        """Start the training, far enough for all kills."""
        wanted = {"iterations": FAR, "speed": PACE}
        httpx.post(f"{url}/api/runs/{self.run}/training", json=wanted).raise_for_status()

    def watch(self, url: str) -> None:
        """See how far it is, until the server is gone."""
        with httpx.Client(base_url=f"{url}/api/runs/{self.run}/", timeout=30) as http:
            while True:
                try:
                    self.seen = max(self.seen, http.get("training").json()["iteration"])
                except httpx.TransportError:
                    return
                time.sleep(0.01)

    def resumed(self, url: str) -> None:
        """Wait until it is beyond where it was seen; raises ``Lost`` where it does not train."""
        patience = time.monotonic() + 30
        while True:
            training = httpx.get(f"{url}/api/runs/{self.run}/training").json()
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
    version = run.get("version")
    if version == story.version:
        if story.told is not None and story.told not in (run, trace):
            raise Lost(f"version {version} is there, but is another one than was answered")
        story.flying = None
        return False
    if story.flying is None or version != story.version + 1:
        raise Lost(f"version {story.version} was answered, {version} is there: {run}")
    story.landed(run, version)
    story.reached, story.flying = run["iterations"], None
    return True


def replay(story: Story, url: str) -> None:
    """Make the same changes on a new run, which must come out the same to the bit."""
    with httpx.Client(base_url=f"{url}/api/runs/", timeout=60) as http:
        twin = http.post(f"{url}/api/runs").json()["id"]
        for method, what, body in story.changes:
            http.request(method, f"{twin}/{what}", json=body)
    same(url, story.run, twin)


def same(url: str, *runs: str) -> None:
    """See that runs have the same numbers and the same history, to the bit."""
    found = []
    with httpx.Client(base_url=f"{url}/api/runs/", timeout=60) as http:
        for run in runs:
            trace = http.get(f"{run}/trace").json()
            for own in ("run", "version"):
                trace.pop(own)
            found.append((trace, http.get(f"{run}/costs", params={"points": 100_000}).json()))
    if any(one != found[0] for one in found):
        raise Lost("the same changes, made again, give other numbers")


def sound(folder: Path) -> None:
    """See that SQLite finds nothing wrong with the file."""
    with sqlite3.connect(folder / "backlit.sqlite3") as file:
        (words,) = file.execute("PRAGMA integrity_check").fetchone()
    file.close()
    if words != "ok":
        raise Lost(f"the file is damaged: {words}")
