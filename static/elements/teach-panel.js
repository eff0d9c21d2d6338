/**
 * For those who stand in front of a class: the link to this moment, what is hidden and lit, and what
 * can be printed.
 *
 * Tells `open` ({panel}), `share`, `hide` ({what, on}, several at once), `predict` ({on}), `spotlight` ({tensor}) and `prefer`.
 */

import { html, nothing } from "lit";

import { CHAPTERS } from "../chapters.js";
import { t } from "../i18n.js";
import { networkOf, plainSymbol } from "../notation.js";
import { caption } from "../sentences.js";
import "./page-dialog.js";
import { PageElement } from "./page-element.js";
import { tick } from "./tick.js";

const HIDEABLE = Object.freeze([
  "backward",
  "formulas",
  "numbers",
  "answer",
  "training",
  "images",
  "settings",
]);

const PRINTED = Object.freeze({
  worksheet: "worksheet",
  key: "worksheet?key=1",
  glossary: "/glossary",
  teachers: "/teachers",
});

export class TeachPanel extends PageElement {
  /** @override */
  static properties = {
    run: { attribute: false },
    lit: { attribute: false },
    hide: { attribute: false },
    predict: { type: Boolean },
    spotlight: {},
    theme: {},
    moment: { attribute: false },
    language: {},
    large: { state: true },
    copied: { state: true },
  };

  constructor() {
    super();
    /** @type {any} */
    this.run = null;
    /** @type {readonly string[]} tensors that can be lit */
    this.lit = [];
    /** @type {readonly string[]} */
    this.hide = [];
    this.predict = false;
    /** @type {string | null} */
    this.spotlight = null;
    this.theme = "light";
    /** @type {{id: string, path: string, url: string, reach: string, iteration: number, step: number} | null} */
    this.moment = null;
    this.language = "en";
    this.large = false;
    this.copied = "";
  }

  /** @override */
  render() {
    if (!this.run) return nothing;
    return html`${this.lesson()} ${this.sharing()} ${this.showing()} ${this.hiding()}
    ${this.printing()} ${this.wall()}`;
  }

  lesson() {
    const open = () => this.tell("open", { panel: "lesson" });
    return html`<section>
      <h3>${t("teach.lesson")}</h3>
      <p class="about">${t("teach.lesson_about")}</p>
      <button type="button" class="main" @click=${open}>${t("teach.lesson_open")}</button>
    </section>`;
  }

  sharing() {
    return html`<section>
      <h3>${t("share.title")}</h3>
      <p class="about">${t("share.about")}</p>
      <button type="button" class="main" @click=${() => this.tell("share")}>
        ${t(this.moment ? "share.again" : "share.make")}
      </button>
      ${this.moment ? this.link(this.moment) : nothing}
    </section>`;
  }

  /** @param {NonNullable<TeachPanel["moment"]>} moment */
  link({ path, url, reach, iteration, step }) {
    const frame = `<iframe src="${url}?embed=1" width="1000" height="640" style="border:0" title="Backlit"></iframe>`;
    return html`<div class="moment">
        <img src=${`${path}/qr.svg`} alt=${t("share.code", { url })} width="148" height="148" />
        <div>
          <p>${t("share.of", { iteration, step })}</p>
          <label
            >${t("share.link")}
            <input type="text" readonly .value=${url} @focus=${selectAll} />
          </label>
          <p class="row">
            ${this.copy("share.copy", url)} ${this.copy("share.copy_frame", frame)}
            <button type="button" @click=${() => (this.large = true)}>${t("share.large")}</button>
          </p>
          <p role="status" class="about">${this.copied ? t(this.copied) : ""}</p>
        </div>
      </div>
      ${reach === "computer" ? html`<p class="message">${t("share.only_here")}</p>` : nothing}`;
  }

