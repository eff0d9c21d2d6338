/**
 * The lesson: one chapter at a time beside the stage. A text, the key that goes on, what is then seen
 * there; at the end a question with a hint and the worked answer.
 *
 * Tells `lesson-go`, `lesson-back`, `lesson-chapter` ({chapter}), `lesson-answer` (a text),
 * `lesson-hint`, `lesson-solve`, `lesson-cells`, `lesson-image` and `lesson-pool` ({kind}).
 */

import { html, nothing } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";

import { CHAPTERS } from "../chapters.js";
import { t } from "../i18n.js";
import { texHtml } from "../typeset.js";
import { PageElement } from "./page-element.js";

/** @typedef {import("../actions/lesson.js").Progress} Progress */
/** @typedef {import("../chapters.js").Chapter} Chapter */
/** @typedef {import("../scene.js").Stop} Stop */

const KINDS = Object.freeze(["max", "average", "l2"]);

export class LessonPanel extends PageElement {
  /** @override */
  static properties = {
    chapter: {},
    progress: { attribute: false },
    told: { attribute: false },
    fits: { type: Boolean },
    hasBatch: { type: Boolean },
    hasImages: { type: Boolean },
    kind: {},
    message: {},
    busy: { type: Boolean },
    language: {},
  };

  constructor() {
    super();
    /** @type {string | null} */
    this.chapter = null;
    /** @type {Progress | null} */
    this.progress = null;
    /** @type {Chapter | null} the chapter with the numbers of this moment */
    this.told = null;
    this.fits = true;
    this.hasBatch = true;
    this.hasImages = true;
    /** the kind of pooling */
    this.kind = "";
    /** what went wrong, where its own place is hidden by this panel */
    this.message = "";
    this.busy = false;
    this.language = "en";
    /** what the keyboard's focus was last brought to */
    this.place = "";
  }

  /** @override */
  render() {
    if (!this.progress || !this.chapter) return nothing;
    const { message } = this;
    return html`${this.heading(this.chapter)} ${this.body(this.progress)}
    ${message ? html`<p class="message" role="alert">${message}</p>` : nothing}`;
  }

  /**
   * After a key the next one finds its button: the focus goes with the text.
   * @override
   */
  updated() {
    const { chapter, progress, told } = this;
    if (!progress || !told) return;
    const answered = progress.reply === "right" || progress.reply === "worked";
    const place = `${chapter} ${progress.at} ${answered} ${told.question.ready} ${this.kind}`;
    if (place === this.place || this.busy) return;
    this.place = place;
    /** @type {HTMLElement | null} */ (
      this.querySelector(".goes, .answer input, .answer button")
    )?.focus();
  }

  /** @param {string} chapter */
  heading(chapter) {
    const number = CHAPTERS.indexOf(chapter) + 1;
    const done = this.progress?.done ?? [];
    return html`<div class="chapters">
      <span class="of">${t("lesson.of", { number, count: CHAPTERS.length })}</span>
      <select
        aria-label=${t("lesson.chapter")}
        .value=${chapter}
        @change=${(/** @type {Event} */ event) =>
          this.tell("lesson-chapter", {
            chapter: /** @type {HTMLSelectElement} */ (event.target).value,
          })}
      >
        ${CHAPTERS.map(
          (id, at) =>
            html`<option value=${id} ?selected=${id === chapter}>
              ${at + 1} ${t(`lesson.${id}.title`)}${done.includes(id) ? " ✓" : ""}
            </option>`,
        )}
      </select>
    </div>`;
  }

  /** @param {Progress} progress */
  body(progress) {
    if (!this.fits) return html`<p>${t("lesson.other_network")}</p>`;
    if (!this.told) return html`<p>${t(this.hasBatch ? "formula.loading" : "lesson.no_batch")}</p>`;
    const { stops, question } = this.told;
    const stop = stops[Math.floor(progress.at / 2)];
    if (!stop) return this.question(question, progress);
    return this.stop(stop, progress);
  }

  /**
   * @param {Stop} stop
   * @param {Progress} progress
   */
  stop(stop, { at, covered }) {
    const seen = at % 2 === 1;
    const key = `lesson.${this.chapter}.${stop.id}`;
    return html`<p class="text">${raised(t(key, stop.words))}</p>
      <p class="seen" role="status">
        ${seen ? raised(t(covered ? "lesson.covered" : `${key}.seen`, stop.words)) : nothing}
      </p>
      ${seen && stop.kinds ? this.kinds() : nothing}
      ${this.keys(t(seen ? "lesson.on" : stop.learn ? "lesson.learn" : "lesson.show"))}`;
  }

  /** The same stop with another kind of pooling. */
  kinds() {
    return html`<p class="row" role="group" aria-label=${t("lesson.pooling")}>
      ${KINDS.map(
        (kind) =>
          html`<button
            type="button"
            aria-pressed=${kind === this.kind}
            ?disabled=${this.busy}
            @click=${() => this.tell("lesson-pool", { kind })}
          >
            ${t(`lesson.pooling.${kind}`)}
          </button>`,
      )}
    </p>`;
  }

