/** How to use the page, and its keys. Call `open()`. */

import { html } from "lit";
import { t } from "../i18n.js";
import "./page-dialog.js";
import { PageElement } from "./page-element.js";

const WAYS = ["intro", "draw", "step", "point", "unfold", "train", "zero"];

/** @type {readonly [readonly string[], string][]} keys, and the end of the message that says what they do */
const KEYS = [
  [["←", "→"], "step"],
  [["↑", "↓"], "phase"],
  [["Shift ←", "Shift →"], "iteration"],
  [["Space"], "play"],
  [["Home"], "start"],
  [["C"], "lesson"],
  [["0 … 9"], "label"],
  [["D"], "draw"],
  [["E"], "explain"],
  [["Z"], "zoom"],
  [["T"], "train"],
  [["P"], "projector"],
  [["F"], "full_screen"],
  [["L"], "language"],
  [["M"], "share"],
  [["R"], "reveal"],
  [["S"], "spotlight"],
  [["Ctrl Z"], "undo"],
  [["Ctrl Y"], "redo"],
  [["?"], "help"],
  [["Esc"], "leave"],
];

export class HelpDialog extends PageElement {
  /** @override */
  static properties = { shown: { state: true }, language: { type: String } };

  constructor() {
    super();
    this.shown = false;
    this.language = "en";
  }

  open() {
    this.shown = true;
  }

  /** @override */
  render() {
    return html`<page-dialog
      .open=${this.shown}
      .heading=${t("help.title")}
      .language=${this.language}
      @dialog-close=${() => (this.shown = false)}
    >
      <div class="help">
        <ul class="help-ways">
          ${WAYS.map((way) => html`<li>${t(`help.${way}`)}</li>`)}
        </ul>
        <table>
          <caption>
            ${t("help.keys")}
          </caption>
          <thead>
            <tr>
              <th scope="col">${t("help.key_column")}</th>
              <th scope="col">${t("help.does_column")}</th>
            </tr>
          </thead>
          <tbody>
            ${KEYS.map(
              ([keys, does]) =>
                html`<tr>
                  <td>${keys.map((key) => html`<kbd>${key}</kbd> `)}</td>
                  <td>${t(`help.key.${does}`)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
        <p>${t("help.grids")}</p>
        <p class="help-source">${t("help.source")}</p>
      </div>
    </page-dialog>`;
  }
}

customElements.define("help-dialog", HelpDialog);
