/**
 * The iterations as a film: drag through them, or let them play, without leaving the page.
 *
 * Tells `replay` ({to}) and `prefer` ({sameScale}).
 */

import { html } from "lit";

import { t } from "../i18n.js";
import { PageElement } from "./page-element.js";

const FRAME = 1000 / 12;
const SECONDS = 12;

export class ReplayBar extends PageElement {
  /** @override */
  static properties = {
    iteration: { type: Number },
    iterations: { type: Number },
    sameScale: { type: Boolean },
    running: { type: Boolean },
    language: {},
    playing: { state: true },
  };

  constructor() {
    super();
    this.iteration = 0;
    this.iterations = 0;
    this.sameScale = false;
    this.running = false;
    this.language = "en";
    this.playing = false;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.timer = undefined;
  }

  /**
   * Whoever goes to an iteration wants to stay there.
   * @override
   */
  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("iteration", this.halt);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("iteration", this.halt);
    this.halt();
  }

  /** @override */
  render() {
    const { iteration, iterations, running } = this;
    const none = running || iterations === 0;
    return html`<div class="replay" role="group" aria-label=${t("replay.title")}>
      <button ?disabled=${none} aria-pressed=${this.playing} @click=${this.toggle}>
        ${this.playing ? t("replay.pause") : t("replay.play")}
      </button>
      <input
        type="range"
        min="0"
        max=${iterations}
        .value=${String(iteration)}
        ?disabled=${none}
        aria-label=${t("replay.iteration")}
        @input=${this.dragged}
      />
      <output>${t("replay.at", { iteration, iterations })}</output>
      <label class="same"
        ><input
          type="checkbox"
          .checked=${this.sameScale}
          @change=${(/** @type {any} */ event) =>
            this.tell("prefer", { sameScale: event.target.checked })}
        />${t("replay.same_scale")}</label
      >
    </div>`;
  }

  /** @param {Event} event */
  dragged(event) {
    this.halt();
    this.tell("replay", { to: Number(/** @type {HTMLInputElement} */ (event.target).value) });
  }

  /** From the beginning where the film is at its end; a short film shows every iteration. */
  toggle() {
    if (this.playing) return this.halt();
    const from = this.iteration >= this.iterations ? 0 : this.iteration;
    const stride = Math.max(1, Math.round((this.iterations * FRAME) / (SECONDS * 1000)));
    let next = from;
    this.playing = true;
    this.timer = setInterval(() => {
      if (!this.checkVisibility()) return this.halt();
      this.tell("replay", { to: next });
      if (next >= this.iterations || this.running) this.halt();
      next = Math.min(next + stride, this.iterations);
    }, FRAME);
  }

  halt = () => {
    clearInterval(this.timer);
    this.playing = false;
  };
}

customElements.define("replay-bar", ReplayBar);
