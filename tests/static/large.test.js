import assert from "node:assert/strict";
import test from "node:test";

import { kindOf, spread } from "../../static/large.js";
import { mapsOf, placeOf, sizeOf } from "../../static/sheets.js";

const LAYERS = [
  { letter: "F", type: "conv", shape: [8, 24, 24] },
  { letter: "O", type: "dense", shape: [10] },
];

test("a tensor is laid out by what it belongs to", () => {
  assert.equal(kindOf("F.w", [8, 1, 5, 5], LAYERS), "kernel");
  assert.equal(kindOf("O.dw", [10, 8, 12, 12], LAYERS), "weights");
  assert.equal(kindOf("F.w.velocity", [8, 1, 5, 5], LAYERS), "kernel");
  assert.equal(kindOf("F.z", [8, 24, 24], LAYERS), "maps");
  assert.equal(kindOf("F.b", [8], LAYERS), "vector");
});

for (const [tensor, shape] of /** @type {[string, number[]][]} */ ([
  ["F.z", [8, 24, 24]],
  ["F.w", [8, 2, 5, 5]],
  ["O.w", [10, 8, 12, 12]],
  ["O.b", [10]],
])) {
  test(`${tensor} shows each cell of a map once, readable, without overlaps`, () => {
    const given = { tensor, shape, layers: LAYERS, map: 0, width: 1300, height: 480 };
    const { sheets, width, height } = spread(given);
    const places = sheets.flatMap((sheet) =>
      Array.from({ length: sheet.rows * sheet.cols }, (_, n) =>
        placeOf(sheet, Math.floor(n / sheet.cols), n % sheet.cols),
      ),
    );
    const of = mapsOf(kindOf(tensor, shape, LAYERS), shape);
    assert.equal(new Set(places).size, shape.reduce((a, b) => a * b, 1) / of);
    const boxes = sheets.map((sheet) => ({ ...sizeOf(sheet), x: sheet.x, y: sheet.y }));
    boxes.forEach((a, n) => {
      assert.ok(a.x + a.width <= width && a.y + a.height <= height);
      for (const b of boxes.slice(n + 1)) {
        const apart = b.x >= a.x + a.width || b.y >= a.y + a.height || a.x >= b.x + b.width;
        assert.ok(apart);
      }
    });
    for (const { cell } of sheets) assert.ok(cell >= 28);
  });
}
