import assert from "node:assert/strict";
import { test } from "node:test";
import { boxOf, windowsOf } from "../../static/places.js";

const grid = { tensor: "I.a", offset: 0, rows: 3, cols: 3, rowStep: 3, colStep: 1, count: 9 };
const drawn = { key: "", lane: /** @type {0} */ (0), slot: 0, map: null, caption: null };
const large = { ...grid, ...drawn, x: 10, y: 20, cell: 30, gap: 6, small: false };
const little = { ...large, x: 300, cell: 5, small: true };
const shapes = { "I.a": { shape: [1, 3, 3] } };
/** @type {(i: number, j: number) => import("../../static/formula.js").Cell} */
const cell = (i, j) => ({ tensor: "I.a", index: [0, i, j] });

test("a cell is found on the large sheet before the small one", () => {
  const { x, y, width } = boxOf([little, large], shapes, cell(1, 2)) ?? {};
  assert.deepEqual([x, y, width], [70, 56, 30]);
});

test("what the picture does not have has no box", () => {
  assert.equal(boxOf([large], shapes, cell(3, 0)), null);
  assert.equal(boxOf([large], shapes, { tensor: "eta", index: [] }), null);
});

test("cells that fill a rectangle make a window; others do not", () => {
  const square = [cell(1, 1), cell(1, 2), cell(2, 1), cell(2, 2)];
  assert.deepEqual(windowsOf([large], shapes, square), [
    { tensor: "I.a", x: 40, y: 56, width: 60, height: 66 },
  ]);
  assert.deepEqual(windowsOf([large], shapes, [cell(0, 0), cell(1, 1)]), []);
  assert.deepEqual(windowsOf([large], shapes, [cell(0, 0)]), []);
});
