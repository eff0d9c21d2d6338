import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { judge } from "../../static/answers.js";
import { chapterOf, CHAPTERS, fits } from "../../static/chapters.js";
import { said } from "../../static/scene.js";

/** @type {(tensor: string, ...index: number[]) => any} */
const cell = (tensor, ...index) => ({ op: "cell", tensor, index });
/** @type {(op: string, ...args: any[]) => any} */
const gather = (op, ...args) => ({ op, args });
/** @type {(tensor: string, index: number[], tree: any) => any} */
const formula = (tensor, index, tree) => ({ tensor, index, law: "law", tree, cells: [] });

/** One filter of one weight on an image of two pixels, pooled to one value, two outputs. */
const tensors = {
  "I.a": { shape: [1, 1, 2], values: [0, 1] },
  "F.z": { shape: [1, 1, 2], values: [0.1, 0.4] },
  "F.a": { shape: [1, 1, 2], values: [0.5, 0.6] },
  "F.slope": { shape: [1, 1, 2], values: [0.25, 0.24] },
  "F.w": { shape: [1, 1, 1, 1], values: [0.3] },
  "F.b": { shape: [1], values: [0.1] },
  "P.a": { shape: [1, 1, 1], values: [0.6] },
  "P.switch": { shape: [1, 1, 1], values: [1] },
  "P.mask": { shape: [1, 1, 2], values: [0, 1] },
  "P.da": { shape: [1, 1, 1], values: [-0.5] },
  "O.w": { shape: [2, 1, 1, 1], values: [0.2, -0.4] },
  "O.a": { shape: [2], values: [0.7, 0.2] },
  "O.slope": { shape: [2], values: [0.21, 0.16] },
  t: { shape: [2], values: [1, 0] },
  C: { shape: [], values: [0.065] },
  "O.da": { shape: [2], values: [-0.3, 0.2] },
  "O.delta": { shape: [2], values: [-0.063, 0.032] },
  "O.dw": { shape: [2, 1, 1, 1], values: [-0.0378, 0.0192] },
  "O.db": { shape: [2], values: [-0.063, 0.032] },
  "F.da": { shape: [1, 1, 2], values: [0, -0.5] },
  "F.delta": { shape: [1, 1, 2], values: [0, -0.12] },
  "F.dw": { shape: [1, 1, 1, 1], values: [-0.12] },
  "F.db": { shape: [1], values: [-0.12] },
  eta: { shape: [], values: [0.5] },
};
const order = "F.z F.a P.a O.z O.a C O.da O.delta O.dw O.db P.da F.da F.delta F.dw F.db".split(" ");
const updates = ["F.w", "O.w"].map((writes) => ({ writes, phase: "update", of: "next" }));
const steps = [...order.map((writes) => ({ writes, phase: "forward" })), ...updates].map(
  (step, at) => ({ ...step, number: at + 1, layer: "", reads: [] }),
);
const batch = {
  C: 3,
  accuracy: 0.5,
  samples: [0, 1],
  gradients: {
    "F.dw": { shape: [1, 1, 1, 1], values: [0.4] },
    "O.dw": { shape: [2, 1, 1, 1], values: [-0.2, 0.1] },
  },
  updated: {
    "F.w": { shape: [1, 1, 1, 1], values: [0.1] },
    "O.w": { shape: [2, 1, 1, 1], values: [0.3, -0.45] },
  },
};
const slope = (/** @type {string} */ tensor, /** @type {number[]} */ index) => ({
  op: "apply",
  function: "identity_prime",
  args: [cell(tensor, ...index)],
});
const grown = (/** @type {number} */ n) =>
  formula(
    "O.w",
    [n, 0, 0, 0],
    gather(
      "sum",
      cell("O.w", n, 0, 0, 0),
      gather("product", { op: "number", value: -1 }, cell("eta"), {
        ...cell("O.dw", n, 0, 0, 0),
        of: "batch",
      }),
    ),
  );
