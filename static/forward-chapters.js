/** The lesson's first chapters: from the image to the cost. */

import { cells, nameOf, nodeAt } from "./formula.js";

/** @typedef {import("./chapters.js").Told} Told */
/** @typedef {import("./scene.js").Scene} Scene */

/** @type {Readonly<Record<string, (scene: Scene) => Told>>} */
export const FORWARD = Object.freeze({
  network(scene) {
    const { F, P, O, kind } = scene;
    const weighted = scene.largest(`${F}.z`);
    const pooled = scene.largest(`${P}.a`);
    const asked = scene.largest(`${P}.a`, { but: [pooled] });
    const answer = { tensor: `${O}.a`, index: [scene.trace.prediction] };
    const read = cells(scene.formula(weighted).tree).length;
    const block = cells(scene.formula(pooled).tree).length;
    const worked = `worked.${kind}`;
    return {
      stops: [
        scene.stop("filter", weighted, { film: true, words: { count: read } }),
        scene.stop(`pooling.${kind}`, pooled, { words: { count: block } }),
        scene.stop("output", answer, { tells: "answer" }),
      ],
      question: { ...scene.sumOf(asked), texts: { worked } },
    };
  },

  cost(scene) {
    const target = scene.largest("t");
    const output = { ...target, tensor: `${scene.O}.a` };
    const cost = { tensor: "C", index: [] };
    const asked = scene.largest(`${scene.O}.da`);
    const words = { output: scene.symbol(output), put: scene.number(output) };
    return {
      stops: [scene.stop("target", target, { words }), scene.stop("sum", cost)],
      question: share(scene, { ...asked, tensor: `${scene.O}.a` }),
    };
  },
});

/**
 * What does one output add to the cost?
 * @param {Scene} scene
 * @param {import("./moment.js").Cell} output
 * @returns {import("./scene.js").Question}
 */
function share(scene, output) {
  const cost = { tensor: "C", index: [] };
  const { tree } = scene.formula(cost);
  const half = nodeAt(tree, [0]);
  const squares = nodeAt(tree, [1]);
  const name = nameOf({ tensor: output.tensor, index: output.index });
  const all = "args" in squares ? squares.args : [];
  const own = all.find((one) => cells(one).some((cell) => nameOf(cell) === name)) ?? squares;
  const question = scene.sumOf(cost, { op: "product", args: [half, own] });
  const number = (output.index[0] ?? 0) + 1;
  const value = scene.said(Number(question.answer));
  return { ...question, words: { ...question.words, number, value } };
}
