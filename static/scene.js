/**
 * A moment as the lesson speaks of it: which cells tell most, and what is said of them. Everything is
 * read from the trace and the formulas; nothing is computed but what formulas give.
 */

import { formulaOf } from "./explanation.js";
import { format } from "./format.js";
import { cells, lookupIn, nameOf, value } from "./formula.js";
import { unflatten, valueAt } from "./moment.js";
import { networkOf, plainSymbol } from "./notation.js";

/** @typedef {import("./moment.js").Trace} Trace */
/** @typedef {import("./moment.js").Cell} Cell */
/** @typedef {import("./formula.js").Tree} Tree */
/** @typedef {Record<string, string | number>} Words */
/** @typedef {{learner: string, iteration: number, C: number}} Cost what many updates are compared with */
/** @typedef {{run: any, trace: Trace, formulas: import("./explanation.js").Formulas, from: Cost | null, hide: readonly string[]}} Moment */
/**
 * A stop: a text, then an action. The stage goes to `step` and lights `cell`; `film` plays its
 * formula, `learn` makes so many updates instead, `kinds` offers other kinds of pooling. `seen` names
 * what is said then, where that is not the stop's own; `tells` is what a teacher may hide of it.
 * @typedef {{id: string, seen?: string, cell: Cell | null, step: number, words: Words, film?: boolean, learn?: number, kinds?: boolean, tells?: string}} Stop
 */
/**
 * A question: the stage stands at `before` while it is asked, and at `step` with `cell` lit when it
 * is answered. `pixel` is lit while it is asked. `lacks` says why this moment has no answer. A number
 * may also be `also`, what comes of the rounded numbers that are given. `texts` names its sentences
 * where they are not `question`, `hint` and `worked`.
 * @typedef {{kind: "number" | "cell" | "choice", words: Words, lacks: "numbers" | "factor" | "zero" | "unlearnt" | null, before: number, step: number, cell: Cell | null, pixel?: Cell, law?: string, choices?: readonly string[], answer: number | string | readonly Cell[], also?: number, texts?: {question?: string, hint?: string, worked?: string}}} Question
 */
/** @typedef {{of?: string | null, but?: readonly Cell[], where?: (cell: Cell) => boolean}} Choice */

const SAID = 4;

/** @type {Tree} */
const UNKNOWN = { op: "number", value: NaN };

/**
 * A number as the lesson says it: four digits that count.
 * @param {number} number
 */
export function said(number) {
  return format(rounded(number), 17);
}

/** @param {number} number */
function rounded(number) {
  return Number(number.toPrecision(SAID));
}

/**
 * The factors of a product, and of the products in it.
 * @param {Tree} tree
 * @returns {Tree[]}
 */
function factorsIn(tree) {
  const whole = tree.op === "product" || (tree.op === "sum" && tree.args.length === 1);
  return whole ? tree.args.flatMap(factorsIn) : [tree];
}

/** A moment, asked for cells and what is said of them. */
export class Scene {
  /** @param {Moment} moment */
  constructor({ run, trace, formulas, from, hide }) {
    this.run = run;
    this.trace = trace;
    this.formulas = formulas;
    this.from = from;
    this.hidden = hide.includes("numbers");
    this.look = lookupIn(trace);
    this.network = networkOf(run);
    const [F, P, O] = run.layers.map((/** @type {any} */ layer) => layer.letter);
    /** @type {string} */ this.F = F;
    /** @type {string} */ this.P = P;
    /** @type {string} */ this.O = O;
    /** @type {string} */ this.kind = run.config.layers[1].kind;
    /** @type {Map<string, Cell>} cells whose formulas were asked for and are not there */
    this.missing = new Map();
  }

  /** The coming update: null where there are no images, or where it would not be finite. */
  get batch() {
    const { batch } = this.trace;
    return batch && !batch.diverged ? batch : null;
  }

  /** Does the network learn from the image on stage alone? */
  get isAlone() {
    return this.run.config.training.learn_from === "stage";
  }

  /**
   * The cells of a tensor, the largest in size first; of equal ones the first.
   * @param {string} tensor
   * @param {string | null} [of]
   * @returns {Cell[]}
   */
  ranked(tensor, of = null) {
    const found = of === "batch" ? this.trace.batch?.gradients[tensor] : this.trace.tensors[tensor];
    const { shape, values } = found ?? { shape: [], values: [0] };
    const order = values.map((size, place) => ({ size: Math.abs(size), place }));
    order.sort((a, b) => b.size - a.size || a.place - b.place);
    return order.map(({ place }) => ({ tensor, index: unflatten(shape, place), of }));
  }

