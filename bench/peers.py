"""Who is measured: each side takes a workload and descends on it, always from its first weights.

A side is a function that makes a workload ready and gives a ``descend(updates) -> cost``: the cost
of the images of the last update, before it. A side that cannot be had here raises Missing.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
from workloads import Workload

from engine.plan import Plan
from engine.stepper import Passes, Stepper
from engine.training import State

__all__ = ["SIDES", "Descend", "Missing", "versions"]

HERE = Path(__file__).parent
Descend = Callable[[int], float]


class Missing(Exception):
    """A side that cannot be had on this machine; the message says why."""


def stepped(workload: Workload, stepper: Stepper) -> Descend:
    """Descent by one of the engine's own steppers, as a history calls it."""
    first = State.fresh(workload.parameters, workload.settings.optimizer)

    def descend(updates: int) -> float:
        state, done, cost = first, 0, 0.0
        while done < updates:
            stretch = stepper.run(state, done, updates - done, workload.order)
            done += len(stretch.costs)
            cost = float(stretch.costs[-1])
            state = State(stretch.parameters, stretch.optimizer)
        return cost

    return descend


def plan(workload: Workload) -> Descend:
    """Backlit's fast path."""
    return stepped(workload, Plan(workload.network, workload.settings, workload.examples))


def ordinary(workload: Workload) -> Descend:
    """Backlit's ordinary passes."""
    return stepped(workload, Passes(workload.network, workload.settings, workload.examples))


