"""Requests for a trace against a bare endpoint, and the memory of runs: ``python bench/asking.py``.

The bare endpoint is FastAPI on uvicorn as ours is, one process, and returns the very bytes of the
trace from memory, without a run, a store or a header of ours. Both are asked over the same number
of connections that stay open, in turns, by a client that does no more than it must.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from process import Process, running  # noqa: E402 - after the paths are settled
from rounds import Spread, interleave, ratio, spread  # noqa: E402
from sections import write  # noqa: E402

__all__ = ["Memory", "lines", "memory", "rates"]

CONNECTIONS, ASKED = 8, 400
SHARE, KILOBYTES = 0.5, 64  # the goals
BARE = """
import sys
from pathlib import Path
import uvicorn
from fastapi import FastAPI, Response
content = Path(sys.argv[1]).read_bytes()
app = FastAPI()
@app.get("/")
async def bare() -> Response:
    return Response(content, media_type="application/json")
class Told(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)
Told(uvicorn.Config(app, port=0, log_level="error", access_log=False)).run()
"""


@dataclass(frozen=True)
class Memory:
    """Bytes a run, where the store keeps it and where memory does too; and how many there were."""

    runs: int
    stored: float
    live: float


def post(url: str) -> dict[str, str]:
    """The answer to a POST without a body."""
    request = urllib.request.Request(url, method="POST")  # noqa: S310 - our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        made: dict[str, str] = json.loads(answer.read())
    return made


async def ask(port: int, path: str, times: int) -> None:
    """So many requests over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    for _ in range(times):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise ValueError(head.decode())
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r")[0]))
    writer.close()


def asked(port: int, path: str) -> None:
    """A round: the same number of requests over each connection, all at once."""

    async def all_at_once() -> None:
        await asyncio.gather(*(ask(port, path, ASKED // CONNECTIONS) for _ in range(CONNECTIONS)))

    asyncio.run(all_at_once())


@contextmanager
def bare(content: bytes, folder: Path) -> Iterator[int]:
    """The port of a server that returns these bytes and nothing else."""
    file = folder / "content.json"
    file.write_bytes(content)
    command = [sys.executable, "-c", BARE, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        yield int(process.stdout.readline())
        process.kill()


def rates(seconds: float) -> tuple[Spread, Spread]:
    """Our requests a second by the bare endpoint's in the same round; and ours alone."""
    with tempfile.TemporaryDirectory() as name, running(Path(name) / "data") as server:
        path = f"/api/runs/{post(f'{server.url}/api/runs')['id']}/trace"
        with urllib.request.urlopen(server.url + path) as answer:  # noqa: S310
            content = answer.read()
        with bare(content, Path(name)) as port:
            ours = int(server.url.rpartition(":")[2])
            sides = {"trace": partial(asked, ours, path), "bare": partial(asked, port, "/")}
            times = interleave(sides, seconds)
    return ratio(times, "bare", "trace"), spread([ASKED / each for each in times["trace"]])


def grown(server: Process, runs: int) -> float:
    """Bytes that the server's memory grows by for each run that is made and looked at."""
    for _ in range(50):
        look(server)
    before = server.memory()
    for _ in range(runs):
        look(server)
    return (server.memory() - before) / runs


def look(server: Process) -> None:
    """Make a run and ask for its trace, as a page does."""
    run = post(f"{server.url}/api/runs")["id"]
    with urllib.request.urlopen(f"{server.url}/api/runs/{run}/trace") as answer:  # noqa: S310
        answer.read()


def memory(runs: int) -> Memory:
    """The memory of so many runs in one process: as it comes, and with all of them in memory."""
    found = []
    for live in (256, runs + 100):
        with tempfile.TemporaryDirectory() as name, running(Path(name), live_runs=live) as server:
            found.append(grown(server, runs))
    return Memory(runs, *found)


def lines(seconds: float, runs: int) -> list[str]:
    """Both measures as Markdown."""
    share, each = rates(seconds)
    found = memory(runs)
    per = found.stored / 1024
    words = [
        "goal" if share.middle >= SHARE else "missed",
        "goal" if per <= KILOBYTES else "missed",
    ]
    heading = f"""\
Written by `python bench/asking.py` on {datetime.now(UTC):%d %B %Y}, over {CONNECTIONS} connections:
{", ".join(processors())}; {os.cpu_count()} processors; load {os.getloadavg()[0]:.1f} at the end.
"""
    what = "requests for a trace / of a bare endpoint with the same bytes"
    idle = f"memory of an idle run, {found.runs:,} of them in one process"
    text = f"""\
{heading}
| work | goal | median | quiet | |
|---|---|---|---|---|
| {what} | ≥ {SHARE} | {share} | {share.quiet:.3g} | {words[0]} |
| {idle} | ≤ {KILOBYTES} KB | {per:.1f} KB | – | {words[1]} |

Requests for a trace a second: {each}. The latest used 256 runs are in memory besides the store;
with all of them there it is {found.live / 1024:.0f} KB a run."""
    return text.splitlines()


def processors() -> set[str]:
    """What Linux says that they are."""
    info = Path("/proc/cpuinfo")
    said = info.read_text().splitlines() if info.exists() else []
    return {line.split(":")[1].strip() for line in said if "model name" in line}


if __name__ == "__main__":
    given = [float(each) for each in sys.argv[1:]] or [30.0, 10_000]
    found = lines(given[0], int(given[1]))
    write("Server", found)
    print("\n".join(found))
