// Tells every chapter of the lesson at many moments, and says what is wrong: one line a fault,
// nothing where all is as it should be.
//   node --import ./tests/static/imports.mjs tests/static/lessons.mjs cases.json
import { readFileSync } from "node:fs";
import { judge } from "../../static/answers.js";
import { chapterOf, CHAPTERS, lacking, misfit } from "../../static/chapters.js";
import { lookupIn } from "../../static/formula.js";
import { said } from "../../static/scene.js";

const { moments, formulas, catalogues } = JSON.parse(readFileSync(process.argv[2] ?? "", "utf-8"));
/** @type {Set<string>} */
const faults = new Set();
/** @type {Set<string>} sentences that were said */
const used = new Set();
let place = "";

/**
 * @param {boolean} holds
 * @param {string} fault
 */
function must(holds, fault) {
  if (!holds) faults.add(`${place}: ${fault}`);
}

/**
 * A sentence in every language, with all that it names.
 * @param {string} key
 * @param {Record<string, string | number>} words
 */
function say(key, words) {
  used.add(key);
  for (const [language, catalogue] of Object.entries(catalogues)) {
    const text = catalogue[key];
    must(text !== undefined, `${key} is not said in ${language}`);
    for (const [, name = ""] of (text ?? "").matchAll(/\{(\w+)\}/g)) {
      const word = words[name];
      must(word !== undefined, `${name} of ${key} is missing`);
      must(!/NaN|undefined|null|Infinity/.test(String(word)), `${name} of ${key} is ${word}`);
    }
  }
}

/** @type {(text: string | number | undefined) => number[]} */
const numbersIn = (text) =>
  [...String(text).matchAll(/= (\u2212?[\d.]+(?:e[\u2212+]?\d+)?)/g)].map(([, own = ""]) =>
    Number(own.replaceAll("\u2212", "-")),
  );
/** @type {(all: number[]) => number} */
const product = (all) => all.reduce((made, one) => made * one, 1);
/** @type {(text: string | number | undefined) => number} */
const numberOf = (text) => numbersIn(`= ${text}`)[0] ?? NaN;

/** What a reader makes of the numbers that a question gives. @type {Record<string, (given: number[], kind: string) => number>} */
const WORKED = {
  network: (all, kind) =>
    ({
      max: Math.max(...all),
      average: all.reduce((sum, one) => sum + one, 0) / all.length,
      l2: Math.hypot(...all),
    })[kind] ?? NaN,
  cost: ([t = NaN, a = NaN]) => (t - a) ** 2 / 2,
  "output-error": product,
  "output-gradients": product,
  recursion: product,
  update: (all) => -product(all),
};

/** What only one chapter promises. @type {Record<string, (chapter: any, moment: any, look: (cell: any) => number) => void>} */
const PROMISES = {
  descent({ stops: [slope, against], question }) {
    if (against && /^against(\.steered)?\.seen$/.test(against.seen)) {
      const { value, before } = against.words;
      const moved = Math.sign(numberOf(value) - numberOf(before));
      for (const one of [slope.words.value, against.words.slope])
        must(
          moved * Math.sign(numberOf(one)) <= 0,
          `moves from ${before} to ${value}, slope ${one}`,
        );
    }
    must(
      question.lacks || numberOf(question.words.value) > 0 === (question.answer === "down"),
      "sign",
    );
  },
  "neuron-error"({ question, stops: [output] }, { trace }) {
    const sizes = trace.tensors["O.delta"].values.map(Math.abs);
    const top = Math.max(...sizes);
    for (const { index } of question.answer) must(sizes[index[0]] === top, "is not the largest");
    must(question.lacks || output.cell.index[0] !== question.cell.index[0], "asks what was lit");
  },
  "filter-gradients"({ stops: [first, beside], question }) {
    const [a, b, c] = [first, beside, question].map(({ cell }) => cell.index);
    must(a[0] === b[0] && a[0] === c[0] && a[1] === b[1], "other filters");
    must(Math.abs(a[2] - b[2]) + Math.abs(a[3] - b[3]) === 1, "is not beside");
    const [delta] = question.answer;
    const met = [c[1], delta.index[1] + c[2], delta.index[2] + c[3]];
    must(String(question.pixel.index) === String(met), `${question.pixel.index} is not met`);
    must(delta.index[0] === c[0], "δ of another filter");
  },
  recursion({ stops: [, winner, other, last] }, { run, trace }, look) {
    const { kind } = run.config.layers[1];
    const mask = (/** @type {any} */ stop) => numberOf(stop.words.mask);
    must(String(winner.cell.index) === String(last.cell.index), "the slope of another cell");
    must(String(winner.cell.index) !== String(other.cell.index), "the same cell of the block");
    const half = (/** @type {number} */ n) => Math.floor(n / 2);
    const [k, i, j] = winner.cell.index;
    must(half(i) === half(other.cell.index[1]) && half(j) === half(other.cell.index[2]), "block");
    const block = trace.tensors["F.a"].values.filter(
      (/** @type {number} */ _, /** @type {number} */ at) =>
        Math.floor(at / 16) === k &&
        half(Math.floor(at / 4) % 4) === half(i) &&
        half(at % 4) === half(j),
    );
    const own = look({ tensor: "F.a", index: winner.cell.index });
    const count = block.filter((/** @type {number} */ a) => a === own).length;
    if (kind !== "max")
      return must(kind === "l2" || (mask(winner) === 0.25 && mask(other) === 0.25), "mask");
    must(mask(winner) === 1 && mask(other) === 0 && numberOf(other.words.value) === 0, "masks");
    must((other.id === "other.tie") === count > 1, `${other.id} where ${count} are equal`);
    if (count > 1) must(other.words.count === count, `${other.words.count} of ${count} tied`);
  },
  "all-images"({ stops: [, all], question }, { run, trace }) {
    const { learn_from: from, batch } = run.config.training;
    const { samples } = trace.batch;
    if (from === "stage") return must(all.id === "stage", "tells of others");
    must(all.words.count === samples.length, "counts");
    must((all.seen === "all.seen") === (batch === "all"), `${all.seen} of ${batch}`);
    must(
      question.lacks || numberOf(question.words.value) > 0 === (question.answer === "down"),
      "sign",
    );
  },
};

