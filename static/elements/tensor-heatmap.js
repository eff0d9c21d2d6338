/**
 * One grid of cells: colour from the value, the number where there is room, an outline where nothing
 * is written yet. A large one is a grid to a screen reader, with one tab stop and arrows inside; a
 * small one is a picture that brings its map into focus when it is clicked.
 *
 * Cells with numbers are elements. Those of small maps and of maps of many cells are painted, a pixel
 * each, and a grid of them has one row of elements at a time: the one where the focus is, as
 * `aria-rowindex` is there for.
 *
 * A weight is changed by dragging it up or down, or with + and −, and so is a pixel of the pad that is
 * dragged with Shift: `what-if` ({tensor, index, value, done}).
 *
 * Tells `cell-hover`, `cell-pin` (a cell, see moment.js) and `focus-map` ({owner, map}).
 */

import { html, nothing, svg } from "lit";
import { ifDefined } from "lit/directives/if-defined.js";
import { keyed } from "lit/directives/keyed.js";

import { differ } from "../differ.js";
import { isGiven } from "../explanation.js";
import { formatInto, format } from "../format.js";
import { NUMBERS_FROM } from "../geometry.js";
import { cellAt, placeOf, range, sizeOf } from "../sheets.js";
import { t } from "../i18n.js";
import { flatten, unflatten } from "../moment.js";
import {
  canvasOf,
  hasMinus,
  isPainted,
  linesOver,
  minus,
  paint,
  TEXTURE_BELOW,
} from "../painting.js";
import { colour, inkOn } from "../scale.js";
import { PageElement } from "./page-element.js";

/** @typedef {import("../sheets.js").Sheet} Sheet */
/** @typedef {import("../moment.js").Reading} Reading */
/** @typedef {"value" | "read" | "term"} Light */

/** What the paint depends on. */
const COLOURED = ["sheet", "reading", "scale", "theme"];

/** @type {Record<string, [number, number]>} */
const ARROWS = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** What + and − change a pixel or a weight by.
 * @type {Record<string, number>} */
const NUDGES = { "+": 0.05, "=": 0.05, "-": -0.05 };

export class TensorHeatmap extends PageElement {
  /** @override */
  static properties = {
    sheet: { attribute: false, hasChanged: differ },
    reading: { attribute: false, hasChanged: differ },
    scale: { attribute: false, hasChanged: differ },
    theme: {},
    digits: { type: Number },
    lights: { attribute: false, hasChanged: differ },
    rings: { attribute: false, hasChanged: differ },
    ties: { attribute: false, hasChanged: differ },
    flats: { attribute: false, hasChanged: differ },
    name: {},
    owner: {},
    reachable: { type: Boolean },
    pad: { type: Boolean },
    language: {},
    at: { state: true },
  };

  constructor() {
    super();
    /** @type {Sheet | null} */
    this.sheet = null;
    /** @type {Reading | null} */
    this.reading = null;
    /** @type {import("../scale.js").Scale} */
    this.scale = { kind: "signed", limit: 1 };
    /** @type {import("../scale.js").Theme} */
    this.theme = "light";
    this.digits = 2;
    /** place in the values → how it is lit
     * @type {ReadonlyMap<number, Light>} */
    this.lights = new Map();
    /** places of the winners of their blocks
     * @type {ReadonlySet<number>} */
    this.rings = new Set();
    /** places that tie with a winner
     * @type {ReadonlySet<number>} */
    this.ties = new Set();
    /** places of saturated neurons
     * @type {ReadonlySet<number>} */
    this.flats = new Set();
    this.name = "";
    this.owner = "";
    this.reachable = false;
    this.pad = false;
    this.language = "en";
    this.at = { i: 0, j: 0 };
    /** @type {number} */
    this.over = -1;
    /** the place that was pointed at when the press began
     * @type {number} */
    this.downOn = -1;
  }

