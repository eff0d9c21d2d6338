import assert from "node:assert/strict";
import { test } from "node:test";

import { explained, lightsOf, marksOf, saturated } from "../../static/explanation.js";
import { initialState } from "../../static/store.js";

/** @type {any} */
const run = {
  layers: [
    { letter: "F", type: "conv" },
    { letter: "P", type: "pool/max" },
  ],
  config: { layers: [{ type: "conv" }, { type: "pool", size: 2, stride: 2 }] },
};
/** @type {any} */
const trace = {
  flat: { F: 0.01 },
  steps: [
    { number: 1, phase: "forward", writes: "F.a", reads: ["I.a"] },
    { number: 2, phase: "forward", writes: "P.a", reads: ["F.a"] },
  ],
  tensors: {
    "F.a": { shape: [1, 2, 4], values: [1, 3, 5, 0, 3, 2, 4, 0] },
    "F.slope": { shape: [1, 2, 4], values: [0.2, 0.001, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2] },
    "P.a": { shape: [1, 1, 2], values: [3, 5] },
    "P.mask": { shape: [1, 2, 4], values: [0, 1, 1, 0, 0, 0, 0, 0] },
    "P.switch": { shape: [1, 1, 2], values: [1, 0] },
  },
};
const state = { ...initialState(), trace };

test("the winners of pooling are marked once they are known, and what ties with them", () => {
  assert.deepEqual(marksOf(run, trace, 1, "F.a"), { rings: new Set(), ties: new Set() });
  assert.deepEqual(marksOf(run, trace, 2, "F.a"), { rings: new Set([1, 2]), ties: new Set([4]) });
  assert.deepEqual(marksOf(run, trace, 2, "F.z"), { rings: new Set(), ties: new Set() });
});

test("blocks that overlap have their winners marked too", () => {
  const config = { layers: [{ type: "conv" }, { type: "pool", size: 2, stride: 1 }] };
  const above = {
    "P.mask": undefined,
    "P.a": { shape: [1, 1, 3], values: [3, 5, 5] },
    "P.switch": { shape: [1, 1, 3], values: [1, 1, 0] },
  };
  const overlapping = { ...trace, tensors: { ...trace.tensors, ...above } };
  const marks = marksOf({ ...run, config }, overlapping, 2, "F.a");
  assert.deepEqual(marks, { rings: new Set([1, 2]), ties: new Set([4]) });
});

test("a neuron is saturated where its slope is almost flat, as soon as it has an output", () => {
  assert.deepEqual(saturated(trace, 0, "F.a"), new Set());
  assert.deepEqual(saturated(trace, 1, "F.a"), new Set([1]));
});

test("the pinned cell is explained, else the one pointed at, else the one that tells most", () => {
  const at = (/** @type {number} */ step) => ({ ...state, position: { iteration: 0, step } });
  const pinned = { tensor: "F.a", index: [0, 0, 0] };
  const hovered = { tensor: "F.a", index: [0, 1, 1] };
  assert.equal(explained(at(0)), null);
  assert.deepEqual(explained(at(2)), { tensor: "P.a", index: [0, 0, 1], of: null });
  assert.equal(explained({ ...at(2), hovered }), hovered);
  assert.equal(explained({ ...at(2), hovered, pinned }), pinned);
});

test("a chosen cell lights what its formula reads; a step alone lights nothing", () => {
  const reads = [{ tensor: "F.a", index: [0, 0, 1] }];
  const formulas = { "P.a": [{ cells: reads }] };
  const hovered = { tensor: "P.a", index: [0, 0, 0] };
  assert.deepEqual(lightsOf(state), { value: null, reads: [], terms: [] });
  assert.deepEqual(lightsOf({ ...state, formulas, hovered }), { value: hovered, reads, terms: [] });
});
