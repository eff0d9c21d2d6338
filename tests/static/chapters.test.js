import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { judge } from "../../static/answers.js";
import { chapterOf, CHAPTERS, isHidden, lacking, misfit } from "../../static/chapters.js";
import { said } from "../../static/scene.js";

/** @type {any} */
const run = {
  id: "run",
  layers: [
    { letter: "F", type: "conv", shape: [3, 4, 4] },
    { letter: "P", type: "pool/max", shape: [3, 2, 2] },
    { letter: "O", type: "dense", shape: [3] },
  ],
  config: {
    input: { channels: 1 },
    layers: [
      { type: "conv", size: 3, stride: 1, padding: 0 },
      { type: "pool", kind: "max", size: 2, stride: 2 },
      { type: "dense", activation: "sigmoid" },
    ],
    loss: "squared_error",
    training: { learn_from: "set" },
  },
};
/** The run with other options of a layer. @type {(at: number, more: any) => any} */
const other = (at, more) => ({
  ...run,
  config: {
    ...run.config,
    layers: run.config.layers.map((/** @type {any} */ one, /** @type {number} */ n) =>
      n === at ? { ...one, ...more } : one,
    ),
  },
});

/** @type {any} */
const tensors = {
  C: { shape: [], values: [0.5] },
};
/** @type {any} */
const trace = {
  iteration: 4,
  steps: [],
  tensors,
  batch: { C: 3, samples: [0, 1], measured_at: 4, gradients: {}, updated: {} },
};
/** @type {(change?: any, from?: any, own?: any) => any} */
const moment = (change = {}, from = null, own = run) => ({
  run: own,
  trace: { ...trace, ...change },
  formulas: {},
  from,
  hide: [],
});
/** @type {(from: any, own?: any) => any} */
const many = (from, own = run) => chapterOf("many-updates", moment({}, from, own))?.question;

test("two digits that count are enough, in any way of writing them", () => {
  const question = { kind: "number", answer: -0.0327 };
  const by = (/** @type {string} */ typed) => judge(/** @type {any} */ (question), typed, 4);
  const right = ["-.033", "−0,0327", "-3.27e-2", " -0.0325 ", "–.033", "- .033", "－０．０３３"];
  assert.deepEqual(right.map(by), Array(right.length).fill("right"));
  const wrong = ["0.033", "-.03", "-.034", "0", "-0.33"];
  assert.deepEqual(wrong.map(by), Array(wrong.length).fill("wrong"));
  const unread = ["", "x", "1 2", "Infinity", "0x1", "1,000", "-12,345.6", ".", "1.2.3"];
  assert.deepEqual(unread.map(by), Array(unread.length).fill("unread"));
  assert.equal(said(-0.032749), "−.03275");
});

test("what the stage shows is right, unless that is .00", () => {
  /** @type {(answer: number, typed: string, digits: number) => string} */
  const by = (answer, typed, digits) =>
    judge(/** @type {any} */ ({ kind: "number", answer }), typed, digits);
  assert.equal(by(0.02455, ".02", 2), "right");
  assert.equal(by(-0.0367, "-.04", 2), "right");
  assert.equal(by(0.02455, ".02", 4), "wrong");
  assert.equal(by(0.0012, "0", 2), "wrong");
});

test("what the rounded numbers give is right too", () => {
  /** @type {any} */
  const question = { kind: "number", answer: 7.94e-7, also: 8.45e-7 };
  assert.deepEqual(
    ["7.9e-7", "8.5e-7", "9e-7"].map((typed) => judge(question, typed, 2)),
    ["right", "right", "wrong"],
  );
});

test("only networks of which its sentences are true are told of", () => {
  assert.equal(misfit(run), null);
  assert.equal(misfit(other(0, { stride: 2 })), "filters");
  assert.equal(misfit(other(0, { padding: 1 })), "filters");
  assert.equal(misfit(other(0, { size: 1 })), "filters");
  assert.equal(misfit(other(1, { stride: 1 })), "pooling");
  assert.equal(misfit(other(2, { activation: "softmax" })), "cost");
  assert.equal(misfit({ ...run, config: { ...run.config, loss: "cross_entropy" } }), "cost");
  const [filters, pool, output] = run.layers;
  const hidden = { letter: "H", type: "dense", shape: [2] };
  assert.equal(misfit({ ...run, layers: [filters, pool, hidden, output] }), "layers");
  const shaped = (/** @type {number[]} */ shape) => ({ ...output, shape });
  assert.equal(misfit({ ...run, layers: [filters, pool, shaped([1])] }), "size");
  const large = { ...filters, shape: [8, 24, 24] };
  assert.equal(misfit({ ...run, layers: [large, pool, output] }), "size");
});

test("without a finite batch there is no update to tell of", () => {
  for (const id of CHAPTERS.slice(-3)) {
    assert.equal(lacking(id, moment({ batch: null })), "batch");
    assert.equal(lacking(id, moment({ batch: { ...trace.batch, diverged: "F.w" } })), "finite");
  }
  assert.equal(lacking("descent", moment({ batch: null })), null);
});

test("costs are compared only where both were measured", () => {
  const behind = { batch: { ...trace.batch, measured_at: 0 } };
  assert.equal(lacking("many-updates", moment(behind)), "measure");
  assert.equal(lacking("update", moment(behind)), null);
  assert.equal(lacking("many-updates", moment()), null);
  assert.equal(many(null).lacks, "unlearnt");
  assert.equal(many({ iteration: 4, C: 5 }).lacks, "unlearnt");
  assert.deepEqual(
    [5, 3, 2].map((C) => many({ iteration: 1, C }).answer),
    ["lower", "same", "higher"],
  );
  assert.equal(many({ iteration: 1, C: 2 }).texts.worked, "worked.higher");
});

test("who learns from the stage alone compares its own cost", () => {
  const training = { learn_from: "stage" };
  const alone = { ...run, config: { ...run.config, training } };
  const { answer, words } = many({ iteration: 1, C: 0.6 }, alone);
  assert.deepEqual([answer, words.cost, words.value], ["lower", "C", ".5"]);
});

test("a chapter is hidden by its name, and with what it is about", () => {
  const open = (/** @type {string[]} */ ...hide) => CHAPTERS.filter((id) => !isHidden(id, hide));
  assert.deepEqual(open(), CHAPTERS);
  assert.deepEqual(open("backward"), ["network", "cost", "many-updates"]);
  assert.deepEqual(open("training"), CHAPTERS.slice(0, -1));
  assert.deepEqual(open("recursion", "cost").length, CHAPTERS.length - 2);
  assert.deepEqual(open("numbers", "formulas", "answer"), CHAPTERS);
});

test("the chapters are those that docs/wire.md names, in that order", () => {
  const page = readFileSync(new URL("../../docs/wire.md", import.meta.url), "utf8");
  const [, listed = ""] = page.match(/The chapters of\s+the lesson are (.*?);/s) ?? [];
  assert.deepEqual(
    [...listed.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
    [...CHAPTERS],
  );
});