  /** @override */
  render() {
    const { sheet, reading } = this;
    if (!sheet || !reading) return nothing;
    const { width, height } = sizeOf(sheet);
    const grid = isGrid(sheet);
    const role = grid ? "grid" : this.reachable ? "button" : "img";
    const label = sheet.small
      ? t("ui.focus_filter", { number: (sheet.map ?? 0) + 1 })
      : t("ui.grid", { symbol: this.name, caption: "", rows: sheet.rows, columns: sheet.cols });
    return html`${isPainted(sheet) && reading.written ? canvasOf(sheet, this.paint) : nothing}<svg
        class=${`sheet ${sheet.small ? "small" : "large"}${reading.written ? "" : " unwritten"}`}
        width=${width}
        height=${height}
        viewBox=${`0 0 ${width} ${height}`}
        role=${role}
        aria-label=${label.replace(", ,", ",")}
        aria-hidden=${ifDefined(sheet.small && !this.reachable ? "true" : undefined)}
        aria-rowcount=${ifDefined(grid ? sheet.rows : undefined)}
        tabindex=${ifDefined(this.reachable ? "0" : undefined)}
        data-tensor=${sheet.tensor}
        data-of=${reading.of ?? "image"}
        @pointermove=${this.onMove}
        @pointerdown=${this.onDown}
        @pointerleave=${this.onLeave}
        @click=${this.onClick}
        @dblclick=${() => !this.pad && !sheet.small && this.tell("zoom", { tensor: sheet.tensor })}
        @keydown=${this.onKey}
        @focusin=${this.onFocus}
        @focusout=${this.onLeave}
      >
        ${isPainted(sheet) ? linesOver(sheet, reading, this.scale, this.theme) : nothing}
        ${grid ? this.rows(sheet, reading) : nothing} ${this.marks(sheet, reading)}
      </svg>`;
  }

  /**
   * The elements of the cells: all of them, or where they are painted those of one row.
   * @param {Sheet} sheet
   * @param {Reading} reading
   */
  rows(sheet, reading) {
    const here = Math.min(this.at.i, sheet.rows - 1);
    const rows = isPainted(sheet) ? [here] : range(sheet.rows);
    return rows.map((i) => {
      const cells = range(sheet.cols).map((j) => this.cell(sheet, reading, i, j));
      return keyed(i, svg`<g role="row" aria-rowindex=${i + 1}>${cells}</g>`);
    });
  }

  /**
   * @param {Sheet} sheet
   * @param {Reading} reading
   * @param {number} i
   * @param {number} j
   */
  cell(sheet, reading, i, j) {
    const place = placeOf(sheet, i, j);
    if (place < 0) return nothing;
    const { cell } = sheet;
    const value = reading.tensor.values[place] ?? 0;
    const x = j * cell;
    const y = i * (cell + sheet.gap);
    const own = reading.written && !isPainted(sheet);
    const ground = own ? colour(value, this.scale, this.theme) : "none";
    const inset = cell > 12 ? 0.75 : 0.4;
    const kind = own ? "cell" : isPainted(sheet) ? "over" : "empty";
    const index = unflatten(reading.tensor.shape, place);
    const current =
      i === Math.min(this.at.i, sheet.rows - 1) && j === Math.min(this.at.j, sheet.cols - 1);
    return svg`<g role="gridcell" tabindex=${current ? 0 : -1} data-index=${index.join(",")}
      aria-label=${this.spoken(sheet, reading, value, place, i, j)}><rect
      x=${x + inset} y=${y + inset} width=${cell - 2 * inset} height=${cell - 2 * inset}
      rx=${cell > 20 ? 2 : 1} fill=${ground} class=${kind}></rect>${own ? this.content(sheet, value, ground, x, y) : nothing}</g>`;
  }

  /**
   * The number in a cell, or where there is no room for it a minus for a negative one; on the pad a
   * pixel has neither.
   * @param {Sheet} sheet
   * @param {number} value
   * @param {string} ground
   * @param {number} x
   * @param {number} y
   */
  content({ cell }, value, ground, x, y) {
    if (this.pad) return nothing;
    if (cell < NUMBERS_FROM) {
      if (!hasMinus(value, this.scale, cell)) return nothing;
      return svg`<path class="minus" stroke=${inkOn(ground)} d=${minus(x, y, cell)}></path>`;
    }
    const room = this.digits > 2 ? 6 : 4;
    const size = Math.min(cell * (room > 4 ? 0.275 : 0.37), 40);
    return svg`<text x=${x + cell / 2} y=${y + cell / 2 + size * 0.34} font-size=${size}
      fill=${inkOn(ground)}>${formatInto(value, this.digits, room)}</text>`;
  }

  /**
   * @param {Map<string, unknown>} changed
   * @override
   */
  updated(changed) {
    if (COLOURED.some((one) => changed.has(one))) this.paint();
  }

  paint = () => paint(this.querySelector("canvas"), this);

  /**
   * Rings on winners, ties, and what is lit.
   * @param {Sheet} sheet
   * @param {Reading} reading
   */
  marks(sheet, reading) {
    const marks = [];
    const readable = reading.written && sheet.cell >= TEXTURE_BELOW;
    const marked = this.rings.size + this.ties.size + this.flats.size > 0;
    if (this.lights.size === 0 && !(readable && marked)) return nothing;
    for (let i = 0; i < sheet.rows; i += 1) {
      for (let j = 0; j < sheet.cols; j += 1) {
        const place = placeOf(sheet, i, j);
        const light = this.lights.get(place);
        const box = { x: j * sheet.cell, y: i * (sheet.cell + sheet.gap), size: sheet.cell };
        if (readable && this.rings.has(place)) marks.push(ring(box, "winner"));
        if (readable && this.ties.has(place)) marks.push(ring(box, "tie"));
        if (readable && this.flats.has(place)) marks.push(corner(box));
        if (light) marks.push(ring(box, `light ${light}`));
      }
    }
    return svg`<g class="marks" aria-hidden="true">${marks}</g>`;
  }

