/**
 * One tensor over the whole stage, every cell with its number: the zoom between the network and the
 * formula of one cell. Steps, formulas and lights go on as they do on the stage.
 *
 * Tells what its heatmaps tell, `zoom` ({tensor}) for another tensor, and `leave`.
 */

import { html, nothing } from "lit";
import { repeat } from "lit/directives/repeat.js";

import { short } from "../format.js";
import { t } from "../i18n.js";
import { kindOf, spread } from "../large.js";
import { flatten, reading } from "../moment.js";
import { networkOf, plainSymbol } from "../notation.js";
import { isBeyond, keptAs, scaleOf } from "../scale.js";
import { caption } from "../sentences.js";
import { mapsOf, ownerOf, range } from "../sheets.js";
import { PageElement } from "./page-element.js";
import "./tensor-heatmap.js";

/** @typedef {import("../moment.js").Cell} Cell */

export class LargeMap extends PageElement {
  /** @override */
  static properties = {
    run: { attribute: false },
    trace: { attribute: false },
    step: { type: Number },
    tensor: {},
    chosen: { attribute: false },
    lights: { attribute: false },
    limits: { attribute: false },
    classes: { attribute: false },
    theme: {},
    digits: { type: Number },
    language: {},
    size: { state: true },
    own: { state: true },
  };

  constructor() {
    super();
    /** @type {any} */ this.run = null;
    /** @type {import("../moment.js").Trace | null} */ this.trace = null;
    this.step = 0;
    this.tensor = "";
    /** @type {Record<string, number>} which map of each convolution is large */ this.chosen = {};
    /** @type {import("./network-map.js").Lights} */
    this.lights = { value: null, reads: [], terms: [] };
    /** @type {import("../scale.js").Limits | null} */ this.limits = null;
    /** @type {readonly string[]} */ this.classes = [];
    /** @type {import("../scale.js").Theme} */ this.theme = "light";
    this.digits = 2;
    this.language = "en";
    this.size = { width: 0, height: 0 };
    this.observer = new ResizeObserver(([entry]) => {
      if (!entry) return;
      const { width, height } = entry.contentRect;
      if (width !== this.size.width || height !== this.size.height) this.size = { width, height };
    });
    this.addEventListener("keydown", (event) => this.pressed(event), { capture: true });
  }

  /** @override */
  disconnectedCallback() {
    this.observer.disconnect();
    super.disconnectedCallback();
  }

  /** @override */
  firstUpdated() {
    const room = this.querySelector(".large-room");
    if (room) this.observer.observe(room);
    /** @type {HTMLElement | null} */ (this.querySelector(".large-leave"))?.focus();
  }

  /** The convolution whose focus the tensor's maps follow. */
  get owner() {
    return ownerOf(this.run.layers, this.tensor);
  }

  /** @override */
  render() {
    const { run, trace, tensor } = this;
    const read = trace && reading(trace, this.step, tensor);
    if (!run || !trace || !read) return nothing;
    const { shape } = read.tensor;
    const maps = mapsOf(kindOf(tensor, shape, run.layers), shape);
    const map = Math.min(this.chosen[this.owner] ?? 0, maps - 1);
    const { values } = read.tensor;
    const scale = scaleOf(tensor, values, keptAs(this.limits, tensor, read.of));
    const within = scale.kind === "signed" ? `±${short(scale.limit)}` : `0…${short(scale.limit)}`;
    const range = isBeyond(values, scale) ? t("ui.beyond", { range: within }) : within;
    return html`<div class="large-head">
        <select aria-label=${t("large.which")} @change=${this.changed}>
          ${this.tensors(trace).map(
            (id) =>
              html`<option value=${id} ?selected=${id === tensor}>
                ${this.symbol(id)} · ${caption(run, id)}
              </option>`,
          )}
        </select>
        <span class="large-range">${read.written ? range : t("ui.not_yet")}</span>
        ${maps > 1 ? this.pager(map, maps) : nothing}
        <button class="large-leave" @click=${() => this.tell("unzoom")}>
          ${t("large.leave")} <kbd>Esc</kbd>
        </button>
      </div>
      <div class="large-room">${this.sheets(read, scale, map)}</div>`;
  }

