import assert from "node:assert/strict";
import { test } from "node:test";
import { beatLength, cellBeats, gathered, kindsOf, termBeats } from "../../static/beats.js";
import { lookupIn } from "../../static/formula.js";

/** @typedef {import("../../static/formula.js").Tree} Tree */

const trace = {
  tensors: {
    "I.a": { shape: [4], values: [1, 2, 3, -4] },
    "P.da": { shape: [1, 1, 2], values: [5, 7] },
    "P.switch": { shape: [1, 1, 2], values: [1, 0] },
    "F.da": { shape: [1, 1, 4], values: [0, 5, 7, 0] },
  },
  batch: null,
};
const look = lookupIn(trace);
/** @type {(at: number) => Tree} */
const x = (at) => ({ op: "cell", tensor: "I.a", index: [at] });
/** @type {(value: number) => Tree} */
const n = (value) => ({ op: "number", value });
/** @type {(op: "sum" | "product" | "max" | "power", ...args: Tree[]) => Tree} */
const all = (op, ...args) => ({ op, args });
/** @type {(tree: Tree) => import("../../static/explanation.js").Formula} */
const formula = (tree) => ({ tensor: "F.z", index: [0], law: "", tree, cells: [] });

test("a sum is gathered term by term, nested sums and all, with what has come together", () => {
  const tree = all("sum", all("sum", all("product", x(0), x(1)), all("product", x(2), x(3))), x(0));
  const beats = termBeats(formula(tree), look);
  assert.deepEqual(
    beats.map(({ amount, op, total }) => [amount, op, total]),
    [
      [2, null, 2],
      [-12, "sum", -10],
      [1, "sum", -9],
    ],
  );
  assert.deepEqual(
    beats.map(({ term }) => term.map(({ index }) => index[0])),
    [[0, 1], [2, 3], [0]],
  );
});

test("a maximum keeps the largest so far, a product multiplies", () => {
  const highest = termBeats(formula(all("max", x(1), x(3), x(2))), look);
  assert.deepEqual(
    highest.map(({ total }) => total),
    [2, 2, 3],
  );
  const product = termBeats(formula(all("product", x(1), x(3))), look);
  assert.deepEqual(
    product.map(({ total }) => total),
    [2, -8],
  );
});

test("what scales a sum comes last, as a beat of its own", () => {
  const squares = all("sum", all("power", x(0), n(2)), all("power", x(2), n(2)));
  const tree = all("product", n(0.5), squares);
  assert.deepEqual(gathered(tree), [1]);
  const beats = termBeats(formula(tree), look);
  assert.deepEqual(
    beats.map(({ total }) => total),
    [1, 10, 5],
  );
  assert.deepEqual(beats.at(-1)?.term, []);
});

test("a cell of one part is one beat", () => {
  /** @type {Tree} */
  const tree = { op: "apply", function: "relu", args: [x(3)] };
  assert.deepEqual(
    termBeats(formula(tree), look).map(({ total }) => total),
    [0],
  );
});

/** A pool's error, poured into blocks of two. @type {(at: number) => any} */
const poured = (at) => {
  const place = { index: [0, 0, Math.floor(at / 2)] };
  const error = { op: "cell", tensor: "P.da", ...place };
  const winner = { op: "cell", tensor: "P.switch", ...place };
  const lets = { op: "indicator", args: [winner, n(at % 2)] };
  const tree = { op: "product", args: [error, lets] };
  return { tensor: "F.da", index: [0, 0, at], law: "", tree, cells: [error, winner] };
};

test("cells that read the same make one beat, the one that gets something first", () => {
  const formulas = [0, 1, 2, 3].map(poured);
  const beats = cellBeats(formulas, [1, 1, 4], [0, 0, 3], look);
  assert.deepEqual(
    beats.map(({ value, total }) => [value.map(({ index }) => index[2]), total]),
    [
      [[1, 0], 5],
      [[2, 3], 7],
    ],
  );
  assert.deepEqual(kindsOf(formulas, [1, 1, 4], [0, 0, 3]), ["cells"]);
});

test("a map of which formulas are missing is not gone over", () => {
  const formulas = [poured(0)];
  assert.deepEqual(cellBeats(formulas, [1, 1, 4], [0, 0, 0], look), []);
  assert.deepEqual(kindsOf(formulas, [1, 1, 4], [0, 0, 0]), []);
});

test("a beat lasts 250 ms; a long film hurries", () => {
  assert.equal(beatLength(16), 250);
  assert.equal(beatLength(64), 250);
  assert.equal(beatLength(128), 125);
  assert.equal(beatLength(10_000), 40);
});
