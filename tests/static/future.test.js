import assert from "node:assert/strict";
import { test } from "node:test";

import { Future } from "../../static/actions/future.js";

/** A page at iteration 2 of 5. */
const actions = () => ({
  queue: Promise.resolve(),
  drawingUnderWay: false,
  state: { position: { iteration: 2 }, run: { iterations: 5 }, training: null },
  forgetEdits() {},
});

test("while a question is open, nothing else is agreed to by its answer", async () => {
  /** @type {((choice: any) => void)[]} */
  const answers = [];
  let kept = 0;
  const future = new Future(
    /** @type {any} */ (actions()),
    () => new Promise((answer) => answers.push(answer)),
    async () => {
      kept += 1;
      return true;
    },
  );
  const all = [1, 2, 3].map(() => future.allows("edit-parameter", null));
  await new Promise(setImmediate);
  assert.equal(answers.length, 1);
  answers[0]?.("keep");
  assert.deepEqual(await Promise.all(all), [true, false, false]);
  assert.equal(kept, 1);
  const later = future.allows("edit-parameter", null);
  await new Promise(setImmediate);
  answers[1]?.("cancel");
  assert.equal(await later, false);
});
