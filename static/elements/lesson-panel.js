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
import { raised } from "./raised.js";

/** @typedef {import("../actions/progress.js").Progress} Progress */
/** @typedef {import("../chapters.js").Chapter} Chapter */
/** @typedef {import("../scene.js").Question} Question */
/** @typedef {import("../scene.js").Stop} Stop */

const KINDS = Object.freeze(["max", "average", "l2"]);

export class LessonPanel extends PageElement {
  /** @override */
  static properties = {
    chapter: {},
    chapters: { attribute: false },
    progress: { attribute: false },
    told: { attribute: false },
    misfit: {},
    lacks: {},
    guesses: { type: Boolean },
    covers: { type: Boolean },
    hide: { attribute: false },
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
    /** @type {readonly string[]} those that the class may see */
    this.chapters = CHAPTERS;
    /** @type {Progress | null} */
    this.progress = null;
    /** @type {Chapter | null} the chapter with the numbers of this moment */
    this.told = null;
    /** @type {string | null} what of the network the lesson does not speak of */
    this.misfit = null;
    /** @type {string | null} what the moment lacks for the chapter */
    this.lacks = null;
    /** is what the stage shows to be guessed first? */
    this.guesses = false;
    /** is what would be said hidden from the class? */
    this.covers = false;
    /** @type {readonly string[]} */
    this.hide = [];
    this.hasImages = true;
    /** the kind of pooling */
    this.kind = "";
    /** what went wrong, where its own place is hidden by this panel */
    this.message = "";
    this.busy = false;
    this.language = "en";
    /** how much the lesson's keys had done when the keyboard's focus was last brought to one */
    this.turn = 0;
  }

  /** @override */
  render() {
    if (!this.progress || !this.chapter) return nothing;
    const { message } = this;
    return html`${this.heading(this.chapter)} ${this.body(this.chapter, this.progress)}
    ${message ? html`<p class="message" role="alert">${message}</p>` : nothing}`;
  }

  /**
   * After one of the lesson's keys the next one finds its button: the focus goes with the text.
   * @override
   */
  updated() {
    const { busy, progress } = this;
    if (busy || !progress || progress.turn === this.turn) return;
    this.turn = progress.turn;
    /** @type {HTMLElement | null} */ (
      this.querySelector(".answer input, .answer button") ?? this.querySelector(".goes")
    )?.focus();
  }

