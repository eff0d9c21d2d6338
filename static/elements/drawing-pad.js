/**
 * The input image as a drawing pad: mouse, touch, pen and keyboard ink and erase; below it the grey
 * of the ink, invert, clear, shift, and what the drawing is meant to be.
 *
 * Tells `draw` ({pixels, done}) while the pen moves, and `label` ({label}).
 */

import { html, nothing } from "lit";

import { cellAt } from "../sheets.js";
import { t } from "../i18n.js";
import { PageElement } from "./page-element.js";
import "./tensor-heatmap.js";

/** @typedef {(pixels: readonly number[], rows: number, cols: number) => number[]} Change */

/** @type {Record<string, Change>} */
const CHANGES = {
  invert: (pixels) => pixels.map((value) => 1 - value),
  clear: (pixels) => pixels.map(() => 0),
  shift_left: (pixels, rows, cols) => shifted(pixels, rows, cols, 0, 1),
  shift_up: (pixels, rows, cols) => shifted(pixels, rows, cols, 1, 0),
  shift_down: (pixels, rows, cols) => shifted(pixels, rows, cols, -1, 0),
  shift_right: (pixels, rows, cols) => shifted(pixels, rows, cols, 0, -1),
};

/** @type {Record<string, string>} */
const SIGNS = {
  invert: "◐",
  clear: "×",
  shift_left: "←",
  shift_up: "↑",
  shift_down: "↓",
  shift_right: "→",
};

export class DrawingPad extends PageElement {
  /** @override */
  static properties = {
    sheet: { attribute: false },
    reading: { attribute: false },
    scale: { attribute: false },
    theme: {},
    lights: { attribute: false },
    name: {},
    classes: { attribute: false },
    label: { type: Number },
    tools: { attribute: false },
    language: {},
    ink: { state: true },
    said: { state: true },
  };

  constructor() {
    super();
    /** @type {import("../sheets.js").Sheet | null} */
    this.sheet = null;
    /** @type {import("../moment.js").Reading | null} */
    this.reading = null;
    /** @type {import("../scale.js").Scale} */
    this.scale = { kind: "positive", limit: 1 };
    this.theme = "light";
    /** @type {ReadonlyMap<number, string>} */
    this.lights = new Map();
    this.name = "";
    /** @type {readonly string[]} */
    this.classes = [];
    this.label = 0;
    /** @type {import("../geometry.js").Box | null} */
    this.tools = null;
    this.language = "en";
    this.ink = 1;
    this.said = "";
    /** the value that the stroke under way puts down
     * @type {number | null} */
    this.stroke = null;
    /** @type {number[]} */
    this.pixels = [];
    this.last = -1;
  }

  /** @override */
  render() {
    const { sheet, reading, tools } = this;
    if (!sheet || !reading) return nothing;
    return html`<tensor-heatmap
        class="pad"
        style=${`left:${sheet.x}px;top:${sheet.y}px`}
        title=${`${t("draw.pad")} (D)`}
        pad
        .sheet=${sheet}
        .reading=${reading}
        .scale=${this.scale}
        .theme=${this.theme}
        .lights=${this.lights}
        .name=${this.name}
        .language=${this.language}
        @pointerdown=${this.onDown}
        @pointermove=${this.onMove}
        @pointerup=${this.onUp}
        @pointercancel=${this.onUp}
        @keydown=${this.onKey}
      ></tensor-heatmap>
      <p class="unseen" role="status">${this.said}</p>
      ${tools ? this.toolbar(tools) : nothing}`;
  }

  /** @param {import("../geometry.js").Box} box */
  toolbar(box) {
    return html`<div
      class="pad-tools"
      style=${`left:${box.x}px;top:${box.y}px;width:${Math.max(box.width, 140)}px`}
    >
      <div
        class="classes"
        role="radiogroup"
        aria-label=${t("draw.label")}
        @keydown=${this.onClassKey}
      >
        <span aria-hidden="true" title=${t("draw.label")}><i>t</i></span>
        ${this.classes.map(
          (name, at) =>
            html`<button
              role="radio"
              aria-checked=${at === this.label}
              tabindex=${at === this.label ? 0 : -1}
              title=${t("draw.label_class", { label: name })}
              @click=${() => this.tell("label", { label: at })}
            >
              ${name}
            </button>`,
        )}
        <input
          class="off-wall"
          type="range"
          min="0"
          max="1"
          step="0.05"
          .value=${String(this.ink)}
          aria-label=${t("draw.ink")}
          title=${t("draw.ink")}
          @input=${this.onInk}
        />
      </div>
      <div class="changes">
        ${Object.entries(SIGNS).map(
          ([name, sign]) =>
            html`<button
              class=${name === "clear" ? "" : "off-wall"}
              aria-label=${t(`draw.${name}`)}
              title=${t(`draw.${name}`)}
              @click=${() => this.change(name)}
            >
              ${this.theme === "projector" ? t(`draw.${name}`) : sign}
            </button>`,
        )}
      </div>
    </div>`;
  }

