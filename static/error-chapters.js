/** The lesson's chapters from the slope of one weight to the gradients of the output layer. */

import { cells } from "./formula.js";
import { unflatten } from "./moment.js";
import { direction } from "./questions.js";

/** @typedef {import("./chapters.js").Told} Told */
/** @typedef {import("./moment.js").Cell} Cell */
/** @typedef {import("./scene.js").Scene} Scene */

/** @type {Readonly<Record<string, (scene: Scene) => Told>>} */
export const ERRORS = Object.freeze({
  descent(scene) {
    const slopes = `${scene.O}.dw`;
    const falls = (/** @type {Cell} */ cell) => goesAgainst(scene, cell);
    const weight = scene.largest(slopes, { where: falls });
    const asked = scene.largest(slopes, { but: [weight] });
    const stops = [scene.stop("slope", weight)];
    if (scene.batch) stops.push(falls(weight) ? against(scene, weight) : unmoved(scene, weight));
    return { stops, question: direction(scene, asked) };
  },

  "neuron-error"(scene) {
    const deltas = `${scene.O}.delta`;
    const asked = scene.largest(deltas);
    const output = scene.largest(deltas, { but: [asked] });
    const hidden = scene.largest(`${scene.F}.delta`);
    const size = Math.abs(scene.look(asked));
    const { values, shape } = scene.trace.tensors[deltas] ?? { values: [], shape: [] };
    const answer = values.flatMap((one, place) =>
      Math.abs(one) === size ? [{ tensor: deltas, index: unflatten(shape, place) }] : [],
    );
    const step = scene.step(asked);
    const seen = scene.look(hidden) === 0 ? "hidden.none.seen" : "hidden.seen";
    const lacks = size > 0 ? null : "zero";
    const words = scene.words(asked);
    return {
      stops: [scene.stop("output", output), scene.stop("hidden", hidden, { seen })],
      question: { kind: "cell", words, lacks, before: step, step, cell: asked, answer },
    };
  },

  "output-error"(scene) {
    const delta = scene.largest(`${scene.O}.delta`);
    const asked = scene.largest(`${scene.O}.delta`, { but: [delta] });
    const slope = scene.number({ ...delta, tensor: `${scene.O}.slope` });
    return {
      stops: [
        scene.stop("difference", { ...delta, tensor: `${scene.O}.da` }),
        scene.stop("slope", delta, { words: { slope } }),
      ],
      question: scene.productOf(asked),
    };
  },

  "output-gradients"(scene) {
    const weight = scene.largest(`${scene.O}.dw`);
    const bias = { tensor: `${scene.O}.db`, index: weight.index.slice(0, 1) };
    const asked = scene.largest(`${scene.O}.dw`, { but: [weight] });
    const given = scene.list(cells(scene.formula(weight).tree));
    return {
      stops: [scene.stop("weight", weight, { words: { given } }), scene.stop("bias", bias)],
      question: scene.productOf(asked),
    };
  },
});

/**
 * Does the coming update move a weight against its slope, for this image and for all of its own?
 * @param {Scene} scene
 * @param {Cell} slope for the image
 */
function goesAgainst(scene, slope) {
  const weight = { tensor: `${scene.O}.w`, index: slope.index };
  const all = scene.look({ ...slope, of: "batch" });
  const before = scene.look(weight);
  const after = scene.look({ ...weight, of: "next" });
  const agrees = Math.sign(scene.look(slope)) === Math.sign(all) && all !== 0;
  return agrees && (all > 0 ? after < before : after > before);
}

/**
 * What the coming update makes of a weight.
 * @param {Scene} scene
 * @param {Cell} slope
 */
function against(scene, { index }) {
  const weight = { tensor: `${scene.O}.w`, index };
  const slope = scene.number({ tensor: `${scene.O}.dw`, index, of: "batch" });
  const words = { slope, before: scene.number(weight) };
  const plain = scene.run.config.training.optimizer === "gradient_descent";
  const seen = plain ? "against.seen" : "against.steered.seen";
  return scene.stop("against", { ...weight, of: "next" }, { seen, words });
}

/**
 * No weight shows it: the learning rate is 0, or earlier steps still carry the weights.
 * @param {Scene} scene
 * @param {Cell} slope
 */
function unmoved(scene, slope) {
  return scene.stop("against", slope, { seen: "against.none.seen" });
}
