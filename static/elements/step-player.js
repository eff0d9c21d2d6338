/**
 * The transport: start, back, step, play, speed; the timeline of the steps, its phases coloured; above
 * it the iterations so far. Both lines can be dragged.
 *
 * Tells `step` ({to} or {by}), `phase` ({by}), `iteration` ({to} or {by}), `play`, `speed` ({speed}).
 */

import { html } from "lit";

import { padded } from "../format.js";
import { t } from "../i18n.js";
import { pieces, plainSymbol } from "../notation.js";
import { PageElement } from "./page-element.js";

/** Digits of the most iterations that a run reaches. */
const MILLION = 7;
export const SPEEDS = Object.freeze([0.5, 1, 2, 4]);

export class StepPlayer extends PageElement {
  /** @override */
  static properties = {
    steps: { attribute: false },
    step: { type: Number },
    iteration: { type: Number },
    iterations: { type: Number },
    network: { attribute: false },
    playing: { type: Boolean },
    speed: { type: Number },
    busy: { type: Boolean },
    language: {},
  };

  constructor() {
    super();
    /** @type {readonly import("../moment.js").Step[]} */
    this.steps = [];
    this.step = 0;
    this.iteration = 0;
    this.iterations = 0;
    /** @type {import("../notation.js").Network | null} */
    this.network = null;
    this.playing = false;
    this.speed = 1;
    this.busy = false;
    this.language = "en";
    this.dragging = false;
  }

  /** @override */
  render() {
    return html`<div class="transport" role="group" aria-label=${t("ui.step")}>
        ${this.button("start", "|◂", "ui.start", "Home", () => this.tell("step", { to: 0, start: true }))}
        ${this.button("back", "◂", "ui.step_back", "←", () => this.tell("step", { by: -1 }))}
        <button
          class="forward"
          id="step"
          title=${`${t("ui.step")} (→)`}
          @click=${() => this.tell("step", { by: 1 })}
        >
          ${t("ui.step")} <span aria-hidden="true">▸</span>
        </button>
        ${this.button("phase", "▸▸", "ui.next_phase", "↓", () => this.tell("phase", { by: 1 }))}
        <button
          class="play"
          aria-pressed=${this.playing}
          title=${`${t(this.playing ? "ui.pause" : "ui.play")} (Space)`}
          aria-label=${t(this.playing ? "ui.pause" : "ui.play")}
          @click=${() => this.tell("play")}
        >
          ${this.playing ? "❚❚" : "▶"}
        </button>
        <select
          aria-label=${t("ui.speed")}
          title=${t("ui.speed")}
          @change=${(/** @type {Event} */ event) =>
            this.tell("speed", {
              speed: Number(/** @type {HTMLSelectElement} */ (event.target).value),
            })}
        >
          ${SPEEDS.map(
            (speed) =>
              html`<option value=${speed} ?selected=${speed === this.speed}>${speed}×</option>`,
          )}
        </select>
      </div>
      <div class="lines">${this.iterationLine()} ${this.timeline()}</div>`;
  }

  /**
   * @param {string} kind
   * @param {string} sign
   * @param {string} key
   * @param {string} shortcut
   * @param {() => void} act
   */
  button(kind, sign, key, shortcut, act) {
    return html`<button
      class=${kind}
      aria-label=${t(key)}
      title=${`${t(key)} (${shortcut})`}
      @click=${act}
    >
      <span aria-hidden="true">${sign}</span>
    </button>`;
  }

  iterationLine() {
    const label = t("ui.iteration", { iteration: this.iteration });
    return html`<div class="iterations">
      <label for="iterations">${label}</label>
      <button
        aria-label=${t("ui.previous_iteration")}
        title=${`${t("ui.previous_iteration")} (Shift+←)`}
        ?disabled=${this.iteration === 0}
        @click=${() => this.tell("iteration", { by: -1 })}
      >
        ‹
      </button>
      <input
        id="iterations"
        type="range"
        min="0"
        max=${Math.max(this.iterations, 1)}
        .value=${String(this.iteration)}
        ?disabled=${this.iterations === 0}
        title=${t("ui.iterations_so_far")}
        @input=${(/** @type {Event} */ event) =>
          this.tell("iteration", {
            to: Number(/** @type {HTMLInputElement} */ (event.target).value),
          })}
      />
      <button
        aria-label=${t("ui.next_iteration")}
        title=${`${t("ui.next_iteration")} (Shift+→)`}
        @click=${() => this.tell("iteration", { by: 1 })}
      >
        ›
      </button>
      <span class="reached">${padded(this.iterations, MILLION)}</span>
    </div>`;
  }

  timeline() {
    const { steps, step } = this;
    const now = steps[step - 1];
    return html`<div
      class="timeline"
      role="slider"
      tabindex="0"
      aria-label=${t("ui.timeline")}
      aria-valuemin="0"
      aria-valuemax=${steps.length}
      aria-valuenow=${step}
      aria-valuetext=${`${t("ui.step_of", { step, steps: steps.length })}${now ? `, ${t(`phase.${now.phase}`)}` : ""}`}
      @pointerdown=${this.onDown}
      @pointermove=${this.onMove}
      @pointerup=${this.onUp}
      @pointercancel=${this.onUp}
      @keydown=${this.onKey}
    >
      ${steps.map(
        (one) =>
          html`<span
            class=${`tick ${one.phase}${one.number <= step ? " done" : ""}${one.number === step ? " now" : ""}`}
            title=${this.nameOf(one)}
            ><span class="bar"></span
            ><span class="what" lang="en">${this.symbolOf(one)}</span></span
          >`,
      )}
    </div>`;
  }

  /** @param {import("../moment.js").Step} one */
  nameOf({ writes }) {
    return this.network ? plainSymbol(this.network, { tensor: writes }) : writes;
  }

  /** @param {import("../moment.js").Step} one */
  symbolOf({ writes }) {
    if (!this.network) return writes;
    return pieces(this.network, { tensor: writes }).map(({ text, at }) =>
      at === "sup" ? html`<sup>${text}</sup>` : text,
    );
  }

  /** @param {PointerEvent} event */
  onDown(event) {
    this.dragging = true;
    /** @type {Element} */ (event.currentTarget).setPointerCapture(event.pointerId);
    this.onMove(event);
  }

  /** @param {PointerEvent} event */
  onMove(event) {
    if (!this.dragging) return;
    const box = /** @type {Element} */ (event.currentTarget).getBoundingClientRect();
    const part = (event.clientX - box.left) / box.width;
    const to = Math.min(this.steps.length, Math.max(0, Math.ceil(part * this.steps.length)));
    if (to !== this.step) this.tell("step", { to });
  }

  onUp() {
    this.dragging = false;
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const to = { Home: 0, End: this.steps.length }[event.key];
    const phase = { PageUp: -1, PageDown: 1 }[event.key];
    if (to !== undefined) this.tell("step", { to });
    else if (phase) this.tell("phase", { by: phase });
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

customElements.define("step-player", StepPlayer);
