/**
 * The lesson: its chapters, in the order of the derivation, with the cells and numbers that they
 * speak of. All of these are read from the trace and the formulas of the moment, so that every
 * drawing works with every chapter; nothing is computed here beyond evaluating formulas.
 */

import { cells, nameOf, replaceAt, terms } from "./formula.js";
import { unflatten } from "./moment.js";
import { plainSymbol } from "./notation.js";
import { said, Scene } from "./scene.js";

/** @typedef {import("./moment.js").Cell} Cell */
/** @typedef {import("./formula.js").Tree} Tree */
/** @typedef {import("./scene.js").Moment} Moment */
/** @typedef {import("./scene.js").Stop} Stop */
/** @typedef {import("./scene.js").Question} Question */
/** @typedef {{id: string, stops: readonly Stop[], question: Question}} Chapter */

export const CHAPTERS = Object.freeze([
  "network",
  "cost",
  "descent",
  "neuron-error",
  "output-error",
  "output-gradients",
  "filter-gradients",
  "recursion",
  "all-images",
  "update",
  "many-updates",
]);

const UP_DOWN = Object.freeze(["up", "down"]);
const PLAIN = Object.freeze(["conv", "pool", "dense"]);
const READABLE = 512;

/**
 * Is this a network that the lesson speaks of: a filter layer, a pooling layer, an output layer,
 * squared error, all small enough to be read?
 * @param {any} run
 */
export function fits(run) {
  const types = run.layers.map((/** @type {any} */ layer) => layer.type.split("/")[0]);
  const [filters] = run.layers;
  const places = filters.shape.reduce(
    (/** @type {number} */ m, /** @type {number} */ n) => m * n,
    1,
  );
  const plain = String(types) === String(PLAIN) && run.config.loss === "squared_error";
  return plain && places <= READABLE;
}

/**
 * The tensors whose formulas the chapters read.
 * @param {any} run
 */
export function formulasNeeded(run) {
  const [F, P, O] = run.layers.map((/** @type {any} */ layer) => layer.letter);
  const filter = ["z", "da", "delta", "dw", "w"].map((name) => `${F}.${name}`);
  return [...filter, `${P}.a`, `${P}.da`, "C", `${O}.delta`, `${O}.dw`, `${O}.w`];
}

/**
 * A chapter as it is told at this moment; null where the moment lacks what it speaks of: the share
 * of the training images in an update.
 * @param {string} id
 * @param {Moment} moment
 * @returns {Chapter | null}
 */
export function chapterOf(id, moment) {
  const told = TOLD[id]?.(new Scene(moment));
  return told ? { id, ...told } : null;
}

