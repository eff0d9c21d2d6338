import assert from "node:assert/strict";
import { test } from "node:test";
import { networkOf, pieces, plainSymbol, symbol } from "../../static/notation.js";

const network = networkOf({
  config: { input: { channels: 1 } },
  layers: [
    { letter: "F", type: "conv", shape: [3, 4, 4] },
    { letter: "P", type: "pool", shape: [3, 2, 2] },
    { letter: "O", type: "dense", shape: [3] },
  ],
});

test("symbols are the textbook's, counted from 1", () => {
  const written = [
    { tensor: "I.a", index: [0, 1, 2] },
    { tensor: "F.w", index: [0, 0, 1, 2] },
    { tensor: "F.b", index: [1] },
    { tensor: "F.delta", index: [1, 3, 1] },
    { tensor: "O.w", index: [2, 1, 0, 1] },
    { tensor: "O.z", index: [0] },
    { tensor: "C" },
    { tensor: "C", of: "batch" },
    { tensor: "eta" },
  ].map((place) => symbol(network, place));
  const expected = [
    "x_{23}",
    "w^{F1}_{23}",
    "b^{F2}",
    "\\delta^{F2}_{42}",
    "w^{O3}_{2\\text{-}12}",
  ];
  assert.deepEqual(written, [...expected, "z^{O}_{1}", "C", "C_T", "\\eta"]);
});

test("a derivative names what it derives by, and whose cost", () => {
  const place = { tensor: "F.dw", index: [0, 0, 0, 0] };
  assert.equal(symbol(network, place), "\\frac{\\partial C}{\\partial w^{F1}_{11}}");
  assert.equal(plainSymbol(network, { ...place, of: "batch" }), "∂C_T/∂w^F1_11");
});

test("the number of a layer is never mistaken for that of a filter", () => {
  const two = networkOf({
    config: { input: { channels: 2 } },
    layers: [
      { letter: "F1", type: "conv", shape: [3, 4, 4] },
      { letter: "F2", type: "conv", shape: [2, 2, 2] },
      { letter: "O", type: "dense", shape: [3] },
    ],
  });
  assert.equal(symbol(two, { tensor: "F2.w", index: [1, 2, 0, 1] }), "w^{F_{2},2}_{3\\text{-}12}");
  assert.equal(symbol(two, { tensor: "I.a", index: [1, 0, 0] }), "x^{2}_{11}");
});

test("pieces raise and lower what TeX would", () => {
  assert.deepEqual(pieces(network, { tensor: "F.delta", index: [0, 1, 2] }), [
    { text: "δ", at: "line" },
    { text: "F1", at: "sup" },
    { text: "23", at: "sub" },
  ]);
});
