/** Questions that several chapters of the lesson ask. */

import { nameOf, terms } from "./formula.js";

/** @typedef {import("./formula.js").Tree} Tree */
/** @typedef {import("./moment.js").Cell} Cell */
/** @typedef {import("./scene.js").Question} Question */
/** @typedef {import("./scene.js").Scene} Scene */

const UP_DOWN = Object.freeze(["up", "down"]);

/**
 * Which way does a step against this slope move its weight?
 * @param {Scene} scene
 * @param {Cell} cell of a gradient
 * @returns {Question}
 */
export function direction(scene, cell) {
  const slope = scene.look(cell);
  const step = scene.step(cell);
  const [letter] = cell.tensor.split(".");
  const weight = scene.symbol({ tensor: `${letter}.w`, index: cell.index });
  const words = { ...scene.words(cell), weight };
  const answer = slope > 0 ? "down" : "up";
  const lacks = scene.lacks(slope !== 0);
  return { kind: "choice", words, lacks, before: step, step, cell, choices: UP_DOWN, answer };
}

/**
 * Which error is multiplied by this pixel in the gradient of a filter weight?
 * @param {Scene} scene
 * @param {Cell} weight
 * @returns {Question}
 */
export function partner(scene, weight) {
  const { tree, law } = scene.formula(weight);
  const products = terms(tree, scene.look);
  const error = (/** @type {{cells: readonly Cell[]}} */ term) =>
    term.cells.find((one) => one.tensor === `${scene.F}.delta`);
  const tells = (/** @type {typeof products[number]} */ term) => {
    const own = error(term);
    return [Math.abs(term.value), own ? Math.abs(scene.look(own)) : 0];
  };
  const [most] = products
    .map((term) => ({ term, tells: tells(term) }))
    .sort((a, b) => difference(b.tells, a.tells));
  const delta = most && error(most.term);
  const pixel = most?.term.cells.find((one) => one.tensor === "I.a");
  const step = scene.step(weight);
  return {
    kind: "cell",
    words: {
      symbol: scene.symbol(weight),
      pixel: pixel ? scene.symbol(pixel) : "",
      error: delta ? scene.list([delta]) : "",
    },
    lacks: null,
    before: step - 1,
    step,
    cell: weight,
    ...(pixel && { pixel }),
    law,
    answer: delta ? [delta] : [],
  };
}

/**
 * The order of two rows of numbers: by the first in which they differ.
 * @param {readonly number[]} a
 * @param {readonly number[]} b
 */
function difference(a, b) {
  const at = a.findIndex((one, n) => one !== b[n]);
  return at < 0 ? 0 : (a[at] ?? 0) - (b[at] ?? 0);
}

/**
 * By how much does an update change a weight: its formula without the weight itself.
 * @param {Scene} scene
 * @param {Cell} cell the next value
 * @returns {Question}
 */
export function change(scene, cell) {
  const { tree } = scene.formula(cell);
  const old = { tensor: cell.tensor, index: cell.index };
  const args = terms(tree, scene.look)
    .filter((term) => !term.cells.some((one) => nameOf(one) === nameOf(old)))
    .map((term) => term.tree);
  const question = scene.productOf(cell, { op: "sum", args });
  const { symbol, value: put = "" } = scene.words(cell);
  const words = {
    ...question.words,
    symbol: String(symbol),
    before: scene.number(old),
    put,
    value: scene.said(Number(question.answer)),
  };
  return { ...question, words };
}
