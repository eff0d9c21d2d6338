"""Makes digits_123_6x6.npz from digits_8x8.npz: `python -m engine.datasets.making.digits_123`.

Each chosen digit is fitted from the bounding box of its ink to six rows, resampled smoothly, and
made black and white. Its ink level, width, sideways shift and threshold were searched so that the
strokes stay connected, thin and open where the digit is open, and the results were then chosen by
looking at them: every one must be recognised at a glance, and no two are alike.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent.parent
SIDE = 6
POINTS = 16  # points averaged along each side of a new pixel

# Of each digit: its index in digits_8x8, the level from which a pixel belongs to the bounding box,
# the width that the box is fitted to in columns (0: the box keeps its proportions), the shift to
# the right in columns, and the threshold. In the order of the set, which alternates 1, 2, 3.
CHOSEN = {
    1: (
        (1308, 0.3, 0, 0, 0.6),
        (349, 0.45, 2, 0, 0.6),
        (1242, 0.15, 0, 0, 0.65),
        (1471, 0.15, 0, -0.5, 0.45),
        (1522, 0.15, 0, -0.5, 0.55),
        (1298, 0.45, 4.5, 0, 0.75),
        (1457, 0.15, 0, -1.5, 0.75),
        (1495, 0.15, 4, 0.5, 0.4),
        (1500, 0.3, 4, 0.5, 0.65),
        (433, 0.15, 2, 0, 0.55),
        (693, 0.15, 2, 0, 0.55),
        (787, 0.45, 2.5, -0.5, 0.65),
        (11, 0.15, 2, 1, 0.5),
        (1426, 0.3, 4.5, 1.5, 0.4),
        (1485, 0.15, 0, 1.5, 0.5),
        (1416, 0.3, 3.5, -1.5, 0.7),
        (1514, 0.45, 4, 0, 0.5),
        (131, 0.15, 0, 1.5, 0.65),
        (1112, 0.3, 0, -1, 0.65),
        (1462, 0.45, 4.5, 0, 0.5),
        (866, 0.15, 2.5, 0, 0.7),
        (688, 0.15, 2, 1, 0.55),
        (1083, 0.45, 2, -1, 0.5),
        (1288, 0.15, 2.5, 0.5, 0.35),
        (387, 0.15, 0, 0.5, 0.7),
        (56, 0.3, 2, 0, 0.45),
        (1508, 0.45, 4, 0, 0.55),
        (21, 0.3, 0, 0.5, 0.7),
        (210, 0.45, 2, -0.5, 0.35),
        (70, 0.45, 0, 0, 0.45),
        (1, 0.15, 0, 0, 0.55),
        (1343, 0.15, 4.5, 0, 0.65),
    ),
    2: (
        (730, 0.45, 5.5, 0.5, 0.62),
        (340, 0.45, 5, 0, 0.66),
        (830, 0.3, 5.5, -0.5, 0.74),
        (1234, 0.15, 5.5, 0, 0.58),
        (1241, 0.3, 5, 0, 0.42),
        (860, 0.45, 5, 0, 0.74),
        (333, 0.15, 5.5, 0, 0.62),
        (278, 0.15, 5.5, 0.5, 0.58),
        (593, 0.3, 5.5, 0, 0.46),
        (826, 0.15, 5.5, 0.5, 0.62),
        (1104, 0.45, 5.5, 0, 0.58),
        (1338, 0.15, 5.5, 0, 0.62),
        (927, 0.3, 5.5, 0, 0.58),
        (115, 0.3, 4.5, 0, 0.54),
        (907, 0.3, 4.5, -0.5, 0.58),
        (1169, 0.3, 5.5, 0, 0.46),
        (1400, 0.45, 5.5, 0, 0.3),
        (570, 0.45, 5.5, 0.5, 0.5),
        (1594, 0.3, 5.5, 0, 0.62),
        (1337, 0.45, 4.5, 0.5, 0.5),
        (1655, 0.15, 5.5, 0.5, 0.5),
        (310, 0.15, 5.5, 0, 0.46),
        (331, 0.15, 5.5, 0, 0.58),
        (313, 0.15, 5.5, 0, 0.54),
        (1214, 0.15, 5.5, 0, 0.54),
        (1273, 0.15, 4, 0, 0.34),
        (892, 0.3, 5.5, 0, 0.58),
        (1014, 0.3, 5.5, 0.5, 0.54),
        (205, 0.15, 5, -0.5, 0.58),
        (1207, 0.15, 5.5, 0.5, 0.54),
        (372, 0.15, 5.5, 0, 0.62),
        (759, 0.45, 5, 0, 0.58),
    ),
    3: (
        (865, 0.3, 4.5, 0, 0.54),
        (961, 0.15, 5, 0, 0.34),
        (1378, 0.15, 0, 0, 0.42),
        (1498, 0.15, 5.5, 0, 0.46),
        (836, 0.45, 4, 0, 0.66),
        (1518, 0.15, 5.5, 0, 0.54),
        (318, 0.15, 5.5, 0, 0.58),
        (259, 0.45, 5, -0.5, 0.54),
        (1477, 0.45, 5, -0.5, 0.66),
        (1004, 0.45, 0, 0.5, 0.38),
        (918, 0.15, 5, 0, 0.38),
        (964, 0.15, 5, 0, 0.46),
        (999, 0.15, 5.5, 0, 0.42),
        (821, 0.45, 4.5, 0, 0.58),
        (1504, 0.45, 4.5, 0.5, 0.5),
        (345, 0.45, 5, 0.5, 0.7),
        (709, 0.3, 4.5, -0.5, 0.54),
        (950, 0.45, 5, 0, 0.62),
        (1110, 0.15, 5.5, 0, 0.46),
        (319, 0.45, 5, -0.5, 0.62),
        (867, 0.3, 5, 0.5, 0.66),
        (484, 0.45, 5, -0.5, 0.62),
        (1052, 0.15, 5.5, 0.5, 0.54),
        (1770, 0.45, 4.5, 0, 0.54),
        (928, 0.15, 5, -0.5, 0.46),
        (962, 0.45, 4.5, 0.5, 0.46),
        (279, 0.45, 5, 0.5, 0.46),
        (1605, 0.15, 5, -0.5, 0.58),
        (1390, 0.15, 5.5, 0.5, 0.66),
        (1730, 0.15, 5, 0, 0.54),
        (389, 0.3, 5, 0, 0.58),
        (1370, 0.15, 4.5, 0.5, 0.46),
    ),
}


def make() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return images (96, 6, 6) of 0 and 1, and labels (96,): 0, 1, 2, 0, 1, 2 and so on."""
    with np.load(HERE / "digits_8x8.npz") as file:
        digits = file["images"] / 16
    images, labels = [], []
    for choices in zip(*CHOSEN.values(), strict=True):
        for label, (index, level, width, shift, threshold) in enumerate(choices):
            grey = fitted(digits[index], level, width, shift)
            images.append(grey >= threshold)
            labels.append(label)
    return np.array(images, dtype=np.uint8), np.array(labels, dtype=np.uint8)


