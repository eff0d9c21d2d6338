import assert from "node:assert/strict";
import { test } from "node:test";

import { cellAt, gridsOf, mapsOf, ownerOf, seenAs, slotsOf } from "../../static/sheets.js";

const LAYERS = [
  { letter: "F", type: "conv", shape: [3, 4, 4] },
  { letter: "P", type: "pool", shape: [3, 2, 2] },
  { letter: "O", type: "dense", shape: [3] },
];

test("the columns follow the layers", () => {
  const letters = slotsOf(LAYERS, { "O.w": [3, 3, 2, 2] }).map((one) => one.layer);
  assert.deepEqual(letters, ["I", "F", "F", "F", "P", "O", "O", "O", "O", "O", "C"]);
});

test("the weights of one pooled map are one grid for each output", () => {
  const offsets = gridsOf("O.w", [3, 3, 2, 2], "weights", 1).map((grid) => grid.offset);
  assert.deepEqual(offsets, [4, 16, 28]);
});

test("a point belongs to the cell under it, and to none in the white between", () => {
  const sheet = { rows: 3, cols: 1, cell: 30, gap: 6 };
  assert.deepEqual(cellAt(sheet, 10, 40), { i: 1, j: 0 });
  assert.equal(cellAt(sheet, 10, 33), null);
  assert.equal(cellAt(sheet, 40, 10), null);
});

test("of a tensor's maps one at a time is large; weights have those of the layer below", () => {
  assert.equal(mapsOf("maps", [3, 4, 4]), 3);
  assert.equal(mapsOf("weights", [10, 8, 12, 12]), 8);
  assert.equal(mapsOf("weights", [3, 6]), 1);
  assert.equal(mapsOf("vector", [10]), 1);
});

test("maps follow the convolution below them, and a switch is seen on the layer below", () => {
  assert.deepEqual(
    ["I.a", "F.w", "P.a", "O.w", "t"].map((tensor) => ownerOf(LAYERS, tensor)),
    ["I", "F", "F", "F", "I"],
  );
  assert.deepEqual(
    ["P.switch", "P.mask", "P.a"].map((tensor) => seenAs(LAYERS, tensor)),
    ["F.a", "F.a", "P.a"],
  );
});