def compiled(workload: Workload, source: str, *flags: str) -> Descend:
    """A C program of our own, compiled for the sizes of the workload."""
    compiler = os.environ.get("CC") or shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise Missing("no C compiler")
    network, conv = workload.network, workload.conv
    sizes = {
        "SIDE": network.input_shape[1],
        "K": conv.filters,
        "SIZE": conv.size,
        "UNITS": network.outputs,
    }
    target = Path(tempfile.mkdtemp()) / "descent.so"
    defines = [f"-D{name}={size}" for name, size in sizes.items()]
    command = [compiler, "-O3", *flags, *defines, "-shared", "-fPIC", "-o", str(target)]
    done = subprocess.run(  # noqa: S603 - our own program
        [*command, str(HERE / source), "-lm"], check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise Missing(f"{compiler} refused {source}: {done.stderr.splitlines()[:1]}")
    function = ctypes.CDLL(str(target)).descend
    function.restype = ctypes.c_double
    images = np.ascontiguousarray(workload.examples.images)
    labels = workload.examples.labels.astype(np.int32)
    first = np.concatenate([array.ravel() for array in workload.parameters.values()])

    def descend(updates: int) -> float:
        theta = first.copy()
        cost: float = function(
            ctypes.c_int(updates),
            images.ctypes.data_as(ctypes.c_void_p),
            labels.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_int(len(labels)),
            ctypes.c_int(workload.batch),
            ctypes.c_double(workload.settings.learning_rate),
            theta.ctypes.data_as(ctypes.c_void_p),
        )
        return cost

    return descend


def naive(workload: Workload) -> Descend:
    """Loops, as one writes them down."""
    return compiled(workload, "naive.c")


def vectorised(workload: Workload) -> Descend:
    """Several images side by side in the vector unit."""
    if workload.batch != len(workload.examples.labels):
        raise Missing("made for full batches: its lanes are images")
    return compiled(workload, "vectorised.c", "-march=native")


def torch_eager(workload: Workload) -> Descend:
    """PyTorch as it is usually written: functions, autograd, ``torch.optim.SGD``."""
    try:
        import torch  # noqa: PLC0415 - a peer may be missing
    except ImportError as error:
        raise Missing("PyTorch is not installed") from error
    functional = torch.nn.functional
    torch.set_num_threads(1)
    images = torch.from_numpy(workload.examples.images)
    targets = torch.from_numpy(workload.examples.targets(workload.network.outputs))
    units, eta = workload.network.outputs, workload.settings.learning_rate
    whole = workload.batch == len(images)

    def descend(updates: int) -> float:
        w, b, v, c = (
            torch.from_numpy(array.copy()).requires_grad_()
            for array in workload.parameters.values()
        )
        optimizer = torch.optim.SGD((w, b, v, c), lr=eta)
        cost = torch.zeros(())
        for update in range(updates):
            start = update * workload.batch % len(images)
            x = images if whole else images[start : start + workload.batch]
            t = targets if whole else targets[start : start + workload.batch]
            pooled = functional.max_pool2d(torch.sigmoid(functional.conv2d(x, w, b)), 2)
            y = torch.sigmoid(functional.linear(pooled.flatten(1), v.reshape(units, -1), c))
            cost = 0.5 * ((y - t) ** 2).sum()
            optimizer.zero_grad()
            cost.backward()
            optimizer.step()
        return float(cost.detach())

    return descend


def jax_jit(workload: Workload, *, patches: bool) -> Descend:
    """JAX, the whole update compiled, with its convolution or with patches laid out beforehand."""
    try:
        import jax  # noqa: PLC0415 - a peer may be missing
    except ImportError as error:
        raise Missing("JAX is not installed") from error
    jax.config.update("jax_enable_x64", True)  # noqa: FBT003 - JAX's own signature
    jnp, conv = jax.numpy, workload.conv
    images, eta = workload.examples.images, workload.settings.learning_rate
    targets = jnp.asarray(workload.examples.targets(workload.network.outputs))
    n, whole = len(images), workload.batch == len(images)
    half = (images.shape[2] - conv.size + 1) // 2
    if patches:
        windows = np.lib.stride_tricks.sliding_window_view(images[:, 0], (conv.size,) * 2, (1, 2))
        blocks = windows[:, : 2 * half, : 2 * half].reshape(n, half, 2, half, 2, -1)
        x = jnp.asarray(blocks.transpose(0, 1, 3, 2, 4, 5).reshape(n, half * half, 4, -1))
    else:
        x = jnp.asarray(images)

    def pooled(w, b, x):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        if patches:
            z = jnp.einsum("nbmt,kt->nkbm", x, w.reshape(conv.filters, -1))
            return jax.nn.sigmoid(z.max(axis=-1) + b[:, None])
        z = jax.lax.conv(x, w, (1, 1), "VALID") + b[:, None, None]
        size = (1, 1, 2, 2)
        return jax.lax.reduce_window(jax.nn.sigmoid(z), -jnp.inf, jax.lax.max, size, size, "VALID")

    def cost(theta, x, t):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        w, b, v, c = theta
        below = pooled(w, b, x).reshape(len(x), -1)
        y = jax.nn.sigmoid(below @ v.reshape(len(c), -1).T + c)
        return 0.5 * ((y - t) ** 2).sum()

    @jax.jit
    def update(theta, x, t):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN202
        value, gradient = jax.value_and_grad(cost)(theta, x, t)
        return [one - eta * g for one, g in zip(theta, gradient, strict=True)], value

    first = [jnp.asarray(array) for array in workload.parameters.values()]
    xs = [x] if whole else [x[i : i + 1] for i in range(n)]
    ts = [targets] if whole else [targets[i : i + 1] for i in range(n)]

    def descend(updates: int) -> float:
        theta, value = first, jnp.zeros(())
        for i in range(updates):
            theta, value = update(theta, xs[i % len(xs)], ts[i % len(ts)])
        jax.block_until_ready(theta)
        return float(value)

    return descend


def jax_patches(workload: Workload) -> Descend:
    """JAX jit on patches laid out beforehand, pooled before the activation, as the plan does."""
    return jax_jit(workload, patches=True)


def jax_convolution(workload: Workload) -> Descend:
    """JAX jit with its own convolution and pooling."""
    return jax_jit(workload, patches=False)


#: The first is the one that all others are compared with.
SIDES: dict[str, Callable[[Workload], Descend]] = {
    "plan": plan,
    "ordinary passes": ordinary,
    "PyTorch eager": torch_eager,
    "JAX jit, patches": jax_patches,
    "JAX jit, convolution": jax_convolution,
    "naive C −O3": naive,
    "hand-vectorised C": vectorised,
}


def versions() -> list[str]:
    """The versions of what is here."""
    found = []
    for name in ("numpy", "torch", "jax", "jaxlib", "orjson"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} missing")
    compiler = os.environ.get("CC") or shutil.which("gcc") or shutil.which("cc")
    if compiler:
        command = [compiler, "--version"]
        said = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
        found.append(said.stdout.splitlines()[0])
    return found
