"""What takes too long for every day, into RESULTS.md: ``make soak``.

A hundred kills amid changes and training, and ten thousand requests generated from the description.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from kills import survive  # noqa: E402 - after the paths are settled
from sections import write  # noqa: E402

GENERATED = "tests/app/test_generated.py"


def killed(times: int) -> str:
    """The outcome of so many kills, as a line; raises ``Lost`` where something is gone."""
    begun = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        found = survive(times, Path(folder) / "data", seed=int(datetime.now(UTC).timestamp()))
    return (
        f"- {found.kills} times killed (SIGKILL) while four clients changed a run each: of "
        f"{found.answered:,} answered changes 0 lost, {found.on_the_way} more were on their way "
        "and are there whole; each run is what its changes, made once more, give to the bit; a run "
        f"that trained all the while went on each time, {found.trained:,} updates, to the bit "
        f"({perf_counter() - begun:.0f} s)."
    )


def generated(examples: int) -> str:
    """The outcome of so many generated requests, as a line; raises where a test fails."""
    begun = perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-s", GENERATED, f"--examples={examples}"]
    done = subprocess.run(  # noqa: S603 - our own test
        command, cwd=HERE.parent, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(done.stdout[-20_000:] + done.stderr)
    (made,) = (line for line in done.stdout.splitlines() if "requests generated" in line)
    return (
        f"- {made.lstrip('.')}: every answer as described, no 5xx, no change after a refusal "
        f"({perf_counter() - begun:.0f} s)."
    )


def main(kills: int, examples: int) -> None:
    """Run both, and keep what came of it."""
    lines = [f"Written by `make soak` on {datetime.now(UTC):%d %B %Y}.", ""]
    lines += [killed(kills), generated(examples)]
    write("Soak", lines)
    print("\n".join(lines))


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    main(*(given or [100, 10_000]))
