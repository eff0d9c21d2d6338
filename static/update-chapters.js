/** The lesson's last chapters: from one image to all, one update, many updates. */

import { change, direction } from "./questions.js";

/** @typedef {import("./chapters.js").Told} Told */
/** @typedef {import("./moment.js").Cell} Cell */
/** @typedef {import("./scene.js").Question} Question */
/** @typedef {import("./scene.js").Scene} Scene */

const CHOICES = Object.freeze(["lower", "same", "higher"]);

/** @type {Readonly<Record<string, (scene: Scene) => Told>>} */
export const UPDATES = Object.freeze({
  "all-images"(scene) {
    const slopes = `${scene.F}.dw`;
    const own = scene.largest(slopes);
    return {
      stops: [scene.stop("one", own), gathered(scene, own)],
      question: pulled(scene, slopes, own),
    };
  },

  update(scene) {
    const { F, O, run } = scene;
    const { optimizer } = run.config.training;
    const steepest = (/** @type {string} */ letter, /** @type {Cell[]} */ ...but) => {
      const { index } = scene.largest(`${letter}.dw`, { of: "batch", but });
      return { tensor: `${letter}.w`, index, of: "next" };
    };
    const moves = (/** @type {string} */ id, /** @type {Cell} */ cell, seen = `${id}.seen`) =>
      scene.stop(id, cell, { seen, words: { before: scene.number({ ...cell, of: null }) } });
    const output = steepest(O);
    return {
      stops: [moves(`filter.${optimizer}`, steepest(F), "filter.seen"), moves("output", output)],
      question: {
        ...change(scene, steepest(O, output)),
        texts: { question: optimizer === "momentum" ? "question.momentum" : "question" },
      },
    };
  },

  "many-updates"(scene) {
    const { trace, from, isAlone } = scene;
    const { iteration } = trace;
    const cell = isAlone ? { tensor: "C", index: [] } : null;
    const C = costOf(trace, isAlone);
    const step = cell ? scene.step(cell) : 0;
    const words = {
      cost: isAlone ? "C" : "C_T",
      from: from?.iteration ?? iteration,
      iteration,
      before: scene.said(from?.C ?? C),
      value: scene.said(C),
    };
    const learn = (/** @type {string} */ id, /** @type {number} */ count) =>
      /** @type {const} */ ({ id, cell: null, step: 0, words, learn: count });
    const learnt = from !== null && from.iteration < iteration;
    /** @type {Question["lacks"]} */
    const lacks = scene.lacks(true) ?? (learnt ? null : "unlearnt");
    const answer = compared(C, from?.C ?? C);
    const worked = answer === "higher" ? "worked.higher" : "worked";
    const hint = isAlone ? "hint.stage" : "hint";
    const asked = { words, lacks, before: step, step, cell, choices: CHOICES, answer };
    return {
      stops: [learn("one", 1), learn("ten", 10)],
      question: { kind: /** @type {const} */ ("choice"), ...asked, texts: { worked, hint } },
    };
  },
});

/**
 * The cost that learning lowers: that of the image on stage where it learns from that alone.
 * @param {import("./moment.js").Trace} trace
 * @param {boolean} isAlone
 */
export function costOf({ tensors, batch }, isAlone) {
  return (isAlone ? tensors.C?.values[0] : batch?.C) ?? NaN;
}

/**
 * @param {number} now
 * @param {number} before
 */
function compared(now, before) {
  if (now === before) return "same";
  return now < before ? "lower" : "higher";
}

/**
 * The gradient of the coming update beside that of the image on stage.
 * @param {Scene} scene
 * @param {Cell} own
 */
function gathered(scene, own) {
  if (scene.isAlone) return scene.stop("stage", own);
  const samples = scene.batch?.samples ?? [];
  const { reduction, batch } = scene.run.config.training;
  const several = batch === "all" ? "all.seen" : "some.seen";
  const seen = samples.length === 1 ? "online.seen" : several;
  const words = { count: samples.length, number: (samples[0] ?? 0) + 1 };
  return scene.stop(`all.${reduction}`, { ...own, of: "batch" }, { seen, words });
}

/**
 * A question for the way that a weight goes, if one is there on which the image on stage and the
 * images of the update disagree.
 * @param {Scene} scene
 * @param {string} slopes
 * @param {Cell} told
 * @returns {Question}
 */
function pulled(scene, slopes, told) {
  const of = scene.isAlone ? null : "batch";
  const mine = (/** @type {Cell} */ cell) => scene.look({ ...cell, of: null });
  const against = (/** @type {Cell} */ cell) => scene.look(cell) * mine(cell) < 0;
  const asked = scene.largest(slopes, { of, but: [told], where: against });
  const question = direction(scene, asked);
  const count = scene.batch?.samples.length ?? 0;
  const single = scene.isAlone || count === 1;
  const one = { question: "question.one", hint: "hint.one", worked: "worked.one" };
  const texts = single ? one : {};
  const share = scene.number({ ...asked, of: null });
  return { ...question, words: { ...question.words, share, count }, texts };
}