/** @type {Record<string, (scene: Scene) => {stops: readonly Stop[], question: Question} | null>} */
const TOLD = {
  network(scene) {
    const { F, P, O, kind } = scene;
    const pooled = scene.largest(`${P}.a`);
    const answer = scene.largest(`${O}.a`);
    const weighted = { ...scene.largest(`${F}.z`) };
    const count = cells(scene.formula(weighted).tree).length;
    const size = cells(scene.formula(pooled).tree);
    return {
      stops: [
        scene.stop("filter", weighted, { film: true, words: { count } }),
        scene.stop(`pooling.${kind}`, pooled, { words: { count: size.length } }),
        scene.stop("output", answer),
      ],
      question: scene.number(pooled, scene.list(size)),
    };
  },

  cost(scene) {
    const target = scene.largest("t");
    const output = { ...target, tensor: `${scene.O}.a` };
    const cost = { tensor: "C", index: [] };
    const { symbol, value: put } = scene.words(output);
    return {
      stops: [
        scene.stop("target", target, { words: { output: String(symbol), put: String(put) } }),
        scene.stop("sum", cost),
      ],
      question: scene.number(cost, scene.list(cells(scene.formula(cost).tree))),
    };
  },

  descent(scene) {
    const weight = scene.largest(`${scene.O}.dw`);
    const next = { tensor: `${scene.O}.w`, index: weight.index, of: "next" };
    const now = scene.words({ ...next, of: null });
    const asked = scene.largest(`${scene.O}.dw`, 1);
    const stops = [scene.stop("slope", weight)];
    if (scene.trace.batch) {
      stops.push(scene.stop("against", next, { words: { before: String(now.value) } }));
    }
    return { stops, question: direction(scene, asked) };
  },

  "neuron-error"(scene) {
    const output = scene.largest(`${scene.O}.delta`);
    const hidden = scene.largest(`${scene.F}.delta`);
    const size = Math.abs(scene.look(output));
    const { values, shape } = scene.trace.tensors[output.tensor] ?? { values: [], shape: [] };
    const answer = values.flatMap((one, place) =>
      Math.abs(one) === size ? [{ tensor: output.tensor, index: unflatten(shape, place) }] : [],
    );
    const step = scene.step(output);
    const words = scene.words(output);
    return {
      stops: [scene.stop("output", output), scene.stop("hidden", hidden)],
      question: { kind: "cell", words, ready: size > 0, before: step, step, cell: output, answer },
    };
  },

  "output-error"(scene) {
    const delta = scene.largest(`${scene.O}.delta`);
    const asked = scene.largest(`${scene.O}.delta`, 1);
    const slope = scene.words({ ...delta, tensor: `${scene.O}.slope` }).value ?? "";
    return {
      stops: [
        scene.stop("difference", { ...delta, tensor: `${scene.O}.da` }),
        scene.stop("slope", delta, { words: { slope } }),
      ],
      question: scene.number(asked, scene.factorList(scene.formula(asked).tree, asked)),
    };
  },

  "output-gradients"(scene) {
    const weight = scene.largest(`${scene.O}.dw`);
    const bias = { tensor: `${scene.O}.db`, index: weight.index.slice(0, 1) };
    const asked = scene.largest(`${scene.O}.dw`, 1);
    const { tree } = scene.formula(asked);
    const given = scene.list(cells(scene.formula(weight).tree));
    return {
      stops: [scene.stop("weight", weight, { words: { given } }), scene.stop("bias", bias)],
      question: scene.number(asked, scene.list(cells(tree))),
    };
  },

  "filter-gradients"(scene) {
    const { F } = scene;
    const weight = scene.largest(`${F}.dw`);
    const next = scene.largest(`${F}.dw`, 1);
    const { tree } = scene.formula(weight);
    const count = terms(tree, scene.look).length;
    return {
      stops: [
        scene.stop("products", weight, { film: true, words: { count } }),
        scene.stop("pattern", next, { words: { count } }),
        scene.stop("bias", { tensor: `${F}.db`, index: weight.index.slice(0, 1) }),
      ],
      question: partner(scene, weight, tree),
    };
  },

  recursion(scene) {
    const { F, P, kind } = scene;
    const delta = scene.largest(`${F}.delta`);
    const arriving = { ...delta, tensor: `${F}.da` };
    const [above] = cells(scene.formula(arriving).tree).filter((one) => one.tensor === `${P}.da`);
    const paths = above ?? scene.largest(`${P}.da`);
    const count = terms(scene.formula(paths).tree, scene.look).length;
    const mask = scene.words({ ...delta, tensor: `${P}.mask` }).value ?? "";
    const slope = scene.words({ ...delta, tensor: `${F}.slope` }).value ?? "";
    const asked = scene.largest(`${F}.delta`, 1);
    return {
      stops: [
        scene.stop("paths", paths, { words: { count } }),
        scene.stop(`pooling.${kind}`, arriving, { words: { mask }, kinds: true }),
        scene.stop("slope", delta, { words: { slope } }),
      ],
      question: scene.number(asked, scene.factorList(unfolded(scene, asked), asked)),
    };
  },

  "all-images"(scene) {
    const { batch, tensors } = scene.trace;
    if (!batch) return null;
    const name = `${scene.F}.dw`;
    const own = scene.largest(name);
    const count = batch.samples.length;
    const sums = batch.gradients[name];
    const mine = tensors[name]?.values ?? [];
    const places = (sums?.values ?? []).map((sum, place) => ({ sum, place }));
    const against = places.filter(({ sum, place }) => sum * (mine[place] ?? 0) < 0);
    against.sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
    const place = against[0]?.place;
    const index = place === undefined ? null : unflatten(sums?.shape ?? [], place);
    const asked = index ? { tensor: name, index, of: "batch" } : scene.largest(name, 0, "batch");
    const share = String(scene.words({ ...asked, of: null }).value);
    const question = direction(scene, asked);
    return {
      stops: [
        scene.stop("one", own),
        scene.stop("all", { ...own, of: "batch" }, { words: { count } }),
      ],
      question: { ...question, words: { ...question.words, share, count } },
    };
  },

  update(scene) {
    const { batch } = scene.trace;
    if (!batch) return null;
    const grown = (/** @type {string} */ letter, /** @type {number} */ rank) => {
      const { index } = scene.largest(`${letter}.dw`, rank, "batch");
      return { tensor: `${letter}.w`, index, of: "next" };
    };
    const filter = grown(scene.F, 0);
    const output = grown(scene.O, 0);
    const before = String(scene.words({ ...filter, of: null }).value);
    const old = String(scene.words({ ...output, of: null }).value);
    return {
      stops: [
        scene.stop("filter", filter, { words: { before } }),
        scene.stop("output", output, { words: { before: old } }),
      ],
      question: change(scene, grown(scene.O, 1)),
    };
  },

  "many-updates"(scene) {
    const { batch, iteration } = scene.trace;
    if (!batch) return null;
    const from = scene.from ?? { iteration, C: batch.C };
    const words = {
      from: from.iteration,
      iteration,
      before: said(from.C),
      value: said(batch.C),
    };
    const answer = batch.C < from.C ? "lower" : batch.C > from.C ? "higher" : "same";
    const choices = ["lower", "same", "higher"];
    return {
      stops: [
        { id: "one", cell: null, step: 0, words, learn: 1 },
        { id: "ten", cell: null, step: 0, words, learn: 10 },
      ],
      question: {
        kind: "choice",
        words,
        ready: true,
        before: 0,
        step: 0,
        cell: null,
        choices,
        answer,
      },
    };
  },
};