/** @type {(chapter: any, moment: any) => void} */
function check(chapter, moment) {
  const { id, stops, question } = chapter;
  const look = lookupIn(moment.trace);
  must(chapter.missing.length === 0, `lacks formulas of ${JSON.stringify(chapter.missing)}`);
  for (const stop of stops) {
    say(`lesson.${id}.${stop.id}`, stop.words);
    say(`lesson.${id}.${stop.seen ?? `${stop.id}.seen`}`, stop.words);
    if (stop.cell)
      must(stop.words.value === said(look(stop.cell)), `${stop.id} says another value`);
    must(stop.step >= 0 && stop.step <= moment.trace.steps.length, `${stop.id} at no step`);
    const told = stop.cell && `${stop.cell.tensor.split(".")[0]}${stop.cell.index}`;
    const asked = question.cell && `${question.cell.tensor.split(".")[0]}${question.cell.index}`;
    must(id === "cost" || !told || told !== asked, `asks again for ${asked}`);
  }
  PROMISES[id]?.(chapter, moment, look);
  const { words, lacks, texts = {}, kind, answer } = question;
  if (lacks) return say(`lesson.lacks.${lacks}`, words);
  for (const which of ["question", "hint", "worked"])
    say(`lesson.${id}.${texts[which] ?? which}`, { ...words, answer: "" });
  if (kind === "choice") return must(question.choices.includes(answer), "no such choice");
  if (kind === "cell") return must(answer.length > 0, "no cell is right");
  must(Number.isFinite(answer) && answer !== 0, `${answer} is no answer`);
  must(judge(question, said(answer), 2) === "right", `${said(answer)} is not taken`);
  const made = WORKED[id]?.(numbersIn(words.given), moment.run.config.layers[1].kind) ?? NaN;
  const typed = made.toPrecision(3);
  must(judge(question, typed, 17) === "right", `${words.given} give ${typed}, not ${answer}`);
  must(judge(question, String(-made), 17) === "wrong", "the other sign is taken");
}

/** What a teacher who hides the numbers lets be said. @type {(chapter: any) => void} */
function checkHidden({ stops, question }) {
  const { kind, lacks, words } = question;
  must(kind === "cell" || lacks === "numbers", "asks for hidden numbers");
  for (const told of [...stops.map((/** @type {any} */ stop) => stop.words), words]) {
    const names = ["value", "put", "before", "slope", "mask", "share"];
    const open = names.filter((one) => told[one] !== undefined && told[one] !== "?");
    must(open.length === 0, `says hidden ${open}`);
    for (const row of [told.given, told.error]) must(numbersIn(row).length === 0, `says ${row}`);
  }
}

for (const { run, trace, formulas: name } of moments) {
  const { training, layers, initial } = run.config;
  const { stage, iteration } = trace;
  const where = JSON.stringify([
    layers[1].kind,
    layers[0].activation,
    initial,
    training,
    stage,
    iteration,
  ]);
  const from = iteration > 0 && { learner: "", iteration: 0, C: 2 };
  must(misfit(run) === null, `misfit ${misfit(run)}`);
  for (const id of CHAPTERS) {
    place = `${id} ${where}`;
    const moment = { run, trace, formulas: formulas[name], from: from || null, hide: [] };
    const lacks = lacking(id, moment);
    if (lacks) say(`lesson.without.${lacks}`, {});
    else {
      check(chapterOf(id, moment), moment);
      checkHidden(chapterOf(id, { ...moment, hide: ["numbers"] }));
    }
  }
}

const own = new RegExp(`^lesson\\.(${CHAPTERS.join("|")})\\.(?!title$)`);
for (const key of Object.keys(catalogues.en)) {
  if (own.test(key) && !used.has(key)) faults.add(`${key} is never said`);
}
process.stdout.write([...faults].slice(0, 60).join("\n"));
