import assert from "node:assert/strict";
import { test } from "node:test";

import { Newest } from "../../static/actions/newest.js";

/** Questions that are answered when one says so. */
function questions() {
  /** @type {string[]} */
  const asked = [];
  /** @type {(() => void)[]} */
  const answers = [];
  const question = (/** @type {string} */ name) => () => {
    asked.push(name);
    return new Promise((/** @type {(value?: undefined) => void} */ answer) => answers.push(answer));
  };
  return { asked, question, answer: () => answers.shift()?.() };
}

test("one question is under way at a time, and the newest of those that wait comes next", async () => {
  const { asked, question, answer } = questions();
  const newest = new Newest();
  const all = [newest.ask(question("a")), newest.ask(question("b")), newest.ask(question("c"))];
  assert.deepEqual(asked, ["a"]);
  answer();
  await new Promise(setImmediate);
  assert.deepEqual(asked, ["a", "c"]);
  answer();
  await Promise.all(all);
  assert.deepEqual(asked, ["a", "c"]);
});

test("a question rests, and one that is in a hurry does not wait for it", async () => {
  const newest = new Newest();
  const begun = performance.now();
  const times = /** @type {number[]} */ ([]);
  const ask = async () => times.push(performance.now() - begun);
  void newest.ask(ask, 60);
  const all = newest.ask(ask, 10_000);
  setTimeout(() => newest.ask(ask), 100);
  await all;
  const [, second = 0, third = 0] = times;
  assert.ok(second >= 55);
  assert.ok(third < 1000);
});

test("after a question that fails another can be asked", async () => {
  const newest = new Newest();
  await assert.rejects(newest.ask(() => Promise.reject(new Error("no"))));
  let asked = false;
  await newest.ask(async () => (asked = true));
  assert.ok(asked);
});
