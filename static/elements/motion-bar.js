/**
 * The film's own controls, and what the present beat says in numbers: the term in letters, the same
 * with numbers, what it comes to, and what has come together so far.
 *
 * Tells `beat` ({by} or {to}), `beat-play`, `show-how` ({cell, kind}) to change what is shown, and
 * `film-end`. A lesson, or any other part of the page, can tell the same: `show-how` with `playing`
 * false stands at the first beat.
 */

import { html, nothing } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";

import { lookupIn } from "../formula.js";
import { t } from "../i18n.js";
import { numberText } from "../lines.js";
import { networkOf, symbol } from "../notation.js";
import { texHtml, texNumber, typeset } from "../typeset.js";
import { PageElement } from "./page-element.js";

/** @typedef {import("../beats.js").Film} Film */

const SIGNS = { sum: "\\Sigma", product: "\\Pi", max: "\\max" };

export class MotionBar extends PageElement {
  /** @override */
  static properties = {
    film: { attribute: false },
    language: { type: String },
  };

  constructor() {
    super();
    /** @type {Film | null} */
    this.film = null;
    this.language = "en";
  }

  /** @override */
  firstUpdated() {
    if (document.activeElement !== document.body) return;
    /** @type {HTMLElement | null} */ (this.querySelector(".beat-next"))?.focus();
  }

  /** @override */
  render() {
    const { film } = this;
    if (!film) return nothing;
    const { at, beats, kinds } = film;
    const count = t("film.beat", { number: at + 1, count: beats.length });
    return html`<div class="film-bar" role="group" aria-label=${t("film.title")}>
      ${kinds.length > 1 ? this.choice(film) : nothing}
      ${this.button("film.back", "‹", () => this.tell("beat", { by: -1 }), at === 0)}
      ${
        film.calm
          ? nothing
          : this.button(film.playing ? "film.pause" : "film.play", film.playing ? "❚❚" : "▶", () =>
              this.tell("beat-play"),
            )
      }
      ${this.button("film.next", "›", () => this.tell("beat", { by: 1 }), at === beats.length - 1, "beat-next")}
      <span class="film-count">${count}</span>
      ${this.button("film.end", "✕", () => this.tell("film-end"))}
    </div>`;
  }

  /** @param {Film} film */
  choice({ kind, kinds, subject, playing }) {
    return html`<span class="choice" role="group" aria-label=${t("film.kind")}>
      ${kinds.map(
        (one) =>
          html`<button
            type="button"
            aria-pressed=${one === kind}
            @click=${() => this.tell("show-how", { cell: subject, kind: one, playing })}
          >
            ${t(`film.${one}`)}
          </button>`,
      )}
    </span>`;
  }

  /**
   * @param {string} key
   * @param {string} sign
   * @param {() => void} act
   * @param {boolean} [idle] nothing to do? It stays where it is, so that the focus does.
   * @param {string} [name]
   */
  button(key, sign, act, idle = false, name = "") {
    return html`<button
      type="button"
      class=${name}
      title=${t(key)}
      aria-label=${t(key)}
      aria-disabled=${idle}
      @click=${act}
    >
      ${sign}
    </button>`;
  }
}

export class BeatLine extends PageElement {
  /** @override */
  static properties = {
    film: { attribute: false },
    run: { attribute: false },
    trace: { attribute: false },
    digits: { type: Number },
    language: { type: String },
  };

  constructor() {
    super();
    /** @type {Film | null} */
    this.film = null;
    /** @type {any} */
    this.run = null;
    /** @type {import("../formula.js").Trace | null} */
    this.trace = null;
    this.digits = 2;
    this.language = "en";
  }

  /** @override */
  render() {
    const { film, trace } = this;
    const beat = film?.beats[film.at];
    if (!beat || !trace || film?.kind !== "terms" || film.aside) return nothing;
    return html`<p class="beat-line" aria-live=${film.playing ? "off" : "polite"}>
      ${unsafeHTML(texHtml(this.term(beat, trace)))}
    </p>`;
  }

  /**
   * @param {import("../beats.js").Beat} beat
   * @param {import("../formula.js").Trace} trace
   */
  term({ tree, amount, total, op }, trace) {
    const look = lookupIn(trace);
    const number = (/** @type {number} */ one) => texNumber(numberText(one, this.digits));
    const network = networkOf(this.run);
    const open = new Set();
    const letters = {
      cell: (/** @type {any} */ c) => symbol(network, c),
      number,
      lookup: null,
      open,
    };
    const numbers = { cell: (/** @type {any} */ c) => number(look(c)), number, lookup: look, open };
    const write = (/** @type {import("../typeset.js").Writing} */ writing) =>
      typeset(tree, writing).tex.replace(/\\htmlData\{node=\d+\}/g, "");
    const term = [write(letters), write(numbers), number(amount)];
    const said = term.filter((text, i) => text !== term[i - 1]).join(" \\;\\to\\; ");
    return op ? `${said} \\qquad ${SIGNS[op]} = ${number(total)}` : said;
  }
}

customElements.define("motion-bar", MotionBar);
customElements.define("beat-line", BeatLine);
