"""All measurements, into RESULTS.md: ``make bench``, or ``python bench [seconds of each]``."""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path

# One thread on every side, said before NumPy and the others are loaded; and NumPy as it comes.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import history  # noqa: E402 - after the threads are settled
import served  # noqa: E402
import whole_trace  # noqa: E402
from descent import Comparison, compare  # noqa: E402
from peers import versions  # noqa: E402
from rounds import Spread  # noqa: E402
from sections import section  # noqa: E402
from workloads import WORKLOADS, textbook  # noqa: E402

#: Sections of RESULTS.md that other programs write, which stay as they are.
OTHERS = ("Server", "Followers and fairness", "Page", "Soak")
#: (workload, side, must, goal) as the design has them; None where there is none.
MEASURES: list[tuple[str, str, float | None, float | None]] = [
    ("a", "PyTorch eager", 0.12, 0.06),
    ("a", "naive C −O3", 1.0, 0.6),
    ("a", "JAX jit, patches", 0.8, 0.45),
    ("a", "JAX jit, convolution", None, None),
    ("a", "hand-vectorised C", None, 6.0),
    ("b", "PyTorch eager", 0.08, 0.045),
    ("b", "JAX jit, patches", None, None),
    ("b", "JAX jit, convolution", None, None),
    ("b", "naive C −O3", None, None),
    ("c", "PyTorch eager", 0.45, 0.3),
    ("c", "naive C −O3", 0.6, 0.4),
    ("c", "JAX jit, patches", None, None),
    ("c", "JAX jit, convolution", None, None),
    ("c", "hand-vectorised C", None, None),
]


def cell(number: float | None) -> str:
    """A bound in the table."""
    return "–" if number is None else f"≤ {number:g}"


def verdict(value: float, must: float | None, goal: float | None) -> str:
    """Which bound the value keeps, and how far it is from the goal."""
    if goal is not None and value <= goal:
        return "goal"
    far = "" if goal is None else f"{value / goal:.2f} × the goal"
    if must is None:
        return far
    kept = "must" if value <= must else "**missed**"
    return f"{kept}, {far}" if far else kept


def row(what: str, must: float | None, goal: float | None, found: Spread) -> str:
    """A line of the table of measures."""
    words = verdict(found.middle, must, goal)
    return f"| {what} | {cell(must)} | {cell(goal)} | {found} | {found.quiet:.3g} | {words} |"


def machine() -> list[str]:
    """The processor, the system, the versions."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        text = info.read_text()
        named = [line.split(":")[1].strip() for line in text.splitlines() if "model name" in line]
        flags = {flag for line in text.splitlines() if "flags" in line for flag in line.split()}
        widest = next((f for f in ("avx512f", "avx2", "avx") if f in flags), "no AVX")
        cpu = f"{named[0] if named else cpu}, {widest}"
    load = f"load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return [
        f"{cpu}; {os.cpu_count()} processors; one thread a side; {load} at the start",
        f"{platform.system()} {platform.release()}; Python {platform.python_version()}",
        *versions(),
    ]


def measured(comparisons: dict[str, Comparison]) -> list[str]:
    """The lines of descent."""
    lines = []
    for key, side, must, goal in MEASURES:
        found = comparisons[key].ratios.get(side)
        if found is not None:
            lines.append(row(f"({key}) / {side}", must, goal, found))
        else:
            lines.append(
                f"| ({key}) / {side} | {cell(must)} | {cell(goal)} | – | – "
                f"| skipped: {comparisons[key].missing[side]} |"
            )
    return lines


def times(comparisons: dict[str, Comparison]) -> list[str]:
    """Microseconds an iteration, a column a workload."""
    sides = dict.fromkeys(side for one in comparisons.values() for side in one.microseconds)
    lines = ["| | " + " | ".join(f"({key})" for key in comparisons) + " |"]
    lines.append("|---" * (len(comparisons) + 1) + "|")
    for side in sides:
        cells = [str(one.microseconds.get(side, "–")) for one in comparisons.values()]
        lines.append(f"| {side} | " + " | ".join(cells) + " |")
    return lines


def report(seconds: float) -> str:
    """Everything measured, as Markdown."""
    about = machine()
    comparisons = {}
    for key, prepare in WORKLOADS.items():
        comparisons[key] = compare(prepare(), seconds)
        print("\n".join(times({key: comparisons[key]})), flush=True)
    lines = measured(comparisons)
    trace_times, trace_ratio, size = whole_trace.measure(textbook(), seconds)
    what = f"a whole trace and its JSON ({size:,} bytes) / PyTorch's forward and backward"
    if trace_ratio is not None:
        lines.append(row(what, 0.5, 0.2, trace_ratio))
    else:
        lines.append(f"| {what} | ≤ 0.5 | ≤ 0.2 | – | – | skipped: PyTorch is not installed |")
    slope, growing = history.growth(seconds)
    words = verdict(slope, 1.1, 1.0)
    what = "growth: exponent of time, 96 to 9,600 images"
    lines.append(f"| {what} | ≤ 1.1 | ≤ 1 | {slope:.2f} | – | {words} |")
    extra = history.overhead(textbook(), 2000, seconds)
    lines.append(row("a history of (a) / the plan alone", None, None, extra))
    what = "10,000 iterations of (a) through the API / in the engine alone"
    lines.append(row(what, 1.15, None, served.measure(seconds)))
    jump, stored, same = history.travel(100_000, 200)
    if not same:
        raise ValueError("a replayed state differs from the one that was there")
    what = "time travel: iterations replayed for a jump in 100,000"
    lines.append(f"| {what} | ≤ 400 | ≤ 200 | {jump} | – | {verdict(jump, 400, 200)} |")
    what = "time travel: bytes of its checkpoints"
    lines.append(
        f"| {what} | ≤ 500,000 | ≤ 300,000 | {stored:,} | – | {verdict(stored, 5e5, 3e5)} |"
    )
    return "\n".join(
        [
            "# Results",
            "",
            f"Written by `make bench` on {datetime.now(UTC):%d %B %Y}; [how and what](README.md).",
            "Medians with quartiles over interleaved rounds; beside them, quiet, the ratio of both",
            "sides' tenth percentiles, for a machine that does other work too.",
            "",
            *(f"- {line}" for line in about),
            "",
            "Before anything is timed, the costs of all sides after 50 iterations agree to 1e-9. A",
            "ratio is the plan's time by the other side's in the same round: smaller is faster.",
            "",
            "| work | must | goal | median | quiet | |",
            "|---|---|---|---|---|---|",
            *lines,
            "",
            "Microseconds an iteration, for orientation:",
            "",
            *times(comparisons),
            "",
            "One image, microseconds: "
            + ", ".join(f"{name} {found}" for name, found in trace_times.items())
            + ".",
            "",
            "Growth, microseconds an image: "
            + ", ".join(f"{n:,} images {found}" for n, found in growing.items())
            + ".",
            "",
            *(line for name in OTHERS for line in [*section(name).splitlines(), ""]),
            *(HERE / "ATTEMPTS.md").read_text().splitlines(),
            "",
        ]
    )


if __name__ == "__main__":
    text = report(float(sys.argv[1]) if len(sys.argv) > 1 else 30.0)
    (HERE / "RESULTS.md").write_text(text)
    print(text)
