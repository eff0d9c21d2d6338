import assert from "node:assert/strict";
import { test } from "node:test";
import { isGiven } from "../../static/explanation.js";
import { moved, rangeOf } from "../../static/scrubbing.js";

test("a pixel stays between 0 and 1, a weight may go where the wire lets it", () => {
  assert.equal(moved(0.9, 0.4, rangeOf("I.a")), 1);
  assert.equal(moved(0.1, -0.4, rangeOf("I.a")), 0);
  assert.equal(moved(0.9, 0.4, rangeOf("F.w")), 1.3);
});

test("a drag that comes back gives the very number that there was", () => {
  assert.equal(moved(0.123456789, 0, rangeOf("F.w")), 0.123456789);
  assert.equal(moved(0.123456789, 0.2, rangeOf("F.w")), 0.32);
});

test("pixels and present parameters can be changed, what is computed cannot", () => {
  assert.ok(isGiven({ tensor: "I.a" }));
  assert.ok(isGiven({ tensor: "O.b" }));
  assert.ok(!isGiven({ tensor: "F.w", of: "next" }));
  assert.ok(!isGiven({ tensor: "F.dw", of: "batch" }));
  assert.ok(!isGiven({ tensor: "F.z" }));
  assert.ok(!isGiven({ tensor: "F.w.velocity" }));
});
