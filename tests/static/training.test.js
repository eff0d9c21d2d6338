import assert from "node:assert/strict";
import { test } from "node:test";

import { TrainingActions } from "../../static/actions/training.js";
import { initialState, Store } from "../../static/store.js";

/** A window at version 5 whose queue is still at work. */
function waiting() {
  const store = new Store({ ...initialState(), run: { id: "r", version: 5, iterations: 0 } });
  let done = () => {};
  /** @type {string[]} */
  const asked = [];
  const queue = new Promise((/** @type {(over?: undefined) => void} */ over) => (done = over));
  const refresh = async () => asked.push("refresh");
  const actions = /** @type {any} */ ({ store, queue, refresh, api: null });
  return { store, asked, done: () => done(), training: new TrainingActions(actions) };
}

/** @type {any} */
const running = { state: "running" };

test("a place that waited while a training began does not take the page away from it", async () => {
  const { store, asked, done, training } = waiting();
  const late = training.moved({ version: 6, iteration: 0, iterations: 0 });
  store.set({ training: running });
  await training.moved({ version: 8, iteration: 4, iterations: 4 });
  done();
  await late;
  assert.deepEqual([store.state.run.version, store.state.run.iterations], [8, 4]);
  assert.deepEqual(asked, []);
});

test("a change elsewhere is fetched once the queue is done, one of one's own is not", async () => {
  const { asked, done, training } = waiting();
  const own = training.moved({ version: 5, iteration: 0, iterations: 0 });
  const other = training.moved({ version: 6, iteration: 0, iterations: 0 });
  assert.deepEqual(asked, []);
  done();
  await Promise.all([own, other]);
  assert.deepEqual(asked, ["refresh"]);
});
