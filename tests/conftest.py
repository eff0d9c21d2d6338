"""What every test stands on: strict arithmetic, a real server, a real browser."""

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 90.0

# Underflow is right: sigmoid(-800) is 0. Everything else is a defect.
np.seterr(divide="raise", over="raise", invalid="raise")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --refuse-skips, for .ci/run to see that every test was run; --examples, for make soak."""
    parser.addoption("--refuse-skips", action="store_true", help="fail when a test was skipped")
    parser.addoption("--examples", type=int, default=300, help="requests generated in all")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that skipped tests where skipping is refused."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--refuse-skips") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@dataclass
class Server:
    """A Backlit server in a process of its own, started by the command that people use.

    `url` has no slash at its end; `data` is the folder where its runs live.
    """

    url: str
    data: Path
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """Ask it to end, as Ctrl-C does, and wait until it has."""
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """End it at once, as a loss of power would (SIGKILL)."""
        self.process.kill()
        self.process.wait(timeout=15)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def started(data: Path) -> Server:
    """Start `backlit` over the folder `data`, and wait until it answers."""
    command = shutil.which("backlit", path=str(Path(sys.executable).parent))
    assert command is not None, "the command backlit is not installed: run `make setup`"
    port = free_port()
    log = data.parent / f"{data.name}-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [command, "--port", str(port), "--data", str(data)],
            stdout=out,
            stderr=out,
            cwd=ROOT,
            env={"BACKLIT_RATE": "0", **os.environ},  # tests ask faster than any class
        )
    server = Server(f"http://127.0.0.1:{port}", data, process, log)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{server.url}/healthz", timeout=2)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return server
    server.kill()
    raise AssertionError(f"backlit did not start; it said:\n{log.read_text()}")


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[[Path | None], Server]]:
    """Start servers of a test's own: `start_server(None)` or, to restart, `start_server(data)`."""
    servers: list[Server] = []

    def start(data: Path | None = None) -> Server:
        servers.append(started(data or tmp_path / "data"))
        return servers[-1]

    yield start
    for server in servers:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One real server for all tests that may share it."""
    running = started(tmp_path_factory.mktemp("server") / "data")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def base_url(server: Server) -> str:
    """The address that `page.goto("/")` of the browser tests starts from."""
    return server.url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Drive the machine's own Chromium; a browser test without one fails, it is never skipped."""
    path = chromium().found()
    if path is None:
        pytest.fail(chromium().MISSING)
    # Chromium refuses its sandbox to root, which containers and CI are.
    return {**browser_type_launch_args, "executable_path": path, "args": ["--no-sandbox"]}


def chromium() -> Any:
    """The module beside this one that finds the browser (tests are no package)."""
    spec = importlib.util.spec_from_file_location("chromium", ROOT / "tests" / "chromium.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
