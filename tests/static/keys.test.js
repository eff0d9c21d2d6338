import assert from "node:assert/strict";
import { test } from "node:test";

import { intentOf } from "../../static/keys.js";

/**
 * @param {string} key
 * @param {Partial<import("../../static/keys.js").Press>} [held]
 */
const press = (key, held = {}) => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  ...held,
});
const on = { singleKeys: true };

test("arrows step, phases go up and down, Shift goes by iterations", () => {
  assert.deepEqual(intentOf(press("ArrowRight"), on), { name: "step", detail: { by: 1 } });
  assert.deepEqual(intentOf(press("ArrowUp"), on), { name: "phase", detail: { by: -1 } });
  assert.deepEqual(intentOf(press("ArrowLeft", { shiftKey: true }), on), {
    name: "iteration",
    detail: { by: -1 },
  });
});

test("a digit is the class of that name", () => {
  assert.deepEqual(intentOf(press("2"), on), { name: "label-named", detail: { name: "2" } });
});

test("single-letter keys can be switched off, the arrows stay", () => {
  const off = { singleKeys: false };
  assert.equal(intentOf(press("p"), off), null);
  assert.equal(intentOf(press("2"), off), null);
  assert.equal(intentOf(press("ArrowRight"), off)?.name, "step");
});

test("the browser's own shortcuts are left alone", () => {
  assert.equal(intentOf(press("l", { ctrlKey: true }), on), null);
  assert.equal(intentOf(press("ArrowLeft", { altKey: true }), on), null);
});

test("undo and redo are where they always are", () => {
  assert.equal(intentOf(press("z", { ctrlKey: true }), on)?.name, "undo");
  assert.equal(intentOf(press("Z", { metaKey: true, shiftKey: true }), on)?.name, "redo");
  assert.equal(intentOf(press("y", { ctrlKey: true }), on)?.name, "redo");
});
