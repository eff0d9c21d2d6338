import assert from "node:assert/strict";
import { test } from "node:test";
import { explainingLines } from "../../static/lines.js";

/** @typedef {import("../../static/formula.js").Tree} Tree */

const trace = { tensors: { "I.a": { shape: [1, 1, 3], values: [0.5, 1, 1 / 3] } }, batch: null };
const network = { kinds: { I: "input" }, channels: { I: 1 } };
/** @type {(column: number) => Tree} */
const pixel = (column) => ({ op: "cell", tensor: "I.a", index: [0, 0, column] });
/** @type {(...args: Tree[]) => Tree} */
const times = (...args) => ({ op: "product", args });
/** @type {(tree: Tree, digits?: number, unfolded?: boolean) => string[]} */
const said = (tree, digits = 2, unfolded = false) =>
  explainingLines(tree, { trace, network, digits, open: new Set(), unfolded }).map(
    ({ name, exact, tex }) =>
      `${name} ${exact ? "=" : "≈"} ${tex.replace(/\\htmlData\{node=\d+\}\{([^{}]*)\}/g, "$1")}`,
  );

test("exact numbers say =, rounded ones ≈, and so does all below them", () => {
  assert.deepEqual(said(times(pixel(0), pixel(1))), ["numbers = .50 \\cdot 1", "value = .50"]);
  assert.deepEqual(said(times(pixel(1), pixel(2))), ["numbers ≈ 1 \\cdot .33", "value ≈ .33"]);
});

test("with all digits nothing is rounded", () => {
  assert.deepEqual(
    said(times(pixel(1), pixel(2)), 17).map((line) => line.includes("≈")),
    [false, false],
  );
});

test("a sum of products is worked out before its value", () => {
  const sum = /** @type {Tree} */ ({ op: "sum", args: [times(pixel(0), pixel(1)), pixel(0)] });
  assert.deepEqual(said(sum), ["numbers = .50 \\cdot 1 + .50", "sum = .50 + .50", "value = 1"]);
});

test("what was unfolded is shown in symbols first", () => {
  const [first = ""] = said(times(pixel(0), pixel(1)), 2, true);
  assert.match(first, /^unfolded = .*x_\{11\}.* \\cdot .*x_\{12\}/);
});

test("a zero is exact, whatever the other factors were rounded to", () => {
  const zero = /** @type {Tree} */ ({ op: "number", value: 0 });
  assert.deepEqual(said(times(zero, pixel(2))), ["numbers ≈ 0 \\cdot .33", "value = 0"]);
});
