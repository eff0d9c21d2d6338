/**
 * What the pages to read and to print share: formulas set, the theme that the reader has on the
 * stage, the language, the printer.
 */

import { html, render } from "lit";
import { unsafeHTML } from "lit/directives/unsafe-html.js";

import { LANGUAGES } from "./i18n.js";
import { texHtml } from "./typeset.js";

const root = document.documentElement;

function preferredTheme() {
  try {
    return JSON.parse(localStorage.getItem("backlit.preferences") ?? "{}").theme;
  } catch {
    return undefined;
  }
}

const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
root.dataset.theme = preferredTheme() ?? system;

for (const place of document.querySelectorAll("[data-tex]")) {
  const tex = place.getAttribute("data-tex") ?? "";
  place.replaceChildren();
  render(html`${unsafeHTML(texHtml(tex))}`, /** @type {HTMLElement} */ (place));
}

document.querySelector("#print")?.addEventListener("click", () => print());
document.querySelector("#language")?.addEventListener("click", () => {
  const names = Object.keys(LANGUAGES);
  const next = names[(names.indexOf(root.dataset.language ?? "") + 1) % names.length];
  document.cookie = `language=${next}; path=/; max-age=31536000; samesite=lax`;
  location.reload();
});

root.classList.add("ready");
