/**
 * Is that luck? The same network from several first weights, side by side: the filters, the cost as it
 * falls, and how many answers are right.
 *
 * Tells `seeds-try` ({count, iterations}) and `seeds-drop`.
 */

import { html, nothing, svg } from "lit";

import { format } from "../format.js";
import { t } from "../i18n.js";
import { colour, scaleOf } from "../scale.js";
import { PageElement } from "./page-element.js";

/** @typedef {{seed: number, iteration: number, C: number | null, accuracy: number | null, costs: {iterations: readonly number[], C: readonly number[]}, weights: {tensor: string, shape: readonly number[], values: readonly number[]}, diverged: boolean, unreadable: null}} Seed */
/** @typedef {{seed: number, iteration: null, C: null, accuracy: null, costs: null, unreadable: string}} Lost its run cannot be read any more */

const MOST = 16;
const ITERATIONS = 500;

export class SeedsWall extends PageElement {
  /** @override */
  static properties = {
    seeds: { attribute: false },
    theme: {},
    language: {},
    disabled: { type: Boolean },
  };

  constructor() {
    super();
    /** @type {{state: string, goal: number, seeds: readonly (Seed | Lost)[]} | null} */
    this.seeds = null;
    /** @type {import("../scale.js").Theme} */ this.theme = "light";
    this.language = "en";
    this.disabled = false;
  }

  /** @override */
  render() {
    const all = this.seeds?.seeds ?? [];
    return html`<h3>${t("seeds.title")}</h3>
      <p class="about">${t("seeds.about")}</p>
      <form class="line" @submit=${this.begin}>
        <label
          >${t("seeds.count")}
          <input
            name="count"
            type="number"
            min="2"
            max=${MOST}
            required
            .defaultValue=${String(MOST)}
        /></label>
        <label
          >${t("train.iterations")}
          <input
            name="iterations"
            type="number"
            min="1"
            max="10000"
            required
            .defaultValue=${String(ITERATIONS)}
        /></label>
        <button ?disabled=${this.disabled}>${t("seeds.try")}</button>
        ${
          all.length
            ? html`<button type="button" @click=${() => this.tell("seeds-drop")}>
                ${t("seeds.drop")}
              </button>`
            : nothing
        }
      </form>
      ${all.length ? this.wall(all) : nothing}`;
  }

  /** @param {readonly (Seed | Lost)[]} all */
  wall(all) {
    const right = all.filter(({ accuracy }) => accuracy === 1).length;
    const most = Math.max(...all.flatMap(({ costs }) => costs?.C ?? []), 1e-12);
    const iteration = Math.min(...all.flatMap((one) => one.iteration ?? []));
    return html`<p role="status">
        ${t("seeds.summary", { count: all.length, right, iteration: Number.isFinite(iteration) ? iteration : 0 })}
      </p>
      <ol class="seeds">
        ${all.map((one) => (one.unreadable === null ? this.seed(one, most) : this.lost(one)))}
      </ol>`;
  }

  /** @param {Lost} seed */
  lost({ seed }) {
    return html`<li>
      <span class="seed-head"><b>${seed}</b> <span>${t("seeds.unreadable")}</span></span>
    </li>`;
  }

  /**
   * @param {Seed} seed
   * @param {number} most the highest cost of all
   */
  seed({ seed, C, accuracy, costs, weights, diverged }, most) {
    const last = Math.max(costs.iterations.at(-1) ?? 0, 1);
    const points = costs.iterations.map(
      (at, n) =>
        `${((at / last) * 100).toFixed(1)},${(38 - ((costs.C[n] ?? 0) / most) * 36).toFixed(1)}`,
    );
    const said = accuracy === null ? "–" : `${Math.round(accuracy * 100)} %`;
    return html`<li class=${accuracy === 1 ? "right" : ""}>
      <span class="seed-head"
        ><b>${seed}</b> <span>${diverged ? t("seeds.diverged") : said}</span></span
      >
      ${this.filters(weights)}
      <svg class="seed-curve" viewBox="0 0 100 40" preserveAspectRatio="none" aria-hidden="true">
        <polyline points=${points.join(" ")}></polyline>
      </svg>
      <span class="about">${C === null ? "" : t("seeds.cost", { cost: format(C, 3) })}</span>
    </li>`;
  }

  /** @param {{tensor: string, shape: readonly number[], values: readonly number[]}} weights */
  filters({ tensor, shape, values }) {
    const [cols = 1, rows = 1] = [shape.at(-1), shape.length > 1 ? shape.at(-2) : 1];
    const maps = Math.max(1, values.length / (cols * rows));
    const scale = scaleOf(tensor, values);
    const shown = Math.min(maps, 8);
    return html`<svg
      class="filters"
      viewBox=${`0 0 ${shown * (cols + 0.6) - 0.6} ${rows}`}
      aria-hidden="true"
    >
      ${values.slice(0, shown * rows * cols).map((value, at) => {
        const map = Math.floor(at / (rows * cols));
        const row = Math.floor((at % (rows * cols)) / cols);
        const x = map * (cols + 0.6) + (at % cols);
        return svg`<rect x=${x} y=${row} width="1.02" height="1.02" fill=${colour(value, scale, this.theme)}></rect>`;
      })}
    </svg>`;
  }

  /** @param {SubmitEvent} event */
  begin(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    this.tell("seeds-try", {
      count: Number(form.get("count")),
      iterations: Number(form.get("iterations")),
    });
  }
}

customElements.define("seeds-wall", SeedsWall);