  /**
   * @param {Sheet} sheet
   * @param {Reading} reading
   * @param {number} value
   * @param {number} place
   * @param {number} i
   * @param {number} j
   */
  spoken(sheet, reading, value, place, i, j) {
    const text = reading.written ? format(value, Math.max(this.digits, 2)) : t("ui.not_yet");
    const where =
      sheet.cols === 1
        ? t("ui.cell_row", { row: i + 1, value: text })
        : t("ui.cell", { row: i + 1, column: j + 1, value: text });
    if (!reading.written) return where;
    const winner = this.rings.has(place) ? `, ${t("ui.winner")}` : "";
    const flat = this.flats.has(place) ? `, ${t("ui.saturated")}` : "";
    return where + winner + flat + (this.ties.has(place) ? `, ${t("ui.tie")}` : "");
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    if (event.pointerType === "touch") return;
    this.hover(this.under(event));
  }

  /** A tap moves the focus, and so the light, before it clicks: what was lit when it began counts.
   * A press on a weight may become a drag that changes it.
   * @param {PointerEvent} event */
  onDown(event) {
    this.downOn = this.over;
    const cell = this.givenUnder(event);
    if (!cell || this.pad || event.button > 0 || event.pointerType === "touch") return;
    event.preventDefault();
    this.scrub(event, cell);
  }

  /**
   * The weight, or on the pad the pixel, under the pointer.
   * @param {MouseEvent} event
   */
  givenUnder(event) {
    const found = this.sheet?.small ? null : this.under(event);
    const cell = found && this.sheet && this.cellOf(placeOf(this.sheet, found.i, found.j));
    return cell && isGiven(cell) ? cell : null;
  }

  /**
   * Follow the pointer: what the cell would be.
   * @param {PointerEvent} event
   * @param {import("../moment.js").Cell} cell
   */
  scrub(event, { tensor, index }) {
    const { shape, values } = this.reading?.tensor ?? { shape: [], values: [] };
    const from = values[flatten(shape, index)] ?? 0;
    const scrubbing = import("../scrubbing.js").then(({ follow, rangeOf }) =>
      follow(event, from, rangeOf(tensor), (value, done) =>
        this.tell("what-if", { tensor, index, value, done }),
      ),
    );
    void this.needs(scrubbing);
  }

  /**
   * A step of the keyboard: + and − change the weight or pixel that has the focus.
   * @param {number} by
   */
  nudge(by) {
    const cell = this.sheet && this.cellOf(placeOf(this.sheet, this.at.i, this.at.j));
    const values = this.reading?.tensor.values ?? [];
    if (!cell || !isGiven(cell) || !this.sheet) return false;
    const from = values[placeOf(this.sheet, this.at.i, this.at.j)] ?? 0;
    const { tensor, index } = cell;
    const scrubbing = import("../scrubbing.js").then(({ moved, rangeOf }) => {
      const value = moved(from, by, rangeOf(tensor));
      this.tell("what-if", { tensor, index, value, done: true });
    });
    void this.needs(scrubbing);
    return true;
  }

  onLeave() {
    this.hover(null);
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const { sheet } = this;
    if (!sheet) return;
    if (sheet.small) {
      this.tell("focus-map", { owner: this.owner, map: sheet.map });
      return;
    }
    const found = this.under(event);
    if (!found || this.pad) return;
    const touch = /** @type {PointerEvent} */ (event).pointerType === "touch";
    if (touch && placeOf(sheet, found.i, found.j) !== this.downOn) this.hover(found);
    else this.pin(found);
  }

