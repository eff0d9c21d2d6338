/**
 * Symbols in sentences, as people write them.
 */

import { html } from "lit";

/**
 * A sentence with its indices raised and lowered: `δ^F1_23` as people write it.
 * @param {string} text
 */
export function raised(text) {
  const parts = text.split(/(\^[A-Z]\d*|_(?:\d+(?:[,-]\d+)*|T))/);
  return parts.map((part) => {
    if (part.startsWith("^")) return html`<sup>${part.slice(1)}</sup>`;
    return /^_[\dT]/.test(part) ? html`<sub>${part.slice(1)}</sub>` : part;
  });
}
