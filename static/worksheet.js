/**
 * A worksheet of the run as it stands: what is given, a task for each step with blanks to fill, and
 * in the answer key the numbers, written by the same `format` as on the stage.
 *
 * The address says what is on it: `key=1` the answers, `part` (`forward`, `backward`, `update`, or
 * all), `filter` (counted from 1) and `digits` (2 or 4).
 */

import { html, nothing, render } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";

import { format } from "./format.js";
import { speak, t } from "./i18n.js";
import { unflatten } from "./moment.js";
import { networkOf, symbol } from "./notation.js";
import { caption, stepSentence } from "./sentences.js";
import { texHtml } from "./typeset.js";

/** @typedef {import("./moment.js").Tensor} Tensor */
/** @typedef {import("./moment.js").Step} Step */
/** @typedef {{title: string, rows: number, cols: number, places: readonly number[]}} Grid */

/** A grid with more columns than this has no room on paper. */
const WIDEST = 16;
const MOST_CELLS = 400;
const NUMBERS_TO = 10;
const PARTS = Object.freeze(["all", "forward", "backward", "update"]);

const came = JSON.parse(document.querySelector("#came")?.textContent ?? "{}");
const { run, trace, dataset } = came;
speak(document.documentElement.dataset.language ?? "en", came.catalogue);
const network = networkOf(run);
const asked = new URLSearchParams(location.search);

/**
 * A choice in the address, or the first that is offered.
 * @param {string} name
 * @param {readonly string[]} offered
 */
const choice = (name, offered) => {
  const given = asked.get(name) ?? "";
  return offered.includes(given) ? given : (offered[0] ?? "");
};

const filters = trace.tensors[`${run.layers[0].letter}.z`]?.shape.length === 3 ? filterCount() : 1;
const numbers = Array.from({ length: filters }, (_, at) => String(at + 1));
const part = choice("part", PARTS);
const digits = Number(choice("digits", ["2", "4"]));
const filter = Number(choice("filter", numbers)) - 1;
const withKey = asked.get("key") === "1";

/** How many filters the first convolution has. */
function filterCount() {
  return trace.tensors[`${run.layers[0].letter}.z`].shape[0];
}

/** @param {string} tex */
const math = (tex) => unsafeHTML(texHtml(tex));

/**
 * A tensor as grids on paper; of maps only the chosen one, or all.
 * @param {string} tensor
 * @param {Tensor} held
 * @param {boolean} [all]
 * @returns {Grid[]}
 */
function gridsOf(tensor, { shape, values }, all = false) {
  const [letter = ""] = tensor.split(".");
  if (shape.length === 1 && network.kinds[letter] === "conv" && !all) {
    const place = Math.min(filter, values.length - 1);
    return [{ title: `k = ${place + 1}`, rows: 1, cols: 1, places: [place] }];
  }
  const rows = shape.length > 2 ? (shape.at(-2) ?? 1) : shape.length === 0 ? 1 : (shape[0] ?? 1);
  const cols = shape.length > 1 ? (shape.at(-1) ?? 1) : 1;
  const size = rows * cols;
  const count = values.length / size;
  return Array.from({ length: count }, (_, at) => at)
    .filter((at) => all || isChosen(tensor, shape, unflatten(shape, at * size)))
    .map((at) => ({
      title: titleOf(tensor, shape, unflatten(shape, at * size)),
      rows,
      cols,
      places: Array.from({ length: size }, (_, place) => at * size + place),
    }));
}

/**
 * Does a grid belong to the filter of this worksheet?
 * @param {string} tensor
 * @param {readonly number[]} shape
 * @param {readonly number[]} index of its first cell
 */
function isChosen(tensor, shape, index) {
  const [letter = ""] = tensor.split(".");
  const kind = network.kinds[letter];
  if (kind === "input" || shape.length < 3) return true;
  if (kind === "dense") return index[1] === Math.min(filter, (shape[1] ?? 1) - 1);
  return index[0] === Math.min(filter, (shape[0] ?? 1) - 1);
}

/**
 * Which map or neuron a grid is of, where there are several.
 * @param {string} tensor
 * @param {readonly number[]} shape
 * @param {readonly number[]} index
 */
function titleOf(tensor, shape, index) {
  const kind = network.kinds[tensor.split(".")[0] ?? ""];
  if (shape.length < 3 || kind === "input") return "";
  const letters = shape.length === 3 ? ["k"] : kind === "dense" ? ["n", "k"] : ["k", "c"];
  const told = letters.filter((_, axis) => axis === 0 || (shape[axis] ?? 1) > 1);
  return told.map((letter, axis) => `${letter} = ${(index[axis] ?? 0) + 1}`).join(", ");
}

