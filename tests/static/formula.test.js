import assert from "node:assert/strict";
import { test } from "node:test";
import katex from "katex";
import * as formula from "../../static/formula.js";
import { numpyProgram } from "../../static/numpy.js";
import { texNumber, typeset, typesetParts } from "../../static/typeset.js";

/** @typedef {import("../../static/formula.js").Tree} Tree */

/** @type {(tensor: string, ...index: number[]) => Tree} */
const cell = (tensor, ...index) => ({ op: "cell", tensor, index });
/** @type {(value: number) => Tree} */
const number = (value) => ({ op: "number", value });
/** @type {(op: "sum" | "product" | "max" | "quotient" | "power" | "indicator", ...args: Tree[]) => Tree} */
const node = (op, ...args) => ({ op, args });
/** @type {(name: string, ...args: Tree[]) => Tree} */
const apply = (name, ...args) => ({ op: "apply", function: name, args });

const trace = {
  tensors: {
    "I.a": { shape: [1, 2, 2], values: [1, -2, 3, 4] },
    C: { shape: [], values: [0.25] },
  },
  batch: {
    C: 12.5,
    gradients: { "F.dw": { shape: [2], values: [0.5, 0.75] } },
    updated: { "F.w": { shape: [2], values: [7, 8] } },
  },
};
const look = formula.lookupIn(trace);
const plain = {
  cell: (/** @type {any} */ c) => String(look(c)),
  number: String,
  lookup: look,
  open: new Set(),
};

test("a cell outside its tensor's shape reads 0", () => {
  assert.equal(look({ tensor: "I.a", index: [0, -1, 0] }), 0);
  assert.equal(look({ tensor: "I.a", index: [0, 1, 2] }), 0);
  assert.equal(look({ tensor: "I.a", index: [0, 1, 0] }), 3);
});

test("“of” says whose tensor a cell belongs to", () => {
  assert.equal(look({ tensor: "F.dw", index: [1], of: "batch" }), 0.75);
  assert.equal(look({ tensor: "F.w", index: [0], of: "next" }), 7);
  assert.equal(look({ tensor: "C", index: [], of: "batch" }), 12.5);
  assert.equal(look({ tensor: "C", index: [] }), 0.25);
});

test("every operation has its value", () => {
  const [x, y] = [cell("I.a", 0, 0, 1), cell("I.a", 0, 1, 0)];
  const values = [
    node("sum", x, y),
    node("sum"),
    node("product", x, y),
    node("max", x, y),
    node("quotient", x, y),
    node("quotient", x, number(0)),
    node("power", x, number(2)),
    node("indicator", y, number(3)),
    node("indicator", x, number(3)),
  ].map((tree) => formula.value(tree, look));
  assert.deepEqual(values, [1, 0, -6, 3, -2 / 3, 0, 4, 1, 0]);
});

test("functions neither overflow nor lose a saturated slope", () => {
  const of = (/** @type {string} */ name, /** @type {number} */ z) =>
    formula.value(apply(name, number(z)), look);
  assert.equal(of("sigmoid", -1000), 0);
  assert.equal(of("sigmoid", 1000), 1);
  assert.equal(of("sigmoid_prime", 40), Math.exp(-40) / (1 + Math.exp(-40)) ** 2);
  assert.equal(of("softplus", 1000), 1000);
  assert.equal(of("relu_prime", 0), 0);
  assert.equal(of("leaky_relu_prime", 0), 0.01);
  assert.equal(
    formula.value(apply("logsumexp", number(1000), number(1000)), look),
    1000 + Math.log(2),
  );
});

test("an unknown function is refused by name", () => {
  assert.throws(() => formula.value(apply("sine", number(1)), look), /sine/);
});

test("terms of nested sums add up to the value", () => {
  const tree = node("sum", node("sum", cell("I.a", 0, 0, 0), cell("I.a", 0, 0, 1)), number(4));
  const terms = formula.terms(tree, look);
  assert.deepEqual(
    terms.map((term) => [term.path, term.value]),
    [
      [[0, 0], 1],
      [[0, 1], -2],
      [[1], 4],
    ],
  );
});

