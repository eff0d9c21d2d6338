"""A whole trace, everything kept, with its JSON bytes, against PyTorch's two passes alone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from peers import Missing
from rounds import Spread, interleave, ratio, spread
from workloads import Workload

from engine.trace import trace

__all__ = ["measure"]


#: Calls in a row before the other side has its turn.
TURN = 20


def repeated(side: Callable[[], object]) -> Callable[[], None]:
    """So many calls of it."""

    def turn() -> None:
        for _ in range(TURN):
            side()

    return turn


def passes_of_torch(workload: Workload) -> Callable[[], object]:
    """One image forward and backward in PyTorch eager, all gradients down to the pixels."""
    try:
        import torch  # noqa: PLC0415 - a peer may be missing
    except ImportError as error:
        raise Missing("PyTorch is not installed") from error
    functional = torch.nn.functional
    torch.set_num_threads(1)
    x = torch.from_numpy(workload.examples.images[:1].copy()).requires_grad_()
    t = torch.from_numpy(workload.examples.targets(workload.network.outputs)[:1])
    w, b, v, c = (
        torch.from_numpy(array.copy()).requires_grad_() for array in workload.parameters.values()
    )

    def both() -> object:
        pooled = functional.max_pool2d(torch.sigmoid(functional.conv2d(x, w, b)), 2)
        y = torch.sigmoid(functional.linear(pooled.flatten(1), v.flatten(1), c))
        cost = 0.5 * ((y - t) ** 2).sum()
        return torch.autograd.grad(cost, (x, w, b, v, c))

    return both


def measure(workload: Workload, seconds: float) -> tuple[dict[str, Spread], Spread | None, int]:
    """Microseconds of each side, the ratio (None without PyTorch), and the bytes of the JSON."""
    import orjson  # noqa: PLC0415 - the application's, not the engine's

    network, parameters = workload.network, workload.parameters
    image = workload.examples.images[0]
    target = workload.examples.targets(network.outputs)[0]

    def tensors() -> object:
        return trace(network, parameters, image, target)

    def written() -> bytes:
        found = trace(network, parameters, image, target)
        flat = {
            name: {"shape": array.shape, "values": array.ravel()} for name, array in found.items()
        }
        return orjson.dumps(flat, option=orjson.OPT_SERIALIZE_NUMPY)

    sides: dict[str, Callable[[], object]] = {"trace": tensors, "trace and JSON": written}
    with suppress(Missing):
        sides["PyTorch, forward and backward"] = passes_of_torch(workload)
    times = interleave({name: repeated(side) for name, side in sides.items()}, seconds)
    micro = {name: spread([t * 1e6 / TURN for t in found]) for name, found in times.items()}
    peer = "PyTorch, forward and backward"
    return micro, ratio(times, "trace and JSON", peer) if peer in sides else None, len(written())
