"""The program that measures the page, for moments; and that no program loses another's results."""

import json
import re
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).resolve().parents[2] / "bench"

# In a process of its own, since the browser's driver keeps an event loop running.
MEASURE = """
import json, sys
from dataclasses import asdict
sys.path.insert(0, sys.argv[1])
import page
page.ROUNDS = 2
with page.opened() as (browser, server):
    light = page.first_screen(browser, server)
    frames = page.frames(browser, server, "textbook", 0.5)
    moved = page.shifts(browser, server)
    hovers = page.hovering(browser, server)
print(json.dumps([asdict(light), asdict(frames), moved, asdict(hovers)]))
"""


def test_the_page_is_measured() -> None:
    """Every measure of the page is taken, of the page as it is."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(BENCH)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    light, frames, moved, hovers = json.loads(done.stdout)
    assert 50_000 < light["size"] < 1_000_000
    assert light["requests"] > 10
    assert light["elsewhere"] == 0
    assert frames["share"]["middle"] > 0
    assert frames["shown"] > 0
    assert frames["made"] > 100
    assert 0 <= moved < 1
    assert hovers["cells"] > 150
    assert hovers["requests"] == 0
    assert 0 < hovers["middle"] <= hovers["late"]


def test_what_a_program_writes_is_kept_by_make_bench() -> None:
    """Every section that a program writes for itself is one that ``make bench`` leaves there."""
    written = {
        name
        for file in BENCH.glob("*.py")
        for name in re.findall(r'^ +write\("([^"]+)", ', file.read_text(), re.MULTILINE)
    }
    (kept,) = re.findall(r"^OTHERS = \((.*)\)$", (BENCH / "__main__.py").read_text(), re.MULTILINE)
    assert written == set(re.findall(r'"([^"]+)"', kept))
    assert "Page" in written