  /**
   * @param {string} key
   * @param {string} text
   */
  copy(key, text) {
    const act = () =>
      navigator.clipboard.writeText(text).then(
        () => (this.copied = "formula.copied"),
        () => (this.copied = "formula.copy_failed"),
      );
    return html`<button
      type="button"
      @click=${() => (navigator.clipboard ? void act() : (this.copied = "formula.copy_failed"))}
    >
      ${t(key)}
    </button>`;
  }

  /** The code for the wall, so large that the last row can read it. */
  wall() {
    if (!this.moment) return nothing;
    const { path, url } = this.moment;
    return html`<page-dialog
      style="--dialog-width: 1000px"
      .open=${this.large}
      .heading=${t("share.scan")}
      .language=${this.language}
      @dialog-close=${() => (this.large = false)}
    >
      <img class="code" src=${`${path}/qr.svg`} alt=${t("share.code", { url })} />
      <p class="code-url">${url}</p>
    </page-dialog>`;
  }

  showing() {
    const network = networkOf(this.run);
    return html`<section>
      <h3>${t("teach.show")}</h3>
      ${tick("ui.theme_projector", this.theme === "projector", (on) =>
        this.tell("prefer", { theme: on ? "projector" : "light" }),
      )}
      ${tick("teach.predict", this.predict, (on) => this.tell("predict", { on }))}
      <label class="line"
        ><span>${t("teach.spotlight")}</span>
        <select
          @change=${(/** @type {Event} */ event) => {
            const { value } = /** @type {HTMLSelectElement} */ (event.target);
            this.tell("spotlight", { tensor: value || null });
          }}
        >
          <option value="" ?selected=${!this.spotlight}>${t("teach.no_spotlight")}</option>
          ${this.lit.map(
            (tensor) =>
              html`<option value=${tensor} ?selected=${tensor === this.spotlight}>
                ${plainSymbol(network, { tensor })} · ${caption(this.run, tensor)}
              </option>`,
          )}
        </select>
      </label>
    </section>`;
  }

  hiding() {
    return html`<section>
      <h3>${t("teach.hide")}</h3>
      <p class="about">${t("teach.hide_about")}</p>
      <div class="ticks">
        ${HIDEABLE.map((what) =>
          tick(`hide.${what}`, this.hide.includes(what), (on) =>
            this.tell("hide", { what: [what], on }),
          ),
        )}
      </div>
      ${this.chapters()}
    </section>`;
  }

  /** How far the class may read: all chapters after one are hidden. */
  chapters() {
    const shown = CHAPTERS.filter((id) => !this.hide.includes(id));
    const last = shown.at(-1) ?? "";
    return html`<label class="line"
      ><span>${t("hide.chapters")}</span>
      <select
        @change=${(/** @type {Event} */ event) => {
          const { value } = /** @type {HTMLSelectElement} */ (event.target);
          this.tell("hide", { what: CHAPTERS, on: false });
          this.tell("hide", { what: CHAPTERS.slice(CHAPTERS.indexOf(value) + 1), on: true });
        }}
      >
        <option value="" ?selected=${last === ""}>${t("hide.no_chapter")}</option>
        ${CHAPTERS.map(
          (id, at) =>
            html`<option value=${id} ?selected=${id === last}>
              ${at + 1} ${t(`lesson.${id}.title`)}
            </option>`,
        )}
      </select>
    </label>`;
  }

  printing() {
    const at = `/runs/${encodeURIComponent(this.run.id)}/`;
    return html`<section>
      <h3>${t("teach.print")}</h3>
      <ul>
        ${Object.entries(PRINTED).map(
          ([name, path]) =>
            html`<li>
              <a href=${path.startsWith("/") ? path : at + path} target="_blank"
                >${t(`print.${name}`)}</a
              >
            </li>`,
        )}
      </ul>
    </section>`;
  }
}

/** @param {Event} event */
function selectAll(event) {
  /** @type {HTMLInputElement} */ (event.target).select();
}

customElements.define("teach-panel", TeachPanel);
