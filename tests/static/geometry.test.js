import assert from "node:assert/strict";
import { test } from "node:test";

import { picture, wayBetween } from "../../static/geometry.js";
import { placeOf, sizeOf } from "../../static/sheets.js";

const LAYERS = [
  { letter: "F", type: "conv", shape: [3, 4, 4] },
  { letter: "P", type: "pool", shape: [3, 2, 2] },
  { letter: "O", type: "dense", shape: [3] },
];
const SHAPES = {
  "I.a": [1, 6, 6],
  "F.w": [3, 1, 3, 3],
  "F.b": [3],
  "F.z": [3, 4, 4],
  "F.a": [3, 4, 4],
  "P.a": [3, 2, 2],
  "O.w": [3, 3, 2, 2],
  "O.b": [3],
  "O.z": [3],
  "O.a": [3],
  t: [3],
  C: [],
  "I.da": [1, 6, 6],
  "F.dw": [3, 1, 3, 3],
  "F.db": [3],
  "F.delta": [3, 4, 4],
  "F.da": [3, 4, 4],
  "P.da": [3, 2, 2],
  "O.dw": [3, 3, 2, 2],
  "O.db": [3],
  "O.delta": [3],
  "O.da": [3],
};
const textbook = (width = 1366, height = 540, focus = { F: 1 }) =>
  picture({ layers: LAYERS, shapes: SHAPES, focus, width, height });
/** @param {import("../../static/sheets.js").Sheet} sheet */
const boxOf = (sheet) => ({ ...sheet, ...sizeOf(sheet) });

test("every cell of every tensor of the textbook network stands in the picture exactly once", () => {
  const { sheets } = textbook();
  for (const [tensor, shape] of Object.entries(SHAPES)) {
    const places = sheets
      .filter((sheet) => sheet.tensor === tensor)
      .flatMap((sheet) =>
        Array.from({ length: sheet.rows * sheet.cols }, (_, n) =>
          placeOf(sheet, Math.floor(n / sheet.cols), n % sheet.cols),
        ),
      )
      .sort((a, b) => a - b);
    const count = shape.reduce((a, b) => a * b, 1);
    assert.deepEqual(
      places,
      Array.from({ length: count }, (_, n) => n),
      tensor,
    );
  }
});

test("a thing and its error stand in the same column", () => {
  const { boxes } = textbook();
  for (const [thing, error] of [
    ["I.a", "I.da"],
    ["F.w", "F.dw"],
    ["F.z", "F.delta"],
    ["F.a", "F.da"],
    ["P.a", "P.da"],
    ["O.w", "O.dw"],
    ["O.z", "O.delta"],
    ["O.a", "O.da"],
  ]) {
    assert.equal(boxes[thing].x, boxes[error].x, `${thing} and ${error}`);
  }
});

test("at 1366×768 the whole textbook network fits with cells large enough for numbers", () => {
  const { sheets, width, height, unit } = textbook();
  assert.equal(width, 1366);
  assert.ok(unit >= 32, `cells of ${unit} px`);
  for (const sheet of sheets) {
    const { width: w, height: h } = sizeOf(sheet);
    assert.ok(sheet.x + w <= width && sheet.y + h <= height, sheet.key);
  }
});

test("no two sheets overlap, whatever the screen and the focus", () => {
  for (const [width, height] of [
    [1366, 540],
    [1920, 800],
    [390, 560],
    [3840, 1700],
  ]) {
    for (const focus of [{ F: 0 }, { F: 2 }]) {
      const all = textbook(width, height, focus).sheets.map(boxOf);
      all.forEach((a, n) =>
        all.slice(n + 1).forEach((b) => {
          const apart =
            a.x + a.width <= b.x + 0.01 ||
            b.x + b.width <= a.x + 0.01 ||
            a.y + a.height <= b.y + 0.01 ||
            b.y + b.height <= a.y + 0.01;
          assert.ok(apart, `${a.key} and ${b.key} at ${width}×${height}`);
        }),
      );
    }
  }
});

test("a network of 28×28 images, eight filters and a hidden layer keeps its order and its data's way", () => {
  const layers = [
    { letter: "F", type: "conv", shape: [8, 24, 24] },
    { letter: "P", type: "pool", shape: [8, 12, 12] },
    { letter: "H", type: "dense", shape: [30] },
    { letter: "O", type: "dense", shape: [10] },
  ];
  const shapes = {
    "I.a": [1, 28, 28],
    "F.w": [8, 1, 5, 5],
    "F.b": [8],
    "F.z": [8, 24, 24],
    "F.a": [8, 24, 24],
    "P.a": [8, 12, 12],
    "H.w": [30, 8, 12, 12],
    "H.b": [30],
    "H.z": [30],
    "H.a": [30],
    "O.w": [10, 30],
    "O.b": [10],
    "O.z": [10],
    "O.a": [10],
    t: [10],
    C: [],
  };
  const { boxes, width } = picture({
    layers,
    shapes,
    focus: { F: 0 },
    layer: "F",
    width: 1366,
    height: 540,
  });
  assert.equal(width, 1366);
  const lefts = ["I.a", "F.w", "F.z", "F.a", "P.a", "H.w", "H.z", "O.w", "O.z", "C"].map(
    (id) => boxes[id].x,
  );
  assert.deepEqual(
    lefts,
    [...lefts].sort((a, b) => a - b),
  );
});

test("the way leaves one box at its edge and ends before the other", () => {
  const way = wayBetween(
    { x: 0, y: 0, width: 10, height: 10 },
    { x: 50, y: 0, width: 10, height: 10 },
  );
  assert.equal(way, "M13 5C28.5 5 28.5 5 44 5");
});

test("between boxes of one column the way runs beside them", () => {
  const way = wayBetween(
    { x: 0, y: 0, width: 10, height: 10 },
    { x: 0, y: 50, width: 10, height: 10 },
  );
  assert.equal(way, "M13 5C17 5 17 55 15 55");
});