  /**
   * The cell of a tensor with the largest size: of those that are wanted, or else of all.
   * @param {string} tensor
   * @param {Choice} [choice] `but` these places, in whatever tensor
   * @returns {Cell}
   */
  largest(tensor, { of = null, but = [], where = () => true } = {}) {
    const told = new Set(but.map(({ index }) => String(index)));
    const all = this.ranked(tensor, of);
    const other = all.filter(({ index }) => !told.has(String(index)));
    return other.find(where) ?? other[0] ?? all[0] ?? { tensor, index: [], of };
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
    if (!found) this.missing.set(nameOf(cell), cell);
    return { law: found?.law ?? "", tree: found?.tree ?? UNKNOWN };
  }

  /**
   * A number as it is said here: not at all where a teacher hides the numbers.
   * @param {number} number
   */
  said(number) {
    return this.hidden ? "?" : said(number);
  }

  /** @param {Cell} cell */
  symbol(cell) {
    return plainSymbol(this.network, cell);
  }

  /** The number of a cell, as it is said.
   * @param {Cell} cell */
  number(cell) {
    return this.said(valueAt(this.trace, cell) ?? NaN);
  }

  /**
   * What is said of a cell.
   * @param {Cell} cell
   * @returns {Words}
   */
  words(cell) {
    return { symbol: this.symbol(cell), value: this.number(cell) };
  }

  /**
   * Cells with their numbers, in a row.
   * @param {readonly Cell[]} all
   */
  list(all) {
    return all.map((cell) => `${this.symbol(cell)} = ${this.number(cell)}`).join(", ");
  }

  /**
   * The factors of a cell's product, by name: cells, what pooling makes of them, the slope, and in an
   * update what an optimizer makes of the gradient. Numbers alone have no name.
   * @param {Tree} tree
   * @param {Cell} of
   */
  factors(tree, { tensor, index, of }) {
    const [letter] = tensor.split(".");
    /** @param {Tree} factor */
    const symbol = (factor) => {
      if (factor.op === "cell") return this.symbol({ ...factor, of: factor.of ?? null });
      if (of === "next") return "m̂/(√v̂ + ε)";
      const own = factor.op === "apply" ? `${letter}.slope` : `${this.P}.mask`;
      return this.symbol({ tensor: own, index });
    };
    return factorsIn(tree)
      .filter((factor) => factor.op !== "number")
      .map((factor) => ({ symbol: symbol(factor), value: value(factor, this.look) }));
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
   * A question for the number that a formula gives from the numbers of its cells.
   * @param {Cell} cell
   * @param {Tree} [tree] its own formula, if nothing else is said
   * @returns {Question}
   */
  sumOf(cell, tree = this.formula(cell).tree) {
    const also = value(tree, (one) => rounded(this.look(one)));
    return this.asks(cell, value(tree, this.look), also, this.list(cells(tree)), null);
  }

  /**
   * A question for the number that a product gives from its factors.
   * @param {Cell} cell
   * @param {Tree} [tree] its own formula, if nothing else is said
   * @returns {Question}
   */
  productOf(cell, tree = this.formula(cell).tree) {
    const factors = this.factors(tree, cell);
    const given = factors.map((one) => `${one.symbol} = ${this.said(one.value)}`).join(", ");
    /** @type {Tree[]} */
    const args = factorsIn(tree).map((factor) =>
      factor.op === "number" ? factor : { op: "number", value: rounded(value(factor, this.look)) },
    );
    const also = value({ op: "product", args }, this.look);
    const zero = factors.find((one) => one.value === 0)?.symbol ?? null;
    return this.asks(cell, value(tree, this.look), also, given, zero);
  }

  /**
   * @param {Cell} cell
   * @param {number} answer
   * @param {number} also
   * @param {string} given
   * @param {string | null} zero the factor that makes it 0
   * @returns {Question}
   */
  asks(cell, answer, also, given, zero) {
    const step = this.step(cell);
    const words = { ...this.words(cell), given, ...(zero !== null && { zero }) };
    const nothing = zero === null ? "zero" : "factor";
    const lacks = this.lacks(answer !== 0, nothing);
    const { law } = this.formula(cell);
    return { kind: "number", words, lacks, before: step - 1, step, cell, law, answer, also };
  }

  /**
   * Why a question for numbers has no answer.
   * @param {boolean} isThere
   * @param {"factor" | "zero"} [nothing]
   */
  lacks(isThere, nothing = "zero") {
    if (this.hidden) return "numbers";
    return isThere ? null : nothing;
  }
}
