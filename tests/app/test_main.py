"""The server as it is started: from the command, and again after its end."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx

DRAWING = [[0, 0, 1, 1, 0, 0]] * 6


def test_a_restart_finds_every_run(start_server: Any, client_of: Any) -> None:
    """After the end of the process (SIGKILL) every run is where it was, to the bit."""
    first = start_server(None)
    with httpx.Client(base_url=first.url, timeout=60) as http:
        plain, edited, drawn = (client_of.made(http) for _ in range(3))
        plain.descend(450)
        plain.move(iteration=333, step=5)
        edited.descend(5)
        edited("PATCH", "config", {"training": {"learning_rate": 0.05}})
        edited.descend(5)
        edited("PATCH", "config", {"layers": [{"type": "dense", "units": 3}]})
        edited.descend(5)
        edited.move(iteration=7)
        edited("PATCH", "parameters", {"F.b": [0, 0, 1]})
        edited.descend(4)
        drawn("PATCH", "config", {"training": {"learn_from": "stage", "optimizer": "adam"}})
        drawn("PUT", "stage", {"pixels": DRAWING, "label": 2})
        drawn.descend(3)
        seen = {one.id: look(one) for one in (plain, edited, drawn)}
    first.kill()
    second = start_server(first.data)
    with httpx.Client(base_url=second.url, timeout=60) as http:
        for run, before in seen.items():
            assert look(client_of(http, run)) == before
        assert client_of(http, drawn.id).descend(2)["iteration"] == 5


def look(run: Any) -> Any:
    """Everything that a run shows, here and at another iteration."""
    here = [run.run(), run.trace(), run("GET", "costs").json()]
    back = run.run()["position"]
    elsewhere = {key: run.move(iteration=2)[key] for key in ("tensors", "batch")}
    run.move(**back)
    del here[0]["version"], here[1]["version"]
    return [*here, elsewhere]


def test_the_command_says_why_it_does_not_start(server: Any, tmp_path: Any) -> None:
    """A taken port and a folder that cannot be written get one sentence and a non-zero exit."""
    command = str(Path(sys.executable).parent / "backlit")
    port = server.url.rpartition(":")[2]
    blocked = tmp_path / "file"
    blocked.write_text("")
    for arguments, words in [
        (["--port", port, "--data", str(tmp_path / "a")], "already in use"),
        (["--port", "0", "--data", str(blocked)], "cannot hold the runs"),
        (["--port", "70000"], "port"),
    ]:
        ended = subprocess.run([command, *arguments], capture_output=True, text=True, check=False)
        assert ended.returncode == 1
        assert words in ended.stderr
        assert len(ended.stderr.strip().splitlines()) == 1