  /** @param {string} chapter */
  heading(chapter) {
    const number = CHAPTERS.indexOf(chapter) + 1;
    const done = this.progress?.done ?? [];
    const listed = CHAPTERS.filter((id) => id === chapter || this.chapters.includes(id));
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
        ${listed.map(
          (id) =>
            html`<option value=${id} ?selected=${id === chapter}>
              ${CHAPTERS.indexOf(id) + 1} ${t(`lesson.${id}.title`)}${done.includes(id) ? " ✓" : ""}
            </option>`,
        )}
      </select>
    </div>`;
  }

  /**
   * @param {string} chapter
   * @param {Progress} progress
   */
  body(chapter, progress) {
    if (this.misfit) {
      return html`<p class="text">${t(`lesson.misfit.${this.misfit}`)}</p>
        <p>${t("lesson.other_network")}</p>`;
    }
    if (!this.chapters.includes(chapter)) return this.instead(t("lesson.covered"));
    if (this.lacks) return this.instead(t(`lesson.without.${this.lacks}`));
    if (!this.told) return html`<p>${t("formula.loading")}</p>`;
    const { stops, question } = this.told;
    const stop = stops[Math.floor(progress.at / 2)];
    return stop ? this.stop(stop, progress) : this.question(question, progress);
  }

  /**
   * What is said where a chapter cannot be, and the way on.
   * @param {string} text
   */
  instead(text) {
    return html`<p class="text">${text}</p>
      ${this.onwards()}`;
  }

  /**
   * @param {Stop} stop
   * @param {Progress} progress
   */
  stop(stop, { at }) {
    const seen = at % 2 === 1;
    const key = `lesson.${this.chapter}`;
    const { guesses, covers } = this;
    const own = `${key}.${stop.seen ?? `${stop.id}.seen`}`;
    const told = guesses ? "lesson.guess" : covers ? "lesson.covered" : own;
    const does = stop.learn ? "lesson.learn" : "lesson.show";
    const on = guesses ? "lesson.reveal" : "lesson.on";
    return html`<p class="text">${raised(t(`${key}.${stop.id}`, stop.words))}</p>
      <p class="seen" role="status">${seen ? raised(t(told, stop.words)) : nothing}</p>
      ${seen && stop.kinds && !guesses ? this.kinds() : nothing} ${this.keys(t(seen ? on : does))}`;
  }

  /** The same stop with another kind of pooling. */
  kinds() {
    if (this.hide.includes("settings")) return nothing;
    return html`<p class="row kinds" role="group" aria-label=${t("lesson.pooling")}>
      <span>${t("lesson.pooling")}</span>
      ${KINDS.map(
        (kind) =>
          html`<button
            type="button"
            aria-pressed=${kind === this.kind}
            @click=${() => this.busy || this.tell("lesson-pool", { kind })}
          >
            ${t(`lesson.pooling.${kind}`)}
          </button>`,
      )}
    </p>`;
  }

  /** @param {string} says what the key does */
  keys(says) {
    return html`<p class="row">
      ${this.backwards()}
      <button type="button" class="main goes" @click=${() => this.tell("lesson-go")}>
        ${says} <kbd>${t("lesson.key")}</kbd>
      </button>
    </p>`;
  }

  backwards() {
    return html`<button
      type="button"
      class="back"
      aria-label=${t("lesson.back")}
      title=${t("lesson.back")}
      ?disabled=${(this.progress?.at ?? 0) === 0}
      @click=${() => this.tell("lesson-back")}
    >
      ‹
    </button>`;
  }

  /**
   * @param {Question} question
   * @param {Progress} progress
   */
  question(question, { reply, hint }) {
    const { words, lacks, texts, law } = question;
    if (lacks) return this.without(question, reply === "none");
    const key = `lesson.${this.chapter}`;
    const answered = reply === "right" || reply === "worked";
    const says = (/** @type {"question" | "hint" | "worked"} */ which) =>
      raised(t(`${key}.${texts?.[which] ?? which}`, { ...words, answer: answerOf(question) }));
    const judged = reply && reply !== "worked" ? html`<b>${t(`lesson.${reply}`)}</b> ` : nothing;
    const more = answered ? says("worked") : hint ? says("hint") : nothing;
    const shows = hint && !answered && law && !this.hide.includes("formulas");
    return html`<p class="text">${says("question")}</p>
      ${answered ? nothing : this.answering(question)}
      <p class="seen" role="status">${judged}${more}</p>
      ${shows ? html`<p class="law">${unsafeHTML(texHtml(law))}</p>` : nothing}
      ${answered ? this.ending() : this.helping(hint)}`;
  }

  /** @param {Question} question */
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
      ${this.backwards()}
      <button type="button" ?disabled=${hinted} @click=${() => this.tell("lesson-hint")}>
        ${t("lesson.hint")}
      </button>
      <button type="button" @click=${() => this.tell("lesson-solve")}>${t("lesson.solve")}</button>
    </p>`;
  }

  /** After an answer: what comes, or that all was told. */
  ending() {
    const end = this.chapter === CHAPTERS.at(-1) ? "lesson.end" : "lesson.rest";
    return html`${this.isLast ? html`<p>${t(end)}</p>` : nothing} ${this.onwards()}`;
  }

  get isLast() {
    const after = CHAPTERS.slice(CHAPTERS.indexOf(this.chapter ?? "") + 1);
    return !after.some((id) => this.chapters.includes(id));
  }

  /** The way to the next chapter; none after the last. */
  onwards() {
    return this.isLast ? html`<p class="row">${this.backwards()}</p>` : this.keys(t("lesson.next"));
  }

  /**
   * There is nothing to ask: why, and an image of which there is.
   * @param {Question} question
   * @param {boolean} tried were other images looked at, in vain?
   */
  without({ lacks, words, cell }, tried) {
    const offers = this.hasImages && cell && !cell.of && (lacks === "zero" || lacks === "factor");
    return html`<p class="text">${raised(t(`lesson.lacks.${lacks}`, words))}</p>
      <p class="seen" role="status">${tried ? t("lesson.none") : nothing}</p>
      ${
        offers && !tried
          ? html`<p class="row answer">
              <button type="button" @click=${() => this.tell("lesson-image")}>
                ${t("lesson.image")}
              </button>
            </p>`
          : nothing
      }
      ${this.onwards()}`;
  }
}

/** @param {Question} question */
function answerOf({ kind, answer }) {
  return kind === "choice" ? t(`lesson.choice.${answer}`) : "";
}

customElements.define("lesson-panel", LessonPanel);