  /**
   * @param {import("../moment.js").Reading} read
   * @param {import("../scale.js").Scale} scale
   * @param {number} map
   */
  sheets(read, scale, map) {
    if (this.size.width === 0) return nothing;
    const { run, tensor } = this;
    const { shape } = read.tensor;
    const drawn = spread({ tensor, shape, layers: run.layers, map, ...this.size });
    const lights = this.lit(shape);
    const name = this.symbol(tensor, read.of);
    return html`<div
      class="large-sheets"
      style=${`width:${drawn.width}px;height:${drawn.height}px`}
    >
      ${drawn.sheets.map(
        (sheet) =>
          html`${range(sheet.cols).map(
            (n) =>
              html`<span
                class="large-tick"
                aria-hidden="true"
                style=${`left:${sheet.x + (n + 0.5) * sheet.cell}px;top:${sheet.y - 9}px`}
                >${n + 1}</span
              >`,
          )}${range(sheet.rows).map(
            (n) =>
              html`<span
                class="large-tick"
                aria-hidden="true"
                style=${`left:${sheet.x - 11}px;top:${sheet.y + (n + 0.5) * sheet.cell}px`}
                >${n + 1}</span
              >`,
          )}`,
      )}
      ${repeat(
        drawn.sheets,
        (sheet) => sheet.key,
        (sheet) =>
          html`<tensor-heatmap
            style=${`left:${sheet.x}px;top:${sheet.y}px`}
            .sheet=${sheet}
            .reading=${read}
            .scale=${scale}
            .theme=${this.theme}
            .digits=${this.digits}
            .lights=${lights}
            .name=${name}
            .owner=${this.owner}
            .language=${this.language}
          ></tensor-heatmap>`,
      )}
    </div>`;
  }

  /**
   * @param {number} map
   * @param {number} maps
   */
  pager(map, maps) {
    const turn = (
      /** @type {number} */ by,
      /** @type {string} */ sign,
      /** @type {string} */ key,
    ) =>
      html`<button
        aria-label=${t(key)}
        @click=${() => this.tell("focus-map", { owner: this.owner, map: (map + by + maps) % maps })}
      >
        ${sign}
      </button>`;
    return html`<span class="large-pager"
      >${turn(-1, "‹", "large.before")} ${t("large.map_of", { number: map + 1, count: maps })}
      ${turn(1, "›", "large.next")}</span
    >`;
  }

  /**
   * The places that are lit, and how.
   * @param {readonly number[]} shape
   */
  lit(shape) {
    /** @type {Map<number, import("./tensor-heatmap.js").Light>} */
    const lit = new Map();
    const { reads, value, terms } = this.lights;
    const light = (
      /** @type {Cell | null} */ cell,
      /** @type {import("./tensor-heatmap.js").Light} */ kind,
    ) => {
      if (cell?.tensor === this.tensor) lit.set(flatten(shape, cell.index), kind);
    };
    reads.forEach((cell) => light(cell, "read"));
    light(value, "value");
    terms.forEach((cell) => light(cell, "term"));
    return lit;
  }

  /** What can be opened: all that a step writes, and what the steps begin with.
   * @param {import("../moment.js").Trace} trace */
  tensors(trace) {
    const written = trace.steps.map((one) => one.writes);
    return [...new Set(["I.a", ...written, "t"])].filter((id) => trace.tensors[id]?.shape.length);
  }

  /**
   * @param {string} tensor
   * @param {string | null} [of]
   */
  symbol(tensor, of = null) {
    return plainSymbol(networkOf(this.run), { tensor, of: of === "batch" ? of : null });
  }

  /** @param {Event} event */
  changed(event) {
    const { value } = /** @type {HTMLSelectElement} */ (event.target);
    this.tell("zoom", { tensor: value });
  }

  /** One gesture out, wherever in here the focus is.
   * @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    this.tell("unzoom");
  }
}

customElements.define("large-map", LargeMap);
