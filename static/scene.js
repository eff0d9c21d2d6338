/**
 * A moment as the lesson speaks of it: which cells tell most, and what is said of them. Everything is
 * read from the trace and the formulas; nothing is computed but what formulas give.
 */

import { formulaOf } from "./explanation.js";
import { format } from "./format.js";
import { lookupIn, value } from "./formula.js";
import { unflatten, valueAt } from "./moment.js";
import { networkOf, plainSymbol } from "./notation.js";

/** @typedef {import("./moment.js").Trace} Trace */
/** @typedef {import("./moment.js").Cell} Cell */
/** @typedef {import("./formula.js").Tree} Tree */
/** @typedef {Record<string, string | number>} Words */
/** @typedef {{iteration: number, C: number}} Cost */
/** @typedef {{run: any, trace: Trace, formulas: import("./explanation.js").Formulas, from: Cost | null}} Moment */
/**
 * A stop: a text, then an action. The stage goes to `step` and lights `cell`; `film` plays its
 * formula, `learn` makes so many updates instead, `kinds` offers other kinds of pooling.
 * @typedef {{id: string, cell: Cell | null, step: number, words: Words, film?: boolean, learn?: number, kinds?: boolean}} Stop
 */
/**
 * A question: the stage stands at `before` while it is asked, and at `step` with `cell` lit when it
 * is answered. `pixel` is lit while it is asked. Not `ready` means that this moment has no answer.
 * @typedef {{kind: "number" | "cell" | "choice", words: Words, ready: boolean, before: number, step: number, cell: Cell | null, pixel?: Cell, law?: string, choices?: readonly string[], answer: number | string | readonly Cell[]}} Question
 */

/**
 * A number as the lesson says it: four digits that count.
 * @param {number} number
 */
export function said(number) {
  return format(Number(number.toPrecision(4)), 17);
}

/**
 * The factors of a product, and of the products in it.
 * @param {Tree} tree
 * @returns {Tree[]}
 */
function factors(tree) {
  const whole = tree.op === "product" || (tree.op === "sum" && tree.args.length === 1);
  return whole ? tree.args.flatMap(factors) : [tree];
}

/** A moment, asked for cells and what is said of them. */
export class Scene {
  /** @param {Moment} moment */
  constructor({ run, trace, formulas, from }) {
    this.run = run;
    this.trace = trace;
    this.formulas = formulas;
    this.from = from;
    this.look = lookupIn(trace);
    this.network = networkOf(run);
    const [F, P, O] = run.layers.map((/** @type {any} */ layer) => layer.letter);
    /** @type {string} */ this.F = F;
    /** @type {string} */ this.P = P;
    /** @type {string} */ this.O = O;
    /** @type {string} */ this.kind = run.config.layers[1].kind;
  }

  /**
   * The cell of a tensor with the largest size, or the one after it; of 0s the first.
   * @param {string} tensor
   * @param {number} [rank]
   * @param {string | null} [of]
   * @returns {Cell}
   */
  largest(tensor, rank = 0, of = null) {
    const { shape, values } = (of === "batch" ? this.trace.batch?.gradients : this.trace.tensors)?.[
      tensor
    ] ?? { shape: [], values: [] };
    const order = values.map((size, place) => ({ size: Math.abs(size), place }));
    order.sort((a, b) => b.size - a.size || a.place - b.place);
    const found = order[rank]?.size ? order[rank] : order[0];
    return { tensor, index: unflatten(shape, found?.place ?? 0), of };
  }

  /**
   * How many steps are done when a cell is there.
   * @param {Cell} cell
   */
  step({ tensor, of }) {
    const { steps } = this.trace;
    if (of === "batch") return steps.find((one) => one.phase === "update")?.number ?? 0;
    const written = tensor === "t" ? `${this.O}.a` : tensor;
    return steps.find((one) => one.writes === written)?.number ?? 0;
  }

  /**
   * A cell's own formula, and its law.
   * @param {Cell} cell
   */
  formula(cell) {
    const found = formulaOf(this.formulas, this.trace, cell);
    return {
      law: found?.law ?? "",
      tree: found?.tree ?? { op: /** @type {const} */ ("number"), value: NaN },
    };
  }

  /**
   * What is said of a cell.
   * @param {Cell} cell
   * @returns {Words}
   */
  words(cell) {
    const number = valueAt(this.trace, cell);
    return { symbol: plainSymbol(this.network, cell), value: said(number ?? NaN) };
  }

  /**
   * Cells with their numbers, in a row.
   * @param {readonly Cell[]} all
   */
  list(all) {
    return all
      .map((cell) => `${plainSymbol(this.network, cell)} = ${said(this.look(cell))}`)
      .join(", ");
  }

  /**
   * The factors of a δ with their numbers, in a row: what arrives, the pooling factor, the slope.
   * @param {Tree} tree
   * @param {Cell} of
   */
  factorList(tree, { tensor, index }) {
    const [letter] = tensor.split(".");
    return factors(tree)
      .map((factor) => {
        const slope = factor.op === "apply";
        const own = slope ? `${letter}.slope` : `${this.P}.mask`;
        const place = factor.op === "cell" ? factor : { tensor: own, index };
        return `${plainSymbol(this.network, place)} = ${said(value(factor, this.look))}`;
      })
      .join(", ");
  }

  /**
   * @param {string} id
   * @param {Cell} cell
   * @param {Partial<Stop>} [more]
   * @returns {Stop}
   */
  stop(id, cell, { words, ...more } = {}) {
    return { id, cell, step: this.step(cell), words: { ...this.words(cell), ...words }, ...more };
  }

  /**
   * A question for a cell's number; it has an answer where that is not 0.
   * @param {Cell} cell
   * @param {string} given
   * @returns {Question}
   */
  number(cell, given) {
    const step = this.step(cell);
    const answer = this.look(cell);
    const words = { ...this.words(cell), given };
    const { law } = this.formula(cell);
    const ready = Number.isFinite(answer) && answer !== 0;
    return { kind: "number", words, ready, before: step - 1, step, cell, law, answer };
  }
}
