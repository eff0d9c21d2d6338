/**
 * Train until a number of updates, a cost or an accuracy is reached, or until it is stopped: the form,
 * and while it goes on, how far it is.
 *
 * Tells `train` ({iterations, stop_at_cost, stop_at_accuracy, speed}), `train-pause` ({paused}),
 * `train-speed` ({speed}) and `train-stop`.
 */

import { html, nothing } from "lit";

import { format } from "../format.js";
import { t } from "../i18n.js";
import { PageElement } from "./page-element.js";

/** Updates a second that can be chosen; null is as fast as the machine can. */
const SPEEDS = [1, 4, 20, 100, null];
const ITERATIONS = 2000;

export class TrainingControls extends PageElement {
  /** @override */
  static properties = {
    training: { attribute: false },
    ready: { type: Boolean },
    message: {},
    language: {},
    speed: { state: true },
  };

  constructor() {
    super();
    /** @type {import("../state.js").Training | null} */
    this.training = null;
    this.ready = true;
    this.message = "";
    this.language = "en";
    /** @type {number | null} */
    this.speed = null;
  }

  get underWay() {
    return this.training?.state === "running" || this.training?.state === "paused";
  }

  /** @override */
  render() {
    return html`${this.underWay ? this.progress() : this.form()}
    ${this.message ? html`<p class="message" role="alert">${this.message}</p>` : nothing}`;
  }

  form() {
    return html`<form class="until" @submit=${this.begin}>
      <label class="line"
        ><span>${t("train.iterations")}</span>
        <input
          name="iterations"
          type="number"
          min="1"
          max="1000000"
          .defaultValue=${String(ITERATIONS)}
      /></label>
      <label class="line"
        ><span>${t("train.cost")}</span>
        <input name="cost" type="number" min="0" step="any" placeholder="–"
      /></label>
      <label class="line"
        ><span>${t("train.accuracy")}</span>
        <span
          ><input name="accuracy" type="number" min="0" max="100" step="any" placeholder="–" />
          %</span
        ></label
      >
      ${this.speeds(this.speed)}
      <p class="line">
        <button class="main" ?disabled=${!this.ready}>${t("train.begin")}</button>
        <span role="status">${this.ended()}</span>
      </p>
    </form>`;
  }

  /** @type {(chosen: number | null) => unknown} */
  speeds(chosen) {
    return html`<label class="line"
      ><span>${t("train.speed")}</span>
      <select name="speed" @change=${this.paced}>
        ${SPEEDS.map(
          (speed) =>
            html`<option value=${String(speed)} ?selected=${speed === chosen}>
              ${speed === null ? t("train.flat_out") : t("train.a_second", { count: speed })}
            </option>`,
        )}
      </select></label
    >`;
  }

  /** What came of the last training. */
  ended() {
    const { training } = this;
    if (!training || training.state === "idle" || this.message) return "";
    const { state, begun, iteration } = training;
    const words = { iteration, count: iteration - begun };
    if (state === "diverged") return t("error.diverged", words);
    return state === "failed" ? t("train.failed") : t("train.finished", words);
  }

  progress() {
    const { training } = this;
    if (!training) return nothing;
    const { state, begun, iteration, goal } = training;
    const paused = state === "paused";
    return html`<div class="under-way">
      <progress
        max=${goal === null ? nothing : goal - begun}
        value=${goal === null ? nothing : iteration - begun}
        aria-label=${t("train.progress")}
      ></progress>
      <p class="reading" role="status">${this.reading(training)}</p>
      <p class="line">
        <button class="main" @click=${() => this.tell("train-pause", { paused: !paused })}>
          ${paused ? t("train.resume") : t("train.pause")}
        </button>
        <button @click=${() => this.tell("train-stop")}>${t("train.stop")}</button>
      </p>
      ${this.speeds(training.speed)}
    </div>`;
  }

  /** @param {import("../state.js").Training} training */
  reading({ state, begun, iteration, goal, per_second: rate, seconds_left: left }) {
    const count = iteration - begun;
    const done =
      goal === null
        ? t("train.done", { count })
        : t("train.done_of", { count, goal: goal - begun });
    if (state === "paused") return `${done} · ${t("train.paused")}`;
    const pace = t("train.rate", { count: rate < 10 ? format(rate, 1) : Math.round(rate) });
    const rest = left === null ? "" : ` · ${t("train.left", { seconds: Math.ceil(left) })}`;
    return `${done} · ${pace}${rest}`;
  }

  /** @param {SubmitEvent} event */
  begin(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const number = (/** @type {string} */ name) => {
      const text = String(form.get(name) ?? "");
      return text === "" ? null : Number(text);
    };
    const accuracy = number("accuracy");
    this.tell("train", {
      iterations: number("iterations"),
      stop_at_cost: number("cost"),
      stop_at_accuracy: accuracy === null ? null : accuracy / 100,
      speed: this.speed,
    });
  }

  /** @param {Event} event */
  paced(event) {
    const { value } = /** @type {HTMLSelectElement} */ (event.target);
    this.speed = value === "null" ? null : Number(value);
    if (this.underWay) this.tell("train-speed", { speed: this.speed });
  }
}

customElements.define("training-controls", TrainingControls);
