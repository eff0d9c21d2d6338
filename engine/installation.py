"""Which installation computes: the same operations give the same bits on the same one only."""

from __future__ import annotations

import platform
from functools import cache

import numpy as np

__all__ = ["installation"]


@cache
def installation() -> str:
    """NumPy, its BLAS and the instructions of the processor that it uses, in one line.

    NumPy and OpenBLAS choose other code on other processors, which rounds elsewhere in the last
    digit; see ``numpy.show_config``.
    """
    config = np.show_config(mode="dicts")
    blas = config["Build Dependencies"]["blas"]
    found = config.get("SIMD Extensions", {}).get("found", [])
    return ", ".join(
        [
            f"NumPy {np.__version__}",
            f"{blas.get('name')} {blas.get('version')}",
            " ".join([platform.machine(), *found]),
        ]
    )
