/** What was done last, read off two states. */

import assert from "node:assert/strict";
import test from "node:test";

import { entryOf } from "../../static/log.js";
import { isCovered, lastShown } from "../../static/moment.js";

/** @param {any} [changes] @returns {any} */
const state = (changes = {}) => ({
  run: { iterations: 3, config: { loss: "squared_error" } },
  trace: {
    steps: [
      { number: 1, phase: "forward", writes: "F.z" },
      { number: 2, phase: "cost", writes: "C" },
      { number: 3, phase: "backward", writes: "F.delta" },
    ],
    stage: { sample: 0, label: 1 },
    tensors: { "I.a": { values: [0, 1] }, "F.w": { values: [0.5] } },
  },
  position: { iteration: 2, step: 1 },
  predict: false,
  revealed: null,
  ...changes,
});

/** @param {any} part */
const traced = (part) => ({ trace: { ...state().trace, ...part } });

/** @type {[string, any, any][]} */
const CASES = [
  ["nothing", {}, null],
  [
    "a step",
    { position: { iteration: 2, step: 2 } },
    { key: "log.step", values: {}, tensor: "C", covered: false },
  ],
  [
    "a step back",
    { position: { iteration: 2, step: 0 } },
    { key: "log.back", values: { step: 0 } },
  ],
  [
    "learning",
    { run: { ...state().run, iterations: 13 }, position: { iteration: 13, step: 0 } },
    { key: "log.trained", values: { count: 10, iteration: 13 } },
  ],
  [
    "travelling",
    { position: { iteration: 0, step: 0 } },
    { key: "log.travelled", values: { iteration: 0 } },
  ],
  [
    "settings",
    { run: { iterations: 3, config: { loss: "cross_entropy" } } },
    { key: "log.settings", values: {} },
  ],
  [
    "another image",
    traced({ stage: { sample: 4, label: 1 } }),
    { key: "log.image", values: { number: 5 } },
  ],
  [
    "another label",
    traced({ stage: { sample: null, label: 2 } }),
    { key: "log.label", values: { label: 2 } },
  ],
  [
    "a drawing",
    traced({
      stage: { sample: null, label: 1 },
      tensors: { ...state().trace.tensors, "I.a": { values: [1, 1] } },
    }),
    { key: "log.drawn", values: {} },
  ],
  [
    "an edited weight",
    traced({ tensors: { ...state().trace.tensors, "F.w": { values: [0.7] } } }),
    { key: "log.weights", values: {} },
  ],
];

for (const [name, changes, expected] of CASES) {
  test(`the log has ${name}`, () => {
    assert.deepEqual(entryOf(state(changes), state()), expected);
  });
}

test("a covered step is logged covered, and again when it is revealed", () => {
  const before = state({ predict: true, revealed: { iteration: 2, step: 1 } });
  const covered = { ...before, position: { iteration: 2, step: 2 } };
  const revealed = { ...covered, revealed: { iteration: 2, step: 2 } };
  const entry = { key: "log.step", values: {}, tensor: "C" };
  assert.deepEqual(entryOf(covered, before), { ...entry, covered: true });
  assert.deepEqual(entryOf(revealed, covered), { ...entry, covered: false });
});

test("what was revealed stays so, what comes after it is covered", () => {
  const at = (/** @type {number} */ iteration, /** @type {number} */ step) =>
    isCovered(
      state({
        predict: true,
        revealed: { iteration: 1, step: 5 },
        position: { iteration, step },
      }),
    );
  assert.deepEqual(
    [at(0, 9), at(1, 5), at(1, 6), at(2, 0), at(2, 1)],
    [false, false, true, false, true],
  );
  assert.equal(isCovered(state()), false);
});

test("where the way back is hidden, the cost is the last step", () => {
  const { trace } = state();
  assert.equal(lastShown(trace, ["backward"]), 2);
  assert.equal(lastShown(trace, ["numbers"]), 3);
});
