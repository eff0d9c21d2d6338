import assert from "node:assert/strict";
import { test } from "node:test";
import { axes, curvePath, tangent } from "../../static/plot.js";

const paper = { width: 120, height: 60, inset: 10 };

test("axes hold every value, x from edge to edge", () => {
  const on = axes([-2, 0, 3], [5, -1, 2], paper);
  assert.deepEqual([on.x(-2), on.x(3)], [10, 110]);
  for (const y of [5, -1]) assert.ok(on.y(y) >= 10 && on.y(y) <= 50);
  assert.ok(on.y(5) < on.y(-1));
});

test("a constant curve has axes too", () => {
  const on = axes([1, 2], [3, 3], paper);
  assert.equal(on.y(3), 30);
});

test("a curve goes through its points", () => {
  const on = axes([0, 1], [0, 1], paper);
  assert.match(curvePath(on, [0, 1], [0, 1]), /^M10 \d+(\.\d)?L110 \d+(\.\d)?$/);
});

test("a tangent lies on a straight line, is as long as asked, and has its point in the middle", () => {
  const on = axes([0, 10], [0, 20], paper);
  const line = tangent(on, { x: 5, y: 10, slope: 2 }, 40);
  const slope = (line.y2 - line.y1) / (line.x2 - line.x1);
  assert.ok(Math.abs(slope - (on.y(20) - on.y(0)) / (on.x(10) - on.x(0))) < 0.02);
  assert.ok(Math.abs(Math.hypot(line.x2 - line.x1, line.y2 - line.y1) - 40) < 0.3);
  assert.ok(Math.abs((line.x1 + line.x2) / 2 - on.x(5)) < 0.1);
});