const arrives = gather(
  "sum",
  gather(
    "product",
    cell("P.da", 0, 0, 0),
    gather("indicator", cell("P.switch", 0, 0, 0), { op: "number", value: 1 }),
  ),
);
/** @type {any} */
const formulas = {
  "P.a": [formula("P.a", [0, 0, 0], gather("max", cell("F.a", 0, 0, 0), cell("F.a", 0, 0, 1)))],
  "P.da": [
    formula(
      "P.da",
      [0, 0, 0],
      gather(
        "sum",
        gather("product", cell("O.delta", 0), cell("O.w", 0, 0, 0, 0)),
        gather("product", cell("O.delta", 1), cell("O.w", 1, 0, 0, 0)),
      ),
    ),
  ],
  C: [formula("C", [], gather("sum", cell("t", 0), cell("O.a", 0)))],
  "O.delta": [0, 1].map((n) =>
    formula("O.delta", [n], gather("product", cell("O.da", n), slope("O.a", [n]))),
  ),
  "O.dw": [0, 1].map((n) =>
    formula("O.dw", [n, 0, 0, 0], gather("product", cell("O.delta", n), cell("P.a", 0, 0, 0))),
  ),
  "O.w": [grown(0), grown(1)],
  "F.z": [0, 1].map((j) => formula("F.z", [0, 0, j], gather("sum", cell("F.w", 0, 0, 0, 0)))),
  "F.da": [0, 1].map((j) => formula("F.da", [0, 0, j], arrives)),
  "F.delta": [0, 1].map((j) =>
    formula(
      "F.delta",
      [0, 0, j],
      gather("product", cell("F.da", 0, 0, j), slope("F.z", [0, 0, j])),
    ),
  ),
  "F.dw": [
    formula(
      "F.dw",
      [0, 0, 0, 0],
      gather(
        "sum",
        gather("product", cell("F.delta", 0, 0, 0), cell("I.a", 0, 0, 0)),
        gather("product", cell("F.delta", 0, 0, 1), cell("I.a", 0, 0, 1)),
      ),
    ),
  ],
};
/** @type {any} */
const run = {
  layers: [
    { letter: "F", type: "conv", shape: [1, 1, 2] },
    { letter: "P", type: "pool", shape: [1, 1, 1] },
    { letter: "O", type: "dense", shape: [2] },
  ],
  config: {
    input: { channels: 1 },
    layers: [{ type: "conv" }, { type: "pool", kind: "max" }, { type: "dense" }],
    loss: "squared_error",
  },
};
/** @type {any} */
const trace = { iteration: 4, step: 0, steps, tensors, batch, stage: { sample: 0, label: 0 } };
/** @type {(id: string, change?: any, from?: any) => any} */
const told = (id, change = {}, from = null) =>
  chapterOf(id, { run, trace: { ...trace, ...change }, formulas, from });

test("a question's answer is the value of its cell, and its words give what it is made of", () => {
  const { question } = told("output-error");
  assert.equal(question.answer, 0.032);
  assert.deepEqual(question.cell, { tensor: "O.delta", index: [1], of: null });
  assert.match(question.words.given, /^∂C\/∂a\^O_2 = \.2, a′\(z\^O_2\) = 1$/);
  assert.equal(question.before, question.step - 1);
});

test("the recursion names its three factors", () => {
  const { given } = told("recursion").question.words;
  assert.equal(given.split(", ").length, 3);
  assert.match(given, /^∂C\/∂a\^P1_11 = −\.5, m\^P1_12 = 1, a′\(z\^F1_12\) = 1$/);
});

test("the δ that meets a pixel is found in the products of the gradient", () => {
  const { question } = told("filter-gradients");
  assert.deepEqual(question.pixel, cell("I.a", 0, 0, 1));
  assert.equal(judge(question, { tensor: "F.delta", index: [0, 0, 1] }), "right");
  assert.equal(judge(question, { tensor: "F.delta", index: [0, 0, 0] }), "wrong");
  assert.equal(judge(question, { tensor: "I.a", index: [0, 0, 1] }), "wrong");
});

