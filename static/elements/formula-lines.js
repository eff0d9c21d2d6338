/**
 * The lines of an explanation, each number an element for hand, key and ear.
 *
 * Tells `term-hover` (the cell pointed at, with `cells`, all that it stands for), and `spot` ({spot})
 * where a number that `unfolds`, or the dots of a long sum, is clicked. A pixel or a weight is changed by
 * dragging it, or with ↑ and ↓: `what-if` ({tensor, index, value, done}).
 */

import { html } from "lit";
import { keyed } from "lit/directives/keyed.js";
import { unsafeHTML } from "lit/directives/unsafe-html.js";
import { isGiven } from "../explanation.js";
import { lookupIn, nameOf } from "../formula.js";
import { format } from "../format.js";
import { t } from "../i18n.js";
import { plainSymbol } from "../notation.js";
import { filled, liveTex, placesIn } from "../typeset.js";
import { PageElement } from "./page-element.js";

/** @typedef {import("../formula.js").Cell} Cell */
/** @typedef {import("../typeset.js").Spot} Spot */
/** @typedef {import("../lines.js").Line} Line */

/** What ↑ and ↓ change a pixel or a weight by. */
const STEP = 0.05;

export class FormulaLines extends PageElement {
  /** @override */
  static properties = {
    lines: { attribute: false },
    trace: { attribute: false },
    network: { attribute: false },
    lit: { attribute: false },
    unfolds: { attribute: false },
    changes: { type: Boolean },
    digits: { type: Number },
    language: { type: String },
  };

  constructor() {
    super();
    /** @type {readonly Line[]} */ this.lines = [];
    /** @type {import("../typeset.js").Live[]} each line as HTML */ this.live = [];
    /** what they are set as, whatever the digits */ this.key = "";
    /** @type {[Text, string][][]} where decimals stand in each line */ this.places = [];
    /** what these places are of */ this.placedFor = "";
    /** @type {import("../formula.js").Trace} */ this.trace = { tensors: {} };
    /** @type {import("../notation.js").Network} */ this.network = { kinds: {}, channels: {} };
    /** @type {readonly Cell[]} the cells whose terms are marked */ this.lit = [];
    /** can a click unfold this cell?
     * @type {(cell: Cell | undefined) => boolean} */
    this.unfolds = () => false;
    /** may pixels and weights be changed here? */ this.changes = false;
    this.digits = 2;
    this.language = "en";
  }

  /**
   * @param {Map<string, unknown>} changed
   * @override
   */
  willUpdate(changed) {
    if (!changed.has("lines")) return;
    this.live = this.lines.map(({ tex }) => liveTex(tex));
    this.key = this.live.map(keyOf).join();
  }

  /** @override */
  render() {
    return html`<div
      class="formula-lines"
      @pointerover=${this.pointed}
      @pointerleave=${this.left}
      @focusin=${this.pointed}
      @focusout=${this.left}
      @click=${this.clicked}
      @pointerdown=${this.grasped}
      @keydown=${this.pressed}
    >
      ${keyed(
        this.key,
        this.lines.map((line, i) => this.line(line, i)),
      )}
    </div>`;
  }

  /**
   * @param {Line} line
   * @param {number} i
   */
  line({ name, exact }, i) {
    const relation = name === "unfolded" || exact ? "=" : "≈";
    return html`<span
      class="formula-line ${name}"
      data-line=${i}
      role="group"
      aria-label=${t(`formula.${name}`)}
      ><span class="relation" aria-hidden="true">${relation}</span
      ><span class="math">${unsafeHTML(this.live[i]?.html)}</span></span
    >`;
  }

  /** @override */
  updated() {
    this.putDecimals();
    const lit = new Set(this.lit.map(nameOf));
    const all = [...this.querySelectorAll("[data-node]")];
    for (const element of all) this.mark(element, lit);
    if (!all.some((one) => one.getAttribute("tabindex") === "0")) {
      all[0]?.setAttribute("tabindex", "0");
    }
  }

  /** Put the decimals in their places; these are looked for where the formula is another one. */
  putDecimals() {
    if (this.placedFor !== this.key)
      this.places = [...this.querySelectorAll(".math")].map(placesIn);
    this.placedFor = this.key;
    this.places.forEach((places, line) => {
      for (const [text, said] of places) {
        const now = filled(said, this.live[line]?.decimals ?? []);
        if (text.data !== now) text.data = now; // what is selected stays so
      }
    });
  }

