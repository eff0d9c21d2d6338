/**
 * A film over the map: the windows that the formula reads slide, what a beat takes goes along its way
 * into the cell that is made, and what has come together stands there. Cells still to come are veiled.
 *
 * Where nothing may move (`film.calm`) the same picture stands still.
 */

import { html, nothing, svg } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { repeat } from "lit/directives/repeat.js";

import { beatLength } from "../beats.js";
import { formatInto } from "../format.js";
import { boxOf, windowsOf } from "../places.js";
import { colour, inkOn, scaleOf } from "../scale.js";
import { PageElement } from "./page-element.js";

/** @typedef {import("../geometry.js").Box} Box */
/** @typedef {import("../formula.js").Cell} Cell */
/** @typedef {import("../beats.js").Beat} Beat */

/** More cells than this come by one way from their window, not each by its own. */
const WAYS = 6;

export class BeatOverlay extends PageElement {
  /** @override */
  static properties = {
    film: { attribute: false },
    drawn: { attribute: false },
    trace: { attribute: false },
    theme: {},
  };

  constructor() {
    super();
    /** @type {import("../beats.js").Film | null} */
    this.film = null;
    /** @type {import("../geometry.js").Picture | null} */
    this.drawn = null;
    /** @type {import("../moment.js").Trace | null} */
    this.trace = null;
    /** @type {import("../scale.js").Theme} */
    this.theme = "light";
  }

  get beat() {
    return this.film?.beats[this.film.at];
  }

  /** @param {Cell} cell */
  box(cell) {
    return this.drawn && this.trace ? boxOf(this.drawn.sheets, this.trace.tensors, cell) : null;
  }

  /** @override */
  render() {
    const { film, beat, drawn, trace } = this;
    if (!film || !beat || !drawn || !trace || film.aside) return nothing;
    const windows = windowsOf(drawn.sheets, trace.tensors, beat.reads);
    const to = beat.value.map((cell) => this.box(cell)).filter((box) => box !== null);
    const pace = film.calm ? 0 : beatLength(film.beats.length);
    return html`<div class="beats" style=${`--beat:${pace}ms`} aria-hidden="true">
      ${this.veils(film)}
      ${repeat(
        windows,
        ({ tensor }) => tensor,
        (box) =>
          html`<div class="beat-window" data-tensor=${box.tensor} style=${placed(box)}></div>`,
      )}
      ${keyed(film.at, this.ways(beat, windows, to))} ${this.gathered(film, beat, to[0])}
    </div>`;
  }

  /** What is still to be made, of a map that is gone over cell by cell.
   * @param {import("../beats.js").Film} film */
  veils({ kind, beats, at }) {
    if (kind !== "cells") return nothing;
    const coming = beats.slice(at + 1).flatMap((beat) => beat.value);
    return coming.map((cell) => {
      const box = this.box(cell);
      return box ? html`<div class="beat-veil" style=${placed(box)}></div>` : nothing;
    });
  }

  /**
   * From each cell that is taken, or from its window where they are many, to the cell that is made.
   * @param {Beat} beat
   * @param {readonly Box[]} windows
   * @param {readonly Box[]} to
   */
  ways(beat, windows, [target]) {
    if (!target || !this.drawn || beat.amount === 0) return nothing;
    const cells = beat.term.map((cell) => this.box(cell)).filter((box) => box !== null);
    const from = cells.length > WAYS ? windows : cells;
    const { width, height } = this.drawn;
    return html`<svg class="beat-ways" width=${width} height=${height}>
      ${from.map((box) => svg`<path class="beat-way" pathLength="1" d=${way(box, target)}></path>`)}
    </svg>`;
  }

  /**
   * What has come together so far, in the cell that is made.
   * @param {import("../beats.js").Film} film
   * @param {Beat} beat
   * @param {Box | undefined} box
   */
  gathered({ kind }, { value: [cell], total }, box) {
    if (kind !== "terms" || !box || !cell || !this.trace) return nothing;
    const { values } = this.trace.tensors[cell.tensor] ?? { values: [] };
    const ground = colour(total, scaleOf(cell.tensor, values), this.theme);
    const size = Math.min(box.width * 0.37, 40);
    const style = `${placed(box)};background:${ground};color:${inkOn(ground)};font-size:${size}px`;
    return html`<div class="beat-total" style=${style}>
      ${size > 7 ? formatInto(total, 2, 4) : nothing}
    </div>`;
  }
}

/** @param {Box} box */
function placed({ x, y, width, height }) {
  return `transform:translate(${x}px,${y}px);width:${width}px;height:${height}px`;
}

/**
 * From the edge of one box to that of another, so that no number is struck through.
 * @param {Box} from
 * @param {Box} to
 */
function way(from, to) {
  const [y1, y2] = [from.y + from.height / 2, to.y + to.height / 2];
  const apart = Math.max(to.x - from.x - from.width, from.x - to.x - to.width) > 0;
  if (!apart) {
    const x = Math.max(from.x + from.width, to.x + to.width);
    return `M${from.x + from.width} ${y1}C${x + 14} ${y1} ${x + 14} ${y2} ${to.x + to.width} ${y2}`;
  }
  const right = to.x > from.x;
  const [x1, x2] = right ? [from.x + from.width, to.x] : [from.x, to.x + to.width];
  const middle = (x1 + x2) / 2;
  return `M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}`;
}

customElements.define("beat-overlay", BeatOverlay);
