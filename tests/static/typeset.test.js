import assert from "node:assert/strict";
import { test } from "node:test";

import katex from "katex";

import { filled, liveTex } from "../../static/typeset.js";

/** @param {string} tex */
function anew(tex) {
  const html = katex.renderToString(tex, {
    output: "html",
    throwOnError: false,
    strict: false,
    trust: ({ command }) => command === "\\htmlData",
  });
  return html.replace('class="katex-html" aria-hidden="true"', 'class="katex-html"');
}

/** @param {string} tex */
function made(tex) {
  const { html, decimals } = liveTex(tex);
  return filled(html, decimals);
}

test("a formula whose decimals changed is what KaTeX makes of it", () => {
  const formulas = (/** @type {string} */ a, /** @type {string} */ b, /** @type {string} */ c) => [
    String.raw`\htmlData{node=0}{${a}} \cdot \htmlData{node=1}{(-${b})} + \htmlData{node=2}{0} - ${c}`,
    String.raw`\tfrac{1}{2} \cdot (\htmlData{node=0}{${a}} - 1)^{2} + \sqrt{${b}} + e^{-${c}}`,
    String.raw`\frac{\htmlData{node=10}{${a}}}{1 + e^{-(${b})}} \cdot 10^{-12} \cdot ${c}\cdot 10^{-9}`,
    String.raw`\max(${a},\,${b},\,-${c})`,
    a,
  ];
  const numbers = [".12", "3.4567", ".7070707", "12.5", ".12345678901234567", ".00", ".1234567"];
  for (const [at, a] of numbers.entries()) {
    const b = numbers[(at + 1) % numbers.length] ?? "";
    const c = numbers[(at + 3) % numbers.length] ?? "";
    for (const tex of formulas(a, b, c)) assert.equal(made(tex), anew(tex), tex);
    const [first = "", second = ""] = formulas(a, b, c);
    assert.equal(liveTex(first).html, liveTex(first.replaceAll(a, "9.87654")).html);
    assert.notEqual(liveTex(first).html, liveTex(second).html);
  }
});

test("hundreds of decimals each find their place", () => {
  const tex = Array.from({ length: 1200 }, (_, at) => `${at}.5`).join(" + ");
  assert.equal(made(tex), anew(tex));
});