  /**
   * Say what a number is, and whether it can be unfolded.
   * @param {Element} element
   * @param {ReadonlySet<string>} lit names of the cells whose terms are marked
   */
  mark(element, lit) {
    const spot = this.spotOf(element);
    if (!spot) return;
    const active = this.opens(spot);
    const given = this.givenAt(spot);
    element.setAttribute("role", active ? "button" : given ? "slider" : "img");
    element.setAttribute("aria-label", this.label(spot, active));
    element.classList.toggle("given", given !== null);
    if (given) {
      element.setAttribute("aria-valuenow", String(given.value));
      element.setAttribute("title", t("what_if.hint"));
    } else {
      element.removeAttribute("aria-valuenow");
      element.removeAttribute("title");
    }
    if (!element.hasAttribute("tabindex")) element.setAttribute("tabindex", "-1");
    element.classList.toggle("unfolds", active);
    const same = spot.cells.some((one) => lit.has(nameOf(one)));
    element.classList.toggle("lit", same);
  }

  /** Does a click do something here?
   * @param {Spot} spot */
  opens(spot) {
    return spot.kind === "dots" || (spot.kind === "cell" && this.unfolds(spot.cells[0]));
  }

  /**
   * @param {Spot} spot
   * @param {boolean} active
   */
  label(spot, active) {
    if (spot.kind === "dots") return t("formula.more", { count: spot.hidden });
    const look = lookupIn(this.trace);
    const said = spot.cells.map((cell) => {
      const value = format(look(cell), this.digits);
      const words = { symbol: plainSymbol(this.network, cell), value };
      return t(active ? "formula.unfold" : "formula.term", words);
    });
    return said.join(", ");
  }

  /**
   * What an element of a line stands for.
   * @param {EventTarget | null} target
   * @returns {Spot | undefined}
   */
  spotOf(target) {
    if (!(target instanceof Element)) return undefined;
    const node = target.closest("[data-node]")?.getAttribute("data-node");
    const line = target.closest("[data-line]")?.getAttribute("data-line");
    return this.lines[Number(line ?? -1)]?.spots[Number(node ?? -1)];
  }

  /** @param {Event} event */
  pointed(event) {
    const spot = this.spotOf(event.target);
    const [cell] = spot?.cells ?? [];
    const { tensor, index, of = null } = cell ?? {};
    this.tell("term-hover", cell ? { tensor, index, of, cells: spot?.cells } : null);
  }

  left() {
    this.tell("term-hover", null);
  }

  /** @param {Event} event */
  clicked(event) {
    const spot = this.spotOf(event.target);
    if (spot && this.opens(spot)) this.tell("spot", { spot });
  }

  /** The pixel or weight that a number is, and its value.
   * @param {Spot | undefined} spot */
  givenAt(spot) {
    const [cell] = spot?.cells ?? [];
    if (!this.changes || spot?.kind !== "cell" || !cell || !isGiven(cell)) return null;
    return { cell, value: lookupIn(this.trace)(cell) };
  }

  /** @param {PointerEvent} event */
  grasped(event) {
    const given = this.givenAt(this.spotOf(event.target));
    if (!given || event.button > 0) return;
    event.preventDefault();
    const { cell, value: from } = given;
    const scrubbing = import("../scrubbing.js").then(({ follow, rangeOf }) =>
      follow(event, from, rangeOf(cell.tensor), (value, done) =>
        this.tell("what-if", { ...placeOf(cell), value, done }),
      ),
    );
    void this.needs(scrubbing);
  }

  /** Arrows walk from number to number, up and down change one; Enter and Space unfold.
   * @param {KeyboardEvent} event */
  pressed(event) {
    const all = [...this.querySelectorAll("[data-node]")];
    const at = all.indexOf(/** @type {Element} */ (event.target));
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const by = { ArrowUp: STEP, ArrowDown: -STEP, PageUp: 10 * STEP, PageDown: -10 * STEP }[
      event.key
    ];
    const given = by ? this.givenAt(this.spotOf(event.target)) : null;
    if (given && by) {
      event.preventDefault();
      event.stopPropagation();
      const scrubbing = import("../scrubbing.js").then(({ moved, rangeOf }) => {
        const value = moved(given.value, by, rangeOf(given.cell.tensor));
        this.tell("what-if", { ...placeOf(given.cell), value, done: true });
      });
      void this.needs(scrubbing);
      return;
    }
    if (at < 0 || (!move && event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    event.stopPropagation();
    if (!move) return this.clicked(event);
    const next = all[Math.min(all.length - 1, Math.max(0, at + move))];
    all[at]?.setAttribute("tabindex", "-1");
    next?.setAttribute("tabindex", "0");
    if (next instanceof HTMLElement) next.focus();
  }
}

/**
 * Two lines of the same key differ in digits alone, and no piece of the one stands elsewhere in the other.
 * @param {import("../typeset.js").Live} live
 */
function keyOf({ html, decimals }) {
  return `${html} ${decimals.map(({ length }) => length)}`;
}

/** @param {Cell} cell */
function placeOf({ tensor, index }) {
  return { tensor, index };
}

customElements.define("formula-lines", FormulaLines);