  /** @param {InputEvent} event */
  onInk(event) {
    this.ink = Number(/** @type {HTMLInputElement} */ (event.target).value);
  }

  /** @param {KeyboardEvent} event */
  onClassKey(event) {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!by || !(event.target instanceof HTMLButtonElement)) return;
    event.preventDefault();
    event.stopPropagation();
    const count = this.classes.length;
    const label = (this.label + by + count) % count;
    this.tell("label", { label });
    const buttons = this.querySelectorAll('[role="radio"]');
    /** @type {HTMLElement | undefined} */ (buttons[label])?.focus();
  }

  /** @param {string} name */
  change(name) {
    const { sheet, reading } = this;
    const change = CHANGES[name];
    if (!sheet || !reading || !change) return;
    this.tell("draw", {
      pixels: change(reading.tensor.values, sheet.rows, sheet.cols),
      done: true,
    });
  }

  /** @param {PointerEvent} event */
  onDown(event) {
    const place = this.under(event);
    if (place < 0 || !this.reading || event.button > 0) return;
    event.preventDefault();
    if (event.shiftKey) return this.shade(event);
    /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
    this.pixels = [...this.reading.tensor.values];
    this.stroke = this.pixels[place] === this.ink ? 0 : this.ink;
    this.put(place, this.stroke);
  }

  /** Not ink but the grey of this one pixel follows the pen.
   * @param {PointerEvent} event */
  shade(event) {
    const map = /** @type {import("./tensor-heatmap.js").TensorHeatmap} */ (event.currentTarget);
    const cell = map.givenUnder(event);
    if (cell) map.scrub(event, cell);
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    if (this.stroke === null) return;
    const place = this.under(event);
    if (place >= 0 && place !== this.last) this.put(place, this.stroke);
  }

  onUp() {
    if (this.stroke === null) return;
    this.stroke = null;
    this.last = -1;
    this.tell("draw", { pixels: this.pixels, done: true });
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { reading, sheet } = this;
    const index = /** @type {SVGElement} */ (event.target).dataset?.index;
    if (!reading || !sheet || index === undefined) return;
    if (event.key !== " " && event.key !== "Enter" && event.key !== "Delete") return;
    event.preventDefault();
    event.stopPropagation();
    const [, i = 0, j = 0] = index.split(",").map(Number);
    const place = i * sheet.cols + j;
    this.pixels = [...reading.tensor.values];
    const value = event.key === "Delete" || this.pixels[place] === this.ink ? 0 : this.ink;
    this.put(place, value);
    this.tell("draw", { pixels: this.pixels, done: true });
    this.said = t("draw.changed", { row: i + 1, column: j + 1, value });
  }

  /**
   * @param {number} place
   * @param {number} value
   */
  put(place, value) {
    this.last = place;
    if (this.pixels[place] === value) return;
    this.pixels = this.pixels.with(place, value);
    this.tell("draw", { pixels: this.pixels, done: false });
  }

  /** @param {PointerEvent} event */
  under(event) {
    const box = this.querySelector("tensor-heatmap svg")?.getBoundingClientRect();
    if (!box || !this.sheet) return -1;
    const found = cellAt(this.sheet, event.clientX - box.left, event.clientY - box.top);
    return found ? found.i * this.sheet.cols + found.j : -1;
  }
}

/**
 * The image moved by whole cells; what comes in is blank.
 * @param {readonly number[]} pixels
 * @param {number} rows
 * @param {number} cols
 * @param {number} down where row 0 reads from
 * @param {number} right where column 0 reads from
 */
function shifted(pixels, rows, cols, down, right) {
  return pixels.map((_, place) => {
    const i = Math.floor(place / cols) + down;
    const j = (place % cols) + right;
    return i < 0 || j < 0 || i >= rows || j >= cols ? 0 : (pixels[i * cols + j] ?? 0);
  });
}

customElements.define("drawing-pad", DrawingPad);