  /** @param {FocusEvent} event */
  onFocus(event) {
    const index = /** @type {SVGElement} */ (event.target).dataset.index;
    if (index === undefined || !this.sheet || !this.reading) return;
    const place =
      index === "" ? 0 : flatten(this.reading.tensor.shape, index.split(",").map(Number));
    const found = this.findPlace(place);
    if (found) {
      this.at = found;
      if (!this.pad) this.hover(found);
    }
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const { sheet } = this;
    if (!sheet || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!isGrid(sheet)) {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      event.stopPropagation();
      if (sheet.small) this.tell("focus-map", { owner: this.owner, map: sheet.map });
      return;
    }
    const arrow = event.shiftKey ? undefined : ARROWS[event.key];
    if (arrow) {
      this.walk(sheet, arrow);
    } else if (NUDGES[event.key] && this.nudge(NUDGES[event.key] ?? 0)) {
      // said by the new value itself
    } else if (event.key === "Escape") {
      /** @type {HTMLElement} */ (event.target).blur();
      this.hover(null);
    } else if ((event.key === "Enter" || event.key === " ") && !this.pad) {
      this.pin(this.at);
    } else if ((event.key === "PageDown" || event.key === "PageUp") && sheet.map !== null) {
      this.tell("focus-map", { owner: this.owner, turn: event.key === "PageDown" ? 1 : -1 });
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /**
   * @param {Sheet} sheet
   * @param {[number, number]} by
   */
  walk(sheet, [down, right]) {
    const i = Math.min(sheet.rows - 1, Math.max(0, this.at.i + down));
    const j = Math.min(sheet.cols - 1, Math.max(0, this.at.j + right));
    if (placeOf(sheet, i, j) < 0) return;
    this.at = { i, j };
    void this.updateComplete.then(() => this.focusCell());
  }

  focusCell() {
    /** @type {SVGElement | null} */ (
      this.querySelector('[role="gridcell"][tabindex="0"]')
    )?.focus();
  }

  /** @param {{i: number, j: number} | null} found */
  hover(found) {
    const { sheet } = this;
    const place = found && sheet ? placeOf(sheet, found.i, found.j) : -1;
    if (place === this.over) return;
    this.over = place;
    if (!this.pad) this.tell("cell-hover", this.cellOf(place));
  }

  /**
   * Keep the explanation of a cell; keys go on from it.
   * @param {{i: number, j: number}} found
   */
  pin(found) {
    const cell = this.sheet && this.cellOf(placeOf(this.sheet, found.i, found.j));
    if (!cell || !this.sheet) return;
    if (isPainted(this.sheet) && isGrid(this.sheet)) {
      this.at = found;
      void this.updateComplete.then(() => this.focusCell());
    }
    this.tell("cell-pin", cell);
  }

  /**
   * Where a cell stands in the window; null where it is in no large sheet of this.
   * @param {import("../moment.js").Cell} cell
   */
  boxOf({ tensor, index }) {
    const { sheet, reading } = this;
    if (!sheet || !reading || sheet.small || sheet.tensor !== tensor) return null;
    const found = this.findPlace(flatten(reading.tensor.shape, index));
    const box = this.querySelector("svg")?.getBoundingClientRect();
    if (!found || !box) return null;
    const { cell, gap } = sheet;
    return new DOMRect(box.x + found.j * cell, box.y + found.i * (cell + gap), cell, cell);
  }

  /** @param {number} place */
  cellOf(place) {
    if (place < 0 || !this.sheet || !this.reading) return null;
    const index = unflatten(this.reading.tensor.shape, place);
    return { tensor: this.sheet.tensor, index, of: this.reading.of };
  }

  /** @param {number} place */
  findPlace(place) {
    const { sheet } = this;
    if (!sheet) return null;
    for (let i = 0; i < sheet.rows; i += 1) {
      for (let j = 0; j < sheet.cols; j += 1) if (placeOf(sheet, i, j) === place) return { i, j };
    }
    return null;
  }

  /** @param {MouseEvent} event */
  under(event) {
    const box = this.querySelector("svg")?.getBoundingClientRect();
    if (!box || !this.sheet) return null;
    return cellAt(this.sheet, event.clientX - box.left, event.clientY - box.top);
  }
}

/**
 * Is it a grid to keys and screen readers? Small maps and cells that are too small are pictures.
 * @param {Sheet} sheet
 */
function isGrid({ small, cell, gap }) {
  return !small && (cell >= TEXTURE_BELOW || gap > 0);
}

/**
 * @param {{x: number, y: number, size: number}} box
 * @param {string} kind
 */
function ring({ x, y, size }, kind) {
  const inset = size > 24 ? 2 : size > 6 ? 1 : 0;
  return svg`<rect class=${kind} x=${x + inset} y=${y + inset} width=${size - 2 * inset}
    height=${size - 2 * inset} rx=${size > 20 ? 2 : 1} fill="none"></rect>`;
}

/**
 * A saturated neuron: a wedge in the lower left corner.
 * @param {{x: number, y: number, size: number}} box
 */
function corner({ x, y, size }) {
  const side = Math.max(3, Math.min(9, size * 0.24));
  return svg`<path class="flat" d=${`M${x + 1.5} ${y + size - 1.5}v${-side}l${side} ${side}z`}></path>`;
}

customElements.define("tensor-heatmap", TensorHeatmap);
