/**
 * What can be set: how it learns (η, from which images), and how the page shows it.
 *
 * Tells `configure` (a part of the configuration) and `prefer` (a part of the preferences).
 */

import { html, nothing } from "lit";

import { t } from "../i18n.js";
import { bounds } from "../bounds.js";
import { PageElement } from "./page-element.js";
import { tick } from "./tick.js";

export class SettingsPanel extends PageElement {
  /** @override */
  static properties = {
    config: { attribute: false },
    kinds: { attribute: false },
    preferences: { attribute: false },
    languages: { attribute: false },
    message: {},
    language: {},
  };

  constructor() {
    super();
    /** @type {any} */
    this.config = null;
    /** @type {any} */
    this.kinds = null;
    /** @type {{digits: number, sameScale: boolean, singleKeys: boolean, theme: string}} */
    this.preferences = { digits: 2, sameScale: false, singleKeys: true, theme: "light" };
    this.message = "";
    this.language = "en";
  }

  /** @override */
  render() {
    if (!this.config) return nothing;
    const { training } = this.config;
    const rate = this.kinds?.training.learning_rate; // its bounds, once they have come
    const { digits, sameScale, singleKeys, theme } = this.preferences;
    return html`<fieldset>
        <legend>${t("ui.descend")}</legend>
        <label class="line"
          ><span><i>η</i> ${t("caption.eta")}</span>
          <input
            type="number"
            name="learning_rate"
            required
            min=${rate?.minimum ?? 0}
            max=${rate?.maximum ?? nothing}
            step="any"
            .value=${String(training.learning_rate)}
            @change=${(/** @type {Event} */ event) => {
              const input = /** @type {HTMLInputElement} */ (event.target);
              if (input.value === "") return void input.reportValidity();
              this.tell("configure", { training: { learning_rate: Number(input.value) } });
            }}
          /><small>${rate ? bounds(rate) : nothing}</small></label
        >
        ${this.choice(
          "update.learn_from",
          [
            ["set", t("update.set_choice")],
            ["stage", t("update.stage_choice")],
          ],
          training.learn_from,
          (value) => this.tell("configure", { training: { learn_from: value } }),
        )}
        ${this.message ? html`<p class="message" role="alert">${this.message}</p>` : nothing}
      </fieldset>
      <fieldset>
        <legend>${t("ui.theme")}</legend>
        ${this.choice(
          "ui.theme",
          ["light", "dark", "projector"].map((name) => [name, t(`ui.theme_${name}`)]),
          theme,
          (value) => this.tell("prefer", { theme: value }),
        )}
        ${this.choice(
          "ui.digits",
          [
            ["2", "2"],
            ["4", "4"],
            ["17", t("ui.digits_all")],
          ],
          String(digits),
          (value) => this.tell("prefer", { digits: Number(value) }),
        )}
        ${tick("ui.same_scale", sameScale, (value) => this.tell("prefer", { sameScale: value }))}
        ${tick("ui.single_keys", singleKeys, (value) => this.tell("prefer", { singleKeys: value }))}
      </fieldset>`;
  }

  /**
   * @param {string} key
   * @param {readonly (readonly string[])[]} options values and words
   * @param {string} chosen
   * @param {(value: string) => void} act
   */
  choice(key, options, chosen, act) {
    return html`<div class="line choice" role="radiogroup" aria-label=${t(key)}>
      <span>${t(key)}</span>
      ${options.map(
        ([value = "", words]) =>
          html`<label
            ><input
              type="radio"
              name=${key}
              .value=${value}
              .checked=${value === chosen}
              @change=${() => act(value)}
            />${words}</label
          >`,
      )}
    </div>`;
  }
}

customElements.define("settings-panel", SettingsPanel);
