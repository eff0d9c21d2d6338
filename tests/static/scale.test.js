import assert from "node:assert/strict";
import { test } from "node:test";

import {
  colour,
  inkOn,
  isBeyond,
  keptAs,
  luminance,
  scaleOf,
  together,
} from "../../static/scale.js";

const THEMES = /** @type {const} */ (["light", "dark", "projector"]);
/** @type {(a: number, b: number) => number} */
const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);

test("the limits of a signed tensor are symmetric", () => {
  assert.deepEqual(scaleOf("F.z", [-3, 1]), { kind: "signed", limit: 3 });
});

test("outputs from 0 to 1 have that scale whatever their largest value", () => {
  assert.deepEqual(scaleOf("F.a", [0.2, 0.4]), { kind: "positive", limit: 1 });
  assert.deepEqual(scaleOf("F.a", [0, 4]), { kind: "positive", limit: 4 });
  assert.deepEqual(scaleOf("F.a", [-0.5, 0.5]), { kind: "signed", limit: 0.5 });
});

test("zero has the colour of the paper on both scales", () => {
  for (const theme of THEMES) {
    assert.equal(
      colour(0, { kind: "signed", limit: 2 }, theme),
      colour(0, { kind: "positive", limit: 1 }, theme),
    );
  }
});

test("a number on any colour has a contrast of at least 4.5 to 1", () => {
  for (const theme of THEMES) {
    for (const kind of /** @type {const} */ (["signed", "positive"])) {
      for (let part = kind === "signed" ? -1 : 0; part <= 1; part += 0.02) {
        const ground = colour(part, { kind, limit: 1 }, theme);
        const ink = inkOn(ground) === "#000" ? 0 : 1;
        assert.ok(contrast(luminance(ground), ink) >= 4.5, `${theme} ${kind} ${part}`);
      }
    }
  }
});

test("a larger size is always a stronger colour", () => {
  for (const theme of THEMES) {
    for (const [kind, sign] of /** @type {const} */ ([
      ["signed", 1],
      ["signed", -1],
      ["positive", 1],
    ])) {
      const paper = luminance(colour(0, { kind, limit: 1 }, theme));
      const strength = [0.25, 0.5, 0.75, 1].map((part) =>
        Math.abs(luminance(colour(sign * part, { kind, limit: 1 }, theme)) - paper),
      );
      assert.deepEqual(
        strength,
        [...strength].sort((a, b) => a - b),
      );
    }
  }
});

test("a tensor of zeros has the colour of the paper and divides by nothing", () => {
  assert.equal(colour(0, { kind: "signed", limit: 0 }, "light"), "rgb(251, 248, 241)");
});

test("scales that are kept are as wide as all that was seen, and stay so", () => {
  const first = together({}, { "F.z": { values: [1, -2] }, "F.a": { values: [0.5] } }, null);
  const kept = together(
    together(first, { "F.z": { values: [3] } }, null),
    { "F.z": { values: [90] } },
    "batch",
  );
  assert.deepEqual(keptAs(kept, "F.z", null), { kind: "signed", limit: 3 });
  assert.deepEqual(keptAs(kept, "F.z", "batch"), { kind: "signed", limit: 90 });
  assert.equal(keptAs(null, "F.z", null), null);
  const scale = scaleOf("F.z", [7], keptAs(kept, "F.z", null));
  assert.deepEqual(scale, { kind: "signed", limit: 3 });
  assert.deepEqual([isBeyond([7], scale), isBeyond([3], scale)], [true, false]);
  assert.equal(colour(7, scale, "light"), colour(3, scale, "light"));
  assert.deepEqual(scaleOf("F.a", [-1], keptAs(kept, "F.a", null)), { kind: "signed", limit: 1 });
});
