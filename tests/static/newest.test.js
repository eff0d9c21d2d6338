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

test("questions keep their distance", async () => {
  const newest = new Newest(40);
  const begun = performance.now();
  const ask = async () => undefined;
  const first = newest.ask(ask);
  let second = 0;
  await newest.ask(async () => (second = performance.now()));
  await first;
  assert.ok(second - begun >= 35);
});

test("after a question that fails another can be asked", async () => {
  const newest = new Newest();
  await assert.rejects(newest.ask(() => Promise.reject(new Error("no"))));
  let asked = false;
  await newest.ask(async () => (asked = true));
  assert.ok(asked);
});
