/** The lesson's chapters on the filter layer: its gradients, and how its δ come from above. */

import { cells, replaceAt, terms } from "./formula.js";
import { partner } from "./questions.js";

/** @typedef {import("./chapters.js").Told} Told */
/** @typedef {import("./moment.js").Cell} Cell */
/** @typedef {import("./scene.js").Scene} Scene */

/** @type {Readonly<Record<string, (scene: Scene) => Told>>} */
export const FILTERS = Object.freeze({
  "filter-gradients"(scene) {
    const { F } = scene;
    const weight = scene.largest(`${F}.dw`);
    const beside = nextTo(weight, 3, scene);
    const below = nextTo(weight, 2, scene);
    const count = terms(scene.formula(weight).tree, scene.look).length;
    return {
      stops: [
        scene.stop("products", weight, { film: true, words: { count } }),
        scene.stop("pattern", beside, { film: true, words: { count } }),
        scene.stop("bias", { tensor: `${F}.db`, index: weight.index.slice(0, 1) }),
      ],
      question: partner(scene, below),
    };
  },

  recursion(scene) {
    const { F, P, kind } = scene;
    const deltas = `${F}.delta`;
    const gets = (/** @type {Cell} */ cell) => factor(scene, cell) !== 0;
    const delta = scene.largest(deltas, { where: gets });
    const arriving = { ...delta, tensor: `${F}.da` };
    const pooled = cells(scene.formula(arriving).tree).find((one) => one.tensor === `${P}.da`);
    const paths = pooled ?? scene.largest(`${P}.da`);
    const block = cells(scene.formula({ ...paths, tensor: `${P}.a` }).tree);
    const asked = scene.largest(deltas, { but: block, where: gets });
    const count = terms(scene.formula(paths).tree, scene.look).length;
    const mask = scene.said(factor(scene, delta));
    const slope = scene.number({ ...delta, tensor: `${F}.slope` });
    return {
      stops: [
        scene.stop("paths", paths, { words: { count } }),
        scene.stop(`pooling.${kind}`, arriving, { words: { mask }, kinds: true }),
        neighbour(scene, delta, block),
        scene.stop("slope", delta, { words: { slope } }),
      ],
      question: scene.productOf(asked, unfolded(scene, asked)),
    };
  },
});

/**
 * The weight next to another in the same filter, along an axis.
 * @param {Cell} cell
 * @param {number} axis
 * @param {Scene} scene
 * @returns {Cell}
 */
function nextTo(cell, axis, scene) {
  const size = scene.trace.tensors[cell.tensor]?.shape[axis] ?? 1;
  const index = [...cell.index];
  const at = index[axis] ?? 0;
  index[axis] = at + 1 < size ? at + 1 : at - 1;
  return { ...cell, index };
}

/**
 * The share of a block's error that pooling gives to a cell.
 * @param {Scene} scene
 * @param {Cell} cell
 */
function factor(scene, { index }) {
  return scene.look({ tensor: `${scene.P}.mask`, index });
}

/**
 * What another cell of the block gets: under max pooling 0, also where it is as large as the winner.
 * @param {Scene} scene
 * @param {Cell} delta
 * @param {readonly Cell[]} block which holds it
 */
function neighbour(scene, delta, block) {
  const { F, kind } = scene;
  const look = (/** @type {Cell} */ { index }) => scene.look({ tensor: `${F}.a`, index });
  const others = block.filter(({ index }) => String(index) !== String(delta.index));
  const tied = others.filter((one) => look(one) === look(delta));
  const [other = delta] = kind === "max" && tied.length > 0 ? tied : others;
  const arriving = { tensor: `${F}.da`, index: other.index };
  const words = { mask: scene.said(factor(scene, other)), count: tied.length + 1 };
  const id = kind === "max" && tied.length > 0 ? "tie" : kind;
  return scene.stop(`other.${id}`, arriving, { words });
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
