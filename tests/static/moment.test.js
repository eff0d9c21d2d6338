import assert from "node:assert/strict";
import { test } from "node:test";

import {
  answeredAt,
  flatten,
  phaseStep,
  reading,
  tellingCell,
  unflatten,
  valueAt,
} from "../../static/moment.js";

/** @param {number} value */
const cell = (value) => ({ shape: [1], values: [value] });
const trace = {
  run: "r",
  version: 1,
  iteration: 0,
  step: 0,
  stage: { sample: 0, label: 0 },
  steps: [
    { number: 1, phase: "forward", layer: "O", writes: "O.z", of: null, reads: ["O.w"] },
    { number: 2, phase: "backward", layer: "O", writes: "O.dw", of: null, reads: ["O.z"] },
    { number: 3, phase: "update", layer: "O", writes: "O.w", of: "next", reads: ["O.w", "O.dw"] },
    { number: 4, phase: "update", layer: "O", writes: "O.b", of: "next", reads: ["O.b", "O.db"] },
  ],
  tensors: { "O.w": cell(1), "O.b": cell(5), "O.z": cell(2), "O.dw": cell(3) },
  batch: {
    C: 1,
    accuracy: 1,
    samples: [0],
    gradients: { "O.dw": cell(30) },
    updated: { "O.w": cell(-5), "O.b": cell(4) },
  },
  prediction: 0,
};

test("a tensor is empty until its step is done and empty again when stepping back", () => {
  assert.deepEqual(
    [0, 1, 0].map((step) => reading(trace, step, "O.z")?.written),
    [false, true, false],
  );
});

test("a parameter shows its new value once its update is done", () => {
  assert.deepEqual(
    [2, 3].map((step) => reading(trace, step, "O.w")?.tensor.values[0]),
    [1, -5],
  );
  assert.equal(reading(trace, 3, "O.b")?.tensor.values[0], 5);
});

test("during the update a gradient is that of the batch", () => {
  assert.deepEqual(
    [2, 3].map((step) => reading(trace, step, "O.dw")?.tensor.values[0]),
    [3, 30],
  );
});

test("the network has answered when the forward pass is done", () => {
  assert.equal(answeredAt(trace), 1);
});

test("a phase ends at its last step", () => {
  assert.deepEqual(
    [0, 1, 2, 4].map((step) => phaseStep(trace, step, 1)),
    [1, 2, 4, 4],
  );
  assert.deepEqual(
    [4, 3, 1, 0].map((step) => phaseStep(trace, step, -1)),
    [2, 2, 0, 0],
  );
});

test("an index and its place in the values are one", () => {
  for (let place = 0; place < 24; place += 1) {
    assert.equal(flatten([2, 3, 4], unflatten([2, 3, 4], place)), place);
  }
  assert.deepEqual(unflatten([], 0), []);
});

test("the telling cell is the largest of the focused map", () => {
  const tensor = { shape: [2, 1, 2], values: [9, 1, 2, -3] };
  assert.deepEqual(tellingCell(tensor, 1), [1, 0, 1]);
});

test("a cell is read from where its `of` says", () => {
  assert.equal(valueAt(trace, { tensor: "O.dw", index: [0], of: "batch" }), 30);
  assert.equal(valueAt(trace, { tensor: "O.w", index: [0], of: "next" }), -5);
  assert.equal(valueAt(trace, { tensor: "O.w", index: [0] }), 1);
});