/**
 * Which way does gradient descent move the weight of this gradient?
 * @param {Scene} scene
 * @param {Cell} cell of a gradient
 * @returns {Question}
 */
function direction(scene, cell) {
  const slope = scene.look(cell);
  const step = scene.step(cell);
  const [letter] = cell.tensor.split(".");
  const weight = plainSymbol(scene.network, { tensor: `${letter}.w`, index: cell.index });
  const words = { ...scene.words(cell), weight };
  const answer = slope > 0 ? "down" : "up";
  const ready = slope !== 0;
  return { kind: "choice", words, ready, before: step, step, cell, choices: UP_DOWN, answer };
}

/**
 * Which error is multiplied by this pixel in the gradient of a filter weight?
 * @param {Scene} scene
 * @param {Cell} weight
 * @param {Tree} tree
 * @returns {Question}
 */
function partner(scene, weight, tree) {
  const products = terms(tree, scene.look);
  const most = products.reduce((a, b) => (Math.abs(b.value) > Math.abs(a.value) ? b : a));
  const error = most.cells.find((one) => one.tensor === `${scene.F}.delta`);
  const pixel = most.cells.find((one) => one.tensor === "I.a");
  const step = scene.step(weight) - 1;
  const { symbol } = scene.words(weight);
  const { symbol: at = "" } = pixel ? scene.words(pixel) : {};
  const words = { symbol: String(symbol), pixel: at, error: error ? scene.list([error]) : "" };
  const ready = most.value !== 0 && error !== undefined;
  const lit = pixel ? { pixel } : {};
  const answer = error ? [error] : [];
  const law = scene.formula(weight).law;
  return {
    kind: "cell",
    words,
    ready,
    before: step,
    step: step + 1,
    cell: weight,
    ...lit,
    law,
    answer,
  };
}

/**
 * By how much does an update change a weight: its formula without the weight itself.
 * @param {Scene} scene
 * @param {Cell} cell the next value
 * @returns {Question}
 */
function change(scene, cell) {
  const { tree, law } = scene.formula(cell);
  const old = nameOf({ tensor: cell.tensor, index: cell.index });
  const added = terms(tree, scene.look).filter(
    (term) => !term.cells.some((one) => nameOf(one) === old),
  );
  const answer = added.reduce((sum, term) => sum + term.value, 0);
  const given = scene.list(added.flatMap((term) => term.cells));
  const step = scene.step(cell);
  const ready = Number.isFinite(answer) && answer !== 0;
  const { symbol, value: put } = scene.words(cell);
  const words = { symbol: String(symbol), put: String(put), given, value: said(answer) };
  return { kind: "number", words, ready, before: step - 1, step, cell, law, answer };
}

/**
 * The formula of a δ with what arrives written out: three factors.
 * @param {Scene} scene
 * @param {Cell} cell
 */
function unfolded(scene, cell) {
  const { tree } = scene.formula(cell);
  const [letter] = cell.tensor.split(".");
  return replaceAt(tree, [0], scene.formula({ ...cell, tensor: `${letter}.da` }).tree);
}
