/** A box to tick, as settings are made of. */

import { html } from "lit";

import { t } from "../i18n.js";

/**
 * @param {string} key of its words
 * @param {boolean} on
 * @param {(value: boolean) => void} act
 */
export function tick(key, on, act) {
  return html`<label class="line"
    ><input
      type="checkbox"
      .checked=${on}
      @change=${(/** @type {Event} */ event) =>
        act(/** @type {HTMLInputElement} */ (event.target).checked)}
    />${t(key)}</label
  >`;
}
