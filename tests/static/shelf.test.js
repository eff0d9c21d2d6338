import assert from "node:assert/strict";
import { test } from "node:test";

import { groups, shown } from "../../static/shelf.js";

/** A set as the list has it.
 * @param {string} id
 * @param {string | null} grown_from */
const set = (id, grown_from = null) => ({
  id,
  name: "Mine",
  size: 1,
  shape: [1, 6, 6],
  classes: ["1"],
  test: 0,
  grown_from,
});

const ALL = [
  set("digits"),
  set("set-a"),
  set("set-b", "set-a"),
  set("set-c", "set-b"),
  set("set-d"),
  set("set-e", "digits"),
];
const ids = (/** @type {{id: string}[]} */ sets) => sets.map(({ id }) => id);

test("of a set that grew there are its beginning and its newest, and the one in use", () => {
  assert.deepEqual(ids(shown(ALL, null, [])), ["digits", "set-a", "set-c", "set-d", "set-e"]);
  assert.deepEqual(ids(shown(ALL, "set-b", [])), ids(ALL));
});

test("what others made of one's own set hides it not", () => {
  assert.deepEqual(ids(shown(ALL, null, ["set-a", "set-b"])), ids(ALL));
});

test("sets of one name hide none of each other", () => {
  const twins = [set("set-a"), { ...set("set-b"), size: 50 }];
  assert.deepEqual(shown(twins, null, []), twins);
});

test("the reader's own sets stand apart from others', the newest first", () => {
  const found = groups(ALL, null, ["set-a", "set-b", "set-c"]).map(([name, sets]) => [
    name,
    ids(sets),
  ]);
  assert.deepEqual(found, [
    ["shelf.built_in", ["digits"]],
    ["shelf.own", ["set-c", "set-a"]],
    ["shelf.others", ["set-e", "set-d"]],
  ]);
  assert.deepEqual(groups([set("digits")], null, []).length, 1);
});
