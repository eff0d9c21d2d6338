import assert from "node:assert/strict";
import { test } from "node:test";

import { differ } from "../../static/differ.js";

test("what holds the same is the same", () => {
  const same = [
    [1, 1],
    [NaN, NaN],
    [null, null],
    ["a", "a"],
    [[], []],
    [
      [0.1, NaN, -2],
      [0.1, NaN, -2],
    ],
    [
      { tensor: { shape: [2], values: [1, 2] }, of: null },
      { of: null, tensor: { shape: [2], values: [1, 2] } },
    ],
    [new Set([1, 5]), new Set([5, 1])],
    [new Map([[3, "read"]]), new Map([[3, "read"]])],
  ];
  for (const [a, b] of same) assert.equal(differ(a, b), false, String(a));
});

test("one number, key, place or light more is another", () => {
  const others = [
    [0, -0],
    [1, 2],
    [null, undefined],
    [null, {}],
    [{}, null],
    [
      [1, 2],
      [1, 3],
    ],
    [[1], [1, 2]],
    [{ a: 1 }, { a: 1, b: 2 }],
    [
      { a: 1, c: 2 },
      { a: 1, b: 2 },
    ],
    [
      { of: undefined, a: 1 },
      { a: 1, b: undefined },
    ],
    [{ a: { b: [1] } }, { a: { b: [2] } }],
    [new Set([1]), new Set([2])],
    [new Set(), new Set([2])],
    [new Map([[3, "read"]]), new Map([[3, "term"]])],
    [new Map([[3, "read"]]), new Map([[4, "read"]])],
  ];
  for (const [a, b] of others) assert.equal(differ(a, b), true, String(a));
});