test("an image that pulls the other way is asked about, and all images decide", () => {
  const { question } = told("all-images");
  assert.deepEqual([question.words.share, question.words.value], ["−.12", ".4"]);
  assert.equal(question.answer, "down");
});

test("an update's change is what is added to the old weight", () => {
  const { question } = told("update");
  assert.deepEqual(question.cell.index, [1, 0, 0, 0]);
  assert.equal(question.answer, -0.05);
});

test("costs are compared with where it began", () => {
  assert.equal(told("many-updates", {}, { iteration: 1, C: 5 }).question.answer, "lower");
  assert.equal(told("many-updates", {}, { iteration: 1, C: 2 }).question.answer, "higher");
});

test("a blank image leaves a gradient without an answer", () => {
  const blank = { ...tensors, "I.a": { shape: [1, 1, 2], values: [0, 0] } };
  assert.equal(told("filter-gradients", { tensors: blank }).question.ready, false);
  assert.equal(told("filter-gradients").question.ready, true);
});

test("without a batch there is no update to tell of", () => {
  for (const id of ["all-images", "update", "many-updates"]) {
    assert.equal(told(id, { batch: null }), null);
  }
  assert.equal(told("descent", { batch: null }).stops.length, 1);
  assert.equal(told("descent").stops.length, 2);
});

test("two digits that count are enough, in any way of writing them", () => {
  const question = { kind: "number", answer: -0.0327 };
  const by = (/** @type {string} */ typed) => judge(/** @type {any} */ (question), typed);
  assert.deepEqual(["-.033", "−0,0327", "-3.27e-2", " -0.0325 "].map(by), Array(4).fill("right"));
  assert.deepEqual(["0.033", "-.03", "-.034", "0", "-0.33"].map(by), Array(5).fill("wrong"));
  assert.deepEqual(["", "x", "1 2", "Infinity"].map(by), Array(4).fill("unread"));
  assert.equal(said(-0.032749), "−.03275");
});

test("only the textbook's kind of network is told of", () => {
  assert.ok(fits(run));
  assert.ok(!fits({ ...run, config: { ...run.config, loss: "cross_entropy" } }));
  assert.ok(!fits({ ...run, layers: [...run.layers, { letter: "H", type: "dense", shape: [2] }] }));
});

for (const language of ["en", "zh_Hans"]) {
  test(`every text of every chapter is there, with all its numbers: ${language}`, () => {
    const path = `../../app/locales/${language}/LC_MESSAGES/messages.po`;
    const text = readFileSync(new URL(path, import.meta.url), "utf8");
    const found = [...text.matchAll(/msgid "(lesson\..+)"\nmsgstr "(.+)"/g)];
    const catalogue = new Map(found.map(([, key = "", own = ""]) => [key, own]));
    const asked = new Set();
    /** @type {(key: string, words: any) => void} */
    const want = (key, words) => {
      asked.add(key);
      const names = [...(catalogue.get(key) ?? "{missing}").matchAll(/\{(\w+)\}/g)];
      for (const [, name = ""] of names) assert.ok(words[name] !== undefined, `${name} of ${key}`);
    };
    for (const kind of ["max", "average", "l2"]) {
      const layers = [{ type: "conv" }, { type: "pool", kind }, { type: "dense" }];
      const other = { ...run, config: { ...run.config, layers } };
      for (const id of CHAPTERS) {
        const chapter = chapterOf(id, { run: other, trace, formulas, from: null });
        assert.ok(chapter);
        want(`lesson.${id}.title`, {});
        for (const stop of chapter.stops) {
          want(`lesson.${id}.${stop.id}`, stop.words);
          want(`lesson.${id}.${stop.id}.seen`, stop.words);
        }
        const { words } = chapter.question;
        want(`lesson.${id}.question`, words);
        want(`lesson.${id}.hint`, words);
        want(`lesson.${id}.worked`, { ...words, answer: "" });
      }
    }
    const mine = [...catalogue.keys()].filter((key) => CHAPTERS.includes(key.split(".")[1] ?? ""));
    assert.deepEqual(
      mine.filter((key) => !asked.has(key)),
      [],
    );
  });
}
