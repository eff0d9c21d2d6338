/**
 * The corner that has no error of its own: the cost of all images, how it fell, and the buttons that
 * make it fall.
 *
 * Tells `descend` ({iterations}), `iteration` ({to}), `reset`, `new-weights`, `open` ({panel}).
 */

import { html, nothing, svg } from "lit";

import { format, padded } from "../format.js";
import { t } from "../i18n.js";
import { PageElement } from "./page-element.js";

export class LearningCorner extends PageElement {
  /** @override */
  static properties = {
    costs: { attribute: false },
    batch: { attribute: false },
    iteration: { type: Number },
    busy: { type: Boolean },
    alone: { type: Boolean },
    message: {},
    language: {},
  };

  constructor() {
    super();
    /** @type {{iterations: readonly number[], C: readonly number[], accuracy: readonly number[]}} */
    this.costs = { iterations: [], C: [], accuracy: [] };
    /** @type {import("../moment.js").Batch | null} */
    this.batch = null;
    this.iteration = 0;
    this.busy = false;
    /** are updates made from the image on stage alone? */
    this.alone = false;
    this.message = "";
    this.language = "en";
  }

  /** @override */
  render() {
    const { batch } = this;
    return html`<div class="sum">
        <span class="symbol"
          ><i>C<sub>T</sub></i></span
        >
        <span class="number">${batch ? format(batch.C, 2) : "–"}</span>
        <span class="accuracy" title=${t("costs.accuracy")}
          >${batch ? t("costs.right", { percent: padded(Math.round(batch.accuracy * 100), 3) }) : ""}</span
        >
      </div>
      ${this.curve()} ${this.alone ? html`<p class="alone">${t("update.alone")}</p>` : nothing}
      <div class="descents" role="group" aria-label=${t("ui.descend")}>
        ${[1, 10, 100].map(
          (iterations) =>
            html`<button
              ?disabled=${this.busy}
              title=${iterations === 1 ? t("ui.descend_one") : t("ui.descend_by", { count: iterations })}
              aria-label=${
                iterations === 1 ? t("ui.descend_one") : t("ui.descend_by", { count: iterations })
              }
              @click=${() => this.tell("descend", { iterations })}
            >
              +${iterations}
            </button>`,
        )}
      </div>
      <div class="again">
        <button title=${t("ui.reset_hint")} @click=${() => this.tell("reset")}>
          ${t("ui.reset")}
        </button>
        <button
          class="off-wall"
          title=${t("ui.new_weights_hint")}
          @click=${() => this.tell("new-weights")}
        >
          ${t("ui.new_weights")}
        </button>
      </div>
      ${this.message ? html`<p class="message" role="alert">${this.message}</p>` : nothing}`;
  }

  /** The cost over the iterations, and where we are on it. */
  curve() {
    const { iterations, C } = this.costs;
    const last = Math.max(iterations.at(-1) ?? 0, this.iteration, 1);
    const most = Math.max(...C, 1e-12);
    const x = (/** @type {number} */ at) => (at / last) * 100;
    const y = (/** @type {number} */ cost) => 58 - (cost / most) * 54;
    const points = iterations.map((at, n) => `${x(at).toFixed(2)},${y(C[n] ?? 0).toFixed(2)}`);
    const here = this.batch ? { x: x(this.iteration), y: y(this.batch.C) } : null;
    return html`<div class="curve" title=${t("costs.title")} @click=${this.onClick}>
      <svg viewBox="0 0 100 60" preserveAspectRatio="none" aria-hidden="true">
        <path class="axis" d="M0 0V59.5H100"></path>
        ${points.length > 1 ? svg`<polyline points=${points.join(" ")}></polyline>` : nothing}
      </svg>
      ${
        here
          ? html`<span
              class="here"
              style=${`transform:translate(${here.x}%,${(here.y / 60) * 100}%)`}
            ></span>`
          : nothing
      }
    </div>`;
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const last = this.costs.iterations.at(-1) ?? 0;
    if (last === 0) return;
    const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    this.tell("iteration", { to: Math.round(((event.clientX - box.left) / box.width) * last) });
  }
}

customElements.define("learning-corner", LearningCorner);
