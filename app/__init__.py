"""The web around the engine."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - said in words before any newer syntax is read
    sys.exit("Backlit needs Python 3.11 or newer; this is %d.%d." % sys.version_info[:2])  # noqa: UP031

# Replay gives the same bits only where a sum is always taken in the same order: BLAS on one thread.
for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "BLIS_NUM_THREADS"):
    os.environ.setdefault(name, "1")