test("a replaced cell keeps the rest, and the tree it came from", () => {
  const tree = node("product", cell("I.a", 0, 0, 0), cell("I.a", 0, 0, 1));
  const deeper = formula.replaceAt(tree, [1], node("sum", number(1), number(2)));
  assert.equal(formula.value(deeper, look), 3);
  assert.equal(formula.value(tree, look), -2);
  assert.deepEqual(formula.nodeAt(deeper, [1, 0]), number(1));
});

test("cells are listed once, in order", () => {
  const tree = node("sum", cell("I.a", 0, 0, 1), cell("I.a", 0, 0, 0), cell("I.a", 0, 0, 1));
  assert.deepEqual(formula.cells(tree).map(formula.nameOf), [":I.a[0,0,1]", ":I.a[0,0,0]"]);
});

test("TeX brackets a negative number inside a line, and no other", () => {
  const [minus, plus] = [cell("I.a", 0, 0, 1), cell("I.a", 0, 1, 0)];
  const strip = (/** @type {Tree} */ tree) =>
    typeset(tree, plain).tex.replace(/\\htmlData\{node=\d+\}\{((?:[^{}])*)\}/g, "$1");
  assert.equal(strip(node("sum", minus, minus)), "-2 + (-2)");
  assert.equal(strip(node("sum", node("product", minus, plus), plus)), "-2 \\cdot 3 + 3");
  assert.equal(strip(node("product", node("sum", minus, plus), plus)), "(-2 + 3) \\cdot 3");
  assert.equal(strip(node("sum", plus, node("product", number(-1), minus))), "3 - (-2)");
  assert.equal(strip(node("sum", plus, node("product", number(-1), plus))), "3 - 3");
  assert.equal(strip(node("indicator", plus, number(3))), "1");
});

test("each cell becomes an element of its own", () => {
  const { tex, spots } = typeset(
    node("product", cell("I.a", 0, 0, 0), cell("I.a", 0, 1, 0)),
    plain,
  );
  const html = katex.renderToString(tex, {
    output: "html",
    strict: false,
    trust: (/** @type {{command: string}} */ { command }) => command === "\\htmlData",
  });
  assert.deepEqual(
    spots.map((spot) => spot.path),
    [[0], [1]],
  );
  assert.match(html, /data-node="0"[^>]*>.*1.*data-node="1"[^>]*>.*3/s);
});

test("a long sum folds to its first three terms, dots, the last, and opens", () => {
  const sum = node("sum", ...Array.from({ length: 16 }, (_, i) => number(i)));
  const folded = typeset(sum, plain);
  assert.match(folded.tex, /^0 \+ 1 \+ 2 \+ \\htmlData\{node=0\}\{\\cdots\} \+ 15$/);
  assert.equal(folded.spots[0]?.hidden, 12);
  assert.equal(typeset(sum, { ...plain, open: new Set([""]) }).spots.length, 0);
});

test("one level worked out says the values of the terms", () => {
  const tree = node("sum", node("product", number(2), cell("I.a", 0, 0, 1)), cell("I.a", 0, 1, 0));
  const worked = formula.workedOut(tree, look);
  assert.deepEqual(
    worked?.parts.map((part) => part.value),
    [-4, 3],
  );
  assert.match(typesetParts("sum", worked?.parts ?? [], plain).tex, /\{-4\} \+ .*\{3\}/);
  assert.equal(formula.workedOut(node("sum", number(1)), look), null);
});

test("a power of ten is set as such", () => {
  assert.equal(texNumber("−1.5e-9"), "-1.5\\cdot 10^{-9}");
});

test("the NumPy program holds the arrays, the functions and the formula", () => {
  const tree = node("product", apply("sigmoid", cell("I.a", 0, 0, 1)), cell("I.a", 0, 9, 9));
  const program = numpyProgram("a", tree, trace);
  assert.match(program, /sigmoid = lambda/);
  assert.match(program, /T\["I\.a"\] = np\.array\(\[1, -2, 3, 4\]\)\.reshape\(1, 2, 2\)/);
  assert.match(program, /a = sigmoid\(T\["I\.a"\]\[0, 0, 1\]\) \* 0\.0/);
});
