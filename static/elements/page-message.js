/**
 * What went wrong, or was done, in words, where it is seen and heard.
 * `message` is {text, kind: "error" | "note", retry?: boolean} or null; says `message-dismiss`, `message-retry`.
 */

import { html, nothing } from "lit";
import { t } from "../i18n.js";
import { PageElement } from "./page-element.js";

export class PageMessage extends PageElement {
  /** @override */
  static properties = { message: { attribute: false }, language: { type: String } };

  constructor() {
    super();
    /** @type {{text: string, kind: "error" | "note", retry?: boolean} | null} */
    this.message = null;
    this.language = "en";
  }

  /** @override */
  render() {
    const { message } = this;
    const error = message?.kind === "error";
    return html`<div
      class="page-message"
      role=${error ? "alert" : "status"}
      data-kind=${message?.kind ?? "none"}
    >
      ${
        message
          ? html`<p>${message.text}</p>
              ${
                message.retry
                  ? html`<button type="button" @click=${() => this.tell("message-retry")}>
                      ${t("message.retry")}
                    </button>`
                  : nothing
              }
              <button
                type="button"
                aria-label=${t("message.dismiss")}
                title=${t("message.dismiss")}
                @click=${() => this.tell("message-dismiss")}
              >
                ✕
              </button>`
          : nothing
      }
    </div>`;
  }
}

customElements.define("page-message", PageMessage);