/**
 * @param {Grid} grid
 * @param {string} tensor
 * @param {Tensor} held
 * @param {boolean} blank
 */
function table({ title, rows, cols, places }, tensor, { values }, blank) {
  const winners = winnersOf(tensor);
  const cell = (/** @type {number} */ i, /** @type {number} */ j) => {
    const place = places[i * cols + j] ?? 0;
    const value = values[place] ?? 0;
    const ring = !blank && winners?.[place] === 1 ? "winner" : "";
    const small = cols > NUMBERS_TO;
    const shade = tensor === "I.a" ? `--ink-part:${Math.round(value * 100)}%` : "";
    const text = blank || small ? "" : format(value, digits);
    return html`<td class=${ring} style=${shade}>${text}</td>`;
  };
  return html`<table class=${`grid${blank ? " blank" : ""}${cols > NUMBERS_TO ? " small" : ""}`}>
    ${
      title
        ? html`<caption>
            ${title}
          </caption>`
        : nothing
    }
    <tbody>
      ${Array.from(
        { length: rows },
        (_, i) =>
          html`<tr>
            ${Array.from({ length: cols }, (_, j) => cell(i, j))}
          </tr>`,
      )}
    </tbody>
  </table>`;
}

/** Where the pooling above a layer found its winners: 1 for each, for the layer's own maps.
 * @param {string} tensor */
function winnersOf(tensor) {
  const [letter, name] = tensor.split(".");
  if (name !== "a") return null;
  const at = run.layers.findIndex((/** @type {any} */ one) => one.letter === letter);
  const above = run.layers[at + 1];
  const known = above && trace.tensors[`${above.letter}.switch`];
  return known ? (trace.tensors[`${above.letter}.mask`]?.values ?? null) : null;
}

/**
 * A tensor with its symbol: its numbers, or blanks.
 * @param {string} tensor
 * @param {Tensor | undefined} held
 * @param {{blank?: boolean, all?: boolean, of?: string | null}} [how]
 */
function block(tensor, held, { blank = false, all = false, of = null } = {}) {
  if (!held) return nothing;
  const name = html`<figcaption>
    ${math(symbol(network, { tensor, of }))} <span>${caption(run, tensor)}</span>
  </figcaption>`;
  const grids = gridsOf(tensor, held, all);
  const cells = grids.reduce((sum, { places }) => sum + places.length, 0);
  const isLarge = grids.some(({ cols, rows }) => cols > WIDEST || rows > 2 * WIDEST);
  if ((isLarge || cells > MOST_CELLS) && tensor !== "I.a") {
    return html`<figure>
      ${name}
      <p class="note">${t("worksheet.too_large", { count: cells })}</p>
    </figure>`;
  }
  const isSquare = all && held.shape.length === 4;
  const row = isSquare ? `display:grid;grid-template-columns:repeat(${held.shape[1]},auto)` : "";
  return html`<figure>
    ${name}
    <div class="grids" style=${row}>${grids.map((grid) => table(grid, tensor, held, blank))}</div>
  </figure>`;
}

/** What is known before the first step: the image, the target, all parameters. */
function given() {
  const { label } = trace.stage;
  const parameters = Object.keys(trace.tensors).filter((id) => /\.[wb]$/.test(id));
  return html`<section class="given">
    <h2>${t("worksheet.given")}</h2>
    <div class="figures">
      ${block("I.a", trace.tensors["I.a"])}
      ${parameters.map((id) => block(id, trace.tensors[id], { all: isRead(id) }))}
      ${block("t", trace.tensors.t)}
      <figure>
        <figcaption>${math("\\eta")} <span>${t("caption.eta")}</span></figcaption>
        <p>${run.config.training.learning_rate}</p>
      </figure>
    </div>
    <p class="note">${t("worksheet.label", { label: dataset?.classes[label] ?? String(label) })}</p>
  </section>`;
}

/** Biases of all filters, and weights above a pooling, are needed whole.
 * @param {string} id */
function isRead(id) {
  const [letter = ""] = id.split(".");
  return network.kinds[letter] === "dense";
}

/**
 * One step: its sentence, its law, what it needs besides, and the blanks.
 * @param {Step} step
 * @param {number} at
 */