def fitted(
    digit: NDArray[np.float64], level: float, width: float, shift: float
) -> NDArray[np.float64]:
    """Return (6, 6) grey: the box of digit's ink, six rows high, centred, then shifted."""
    rows = np.flatnonzero((digit >= level).any(axis=1))
    columns = np.flatnonzero((digit >= level).any(axis=0))
    top, bottom = float(rows[0]), float(rows[-1] + 1)
    left, right = float(columns[0]), float(columns[-1] + 1)
    span = (right - left) * SIDE / (width or SIDE * (right - left) / (bottom - top))
    start = (left + right) / 2 - span / 2 - shift * span / SIDE
    down = resampling(len(digit), top, bottom)
    across = resampling(len(digit), start, start + span)
    return np.asarray(down @ digit @ across.T)


def resampling(n: int, start: float, end: float) -> NDArray[np.float64]:
    """Return (6, n): each of six cells between start and end as weights of n pixels.

    A cell is the mean of POINTS points, each interpolated between the two nearest pixel centres;
    beyond the picture lies blank paper.
    """
    points = start + (end - start) * (np.arange(SIDE * POINTS) + 0.5) / (SIDE * POINTS)
    places = np.clip(points + 0.5, 0, n + 1 - 1e-9)  # pixel 0 is place 1, its blank neighbour 0
    before = np.floor(places).astype(int)
    weights = np.zeros((SIDE * POINTS, n + 2))
    each = np.arange(SIDE * POINTS)
    weights[each, before] += 1 - (places - before)
    weights[each, before + 1] += places - before
    return np.asarray(weights[:, 1:-1].reshape(SIDE, POINTS, n).mean(axis=1))


if __name__ == "__main__":
    IMAGES, LABELS = make()
    np.savez(HERE / "digits_123_6x6.npz", images=IMAGES, labels=LABELS)