  /** @param {string} says what the key does */
  keys(says) {
    const back = (this.progress?.at ?? 0) > 0;
    return html`<p class="row">
      <button
        type="button"
        class="back"
        aria-label=${t("lesson.back")}
        title=${t("lesson.back")}
        ?disabled=${!back}
        @click=${() => this.tell("lesson-back")}
      >
        ‹
      </button>
      <button type="button" class="main goes" @click=${() => this.tell("lesson-go")}>
        ${says} <kbd>${t("lesson.key")}</kbd>
      </button>
    </p>`;
  }

  /**
   * @param {import("../scene.js").Question} question
   * @param {Progress} progress
   */
  question(question, progress) {
    const { reply, hint, covered } = progress;
    const key = `lesson.${this.chapter}`;
    if (covered)
      return html`<p>${t("lesson.covered")}</p>
        ${this.onwards()}`;
    if (!question.ready) return this.without();
    const answered = reply === "right" || reply === "worked";
    return html`<p class="text">${raised(t(`${key}.question`, question.words))}</p>
      ${answered ? nothing : this.answering(question)}
      <p class="seen" role="status">
        ${reply && reply !== "worked" ? html`<b>${t(`lesson.${reply}`)}</b> ` : nothing}${
          answered
            ? raised(t(`${key}.worked`, { ...question.words, answer: this.answerOf(question) }))
            : hint
              ? raised(t(`${key}.hint`, question.words))
              : nothing
        }
      </p>
      ${
        hint && !answered && question.law
          ? html`<p class="law">${unsafeHTML(texHtml(question.law))}</p>`
          : nothing
      }
      ${answered ? this.onwards() : this.helping(hint)}`;
  }

  /** @param {import("../scene.js").Question} question */
  answerOf({ kind, answer }) {
    return kind === "choice" ? t(`lesson.choice.${answer}`) : "";
  }

  /** @param {import("../scene.js").Question} question */
  answering({ kind, choices = [] }) {
    if (kind === "choice") {
      return html`<p class="row answer">
        ${choices.map(
          (choice) =>
            html`<button type="button" @click=${() => this.tell("lesson-answer", choice)}>
              ${t(`lesson.choice.${choice}`)}
            </button>`,
        )}
      </p>`;
    }
    if (kind === "cell") {
      return html`<p class="row answer">
        <button type="button" @click=${() => this.tell("lesson-cells")}>
          ${t("lesson.cells")}
        </button>
      </p>`;
    }
    return html`<form class="row answer" @submit=${this.typed}>
      <input
        name="number"
        inputmode="decimal"
        autocomplete="off"
        aria-label=${t("lesson.number")}
        placeholder=${t("lesson.number")}
      />
      <button type="submit">${t("lesson.check")}</button>
    </form>`;
  }

  /** @param {SubmitEvent} event */
  typed(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    this.tell("lesson-answer", String(new FormData(form).get("number") ?? ""));
  }

  /** @param {boolean} hinted */
  helping(hinted) {
    return html`<p class="row">
      <button
        type="button"
        class="back"
        aria-label=${t("lesson.back")}
        title=${t("lesson.back")}
        @click=${() => this.tell("lesson-back")}
      >
        ‹
      </button>
      ${
        hinted
          ? nothing
          : html`<button type="button" @click=${() => this.tell("lesson-hint")}>
              ${t("lesson.hint")}
            </button>`
      }
      <button type="button" @click=${() => this.tell("lesson-solve")}>${t("lesson.solve")}</button>
    </p>`;
  }

  /** The way to the next chapter; none after the last. */
  onwards() {
    const last = this.chapter === CHAPTERS.at(-1);
    return last ? html`<p>${t("lesson.end")}</p>` : this.keys(t("lesson.next"));
  }

  /** This drawing has no answer: why, and an image that has one. */
  without() {
    return html`<p class="text">${t("lesson.without")}</p>
      ${
        this.hasImages
          ? html`<p class="row answer">
              <button
                type="button"
                ?disabled=${this.busy}
                @click=${() => this.tell("lesson-image")}
              >
                ${t("lesson.image")}
              </button>
            </p>`
          : nothing
      }`;
  }
}

/**
 * A sentence with its indices raised and lowered: `δ^F1_23` as people write it.
 * @param {string} text
 */
function raised(text) {
  const parts = text.split(/(\^[A-Z]\d*|_(?:\d+(?:[,-]\d+)*|T))/);
  return parts.map((part) => {
    if (part.startsWith("^")) return html`<sup>${part.slice(1)}</sup>`;
    return /^_[\dT]/.test(part) ? html`<sub>${part.slice(1)}</sub>` : part;
  });
}

customElements.define("lesson-panel", LessonPanel);