function task(step, at) {
  const isNext = step.of === "next";
  const held = isNext ? trace.batch?.updated[step.writes] : trace.tensors[step.writes];
  const sum = isNext ? gradientOf(step.writes) : "";
  return html`<section class="task">
    <h2>
      <span class="number">${at + 1}</span>
      <span>${stepSentence(run, step)}</span>
    </h2>
    ${step.law ? html`<p class="law">${math(step.law)}</p>` : nothing}
    <div class="figures">
      ${block(step.writes, held, { blank: !withKey })}
      ${sum ? block(sum, trace.batch?.gradients[sum], { of: "batch" }) : nothing}
      ${isPooled(step) ? others(step.writes) : nothing}
    </div>
  </section>`;
}

/** The gradient that an update reads, summed over the images: given, since nobody adds up 96.
 * @param {string} parameter */
function gradientOf(parameter) {
  return parameter.replace(/\.([wb])$/, ".d$1");
}

/** @param {Step} step */
function isPooled({ writes }) {
  const [letter = "", name] = writes.split(".");
  return network.kinds[letter] === "pool" && name === "a" && filters > 1 && !withKey;
}

/** The pooled values of the other filters, which the output needs too.
 * @param {string} tensor */
function others(tensor) {
  const held = trace.tensors[tensor];
  const chosen = gridsOf(tensor, held).map(({ title }) => title);
  const rest = gridsOf(tensor, held, true).filter(({ title }) => !chosen.includes(title));
  return html`<figure>
    <figcaption><span>${t("worksheet.others")}</span></figcaption>
    <div class="grids">${rest.map((grid) => table(grid, tensor, held, false))}</div>
  </figure>`;
}

/** The steps of the part that is asked for. */
function steps() {
  const phases = part === "forward" ? ["forward", "cost"] : [part];
  return trace.steps.filter((/** @type {Step} */ { phase, of, writes }) => {
    if (of === "next" && !trace.batch) return false;
    if (writes === "I.da" && filters > 1) return false; // the errors of all filters meet there
    return part === "all" || phases.includes(phase);
  });
}

/**
 * What the error reads of the forward pass, where that is not asked for.
 * @returns {unknown}
 */
function known() {
  if (part !== "backward" && part !== "update") return nothing;
  const phases = part === "backward" ? ["forward", "cost"] : ["none"];
  const before = trace.steps.filter((/** @type {Step} */ one) => phases.includes(one.phase));
  if (before.length === 0) return nothing;
  return html`<section class="given">
    <h2>${t("worksheet.known")}</h2>
    <div class="figures">
      ${before.map((/** @type {Step} */ { writes }) => block(writes, trace.tensors[writes]))}
    </div>
  </section>`;
}

/**
 * @param {string} name
 * @param {readonly string[]} offered
 * @param {string} chosen
 * @param {(value: string) => string} words
 */
function selection(name, offered, chosen, words) {
  const change = (/** @type {Event} */ event) => {
    asked.set(name, /** @type {HTMLSelectElement} */ (event.target).value);
    location.search = String(asked);
  };
  return html`<label
    >${t(`worksheet.${name}`)}
    <select @change=${change}>
      ${offered.map(
        (value) =>
          html`<option value=${value} ?selected=${value === chosen}>${words(value)}</option>`,
      )}
    </select></label
  >`;
}

function tools() {
  const isKey = (/** @type {string} */ value) => t(`worksheet.key.${value}`);
  return html`<div class="tools" role="group" aria-label=${t("worksheet.title")}>
    ${selection("key", ["0", "1"], withKey ? "1" : "0", isKey)}
    ${selection("part", PARTS, part, (value) => t(`worksheet.part.${value}`))}
    ${filters > 1 ? selection("filter", numbers, String(filter + 1), (value) => value) : nothing}
    ${selection("digits", ["2", "4"], String(digits), (value) => value)}
  </div>`;
}

function sheet() {
  const { sample } = trace.stage;
  const image = sample === null ? t("ui.drawing") : t("ui.sample", { number: sample + 1 });
  const { iteration } = trace;
  return html`${tools()}
    <h1>${t(withKey ? "worksheet.answers" : "worksheet.title")}</h1>
    <p class="lead">
      ${t(`preset_name.${run.preset}`)} · ${image} · ${t("ui.iteration", { iteration })}
      ${filters > 1 ? html` · ${t("worksheet.of_filter", { number: filter + 1 })}` : nothing}
    </p>
    ${
      withKey
        ? nothing
        : html`<p class="names">
            <span>${t("worksheet.name")}</span><span>${t("worksheet.date")}</span>
          </p>`
    }
    ${given()} ${known()}
    <p class="note">${t("worksheet.rounding", { digits })}</p>
    <div class="tasks">${steps().map(task)}</div>`;
}

render(sheet(), /** @type {HTMLElement} */ (document.querySelector("#worksheet")));
