/** TeX as HTML, by KaTeX: still formulas with MathML for screen readers, live ones without. */

import katex from "katex";

/** @type {Map<string, string>} */
const still = new Map();

/**
 * A formula that is only read: its MathML speaks to screen readers.
 * @param {string} tex
 */
export function texHtml(tex) {
  const known = still.get(tex);
  if (known) return known;
  const html = katex.renderToString(tex, { throwOnError: false, strict: false });
  if (still.size > 2000) still.clear();
  still.set(tex, html);
  return html;
}

/**
 * A formula whose pieces can be pointed at (`\htmlData`): each is labelled by whoever shows it, so
 * the line is not hidden from screen readers.
 * @param {string} tex
 */
export function liveTexHtml(tex) {
  const html = katex.renderToString(tex, {
    output: "html",
    throwOnError: false,
    strict: false,
    trust: ({ command }) => command === "\\htmlData",
  });
  return html.replace('class="katex-html" aria-hidden="true"', 'class="katex-html"');
}
